"""All that is recorded of the public leaderboard, read once a session."""

import lzma
import shutil
import subprocess
from pathlib import Path

import polars as pl
import pytest

from slingshot.recordings.load import read_recordings

ARCHIVE = Path(__file__).parents[3] / "shared" / "data" / "julia-llm-leaderboard" / "code_generation.tar.xz"
NEED_PACKAGES = ("add_yearmonth", "audi_filter", "count_model_rows")


@pytest.fixture(scope="session")
def recorded(all_recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The 23,784 recordings of the public leaderboard's 14 test cases as a data frame."""
    folder = tmp_path_factory.mktemp("published")
    wanted = ["--wildcards", *(f"*/{name}/*" for name in NEED_PACKAGES)]
    command = ["tar", "--extract", "--directory", str(folder), *wanted]
    with lzma.open(ARCHIVE) as content, subprocess.Popen(command, stdin=subprocess.PIPE) as tar:
        assert tar.stdin is not None
        shutil.copyfileobj(content, tar.stdin)
    assert tar.returncode == 0
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLINGSHOT_CACHE", str(tmp_path_factory.mktemp("cache")))
        loaded = read_recordings([all_recordings, folder], strict=True)
    assert loaded.frame.height == 23_784
    return loaded.frame
