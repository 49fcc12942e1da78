"""The questions of supervisors as views, for people who bring their own tool (docs/sla.md)."""

from alembic import op

revision = "0007"
down_revision = "0006"

_DIALECTS = {
    "sqlite": {
        "now": "strftime('%Y-%m-%d %H:%M:%f000', 'now')",
        "micros": "(CAST(strftime('%s', substr({0}, 1, 19)) AS INTEGER) * 1000000 "
        "+ CAST(substr({0}, 21, 6) AS INTEGER))",
        "wall": "datetime({0}, CASE WHEN {0} < '2024-02-29 18:00' THEN '+6 hours' ELSE '+5 hours' END)",
        "day": "date({0})",
        "least": "MIN",
        "greatest": "MAX",
        "in_minutes": "ROUND({0} / 60.0, 2)",
        "month": "strftime('%Y-%m', {0})",
        "week": "strftime('%Y', date({0}, '-3 days', 'weekday 4')) || '-W' || substr('0' || "
        "((strftime('%j', date({0}, '-3 days', 'weekday 4')) - 1) / 7 + 1), -2)",
        "two_digits": "substr('0' || {0}, -2)",
        "weekday": "(strftime('%w', {0}) + 6) % 7 + 1",
        "number": "CAST({0} AS REAL)",
        "true": "1",
    },
    "postgresql": {
        "now": "now()",
        "micros": "CAST(EXTRACT(EPOCH FROM {0}) * 1000000 AS BIGINT)",
        "wall": "({0} AT TIME ZONE 'UTC' + CASE WHEN {0} < '2024-02-29 18:00Z' THEN interval '6 hours' "
        "ELSE interval '5 hours' END)",
        "day": "CAST({0} AS DATE)",
        "least": "LEAST",
        "greatest": "GREATEST",
        "in_minutes": "ROUND({0} / 60.0, 2)",
        "month": "to_char({0}, 'YYYY-MM')",
        "week": "to_char({0}, 'IYYY-\"W\"IW')",
        "two_digits": "to_char({0}, 'FM00')",
        "weekday": "CAST(EXTRACT(ISODOW FROM {0}) AS INTEGER)",
        "number": "CAST({0} AS NUMERIC)",
        "true": "TRUE",
    },
}
"""What the two databases say differently; the wall in Karaganda changed its offset once (revision 0005)."""

_LIMITS = "('waiting', 'service', 'processing', 'recall')"
_BREACH = (
    'application, registration_number, clock, channel, office, officer, stage, unit, "limit", started_at, due_at, '
    "stopped_at, state, overrun, late_minutes, held_minutes, waited_minutes"
)
_AT_RISK = (
    'application, registration_number, clock, channel, office, officer, stage, unit, "limit", started_at, due_at, '
    "left_minutes, held_minutes, waited_minutes"
)


class _Speech:
    """Says an expression in one dialect."""

    def __init__(self, dialect: str) -> None:
        self._words = _DIALECTS[dialect]

    def __getitem__(self, word: str) -> str:
        return self._words[word]

    def say(self, word: str, *of: str) -> str:
        return self._words[word].format(*of)


def upgrade() -> None:
    say = _Speech(op.get_bind().dialect.name)
    op.execute(
        "CREATE TABLE counted_day (day DATE NOT NULL, is_worked BOOLEAN NOT NULL, number INTEGER NOT NULL, "
        "calendar VARCHAR(64) NOT NULL, CONSTRAINT pk_counted_day PRIMARY KEY (day))"
    )
    for name, query in (
        ("sla_limits", _limits(say)),
        ("sla_breaches", f"SELECT {_BREACH} FROM sla_limits WHERE {_passed(say)}"),  # noqa: S608
        ("sla_at_risk", f"SELECT {_AT_RISK} FROM sla_limits WHERE stopped_at IS NULL AND due_at >= {say['now']}"),  # noqa: S608
        ("sla_summary", _summary(say)),
        ("sla_buckets", _buckets(say)),
        ("sla_history", _history(say)),
        ("sla_heat", _heat(say)),
    ):
        op.execute(f"CREATE VIEW {name} AS {query}")


def _passed(say: _Speech) -> str:
    # Said so that each half has its index, never as a comparison of two columns.
    return f"(late_by IS NOT NULL OR (stopped_at IS NULL AND due_at < {say['now']}))"


def _clocks(say: _Speech) -> str:
    """Every limit as it stands now: how it ended, by how much it is late, and how long it took, in its unit."""
    end = f"COALESCE(c.stopped_at, {say['now']})"
    late = f"{say['greatest']}(0, {say.say('micros', end)} - {say.say('micros', 'c.due_at')})"
    days = f"{say['greatest']}(0, ended.number - due.number)"
    whole = (
        "CASE WHEN stopped_at IS NOT NULL AND overrun IS NOT NULL THEN overrun "
        f"WHEN unit = 'minutes' THEN (late_micros + 999999) / 1000000 ELSE {days} END"
    )

    def in_unit(value: str) -> str:
        in_minutes, as_it_is = say.say("in_minutes", value), say.say("number", value)
        return f"CASE WHEN unit = 'minutes' THEN {in_minutes} ELSE {as_it_is} END"

    return f"""
        SELECT told.*, {in_unit("taken")} AS taken_in_unit, {in_unit(f"({whole})")} AS overrun_in_unit,
            CASE WHEN late_micros > 0 THEN 'passed' WHEN stopped_at IS NULL THEN 'running' ELSE outcome END
                AS outcome_now
        FROM (
            SELECT c.*, {late} AS late_micros, {say.say("day", say.say("wall", end))} AS ended_on
            FROM clock c WHERE c."limit" = {say["true"]}
        ) told
        LEFT JOIN counted_day due ON due.day = told.due_on
        LEFT JOIN counted_day ended ON ended.day = told.ended_on"""  # noqa: S608


def _limits(say: _Speech) -> str:
    """Every limit with its number, and with whom the file was; times on the wall in whole minutes."""
    end, minute = f"COALESCE(c.stopped_at, {say['now']})", 60_000_000
    ended, started = say.say("micros", end), say.say("micros", "c.started_at")
    upper = f"{say['least']}({say.say('micros', f'COALESCE(h.until, {end})')}, {ended})"
    lower = f"{say['greatest']}({say.say('micros', 'h.since')}, {started})"
    in_hand = f"CAST(COALESCE(SUM({say['greatest']}(0, {upper} - {lower})), 0) AS BIGINT)"
    return f"""
        SELECT application, registration_number, clock, channel, office, officer, stage, unit, allowed AS "limit",
            started_at, due_at, stopped_at, CASE WHEN stopped_at IS NULL THEN 'open' ELSE 'closed' END AS state,
            overrun_in_unit AS overrun, late_micros / {minute} AS late_minutes, in_hand / {minute} AS held_minutes,
            {say["greatest"]}(ran_micros - in_hand, 0) / {minute} AS waited_minutes,
            left_micros / {minute} AS left_minutes, taken_in_unit AS taken, outcome_now AS outcome,
            due_on, due_hour, late_by
        FROM (
            SELECT c.*, COALESCE(a.registration_number, p.registration_number) AS registration_number,
                (SELECT {in_hand} FROM holding h WHERE h.application = c.application) AS in_hand,
                {ended} - {started} AS ran_micros,
                {say.say("micros", "c.due_at")} - {say.say("micros", say["now"])} AS left_micros
            FROM ({_clocks(say)}) c
            JOIN application a ON a.id = c.application
            LEFT JOIN application p ON p.id = a.recall_of
        ) counted"""  # noqa: S608


def _summary(say: _Speech) -> str:
    """Each grouping's figures; percentiles by nearest rank, over what was stopped with its goal or has passed."""
    keys = {
        "clock": "clock",
        "channel": "channel",
        "office": "office",
        "officer": "officer",
        "stage": "stage",
        "day": "CAST(due_on AS VARCHAR(10))",
        "week": say.say("week", "due_on"),
        "month": say.say("month", "due_on"),
        "hour": say.say("two_digits", "due_hour"),
    }
    # One arm each: whoever asks for one grouping pays for one.
    return " UNION ALL ".join(_grouped(say, by, key) for by, key in keys.items())


def _grouped(say: _Speech, by: str, key: str) -> str:
    spreads = ", ".join(
        f"MIN(CASE WHEN {what}_rank * 100 >= {percent} * {what}_count THEN {what}_of END) AS {what}_p{percent}"
        for what in ("taken", "overrun")
        for percent in (50, 90, 95, 99)
    )
    counts = ", ".join(f"{_how_many(outcome)} AS {outcome}" for outcome in ("running", "met", "passed", "ended"))
    met, passed = _how_many("met"), _how_many("passed")
    return f"""
        SELECT '{by}' AS "by", key, unit, COUNT(*) AS count, {counts},
            ROUND({met} * 1.0 / NULLIF({met} + {passed}, 0), 4) AS on_time_share,
            {spreads},
            MAX(overrun_of) AS worst_overrun,
            MIN(CASE WHEN late_micros > 0 AND late_rank = 1 THEN application END) AS worst_application,
            ROUND(SUM(held) * 1.0 / NULLIF(SUM(ran), 0), 4) AS held_share
        FROM (
            SELECT keyed.*,
                ROW_NUMBER() OVER (PARTITION BY key, unit, taken_of IS NULL ORDER BY taken_of) AS taken_rank,
                COUNT(taken_of) OVER (PARTITION BY key, unit) AS taken_count,
                ROW_NUMBER() OVER (PARTITION BY key, unit, overrun_of IS NULL ORDER BY overrun_of) AS overrun_rank,
                COUNT(overrun_of) OVER (PARTITION BY key, unit) AS overrun_count,
                ROW_NUMBER() OVER (PARTITION BY key, unit ORDER BY late_micros DESC, application) AS late_rank
            FROM (
                SELECT {key} AS key, l.*,
                    CASE WHEN stopped_at IS NOT NULL AND outcome_now <> 'ended' THEN taken_in_unit END AS taken_of,
                    CASE WHEN outcome_now = 'passed' THEN overrun_in_unit END AS overrun_of
                FROM ({_clocks(say)}) l
            ) keyed
        ) ranked
        GROUP BY key, unit"""  # noqa: S608


def _how_many(outcome: str) -> str:
    return f"SUM(CASE WHEN outcome_now = '{outcome}' THEN 1 ELSE 0 END)"


def _buckets(say: _Speech) -> str:
    left = "due.number - today.number"
    days_left = (
        f"CASE WHEN c.due_at < {say['now']} THEN {say['least']}({left}, -1) ELSE {say['greatest']}({left}, 0) END"
    )
    return f"""
        SELECT c.office, {days_left} AS days_left, COUNT(*) AS count
        FROM clock c
        JOIN counted_day due ON due.day = c.due_on
        JOIN counted_day today ON today.day = {_today(say)}
        WHERE c."limit" = {say["true"]} AND c.stopped_at IS NULL
        GROUP BY c.office, {days_left}"""  # noqa: S608


def _today(say: _Speech) -> str:
    return say.say("day", say.say("wall", say["now"]))


def _history(say: _Speech) -> str:
    """Of each clock, every day from the first on."""
    is_limit = f'"limit" = {say["true"]}'
    counts = " UNION ALL ".join(
        f"SELECT clock, {day} AS day, {figures} FROM clock WHERE {is_limit} AND {condition} GROUP BY clock, {day}"  # noqa: S608
        for day, figures, condition in (
            ("begun_on", "COUNT(*) AS accepted, 0 AS finished, 0 AS passed", f"begun_on <= {_today(say)}"),
            ("stopped_on", "0 AS accepted, COUNT(*) AS finished, 0 AS passed", "stopped_on IS NOT NULL"),
            ("due_on", "0 AS accepted, 0 AS finished, COUNT(*) AS passed", _passed(say)),
        )
    )
    return f"""
        SELECT clock, day, accepted, finished, passed,
            SUM(accepted - finished) OVER (PARTITION BY clock ORDER BY day) AS backlog
        FROM (
            SELECT k.clock, d.day, COALESCE(SUM(n.accepted), 0) AS accepted,
                COALESCE(SUM(n.finished), 0) AS finished, COALESCE(SUM(n.passed), 0) AS passed
            FROM counted_day d
            CROSS JOIN (SELECT DISTINCT clock FROM clock WHERE {is_limit}) k
            LEFT JOIN ({counts}) n ON n.day = d.day AND n.clock = k.clock
            WHERE d.day <= {_today(say)} AND d.day >= (SELECT MIN(begun_on) FROM clock WHERE {is_limit})
            GROUP BY k.clock, d.day
        ) counted"""  # noqa: S608


def _heat(say: _Speech) -> str:
    return f"""
        SELECT {say.say("weekday", "due_on")} AS weekday, due_hour AS hour, COUNT(*) AS count
        FROM clock WHERE "limit" = {say["true"]} AND {_passed(say)}
        GROUP BY {say.say("weekday", "due_on")}, due_hour"""  # noqa: S608
