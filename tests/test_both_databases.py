"""The run itself says on which database how much has passed, and fails where the two are not alike."""

import pytest

from adapters.settings import ROOT

ALIKE = """
import pytest

@pytest.mark.parametrize("word", ["one", "other"])
def test_kept(database, word):
    assert database

def test_pure():
    assert True
"""
ONE_SIDED = """
import pytest

@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_there(database):
    assert database
"""
SKIPPED = """
import pytest

def test_where_it_is_easy(database):
    if database == "postgresql":
        pytest.skip("not today")
"""
SECRETLY = """
from sqlalchemy import create_engine

def test_without_a_word():
    create_engine("sqlite://").connect().close()
"""


TOGETHER = ("-n", "2", "--dist", "loadgroup")
"""As `make test` runs."""


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest('pytest_plugins = ["tests.both_databases"]')
    return pytester


class TestComparison:
    """A run of pytest with the plugin that this suite runs with."""

    @pytest.mark.parametrize("how", [(), TOGETHER])
    def test_alike_on_both(self, run: pytest.Pytester, how: tuple[str, ...]) -> None:
        """Both counts are said, pure tests by themselves, and pytest's own line stays the last one."""
        run.makepyfile(ALIKE)
        result = run.runpytest_subprocess(*how)
        assert result.ret == pytest.ExitCode.OK
        assert "tests on sqlite: 2 passed; on postgresql: 2 passed; without a record: 1 passed" in result.outlines
        assert "5 passed" in result.outlines[-1]

    @pytest.mark.parametrize("how", [(), TOGETHER])
    @pytest.mark.parametrize(
        ("tests", "name"), [(ONE_SIDED, "test_only_there"), (SKIPPED, "test_where_it_is_easy")]
    )
    def test_one_sided_fails_the_run(
        self, run: pytest.Pytester, tests: str, name: str, how: tuple[str, ...]
    ) -> None:
        """What passed on one database only fails a run without a failed test, and is named."""
        run.makepyfile(test_it=tests)
        result = run.runpytest_subprocess(*how)
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        assert result.parseoutcomes().get("failed") is None
        assert f"FAILED test_it.py::{name}: passed on sqlite, not on postgresql" in result.outlines

    def test_equal_counts_of_different_tests_fail_too(self, run: pytest.Pytester) -> None:
        """One test on each database is not the same test on both."""
        run.makepyfile(test_it=ONE_SIDED, test_that=ONE_SIDED.replace('"sqlite"', '"postgresql"'))
        result = run.runpytest_subprocess()
        assert result.ret == pytest.ExitCode.TESTS_FAILED
        assert "tests on sqlite: 1 passed; on postgresql: 1 passed; without a record: 0 passed" in result.outlines
        assert "FAILED test_that.py::test_only_there: passed on postgresql, not on sqlite" in result.outlines

    @pytest.mark.parametrize(
        "choice", [("-k", "sqlite"), ("-k", "sqlite", *TOGETHER), ("test_it.py::test_kept[sqlite-one]",)]
    )
    def test_one_database_by_choice(self, run: pytest.Pytester, choice: tuple[str, ...]) -> None:
        """Whoever chooses one database may: it is said that the other was not run."""
        run.makepyfile(test_it=ALIKE)
        result = run.runpytest_subprocess(*choice)
        assert result.ret == pytest.ExitCode.OK
        assert "only sqlite was run, by choice: nothing is said of postgresql" in result.outlines

    def test_no_record_in_secret(self, run: pytest.Pytester) -> None:
        """A test that opens a record without saying on which database fails, and is told what to ask for."""
        run.makepyfile(SECRETLY)
        result = run.runpytest_subprocess()
        assert result.parseoutcomes() == {"failed": 1}
        result.stdout.fnmatch_lines(["*it touches a record: let it ask for `database`*"])
