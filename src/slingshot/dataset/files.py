"""Dataset files: rows in ShareGPT form, one JSON object a line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slingshot.errors import RequestError

_FROM_ROLE = {"system": "system", "user": "human", "assistant": "gpt"}
_TO_ROLE = {name: role for role, name in _FROM_ROLE.items()}


@dataclass(frozen=True)
class Row:
    """One conversation to learn from.

    Attributes:
        messages: each with `role` and `content`, and whatever else the file had in it; the last is the answer.
        test_case: what is asked.
        prompt_label: how it is asked.
        source: the model that answered.
        licence: a note on the answer's licence, where it is known.
        beyond: keys of the file's row that mean nothing here.
    """

    messages: list[dict[str, Any]]
    test_case: str = ""
    prompt_label: str = ""
    source: str = ""
    licence: str = ""
    beyond: Mapping[str, Any] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        """The text that is learned."""
        answer: str = self.messages[-1]["content"]
        return answer

    def to_json(self) -> str:
        """The row as one line of ShareGPT JSON, with where it comes from beside the conversation."""
        turns = [
            {
                "from": _FROM_ROLE.get(message["role"], message["role"]),
                "value": message["content"],
                **{key: value for key, value in message.items() if key not in ("role", "content")},
            }
            for message in self.messages
        ]
        about = {"test_case": self.test_case, "prompt_label": self.prompt_label, "source": self.source}
        about |= {"licence": self.licence} if self.licence else {}
        line = json.dumps({"conversations": turns, **about, **self.beyond}, ensure_ascii=False)
        return line.encode(errors="backslashreplace").decode()  # half a character, as JSON writes it


def read_rows(path: Path) -> list[Row]:
    """Read a `train.jsonl` in ShareGPT form (`conversations`) or OpenAI's (`messages`).

    Raises:
        RequestError: the file is missing, or a line is not such a row; the line is named.
    """
    try:
        lines = path.read_text(encoding="utf-8").split(
            "\n"
        )  # not `splitlines`: JSON may hold U+2028 and its like
    except FileNotFoundError:
        raise RequestError(
            f"{path}: there is no such file; build it with `slingshot dataset build`"
        ) from None
    return [_row(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]


def _row(line: str, place: str) -> Row:
    """One row from one line of JSON."""
    try:
        content: Any = json.loads(line)
        if "messages" in content:
            messages = [{"role": m["role"], "content": m["content"]} for m in content["messages"]]
        else:
            messages = [
                {"role": _TO_ROLE[turn["from"]], "content": turn["value"]}
                for turn in content["conversations"]
            ]
        if messages[-1]["role"] != "assistant":
            raise RequestError(f"{place}: the last message is not an answer; remove the row")
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise RequestError(
            f"{place}: not a row in ShareGPT form ({type(error).__name__}: {error}); mend or remove it"
        ) from None
    beyond = {key: content.get(key) or "" for key in ("test_case", "prompt_label", "source", "licence")}
    return Row(messages, **beyond)
