"""Who had what decrypted by the codec server, on record."""

from dataclasses import asdict, dataclass

from sqlalchemy import Engine, insert, select

from adapters.database import tables as t
from adapters.database.engine import writing
from adapters.host_clock import host_now


@dataclass(frozen=True)
class CodecAccess:
    """So many contents of this namespace; the workflow where the browser told it. Nothing of what they say."""

    operator: str
    namespace: str
    workflow: str | None
    payloads: int


def note_codec_access(engine: Engine, access: CodecAccess) -> None:
    """Write it down, with the host's time. SQLAlchemyError."""
    with writing(engine) as connection:
        connection.execute(insert(t.codec_access), [{"at": host_now(), **asdict(access)}])


def codec_accesses(engine: Engine) -> list[CodecAccess]:
    """All of them, in order."""
    a = t.codec_access.c
    query = select(a.operator, a.namespace, a.workflow, a.payloads).order_by(a.id)
    with engine.connect() as connection:
        return [CodecAccess(*row) for row in connection.execute(query)]
