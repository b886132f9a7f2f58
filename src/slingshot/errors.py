"""Errors a person can act on: one sentence that says what is wrong, where, and what to do."""


class SlingshotError(Exception):
    """The work failed or a check did not hold. The command ends with exit code 1."""

    exit_code = 1


class RequestError(SlingshotError):
    """The request was wrong: a bad recipe, a missing file, a misspelt key. Exit code 2."""

    exit_code = 2


class MissingTool(SlingshotError):
    """Something this machine lacks (Julia, bubblewrap, a package); the message says how to get it."""
