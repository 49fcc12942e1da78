"""The house's rules, held by machine: layers, lengths, documents that match the code."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from adapters.settings import ROOT, Settings
from cli.lifecycle_page import lifecycle_page
from models.lifecycle import Command, Stage

TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["/usr/bin/env", "git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    if (ROOT / name).is_file()
]
SOURCES = [path for path in TRACKED if path.suffix == ".py"]


class TestStructure:
    """Dependencies point one way; no file or function is long."""

    def test_layers_are_kept(self) -> None:
        """import-linter finds every contract kept."""
        ran = subprocess.run(
            [str(Path(sys.executable).with_name("lint-imports"))],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout

    def test_no_long_file_or_function(self) -> None:
        """No file over 400 lines, no function over 40."""
        long: list[str] = []
        for path in SOURCES:
            text = path.read_text()
            if text.count("\n") > 400:
                long.append(str(path))
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    lines = (node.end_lineno or node.lineno) - node.lineno + 1
                    if lines > 40:
                        long.append(f"{path}:{node.lineno} {node.name} ({lines})")
        assert long == []

    def test_lock_has_hashes_and_no_addresses(self) -> None:
        """Every requirement is pinned with hashes, and the lock file names no place to fetch it from."""
        lock = (ROOT / "requirements.lock").read_text()
        assert "://" not in lock
        requirements = re.findall(r"^[a-z0-9][^\n]*==[^\n]*", lock, re.MULTILINE)
        assert len(requirements) > 40
        assert lock.count("--hash=sha256:") >= len(requirements)


class TestDocuments:
    """Documents say what the code does."""

    def test_lifecycle_page_is_the_chart(self) -> None:
        """docs/lifecycle.md is what the chart draws; `make docs` writes it anew."""
        assert (ROOT / "docs" / "lifecycle.md").read_text() == lifecycle_page()

    @pytest.mark.parametrize("word", [*(s for s in Stage if s is not Stage.NEW), *Command])
    def test_glossary_knows_every_word_of_the_chart(self, word: str) -> None:
        """Every stage and command is explained."""
        assert f"`{word}`" in (ROOT / "docs" / "glossary.md").read_text()

    def test_readme_lists_every_setting(self) -> None:
        """The table of settings in the README names exactly the settings that the code has."""
        named = set(re.findall(r"^\| `TIREK_([A-Z_]+)`", (ROOT / "README.md").read_text(), re.MULTILINE))
        assert named == {name.upper() for name in Settings.model_fields}

    def test_no_dead_links(self) -> None:
        """Every relative link of every document leads somewhere."""
        dead = [
            f"{path.name}: {target}"
            for path in TRACKED
            if path.suffix == ".md"
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", path.read_text())
            if not (path.parent / target).exists()
        ]
        assert dead == []
