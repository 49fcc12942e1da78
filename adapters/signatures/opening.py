"""Which verifier a program has: that of the signatures file, or one that believes the stand-in authority."""

import logging
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager

from adapters.settings import Settings
from adapters.signatures.chain import Anchors
from adapters.signatures.ncanode import NcanodeCheck
from adapters.signatures.revocation import Places, Revocation
from adapters.signatures.sources import Sources
from adapters.signatures.stand_in.authority import StandInAuthority
from adapters.signatures.stand_in.officers import officer_of
from adapters.signatures.trust import SETTING, Trust, loaded, parsed_again
from adapters.signatures.verifier import CmsVerifier, RsaCheck
from models.ports import SignatureVerifier

_log = logging.getLogger(__name__)


@asynccontextmanager
async def open_verifier(settings: Settings, posts: Collection[str] = ()) -> AsyncGenerator[SignatureVerifier]:
    """The verifier of these settings. `posts`: the codes of all officers' posts of the rules in use.

    Without TIREK_SIGNATURES_FILE the stand-in authority of the data folder is trusted, and that is said; with it,
    never. MalformedError for a signatures file that cannot be used.
    """
    stands_in = what_stands_in(settings)
    if stands_in is not None:
        _log.warning("%s", stands_in)
    trust = _trust(settings, posts)
    sources = Sources()
    gost = None if trust.ncanode is None else NcanodeCheck(trust.ncanode)
    try:
        yield CmsVerifier(rsa_check(trust, sources), gost, trust.officers)
    finally:
        await sources.aclose()
        if gost is not None:
            await gost.aclose()


def what_stands_in(settings: Settings) -> str | None:
    """Whose signatures are believed instead of real ones; None where a signatures file says whom to trust."""
    if settings.signatures_file is not None:
        return None
    return (
        f"{SETTING} is not set: signatures of the stand-in authority in {settings.signature_stand_in} are "
        "believed, and it certifies whomever it is told to"
    )


def _trust(settings: Settings, posts: Collection[str]) -> Trust:
    if settings.signatures_file is not None:
        return Trust.load(settings.signatures_file, posts)
    return stand_in_trust(StandInAuthority.of(settings.signature_stand_in), posts)


def rsa_check(trust: Trust, sources: Sources) -> RsaCheck:
    """What checks RSA by the roots and the sources of this trust."""
    return RsaCheck(trust.anchors, Revocation(trust.places, sources))


def stand_in_trust(authority: StandInAuthority, posts: Collection[str] = ()) -> Trust:
    """A trust in nobody but a stand-in authority, and in its own officers."""
    roots, intermediates = (
        tuple(parsed_again(one) for path in paths for one in loaded(path))
        for paths in (authority.roots, authority.intermediates)
    )
    lists = tuple(str(path) for path in authority.revocation_lists)
    officers = {post: (officer_of(post),) for post in posts}
    return Trust(Anchors(roots, intermediates), Places(lists=lists), None, officers)
