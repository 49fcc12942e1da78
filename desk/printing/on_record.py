"""Reads an application with its recalls as documents need it: nothing personal is decrypted."""

from typing import Any

from sqlalchemy import Row

from adapters.database.reader import RecordReader
from models.decision import Decision, Draft
from models.lifecycle import Channel, Stage
from models.outbound import Notice
from models.papers import OnRecord, Part


def read_record(reader: RecordReader, row: Row[Any]) -> OnRecord:
    """The story that an application, or a recall, belongs to."""
    application = row if row.recall_of is None else reader.find(row.recall_of) or row
    recalls = tuple(_part(reader, recall) for recall in reader.recalls(application.id))
    return OnRecord(application=_part(reader, application), recalls=recalls)


def _part(reader: RecordReader, row: Row[Any]) -> Part:
    rows = reader.rows(row.id)
    return Part(
        application=row.id,
        channel=Channel(row.channel),
        stage=Stage(row.stage),
        registration_number=row.registration_number,
        facts=tuple(reader.facts(row.id)),
        notices=tuple(
            Notice.model_validate({name: one[name] for name in Notice.model_fields}) for one in rows["notice"]
        ),
        decision=_decision(rows["decision"]),
    )


def _decision(drafts: list[dict[str, Any]]) -> Decision | None:
    for row in drafts:
        if row["approved_at"] is not None:
            draft = {name: row[name] for name in Draft.model_fields if name in row} | {"number": row["draft"]}
            told = {name: row[name] for name in ("number", "approved_by", "approved_at")}
            return Decision.model_validate(told | {"draft": draft})
    return None
