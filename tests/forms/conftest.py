"""The printer of the shipped templates; its compilers are warm for all tests."""

import pytest

from adapters.forms.printer import TypstPrinter
from tests.forms.reading import TEMPLATES


@pytest.fixture(scope="session")
def printer() -> TypstPrinter:
    return TypstPrinter(TEMPLATES)
