"""The solutions that ship with a suite, put down as conversations, so that they are judged like any answer."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from slingshot.files import write_json
from slingshot.models.conversation import Conversation
from slingshot.recordings.files import Sample, conversation_record, recording_path
from slingshot.suite import PromptTemplate, TestCase, as_answer, find_template, render_prompt

AUTHOR = "suite-authors"


def record_solutions(
    suite: Sequence[TestCase],
    labels: Sequence[str],
    folder: Path,
    templates: Mapping[str, PromptTemplate] | None = None,
) -> int:
    """Write every bundled solution below `folder` as the answer of the model `suite-authors`.

    The solutions of a test case are dealt to the prompt labels in turns. Files are named after their place
    in the order, so that doing it again writes the same files; returns how many conversations there are. Labels
    are those of built-in templates, or of `templates`. A variant, which has no solutions of its own, is answered
    with its reference solution.
    """
    count = 0
    for test_case in suite:
        programs = (
            {"reference": test_case.reference_solution} if test_case.variant_of else test_case.solutions()
        )
        for index, (name, code) in enumerate(programs.items()):
            label = labels[index % len(labels)]
            sample = Sample(AUTHOR, test_case.name, label, index)
            path = recording_path(folder, sample, f"20260101_000000__{100 + index}")
            messages = render_prompt(find_template(label, templates or {}), test_case)
            conversation = Conversation(messages, as_answer(code), finish_reason="stop")
            record = conversation_record(sample, conversation, {"source": f"{test_case.name}/{name}.jl"})
            if not path.exists():
                write_json(path, record, indent=None)
            count += 1
    return count
