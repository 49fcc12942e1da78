"""Has signatures checked through their port (R15)."""

from temporalio import activity

from models.ports import SignatureVerifier
from models.signature import SignatureFinding, Signed


class SignatureActivities:
    """The check, over whichever verifier the worker was given."""

    def __init__(self, verifier: SignatureVerifier) -> None:
        self._verifier = verifier

    @activity.defn
    async def verify_signature(self, signed: Signed) -> SignatureFinding:
        """Check once; VerifierUnavailableError makes Temporal ask again."""
        finding = await self._verifier.verify(signed)
        return finding.model_copy(update={"round": signed.round})
