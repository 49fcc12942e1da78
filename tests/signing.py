"""The one stand-in authority of a test run: tests sign with it, and every house of the run believes it.

Whatever a test or a program of it does without a folder of its own is done in `HOME`, never in the project.
"""

import shutil
import tempfile
from pathlib import Path

from adapters.settings import Settings
from adapters.signatures.opening import rsa_check, stand_in_trust
from adapters.signatures.sources import Sources
from adapters.signatures.stand_in.authority import StandInAuthority
from adapters.signatures.verifier import CmsVerifier
from models.ports import SignatureVerifier

HOME = Path(tempfile.mkdtemp(prefix="tirek-home-"))


def authority() -> StandInAuthority:
    """The one that signs the examples of this run; its keys are made when they are first needed."""
    return StandInAuthority.of(Settings(data=HOME).signature_stand_in)


def share_authority(settings: Settings) -> None:
    """Let the programs of a data folder believe what this run signs."""
    if not settings.signature_stand_in.exists():
        shutil.copytree(authority().folder, settings.signature_stand_in)


def verifier() -> SignatureVerifier:
    """One that believes this run's authority, in this process; it has no connections that have to be closed."""
    return CmsVerifier(rsa_check(stand_in_trust(authority()), Sources()), None, {})


def leave_home() -> None:
    """At the end of a run nothing of it stays."""
    shutil.rmtree(HOME, ignore_errors=True)
