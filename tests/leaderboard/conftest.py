"""All that is recorded of the public leaderboard, read once a session."""

import lzma
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from slingshot.recordings.load import load_recordings

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "julia-llm-leaderboard" / "code_generation.tar.xz"


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The 23,784 recordings of the public leaderboard as a data frame."""
    if not ARCHIVE.exists():
        pytest.skip(f"the leaderboard's recordings are not at {ARCHIVE}: this test compares with them")
    folder = tmp_path_factory.mktemp("published")
    command = ["tar", "--extract", "--directory", str(folder)]
    with lzma.open(ARCHIVE) as content, subprocess.Popen(command, stdin=subprocess.PIPE) as tar:
        assert tar.stdin is not None
        shutil.copyfileobj(content, tar.stdin)
    assert tar.returncode == 0
    frame = load_recordings(folder / "code_generation")
    shutil.rmtree(folder)
    return frame
