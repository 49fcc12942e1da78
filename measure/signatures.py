"""What a signature costs: one is made by the stand-in authority, and checked with its chain and what was revoked.

Lists of the revoked are files here; over the network an authority's answer comes on top.
"""

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from adapters.process import run_program
from adapters.settings import Settings
from adapters.signatures.opening import open_verifier
from adapters.signatures.stand_in.authority import StandInAuthority
from measure.samples import percentile
from models.signature import Signed

SAMPLES = 300
MOST_MILLISECONDS = 25.0
"""For checking one, in the median: the machine does other things too."""
_WARM = 20
_SIGNER = "850505300011"
_TEXT = '{"surname":"Әбілқасымқызы"}' * 100
"""As much as a request with two children says."""


@dataclass
class Signatures:
    """Seconds for each signature."""

    size: int = 0
    signed: list[float] = field(default_factory=list[float])
    checked: list[float] = field(default_factory=list[float])

    @property
    def missed(self) -> list[str]:
        milliseconds = median(self.checked) * 1000
        return [f"a signature: {milliseconds:.1f} ms"] if milliseconds > MOST_MILLISECONDS else []

    def section(self) -> list[str]:
        """Of the page, in Markdown."""
        parts = {"signed": self.signed, "**checked**": self.checked}
        return [
            "## Signatures",
            "",
            f"One signature (RSA of 2048 bits, {self.size} characters with its chain) made by the stand-in",
            "authority, and checked with the chain and the lists of the revoked, from files; at most",
            f"{MOST_MILLISECONDS:g} ms in the median. An authority's answer over the network comes on top.",
            "",
            "| | p50 ms | p95 ms |",
            "|---|---|---|",
            *(
                f"| {name} | {median(times) * 1000:.1f} | {percentile(times, 95) * 1000:.1f} |"
                for name, times in parts.items()
            ),
            "",
        ]


async def time_signatures(data: Path) -> Signatures:
    """One after the other, in this process."""
    settings, found = Settings(data=data).in_silence(), Signatures()
    authority = StandInAuthority.of(settings.signature_stand_in)
    async with open_verifier(settings) as verifier:
        for number in range(-_WARM, SAMPLES):
            text = f"{_TEXT}{number}"
            began = time.perf_counter()
            signature = authority.sign(text, _SIGNER)
            signed = time.perf_counter()
            finding = await verifier.verify(Signed(content=text, signature=signature))
            checked = time.perf_counter()
            if not finding.valid:
                raise RuntimeError("the stand-in's own signature is not believed")
            if number >= 0:
                found.signed.append(signed - began)
                found.checked.append(checked - signed)
                found.size = len(signature)
    return found


def entry() -> int:
    """Prints this part alone."""
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(time_signatures(Path(folder)))
    sys.stdout.write("\n".join(found.section()) + "\n")
    return 1 if found.missed else 0


if __name__ == "__main__":
    run_program(entry)
