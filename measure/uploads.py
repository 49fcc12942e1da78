"""What a hundred files of five megabytes cost: each is read, examined in its own process, encrypted and stored.

They are handled one after the other by a process of its own, whose memory is looked at on the way.
"""

import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

import pikepdf
from PIL import Image

from adapters.documents.inspection import inspect
from adapters.documents.opening import open_documents
from adapters.documents.uploading import read_upload
from adapters.keys import load_key_ring
from adapters.settings import ROOT, Settings
from measure.samples import percentile
from models.evidence_rules import EvidenceRules
from models.refusals import Refusal

COUNT, _WARM = 100, 10
MOST_GROWTH = 1.1
"""Of the most memory that was held: after all of them to after the first ten."""
_MEGABYTE = 1024


@dataclass
class Uploads:
    """Seconds of each upload and of the examination of a file of a kilobyte; megabytes held at the most."""

    seconds: list[float] = field(default_factory=list)
    small: list[float] = field(default_factory=list)
    early: float = 0
    late: float = 0
    examiner: float = 0
    stored: int = 0

    @property
    def growth(self) -> float:
        return self.late / self.early

    @property
    def missed(self) -> list[str]:
        return [f"uploads: memory {self.growth:.2f}, at most {MOST_GROWTH:g}"] if self.growth > MOST_GROWTH else []

    def lines(self) -> list[str]:
        """A section in Markdown."""
        size, slow = self.stored / len(self.seconds) / 1e6, percentile(self.seconds, 95) * 1000
        usual, process = median(self.seconds) * 1000, median(self.small) * 1000
        return [
            "## Files that are handed in",
            "",
            f"{len(self.seconds)} files of {size:.1f} MB, scans as PDF and JPEG in turn, each another one: read,",
            "examined in a process of its own, encrypted and stored in a folder, one after the other.",
            "",
            f"Memory held at the most: {self.early:.0f} MB after {_WARM} files, {self.late:.0f} MB after all;",
            f"ratio **{self.growth:.2f}** (at most {MOST_GROWTH:g}).",
            f"The largest process that examined held {self.examiner:.0f} MB.",
            "",
            f"One upload: p50 {usual:.0f} ms, p95 {slow:.0f} ms. A PDF of a kilobyte, which is",
            f"little more than the process's start: p50 {process:.0f} ms.",
            "",
        ]


def time_uploads() -> Uploads:
    """In a process of its own, so that nothing else's memory counts; RuntimeError if it fails."""
    ran = subprocess.run(
        [sys.executable, "-m", "measure.uploads", "--one-process"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if ran.returncode != 0:
        raise RuntimeError(f"the uploads ended with {ran.returncode}: {ran.stderr.decode()[-500:]}")
    return Uploads(**json.loads(ran.stdout))


def _upload_all(folder: Path) -> Uploads:
    settings = Settings(data=folder).in_silence()
    documents = open_documents(settings, load_key_ring(settings.key_file, may_create=True))
    rules, done, scan = EvidenceRules(), Uploads(), _noise()
    for number in range(COUNT):
        file = folder / "file"
        content = _scan(scan, number)
        file.write_bytes(content)
        began = time.perf_counter()
        content = read_upload(file, rules.most_bytes)
        if isinstance(inspect(content, rules), Refusal):
            raise RuntimeError("a file to be measured with is refused")  # noqa: TRY004 - a result, no wrong type
        documents.put(content)
        done.seconds.append(time.perf_counter() - began)
        done.stored += len(content)
        if number + 1 == _WARM:
            done.early = _held(resource.RUSAGE_SELF)
    done.late, done.examiner = _held(resource.RUSAGE_SELF), _held(resource.RUSAGE_CHILDREN)
    for _ in range(20):
        began = time.perf_counter()
        inspect(_in_pdf(b"x", 1), rules)
        done.small.append(time.perf_counter() - began)
    return done


def _held(whose: int) -> float:
    return resource.getrusage(whose).ru_maxrss / _MEGABYTE


def _noise() -> bytes:
    """A picture that cannot be packed: a JPEG of about five megabytes."""
    stream = io.BytesIO()
    Image.effect_noise((2300, 2300), 120).convert("RGB").save(stream, "JPEG", quality=94)
    return stream.getvalue()


def _scan(picture: bytes, number: int) -> bytes:
    """The picture with a remark of its own, every other time within a PDF."""
    remark = b"%08d" % number
    other = picture[:2] + b"\xff\xfe\x00\x0a" + remark + picture[2:]
    return other if number % 2 else _in_pdf(other, 2300)


def _in_pdf(picture: bytes, side: int) -> bytes:
    with pikepdf.Pdf.new() as pdf:
        page = pdf.add_blank_page()
        image = pdf.make_stream(picture)
        image.update(
            {"/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": side, "/Height": side}
            | {"/ColorSpace": pikepdf.Name.DeviceRGB, "/BitsPerComponent": 8, "/Filter": pikepdf.Name.DCTDecode}
        )
        page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Scan=image))
        stream = io.BytesIO()
        pdf.save(stream)
        return stream.getvalue()


def main(arguments: list[str]) -> int:
    """1 if memory grew more than it may."""
    if arguments == ["--one-process"]:
        with tempfile.TemporaryDirectory() as folder:
            sys.stdout.write(json.dumps(asdict(_upload_all(Path(folder)))))
        return 0
    done = time_uploads()
    sys.stdout.write("\n".join([*done.lines(), *(f"MISSED {one}" for one in done.missed)]) + "\n")
    return 1 if done.missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
