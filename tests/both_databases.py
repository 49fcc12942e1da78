"""Every test that touches a record runs on both databases: a pytest plugin that counts, compares and says so.

A test is on a database by the parameter of the fixture `database`, which `house`, `address` and `engine` stand
on. What has passed on one of the two only, though its twin was not left out by choice, fails the run.

Several processes may share a run (`make test`): each database then has a process to itself, and all of them
tell the first one what they did.
"""

from collections.abc import Generator, Iterable
from typing import Any

import pytest
from sqlalchemy import Engine, event
from xdist.scheduler import LoadScopeScheduling

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """The name of the database that this test runs on."""
    return request.param


_PLACE = pytest.StashKey[tuple[str | None, str]]()
_PLACED = "on which database, and its id without that"
_LEFT_OUT = "tests that were left out by choice"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Comparison(config), "both-databases-comparison")


class Comparison:
    """What has passed where, in one run."""

    def __init__(self, config: pytest.Config) -> None:
        # Whoever names one case of a test, or stops at the first failure, has chosen not to compare.
        self._is_chosen = any("[" in argument for argument in config.args)
        self._tells: dict[str, object] | None = getattr(config, "workeroutput", None)
        self._left_out: set[tuple[str, str]] = set()
        self._passed: dict[str | None, set[str]] = {name: set() for name in (*DATABASES, None)}
        self._has_touched = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            on, twins = item.stash[_PLACE] = place(item)
            item.user_properties.append((_PLACED, (on, twins)))

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> object:
        """For `--dist loadgroup`. The groups that xdist knows by itself are told by marks in a test's id, which
        pytest lets no plugin change any more: every process then had both databases, and made everything twice."""
        return ByDatabase(config, log) if config.getvalue("dist") == "loadgroup" else None

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        for item in items:
            on, twins = item.stash[_PLACE]
            if on is not None:
                self._left_out.add((on, twins))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        """No test may open a record without saying on which database: it would be tried on one of them only."""
        on, _ = item.stash[_PLACE]
        self._has_touched = False
        event.listen(Engine, "engine_connect", self._touch)
        try:
            yield
        finally:
            event.remove(Engine, "engine_connect", self._touch)
        if on is None and self._has_touched:
            pytest.fail("it touches a record: let it ask for `database`, `address`, `engine` or `house`")

    def _touch(self, connection: object) -> None:
        self._has_touched = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" and report.passed:
            on, twins = dict(report.user_properties)[_PLACED]
            self._passed[on].add(twins)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """One process of several has ended: what it left out counts for the whole run."""
        self._left_out |= {(on, twins) for on, twins in getattr(node, "workeroutput", {}).get(_LEFT_OUT, ())}

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self._tells is not None:
            self._tells[_LEFT_OUT] = sorted(self._left_out)
            return
        is_cut = bool(session.shouldfail or session.shouldstop) or exitstatus == pytest.ExitCode.INTERRUPTED
        self._is_chosen = self._is_chosen or is_cut
        if session.exitstatus == pytest.ExitCode.OK and self._alone():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        counts = [f"on {name}: {len(self._passed[name])} passed" for name in DATABASES]
        terminalreporter.section("databases")
        terminalreporter.line(f"tests {'; '.join(counts)}; without a record: {len(self._passed[None])} passed")
        for name, other in (DATABASES, reversed(DATABASES)):
            if self._passed[name] and not self._passed[other] and not self._alone():
                terminalreporter.line(f"only {name} was run, by choice: nothing is said of {other}")
        for line in self._alone():
            terminalreporter.line(f"FAILED {line}", red=True)

    def _alone(self) -> list[str]:
        """A line for each test that passed on one database and not on the other."""
        if self._is_chosen:
            return []
        return sorted(
            f"{twins}: passed on {name}, not on {other}"
            for name, other in (DATABASES, reversed(DATABASES))
            for twins in self._passed[name] - self._passed[other]
            if (other, twins) not in self._left_out
        )


class ByDatabase(LoadScopeScheduling):
    """Hands each database's tests to one process, and every other test to whichever is free."""

    def _split_scope(self, nodeid: str) -> str:
        return database_of(nodeid) or nodeid


def database_of(nodeid: str) -> str | None:
    """The database in a test's parameters, as its id has them; None if there is none."""
    _, _, parameters = nodeid.removesuffix("]").partition("[")
    return next((name for name in DATABASES if name in parameters.split("-")), None)


def place(item: pytest.Item) -> tuple[str | None, str]:
    """On which database a test runs, if on any, and its id without that."""
    if not isinstance(item, pytest.Function) or not hasattr(item, "callspec"):
        return None, item.nodeid
    on = item.callspec.params.get("database")
    parts = item.callspec.id.split("-")
    if on is not None:
        parts.remove(on)
    name = item.nodeid.removesuffix(f"[{item.callspec.id}]")
    return on, f"{name}[{'-'.join(parts)}]" if parts else name
