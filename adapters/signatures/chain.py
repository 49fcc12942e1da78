"""From the signer's certificate to a root that is trusted: built and validated by pyhanko-certvalidator."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import algos, keys, x509
from cryptography.x509 import load_der_x509_certificate
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import (
    DisallowedAlgorithmError,
    ExpiredError,
    NotYetValidError,
    PathBuildingError,
    ValidationError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    AlgorithmUsageConstraint,
    CertRevTrustPolicy,
    DisallowWeakAlgorithmsPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.validate import async_validate_path

from adapters.signatures.flaws import UNREADABLE_X509, FlawedError, unreadable_is
from adapters.signatures.rsa import HASHES
from models.signature import Flaw

_MOST_PATHS = 8
"""However many ways a bag of certificates offers, so many are tried."""
_LATER = CertRevTrustPolicy(
    RevocationCheckingPolicy(RevocationCheckingRule.NO_CHECK, RevocationCheckingRule.NO_CHECK)
)
"""Revocation is asked afterwards, of a path that is right (adapters/signatures/revocation.py)."""


class _RsaAlone(DisallowWeakAlgorithmsPolicy):
    """Certificates are signed by RSA keys with the usual hashes: of any other kind the library takes for granted
    that it and the key fit together, and breaks where a certificate says so and they do not."""

    _NAMES = frozenset({"rsassa_pss", *(f"{name}_rsa" for name in HASHES)})

    def signature_algorithm_allowed(
        self,
        algo: algos.SignedDigestAlgorithm,
        moment: datetime | None,
        public_key: keys.PublicKeyInfo | None,
    ) -> AlgorithmUsageConstraint:
        if algo["algorithm"].native not in self._NAMES or algo.hash_algo not in HASHES:
            return AlgorithmUsageConstraint(allowed=False)
        if public_key is None or public_key.algorithm != "rsa":
            return AlgorithmUsageConstraint(allowed=False)
        return super().signature_algorithm_allowed(algo, moment, public_key)


@dataclass(frozen=True)
class Anchors:
    """The roots that are trusted, and the intermediates that need not come with a signature."""

    roots: tuple[x509.Certificate, ...] = field(repr=False)
    intermediates: tuple[x509.Certificate, ...] = field(repr=False)

    def context(self, moment: datetime, others: Iterable[x509.Certificate] = ()) -> ValidationContext:
        """How the library is to judge: at this moment, without asking anybody."""
        return ValidationContext(
            trust_roots=self.roots,
            other_certs=[*self.intermediates, *others],
            moment=moment,
            revinfo_policy=_LATER,
            algorithm_usage_policy=_RsaAlone(),
            allow_fetching=False,
        )


async def trusted_path(
    certificate: x509.Certificate, others: Sequence[x509.Certificate], anchors: Anchors, moment: datetime
) -> ValidationPath:
    """The path that holds at a moment; FlawedError: not in force, untrusted, broken, or by a refused algorithm."""
    with unreadable_is(Flaw.BROKEN_CHAIN):
        context = anchors.context(moment, others)
        failures: list[ValidationError] = []
        paths = context.path_builder.async_build_paths_lazy(certificate)
        try:
            async for path in paths:
                try:
                    await async_validate_path(context, path)
                    _check_encoding(path)
                    _check_root(path, moment)
                except ValidationError as error:
                    failures.append(error)
                    if len(failures) == _MOST_PATHS:
                        break
                else:
                    return path
        except PathBuildingError:
            raise FlawedError(_without_path(certificate, others, anchors)) from None
        finally:
            await paths.cancel()
    raise FlawedError(_flaw_of(failures))


def _check_root(path: ValidationPath, moment: datetime) -> None:
    """The library takes a root as it is; one whose time is over proves nothing any more. FlawedError."""
    root = next(path.iter_certs(include_root=True))
    if not root.not_valid_before <= moment <= root.not_valid_after:
        raise FlawedError(Flaw.EXPIRED)


def _check_encoding(path: ValidationPath) -> None:
    """Nobody signs how long a certificate as a whole is: in another encoding than DER nobody could ever be asked
    about it. FlawedError."""
    for certificate in path.iter_certs(include_root=True):
        try:
            load_der_x509_certificate(certificate.dump())
        except UNREADABLE_X509:
            raise FlawedError(Flaw.BROKEN_CHAIN) from None


def _flaw_of(failures: Sequence[ValidationError]) -> Flaw:
    """Of several ways that fail, the one that goes furthest tells: its certificates are the right ones."""
    if any(isinstance(one, (ExpiredError, NotYetValidError)) for one in failures):
        return Flaw.EXPIRED
    if any(isinstance(one, DisallowedAlgorithmError) for one in failures):
        return Flaw.ALGORITHM
    return Flaw.BROKEN_CHAIN


def _without_path(certificate: x509.Certificate, others: Sequence[x509.Certificate], anchors: Anchors) -> Flaw:
    """By the names alone: whether it ends at an authority whom nobody trusts, or is not whole or not right."""
    known = [*others, *anchors.intermediates]
    last, seen = certificate, {certificate.sha256}
    while not any(root.subject == last.issuer for root in anchors.roots):
        issuers = [one for one in known if one.subject == last.issuer and one.sha256 not in seen]
        if not issuers:
            is_of_somebody = last is not certificate or last.subject == last.issuer
            return Flaw.UNTRUSTED if is_of_somebody else Flaw.BROKEN_CHAIN
        last = issuers[0]
        seen.add(last.sha256)
    return Flaw.BROKEN_CHAIN
