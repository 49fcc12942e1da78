"""What supervisors ask for, beside each clock: whose it is, when it is due on the wall, how late it was."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_COLUMNS = (
    sa.Column("unit", sa.String(20), nullable=True),
    sa.Column("allowed", sa.Integer(), nullable=True),
    sa.Column("taken", sa.BigInteger(), nullable=True),
    sa.Column("overrun", sa.BigInteger(), nullable=True),
    sa.Column("channel", sa.String(20), nullable=False, server_default=""),
    sa.Column("officer", sa.String(63), nullable=True),
    sa.Column("stage", sa.String(30), nullable=True),
    sa.Column("due_on", sa.Date(), nullable=True),
    sa.Column("due_hour", sa.Integer(), nullable=True),
    sa.Column("late_by", sa.BigInteger(), nullable=True),
    sa.Column("ran", sa.BigInteger(), nullable=True),
    sa.Column("held", sa.BigInteger(), nullable=True),
    sa.Column("begun_on", sa.Date(), nullable=True),
    sa.Column("stopped_on", sa.Date(), nullable=True),
    sa.Column("replanned_at", sa.DateTime(timezone=True), nullable=True),
)
_KEY = ("application", "clock")
_FILTERS = ("channel", "office", "officer", "stopped_at", "replanned_at", "due_on", "due_hour")

_WALL = {
    "sqlite": "datetime({at}, CASE WHEN {at} < '2024-02-29 18:00' THEN '+6 hours' ELSE '+5 hours' END)",
    "postgresql": "({at} AT TIME ZONE 'UTC' + CASE WHEN {at} < '2024-02-29 18:00Z' THEN interval '6 hours' "
    "ELSE interval '5 hours' END)",
}
"""The wall in Karaganda, whose offset changed once; a database's own zones may be older than that change."""
_SECONDS = {
    "sqlite": "CAST(ROUND((julianday({end}) - julianday({start})) * 86400.0) AS INTEGER)",
    "postgresql": "CEIL(EXTRACT(EPOCH FROM {end} - {start}))",
}
_DAY = {"sqlite": "date({wall})", "postgresql": "({wall})::date"}
_DUE_HOUR = {"sqlite": "CAST(strftime('%H', {wall}) AS INTEGER)", "postgresql": "EXTRACT(HOUR FROM {wall})"}

_SETTLED_AT = "CASE WHEN stopped_at IS NULL OR stopped_at > due_at THEN due_at ELSE stopped_at END"
_HOLDER = (
    "SELECT h.officer FROM holding h WHERE h.application = clock.application "  # noqa: S608
    f"AND h.since <= {_SETTLED_AT} AND (h.until IS NULL OR h.until > {_SETTLED_AT}) ORDER BY h.number DESC LIMIT 1"
)
_STAGE = (
    "SELECT f.stage FROM fact f WHERE f.application = clock.application "  # noqa: S608
    f"AND f.at < {_SETTLED_AT} AND f.fact NOT IN ('WarningReached', 'LimitPassed') ORDER BY f.number DESC LIMIT 1"
)


def upgrade() -> None:
    for column in _COLUMNS:
        op.add_column("clock", column)
    _former_dues()
    _months()
    _fill_in(op.get_bind().dialect.name)
    op.drop_index("ix_clock_due_at", "clock")
    op.create_index("ix_clock_due_at", "clock", ["due_at"])
    op.create_index("ix_clock_begun_on", "clock", ["begun_on", "stopped_on", "clock", "limit"])
    op.create_index("ix_clock_stopped_on", "clock", ["stopped_on", "clock", "limit", "stopped_at"])
    _partial("running", "stopped_at IS NULL", "due_at", *_KEY, "outcome")
    _partial("long", "ran > 3456000", "begun_on")
    _partial("late_due_at", "late_by IS NOT NULL", "due_at", *_KEY, *_FILTERS, "late_by")
    _partial("late_by", "late_by IS NOT NULL", "late_by", *_KEY, *_FILTERS, "due_at")


def _former_dues() -> None:
    op.create_table(
        "former_due",
        sa.Column("application", sa.String(80), nullable=False),
        sa.Column("clock", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_hour", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("application", "clock", "number", name="pk_former_due"),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_former_due_application"),
    )
    op.create_index("ix_former_due_until", "former_due", ["until"])


def _months() -> None:
    keys = ("clock", "channel", "office", "officer", "stage", "unit")
    sizes = {"office": 63, "officer": 63, "stage": 30}
    op.create_table(
        "kept_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("last_stop", sa.DateTime(timezone=True), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("month", name="pk_kept_month"),
    )
    op.create_table(
        "month_figures",
        sa.Column("by", sa.String(5), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("part", sa.String(10), nullable=False),
        *(sa.Column(name, sa.String(sizes.get(name, 20)), nullable=False) for name in keys),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("met", "passed", "ended")),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("ran", "held")),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("taken", "overrun")),
        sa.Column("worst_late_by", sa.BigInteger(), nullable=True),
        sa.Column("worst_application", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint("by", "month", "part", *keys, name="pk_month_figures"),
    )
    op.create_table(
        "late_write",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("application", sa.String(80), nullable=False),
        sa.Column("clock", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("month", "application", "clock", name="pk_late_write"),
        sa.ForeignKeyConstraint(["application"], ["application.id"], name="fk_late_write_application"),
    )


def _partial(name: str, condition: str, *columns: str) -> None:
    where = sa.text(condition)
    op.create_index(f"ix_clock_{name}", "clock", list(columns), postgresql_where=where, sqlite_where=where)


def _fill_in(dialect: str) -> None:
    """Of the clocks that are there already; how many working days they took, and were allowed, stays open."""
    wall, seconds, day = _WALL[dialect].format(at="due_at"), _SECONDS[dialect], _DAY[dialect]
    begun = day.format(wall=_WALL[dialect].format(at="COALESCE(triggered_at, started_at)"))
    stopped = day.format(wall=_WALL[dialect].format(at="stopped_at"))
    of_it = "FROM application WHERE application.id = clock.application"
    late = '"limit" AND stopped_at > due_at'
    taken = seconds.format(start="started_at", end="stopped_at")
    over = seconds.format(start="due_at", end="stopped_at")
    op.execute(
        f"UPDATE clock SET channel = (SELECT channel {of_it}), "  # noqa: S608 - nothing here is anybody's input
        f"due_on = {day.format(wall=wall)}, begun_on = {begun}, stopped_on = {stopped}, "
        f"due_hour = {_DUE_HOUR[dialect].format(wall=wall)}, "
        "unit = CASE clock WHEN 'waiting' THEN 'minutes' WHEN 'service' THEN 'minutes' "
        "WHEN 'retention' THEN 'months' ELSE 'working-days' END, "
        f"ran = {taken}, late_by = CASE WHEN {late} THEN {over} * 1000000 END, "
        f"officer = CASE WHEN outcome = 'running' THEN (SELECT holder {of_it}) ELSE ({_HOLDER}) END, "
        f"stage = CASE WHEN outcome = 'running' THEN (SELECT stage {of_it}) ELSE ({_STAGE}) END"
    )
    op.execute(
        f"UPDATE clock SET taken = {taken}, overrun = CASE WHEN {late} THEN {over} ELSE 0 END "  # noqa: S608
        "WHERE unit = 'minutes' AND stopped_at IS NOT NULL"
    )
