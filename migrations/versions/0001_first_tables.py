"""The record's first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _create_access() -> None:
    op.create_table(
        "access",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(length=63), nullable=False),
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("command", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=63), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access"),
    )


def _create_application() -> None:
    op.create_table(
        "application",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("registration_number", sa.String(length=40), nullable=True),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("office", sa.String(length=63), nullable=False),
        sa.Column("stage", sa.String(length=30), nullable=False),
        sa.Column("holder", sa.String(length=63), nullable=True),
        sa.Column("regulation", sa.String(length=64), nullable=False),
        sa.Column("calendar", sa.String(length=64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_fact", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.String(length=64), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_application"),
        sa.UniqueConstraint("registration_number", name="uq_application_registration_number"),
    )
    op.create_index("ix_application_stage", "application", ["stage", "opened_at"], unique=False)


def _create_registration() -> None:
    op.create_table(
        "registration",
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("application", name="pk_registration"),
        sa.UniqueConstraint("number", name="uq_registration_number"),
    )


def _create_registration_counter() -> None:
    op.create_table(
        "registration_counter",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_registration_counter"),
    )


def _create_application_key() -> None:
    op.create_table(
        "application_key",
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("ring_key", sa.String(length=40), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_application_key_application"),
        sa.PrimaryKeyConstraint("application", name="pk_application_key"),
    )


def _create_child() -> None:
    op.create_table(
        "child",
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("iin_hash", sa.String(length=64), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_child_application"),
        sa.PrimaryKeyConstraint("application", "number", name="pk_child"),
    )
    op.create_index("ix_child_iin_hash", "child", ["iin_hash"], unique=False)


def _create_clock() -> None:
    op.create_table(
        "clock",
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("clock", sa.String(length=20), nullable=False),
        sa.Column("office", sa.String(length=63), nullable=False),
        sa.Column("limit", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_clock_application"),
        sa.PrimaryKeyConstraint("application", "clock", name="pk_clock"),
    )
    op.create_index("ix_clock_due_at", "clock", ["due_at", "stopped_at"], unique=False)


def _create_decision() -> None:
    op.create_table(
        "decision",
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("draft", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("grants", sa.JSON(), nullable=False),
        sa.Column("grounds", sa.JSON(), nullable=False),
        sa.Column("prepared_by", sa.String(length=63), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("approved_by", sa.String(length=63), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_decision_application"),
        sa.PrimaryKeyConstraint("application", "draft", name="pk_decision"),
        sa.UniqueConstraint("number", name="uq_decision_number"),
    )


def _create_document() -> None:
    op.create_table(
        "document",
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_document_application"),
        sa.PrimaryKeyConstraint("application", "number", name="pk_document"),
    )


def _create_fact() -> None:
    op.create_table(
        "fact",
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fact", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=63), nullable=False),
        sa.Column("cause", sa.String(length=120), nullable=False),
        sa.Column("stage", sa.String(length=30), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_fact_application"),
        sa.PrimaryKeyConstraint("application", "number", name="pk_fact"),
        sa.UniqueConstraint("hash", name="uq_fact_hash"),
    )


def _create_holding() -> None:
    op.create_table(
        "holding",
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("officer", sa.String(length=63), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_holding_application"),
        sa.PrimaryKeyConstraint("application", "number", name="pk_holding"),
    )


def _create_notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=200), nullable=False),
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("fact", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=63), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_notice_application"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
    )
    op.create_index("ix_notice_next_attempt_at", "notice", ["next_attempt_at"], unique=False)


def _create_printed_document() -> None:
    op.create_table(
        "printed_document",
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("fact", sa.Integer(), nullable=False),
        sa.Column("form", sa.String(length=30), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_printed_document_application"),
        sa.PrimaryKeyConstraint("application", "fact", "form", name="pk_printed_document"),
    )


def _create_remark() -> None:
    op.create_table(
        "remark",
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("fact", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("personal", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_remark_application"),
        sa.PrimaryKeyConstraint("application", "fact", "number", name="pk_remark"),
    )


def _create_verification() -> None:
    op.create_table(
        "verification",
        sa.Column("application", sa.String(length=80), nullable=False),
        sa.Column("check", sa.String(length=20), nullable=False),
        sa.Column("register", sa.String(length=20), nullable=False),
        sa.Column("child", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("differing", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_verification_application"),
        sa.PrimaryKeyConstraint("application", "check", name="pk_verification"),
    )


def upgrade() -> None:
    _create_access()
    _create_application()
    _create_registration()
    _create_registration_counter()
    _create_application_key()
    _create_child()
    _create_clock()
    _create_decision()
    _create_document()
    _create_fact()
    _create_holding()
    _create_notice()
    _create_printed_document()
    _create_remark()
    _create_verification()
