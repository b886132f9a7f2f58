"""How a server that was started as a child ends with its parent."""

import os
import sys
import threading


def end_with_parent() -> None:
    """End this process at once when its standard input does.

    However the parent ends, even by `kill -9`, the pipe closes: no orphan keeps the port or the memory. Requests
    under way are the caller's to ask again.
    """
    threading.Thread(target=_wait, daemon=True).start()


def _wait() -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os._exit(0)
