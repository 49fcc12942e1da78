"""What a file is, by its content: the four types pass, whatever else is refused with a reason of its own."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
import pytest
from PIL import Image

from adapters.documents.inspection import inspect
from models.evidence_rules import EvidenceRules
from models.refusals import Refusal
from tests.documents.samples import GOOD, pdf, picture, saved, scan, tiff

RULES = EvidenceRules()
SMALL = EvidenceRules(
    most_bytes=5_000_000, most_pages=3, most_pixels=2_000, most_pixels_in_all=5_000, most_objects=50,
    most_unpacked=100_000,
)  # fmt: skip


def refused(content: bytes, rules: EvidenceRules = RULES) -> str:
    """The code; every refusal has words that do not tell the content."""
    found = inspect(content, rules)
    assert isinstance(found, Refusal), found
    assert (found.requirement, "{" in found.reason) == ("R15", False)
    return found.code


def archive() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr("x.txt", "x" * 100)
    return stream.getvalue()


class TestTypes:
    """By content, not by name."""

    @pytest.mark.parametrize("name", GOOD)
    def test_what_is_taken(self, name: str) -> None:
        kind, make = GOOD[name]
        assert inspect(make(), RULES) == kind

    @pytest.mark.parametrize(
        "content",
        [
            b"%PDF",
            b"\xff\xd8",
            b"\n" + pdf(),
            archive(),
            archive() + pdf(),
            b"<html><script>1</script>",
            gzip.compress(pdf()),
            b"GIF89a" + b"\x00" * 40,
            b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40,
            b"II+\x00\x08\x00\x00\x00" + b"\x00" * 40,
            b"MZ" + b"\x00" * 100,
            "Шешім".encode(),
        ],
        ids=[
            "%PDF",
            "SOI",
            "line before",
            "zip",
            "zip before",
            "html",
            "gzip",
            "gif",
            "heic",
            "BigTIFF",
            "exe",
            "text",
        ],
    )
    def test_what_is_not(self, content: bytes) -> None:
        assert refused(content) == "file-type-unknown"

    def test_empty(self) -> None:
        assert refused(b"") == "file-empty"

    def test_size(self) -> None:
        """To the byte."""
        content = pdf()
        exactly = RULES.model_copy(update={"most_bytes": len(content)})
        assert inspect(content, exactly) == "application/pdf"
        assert refused(content + b"\n", exactly) == "file-too-large"

    def test_reason_says_what_to_do(self) -> None:
        found = inspect(b"\x00", RULES)
        assert isinstance(found, Refusal)
        assert "save it as one of these" in found.reason


BEHIND = {
    "zip": archive(),
    "script": b"<script>alert(1)</script>",
    "php": b"<?php system(1); ?>",
    "jpeg": picture("JPEG"),
    "pdf": pdf(),
    "byte": b"x",
}


class TestTwoThings:
    """A file that another program takes for something else."""

    @pytest.mark.parametrize("name", ["pdf", "jpeg", "png", "tiff", "pages", "scan"])
    @pytest.mark.parametrize("behind", BEHIND)
    def test_appended(self, name: str, behind: str) -> None:
        assert refused(GOOD[name][1]() + BEHIND[behind] + b" " * 20 + b"x") == "file-polyglot"

    def test_archive_whose_comment_is_the_end_of_the_pdf(self) -> None:
        """Both readers are content: one reads from the front, the other from behind."""
        content = pdf(lambda made: made.Root.update({"/X": made.make_stream(archive())}))
        assert b"PK\x05\x06" in content
        assert refused(content) == "file-polyglot"

    def test_page_in_a_comment_of_a_jpeg(self) -> None:
        assert refused(picture("JPEG", comment=b"<html><script>1</script></html>")) == "file-polyglot"

    def test_script_that_begins_with_a_jpeg(self) -> None:
        """The length of its first segment opens a comment."""
        head, rest = picture("JPEG").split(b"\xff\xe0", 1)
        size = int.from_bytes(b"/*", "big")
        assert refused(head + b"\xff\xe0/*" + b"\x00" * (size - 2) + rest[16:]) == "file-polyglot"

    def test_pdf_header_in_a_picture(self) -> None:
        assert refused(picture("JPEG", comment=b"%PDF-1.4")) == "file-polyglot"

    def test_tape_archive(self) -> None:
        content = bytearray(pdf(lambda made: made.Root.update({"/X": pikepdf.String("x" * 600)})))
        content[257:262] = b"ustar"
        assert refused(bytes(content)) == "file-polyglot"

    def test_zero_bytes_may_fill_up(self) -> None:
        """Some cameras and scanners do; nobody takes them for a file."""
        assert inspect(picture("JPEG") + b"\x00" * 500, RULES) == "image/jpeg"
        assert inspect(picture("TIFF") + b"\x00" * 500, RULES) == "image/tiff"
        assert inspect(pdf() + b"\r\n \n", RULES) == "application/pdf"

    def test_a_second_picture_of_a_telephone_is_no_other_file(self) -> None:
        """Behind a photograph lies a smaller one, or its brightness; whatever else lies there is refused."""
        both = picture("JPEG") + b"\x00" * 16 + picture("JPEG", comment=b"gain map")
        assert inspect(both, RULES) == "image/jpeg"
        assert refused(both + b"PK\x05\x06" + b"\x00" * 18) == "file-polyglot"
        assert refused(picture("JPEG") * 9) == "file-polyglot"


class TestDamage:
    """Whatever is cut off, altered or not what it says."""

    @pytest.mark.parametrize("name", [name for name in GOOD if GOOD[name][0] != "application/pdf"])
    def test_cut_picture(self, name: str) -> None:
        content = GOOD[name][1]().rstrip(b"\x00")
        for length in (20, len(content) // 2, len(content) - 3):
            assert refused(content[:length]) == "image-damaged"

    @pytest.mark.parametrize("name", [name for name in GOOD if GOOD[name][0] == "application/pdf"])
    def test_cut_pdf(self, name: str) -> None:
        content = GOOD[name][1]()
        for length in (20, len(content) // 2, len(content) - 8):
            assert refused(content[:length]) == "pdf-damaged"

    def test_png_chunk_that_was_altered(self) -> None:
        content = bytearray(picture("PNG"))
        content[content.index(b"IDAT") + 8] ^= 1
        assert refused(bytes(content)) == "image-damaged"

    def test_tiff_that_leads_in_a_circle(self) -> None:
        content = bytearray(tiff(2))
        first = int.from_bytes(content[4:8], "little")
        count = int.from_bytes(content[first : first + 2], "little")
        at = first + 2 + 12 * count
        content[at : at + 4] = content[4:8]
        assert refused(bytes(content)) == "image-damaged"

    def test_pdf_without_pages(self) -> None:
        assert refused(saved(pikepdf.Pdf.new())) == "pdf-damaged"

    def test_jpeg_of_letters(self) -> None:
        assert refused(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"A" * 200 + b"\xff\xd9") == "image-damaged"

    def test_moving_png(self) -> None:
        stream = io.BytesIO()
        first, second = Image.new("L", (9, 9), 1), Image.new("L", (9, 9), 99)
        first.save(stream, "PNG", save_all=True, append_images=[second])
        assert refused(stream.getvalue()) == "image-animated"


def flat(form: str, size: tuple[int, int], **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new("1", size).save(stream, form, **options)
    return stream.getvalue()


def nested(times: int, size: int) -> Callable[[pikepdf.Pdf], None]:
    """A stream that unpacks to zeros, packed so many times over."""

    def add(made: pikepdf.Pdf) -> None:
        data = b"\x00" * size
        for _ in range(times):
            data = zlib.compress(data, 9)
        stream = made.make_stream(data)
        stream.Filter = pikepdf.Array([pikepdf.Name.FlateDecode] * times)
        made.Root.X = stream

    return add


class TestBombs:
    """Small outside, large inside: told before it is unpacked."""

    @pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
    def test_pixels(self, form: str) -> None:
        """One pixel more than may be."""
        mode = {"compression": "tiff_adobe_deflate"} if form == "TIFF" else {}
        assert refused(picture(form, (50, 41), **mode), SMALL) == "image-too-large"
        assert not isinstance(inspect(picture(form, (50, 40), **mode), SMALL), Refusal)

    @pytest.mark.parametrize("form", ["PNG", "TIFF"])
    def test_a_billion_pixels(self, form: str) -> None:
        """A real one, by the rules as they are: a file of some kilobytes for a picture of gigabytes."""
        options = {"compression": "group4"} if form == "TIFF" else {}
        content = flat(form, (40_000, 30_000), **options)
        assert len(content) < 300_000
        assert refused(content) == "image-too-large"

    def test_pages_of_a_tiff(self) -> None:
        assert refused(tiff(4), SMALL) == "too-many-pages"
        assert inspect(tiff(3), SMALL) == "image/tiff"

    def test_pixels_of_all_pages(self) -> None:
        assert refused(tiff(3), SMALL.model_copy(update={"most_pixels_in_all": 3_599})) == "image-too-large"

    def test_pages_of_a_pdf(self) -> None:
        assert refused(pdf(pages=4), SMALL) == "too-many-pages"

    def test_objects_of_a_pdf(self) -> None:
        def many(made: pikepdf.Pdf) -> None:
            made.Root.X = pikepdf.Array([made.make_indirect(pikepdf.Dictionary(N=n)) for n in range(60)])

        assert refused(pdf(many), SMALL) == "pdf-bomb"
        assert refused(pdf(many, packed=True), SMALL) == "pdf-bomb"

    @pytest.mark.parametrize("times", [1, 2, 3])
    def test_stream_that_unpacks_to_much(self, times: int) -> None:
        content = pdf(nested(times, 200_000_001))
        assert len(content) < 300_000
        assert refused(content) == "pdf-bomb"

    def test_objects_within_a_packed_stream(self) -> None:
        """The bomb lies where a reader has to unpack it to know what the file is."""

        def large(made: pikepdf.Pdf) -> None:
            made.Root.X = made.make_indirect(pikepdf.Dictionary(A=pikepdf.String("a" * 300_000)))

        assert refused(pdf(large, packed=True), SMALL) == "pdf-bomb"

    def test_filters_without_end(self) -> None:
        assert refused(pdf(nested(9, 10))) == "pdf-bomb"

    def test_picture_of_a_pdf(self) -> None:
        assert refused(scan(), RULES.model_copy(update={"most_pixels": 1_199})) == "image-too-large"

    def test_picture_that_unpacks_to_more_than_its_pixels(self) -> None:
        def lay(made: pikepdf.Pdf) -> None:
            nested(1, 9_000_000)(made)
            made.Root.X.update({"/Subtype": pikepdf.Name.Image, "/Width": 40, "/Height": 30})

        assert refused(pdf(lay)) == "pdf-bomb"

    def test_old_packing_around_a_picture(self) -> None:
        """The picture's own code is left packed, and what is around it is counted still."""
        rows = zlib.compress(b"\x81\x00" * 40_000_000, 9)
        assert refused(scan(rows, "/FlateDecode", "/RunLengthDecode")) == "pdf-bomb"

    def test_old_packing(self) -> None:
        """Repeated bytes, packed once more."""

        def unfold(made: pikepdf.Pdf) -> None:
            stream = made.make_stream(zlib.compress(b"\x81\x00" * 40_000_000, 9))
            stream.Filter = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.RunLengthDecode])
            made.Root.X = stream

        assert refused(pdf(unfold)) == "pdf-bomb"

    def test_page_tree_that_branches_without_end(self) -> None:
        """Ten times ten times ten …: twelve times over."""

        def branch(made: pikepdf.Pdf) -> None:
            node = made.Root.Pages.Kids[0]
            for _ in range(12):
                node = made.make_indirect(
                    pikepdf.Dictionary(Type=pikepdf.Name.Pages, Count=1, Kids=pikepdf.Array([node] * 10))
                )
            made.Root.Pages = node

        assert refused(pdf(branch)) == "pdf-damaged"


class TestTime:
    """What is looked for again and again is found in a time that goes with the size."""

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"\x89PNG\r\n\x1a\n" + b"PK\x05\x06" * 2_000_000, "image-damaged"),
            (b"%PDF-1.4\n" + b"stream\n\x78\x9c" * 900_000 + b"%%EOF", "pdf-damaged"),
            (b"\xff\xd8\xff\xda\x00\x02" + b"\xff\xd0" * 4_000_000 + b"\xff\xd9", "image-damaged"),
            (
                b"II*\x00\x08\x00\x00\x00\xff\x0f" + b"\x11\x01\x04\x00\x00\x80\x1e\x00" * 1_000_000,
                "image-damaged",
            ),
        ],
        ids=["ends of archives", "beginnings of streams", "restarts", "places"],
    )
    def test_many_signs(self, content: bytes, code: str) -> None:
        """Ten megabytes of nothing but a sign: refused for what it is, not for the time it took."""
        assert refused(content) == code
