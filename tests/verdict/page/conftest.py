"""The made-up verdict and its page, made once."""

import sys
from pathlib import Path

import pytest

from slingshot.verdict import Verdict

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def verdict_and_page(tmp_path_factory: pytest.TempPathFactory) -> tuple[Verdict, str]:
    """A verdict with something of everything, and its page."""
    from everything import verdict_and_page

    return verdict_and_page(tmp_path_factory.mktemp("recordings"))


@pytest.fixture(scope="session")
def verdict(verdict_and_page: tuple[Verdict, str]) -> Verdict:
    """The verdict."""
    return verdict_and_page[0]


@pytest.fixture(scope="session")
def page(verdict_and_page: tuple[Verdict, str]) -> str:
    """Its page."""
    return verdict_and_page[1]
