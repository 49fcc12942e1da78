"""Why a request through the portal is not accepted: its package, its signature, or a child that is not free.

Reasons are codes with words of their own, so that a fact can keep the code and a person gets the words.
"""

from collections.abc import Iterable, Iterator

from models.data import Line
from models.journal import Detail, Fact
from models.lifecycle import Channel
from models.messages import Submit
from models.package import examine
from models.refusals import Refusal
from models.regulation import Regulation
from models.signature import Flaw, SignatureFinding

_REASONS: dict[str, tuple[str, Line | None]] = {
    "incomplete-package": ("the package is not complete", "R19"),
    "no-signature": ("the request is not signed with the applicant's digital signature", "R15"),
    "signature-invalid": ("the signature does not belong to this text", "R15"),
    "signature-malformed": ("the signature is none that can be read: one CMS with one signer", "R15"),
    "signature-of-other-content": ("the signature is over another text", "R15"),
    "signature-algorithm-refused": (
        "the signature or a certificate is made in a way that is not accepted",
        "R15",
    ),
    "gost-not-verifiable": ("signatures by the national algorithms cannot be checked here", "R15"),
    "certificate-not-in-force": ("the certificate was not in force at the moment of signing", "R15"),
    "certificate-revoked": ("the certificate was revoked before the signature arrived", "R15"),
    "certificate-untrusted": ("the certificate is of an authority that is not trusted", "R15"),
    "certificate-chain-broken": (
        "the certificates between the signer's and a trusted authority's are missing or wrong",
        "R15",
    ),
    "certificate-not-for-signing": ("the certificate is not one to sign with", "R15"),
    "certificate-without-iin": ("the certificate does not say whose it is by an IIN", "R15"),
    "signature-of-another": ("somebody else than the applicant has signed the request", "R15"),
    "child-has-open-application": ("a child of this application has an open one already", None),
}


def by_package(message: Submit, regulation: Regulation) -> Iterator[Refusal]:
    """R15, R19: the portal accepts no incomplete request."""
    report = examine(message, Channel.PORTAL, regulation)
    if not report.complete:
        yield _refusal("incomplete-package", [n.label for n in report.missing]).model_copy(
            update={"missing": report.missing}
        )


def by_signature(message: Submit, finding: SignatureFinding | None, regulation: Regulation) -> Iterator[Refusal]:
    """R15: the signature is there where it has to be, valid, and the applicant's own; None: nothing was signed."""
    if finding is None:
        if regulation.switches.portal_needs_signature:
            yield _refusal("no-signature")
    elif not finding.valid:
        # Findings of the first verifier, in older histories, have no flaw.
        yield _refusal((finding.flaw or Flaw.INVALID).value)
    elif finding.signer != message.applicant.iin:
        yield _refusal("signature-of-another")


def by_flaw(finding: SignatureFinding, requirement: Line) -> Refusal:
    """Why a signature does not count, in words."""
    return _refusal(finding.flaw or "signature-invalid").model_copy(update={"requirement": requirement})


def by_claims(held: Iterable[str]) -> Iterator[Refusal]:
    """One open application per child (a rule of ours); `held`: the registration numbers of the first ones."""
    numbers = list(held)
    if numbers:
        yield _refusal("child-has-open-application", numbers)


def told_refusals(refusals: Iterable[Refusal]) -> dict[str, Detail]:
    """The reasons as a fact tells them: each code, with what is missing or the number of the open application."""
    return {refusal.code: list(refusal.subjects) for refusal in refusals}


def refusals_of(fact: Fact) -> list[Refusal]:
    """The refusals that a fact tells, in words again."""
    return [
        _refusal(code, [str(subject) for subject in subjects])
        for code, subjects in fact.details.items()
        if isinstance(subjects, list)
    ]


def _refusal(code: str, subjects: Iterable[str] = ()) -> Refusal:
    words, requirement = _REASONS.get(code, (code, None))  # a fact of a newer version has its code at least
    about = tuple(subjects)
    reason = f"{words}: {', '.join(about)}" if about else words
    return Refusal(code=code, reason=reason, requirement=requirement, subjects=about)
