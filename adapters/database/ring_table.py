"""Which keys this record was written with, without the keys: a ring that is another one is found out at once."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from adapters.database.columns import UtcTime
from adapters.database.naming import metadata

ring_check = Table(
    "ring_check",
    metadata,
    # The id of a key of the ring; "(lookup)" is the look-up key, for no key of the ring can have that id.
    Column("ring_key", String(40), primary_key=True),
    # A known text, sealed with the key; of the look-up key a keyed hash of one.
    Column("canary", LargeBinary, nullable=False),
    Column("met_at", UtcTime, nullable=False),
    # Taken out of the ring by `keys retire`: no program misses it.
    Column("retired_at", UtcTime),
)

codec_access = Table(
    "codec_access",
    metadata,
    # Who had what decrypted by the codec server: so many contents, and nothing of what they say.
    Column("id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False, index=True),
    Column("operator", String(63), nullable=False),
    Column("namespace", String(255), nullable=False),
    # As the browser said it: where in the Temporal UI the reader was.
    Column("workflow", String(1000)),
    Column("payloads", Integer, nullable=False),
)
