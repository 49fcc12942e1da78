"""When something was signed, as far as that can be believed."""

from datetime import datetime, timedelta

_OLDEST_CLAIM = timedelta(days=1)


def moment_of(claimed: datetime | None, arrived: datetime) -> datetime:
    """The moment at which the certificate has to be in force.

    Nobody vouches for what a signer says of the time: it counts where it is at most a day before the arrival, and
    otherwise the arrival does.
    """
    if claimed is not None and arrived - _OLDEST_CLAIM <= claimed <= arrived:
        return claimed
    return arrived
