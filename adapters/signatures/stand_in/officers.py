"""Who is in an officer's post, for trials: a synthetic person for each, always the same."""

from datetime import date, timedelta
from random import Random

from adapters.registers.synthetic import make_iin

_OLDEST = date(1965, 1, 1)
_DAYS = 30 * 365


def officer_of(post: str) -> str:
    """The IIN of the one who signs for a post where the stand-in authority is believed."""
    random = Random(f"officer {post}")  # noqa: S311 - synthetic people are no secret
    return make_iin(_OLDEST + timedelta(days=random.randrange(_DAYS)), random, masculine=random.random() < 0.5)
