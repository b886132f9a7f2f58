"""The command as a user runs it, and how it refuses."""

import os
import subprocess
import sys


def slingshot(*arguments, prefix=(), stdin=None, **environment):
    """Run the command; `stdin` is a text, `environment` what is added to ours."""
    command = [*prefix, sys.executable, "-m", "slingshot", *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, input=stdin, env={**os.environ, **environment}, timeout=120
    )


def refused(done, exit_code, *words):
    """The command failed with one sentence that has these words, and without a traceback."""
    assert done.returncode == exit_code, done.stderr
    assert "Traceback" not in done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("slingshot: ")
    for word in words:
        assert word in last
    return last
