"""What many tests share: the judge on this machine's Julia and bubblewrap, the suites, the recorded answers."""

import lzma
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from slingshot.errors import SlingshotError
from slingshot.judge import Judge
from slingshot.suite import TestCase, bundled_suite, load_suite

SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def by() -> Judge:
    """A judge with this machine's Julia in bubblewrap. Missing tools fail the tests: nothing is skipped."""
    from slingshot.judge.bubblewrap import find_bubblewrap
    from slingshot.judge.julia.install import find_julia

    try:
        return Judge(find_julia(), find_bubblewrap())
    except SlingshotError as error:
        pytest.fail(f"the tests judge with real Julia inside bubblewrap: {error}", pytrace=False)


@pytest.fixture(scope="session")
def suite() -> list[TestCase]:
    """The bundled suite."""
    return load_suite(bundled_suite())


@pytest.fixture(scope="session")
def named(suite: list[TestCase]) -> Callable[[str], TestCase]:
    """A test case of the bundled suite by its name."""
    return {test_case.name: test_case for test_case in suite}.__getitem__


@pytest.fixture(scope="session")
def leaderboard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Julia LLM Leaderboard's 14 definitions, and all recordings of three of them, unpacked once a session."""
    wanted = ["*/definition.toml", "*/event_scheduler/*", "*/ispersonal/*", "*/audi_filter/*"]
    return _unpacked(tmp_path_factory.mktemp("leaderboard"), ["--wildcards", *wanted])


@pytest.fixture(scope="session")
def all_recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that is recorded of the leaderboard's 11 test cases that need no package, unpacked once a session."""
    needing = [f"--exclude=*/{name}/*" for name in ("add_yearmonth", "audi_filter", "count_model_rows")]
    return _unpacked(tmp_path_factory.mktemp("recordings"), needing)


def _unpacked(folder: Path, arguments: list[str]) -> Path:
    """The leaderboard's folder `code_generation`, unpacked by tar with these arguments below `folder`."""
    archive = SHARED_DATA / "julia-llm-leaderboard" / "code_generation.tar.xz"
    if not archive.exists():
        pytest.skip(f"the leaderboard's recordings are not at {archive}: this test compares with them")
    command = ["tar", "--extract", "--directory", str(folder), *arguments]
    with lzma.open(archive) as content, subprocess.Popen(command, stdin=subprocess.PIPE) as tar:
        assert tar.stdin is not None
        shutil.copyfileobj(content, tar.stdin)
    assert tar.returncode == 0
    return folder / "code_generation"
