"""Everything that is known of one recording, as one value for JSON; `show` prints it for a person too."""

from collections.abc import Mapping
from typing import Any

from slingshot.errors import SlingshotError
from slingshot.judge import Evaluation, failing_item
from slingshot.judge.julia.extract import candidate_programs
from slingshot.recordings.answers import recorded_score
from slingshot.recordings.files import FINDINGS, ONE_SHOT, FileName, evaluation_path, parse_file_name
from slingshot.recordings.load import JUDGE_KEYS
from slingshot.recordings.opened import OpenedRecording
from slingshot.suite import TestCase

POINTS = 25.0  # of each of the four parts of a score
# Lines of code shown before and after the one that failed.
_AROUND = 2


def recording_object(opened: OpenedRecording, case: TestCase | None) -> dict[str, Any]:
    """A recording for JSON; what is unknown is null.

    It says who was asked what (`model`, `test_case`, `prompt_label`, `strategy`, `experiment`, `sample`, `seed`,
    `parameters`), when and with what effort (`timestamp`, `device`, `tokens` with `prompt` and `answer`,
    `elapsed_seconds`, `cost_usd`), `finish_reason` and whether the answer is `cut_off`; `messages` and `answer`;
    `evaluation`, null if it was not judged; `path` and `evaluation_path`; and whatever else stands under the
    key `slingshot` of its two files.

    An evaluation has `score`, `solved` and the fields of the file; `points` of each part; `failure` and `message`;
    `failing_item` and `failing_code`, for which the test case's definition must be known (`case`); `line`, `code`
    and `excerpt`: where the answer's code failed, the line and its neighbours; `piracy`; `judge`, null if the
    leaderboard judged; and `recorded`, what the leaderboard had found if it was judged again.

    Raises:
        SlingshotError: a field is missing or of another type.
    """
    try:
        return _recording(opened, case)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SlingshotError(
            f"{opened.path}: a field of this recording is missing or of another type"
            f" ({type(error).__name__}: {error}); remove it and run again"
        ) from None


def _recording(opened: OpenedRecording, case: TestCase | None) -> dict[str, Any]:
    conversation, extra, found = opened.conversation, opened.extra, opened.evaluation
    said: Mapping[str, Any] = found or {}
    name = parse_file_name(opened.path.name) or FileName("", ONE_SHOT, "")
    prompt, answer = conversation.tokens
    finish = conversation.finish_reason
    for message in conversation.messages:
        message["content"].encode(errors="replace")  # a text
    return {
        "path": str(opened.path),
        "evaluation_path": None if found is None else str(evaluation_path(opened.path)),
        "model": opened.origin.model,
        "test_case": opened.origin.test_case,
        "prompt_label": name.prompt_label,
        "strategy": name.strategy,
        "experiment": str(said.get("experiment") or extra.get("experiment") or ""),
        "sample": extra.get("sample"),
        "seed": extra.get("seed"),
        "parameters": dict(said.get("parameters") or extra.get("parameters") or {}),
        "timestamp": name.timestamp,
        "device": said.get("device") or extra.get("device"),
        "tokens": {"prompt": int(prompt), "answer": int(answer)} if prompt or answer else None,
        "elapsed_seconds": float(conversation.elapsed) or None,
        # Both the leaderboard and we write 0 where it is not known.
        "cost_usd": float(extra.get("cost_usd") or said.get("cost") or 0.0) or None,
        "finish_reason": finish,
        "cut_off": None if finish is None else finish in ("length", "max_tokens"),
        "messages": conversation.messages,
        "answer": conversation.answer,
        "evaluation": None if found is None else _evaluation(opened, found, case),
        "slingshot": {**extra, **(said.get("slingshot") or {})},
    }


def _evaluation(opened: OpenedRecording, found: Mapping[str, Any], case: TestCase | None) -> dict[str, Any]:
    beyond: Mapping[str, Any] = found.get("slingshot") or {}
    score = recorded_score(found, evaluation_path(opened.path))
    parsed, executed, line = bool(found["parsed"]), bool(found["executed"]), beyond.get("line")
    passed, tests = int(found["unit_tests_passed"]), int(found["unit_tests_count"])
    ran, examples = int(found["examples_executed"]), int(found["examples_count"])
    message = str(beyond.get("detail") or "")
    item, code = "", ""
    # Another version of the definition may have other code under the item's number.
    judged_version = (found.get("version_prompt"), tests, examples)
    if case and (case.version, len(case.unit_tests), len(case.examples)) == judged_version:
        item, code = failing_item(
            case, Evaluation(parsed, executed, passed, tests, ran, examples, detail=message)
        )
    excerpt = _excerpt(opened, executed, int(line)) if line and beyond.get("mode") != "leaderboard" else None
    judged_by = {key: beyond[key] for key in JUDGE_KEYS if key in beyond} if "slingshot" in found else None
    return {
        "score": score,
        "solved": executed and passed == tests,
        "parsed": parsed,
        "executed": executed,
        "unit_tests_passed": passed,
        "unit_tests_count": tests,
        "examples_executed": ran,
        "examples_count": examples,
        "points": None
        if score is None
        else {
            "parsed": POINTS * parsed,
            "executed": POINTS * executed,
            "unit_tests": POINTS * passed / (tests or 1),
            "examples": POINTS * ran / (examples or 1),
        },
        "failure": str(beyond["failure"]) if beyond.get("failure") else None,
        "message": message or None,
        "failing_item": item or None,
        "failing_code": code or None,
        "line": line,
        "code": excerpt and excerpt["lines"][line - excerpt["first"]],
        "excerpt": excerpt,
        "piracy": [str(name) for name in beyond.get("piracy") or ()],
        "judge": judged_by,
        "recorded": {key: beyond["recorded"][key] for key in FINDINGS} if beyond.get("recorded") else None,
    }


def _excerpt(opened: OpenedRecording, executed: bool, line: int) -> dict[str, Any] | None:
    """The lines around one of the program that failed; None where it is not known which of two that was.

    If not even one program could be loaded, the first one's error is told, else that of the one which was.
    """
    programs = candidate_programs(opened.conversation.answer, opened.origin.test_case)
    first = max(1, line - _AROUND)
    around = [program.split("\n")[first - 1 : line + _AROUND] for program in programs]
    around = [lines for lines in (around if executed else around[:1]) if len(lines) > line - first]
    if not around or any(lines != around[0] for lines in around):
        return None
    return {"first": first, "lines": around[0]}
