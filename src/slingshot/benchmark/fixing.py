"""Letting a model correct itself: what judging found goes back to it, as far as it may know it.

Feedback speaks of the code alone: that it does not parse, does not run, or stops in an example. The unit tests
stay hidden: a model that is told what they expect would be given the answers.
"""

from dataclasses import dataclass

from slingshot.judge import Evaluation, extract_code
from slingshot.suite import FixTemplate

_LONGEST = 600


@dataclass(frozen=True)
class Fixing:
    """How often a model may correct itself, and how it is asked to.

    With `rounds` 2 every answer has two more recordings: what the answer is after at most one, and after at
    most two corrections. Answers that need none are the same again, so that all strategies have all samples.
    """

    rounds: int
    template: FixTemplate

    def strategy(self, number: int) -> str:
        """The strategy's name in recordings, as the leaderboard writes it."""
        return f"{number}CODEFIXER__{self.template.label}"


def feedback(found: Evaluation, answer: str) -> str | None:
    """What a model is told of its answer; None when there is nothing to correct that it may know."""
    if found.executed and found.examples_executed == found.examples_count:
        return None
    if found.failure in ("unavailable", "harness_error", None):
        return None
    if found.failure == "no_code":
        return "There was no Julia code block in the answer, so nothing was run."
    words = {
        "parse_error": "The code does not parse.",
        "load_error": "The code stopped with an error when it was loaded.",
        "timeout": "The code did not come to an end in time.",
        "memory": "The code ran out of memory.",
        "crashed": "The code ended the Julia process.",
        "tests_failed": "The code was loaded, but an example did not run.",
    }[found.failure]
    lines = [words]
    if found.detail:
        lines.append(found.detail[:_LONGEST])
    code = extract_code(answer).split("\n")
    if found.line and found.line <= len(code):
        lines.append(f"It happened in line {found.line} of the code: {code[found.line - 1].strip()}")
    return "\n".join(lines)
