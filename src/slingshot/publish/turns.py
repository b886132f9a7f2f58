"""A chat template as the fixed texts around its messages, so that it can be said in another template language.

Most chat templates put every message between two texts that depend on its role alone. What these are is found by
rendering short conversations; that they are all there is to it is then checked on longer ones.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Message = Mapping[str, str]
# Renders messages, with the words that open an answer or without; None: the template refuses such a conversation.
Render = Callable[[Sequence[Message], bool], str | None]

ROLES = ("system", "user", "assistant")


@dataclass(frozen=True)
class Turns:
    """A chat template of this kind.

    Attributes:
        around: the texts before and after a message, by role; without `system`, no such message is allowed.
        default: what stands first when there is no system message, such as one of the template's own.
        joined: a system message is the beginning of the question after it, which then has no text of its own before.
        opening: what an answer begins after.
    """

    around: Mapping[str, tuple[str, str]]
    default: str
    joined: bool
    opening: str

    @property
    def end_of_answer(self) -> str:
        """What ends an answer, as one mark; "" if nothing does."""
        return self.around["assistant"][1].strip()

    def render(self, messages: Sequence[Message], opened: bool) -> str:
        """The text of a conversation."""
        text = "" if messages[0]["role"] == "system" else self.default
        told = False
        for message in messages:
            before, after = self.around[message["role"]]
            text += ("" if told else before) + message["content"] + after
            told = self.joined and message["role"] == "system"
        return text + (self.opening if opened else "")


def find_turns(render: Render) -> Turns | None:
    """The texts around messages, if the template is of this kind.

    Contents with white space at their ends are left out of account: several templates strip it.
    """
    turns = _guess(render)
    if turns is None:
        return None
    for roles in _CONVERSATIONS:
        if roles[0] == "system" and "system" not in turns.around:
            continue
        messages = [_message(role, number) for number, role in enumerate(roles)]
        for opened in (False, True):
            if render(messages, opened) != turns.render(messages, opened):
                return None
    return turns


_CONVERSATIONS = (
    ("user",),
    ("system", "user"),
    ("user", "assistant", "user"),
    ("system", "user", "assistant", "user"),
    ("system", "user", "assistant", "user", "assistant", "user"),
)


def _message(role: str, number: int) -> Message:
    return {"role": role, "content": f"Message {number}:\n\n  of <{role}> 'said' \"so\" & {{so}} #{number}."}


def _guess(render: Render) -> Turns | None:
    """What the texts would be, from the four shortest conversations."""
    question, answer, system = "QUESTION-1", "ANSWER-1", "SYSTEM-1"
    asked: list[Message] = [{"role": "user", "content": question}]
    answered = [*asked, {"role": "assistant", "content": answer}]
    more = [*answered, {"role": "user", "content": "QUESTION-2"}]
    alone, opened = render(asked, False), render(asked, True)
    pair, triple = render(answered, False), render(more, False)
    if not (alone and opened and pair and triple) or not opened.startswith(alone):
        return None
    try:
        start, after_user = alone.split(question)
        _, between, after_assistant = _split(pair, question, answer)
        before_assistant = _without(between, start=after_user)
        _, between, _ = _split(triple, answer, "QUESTION-2")
        before_user = _without(between, start=after_assistant)
        default = _without(start, end=before_user)
        around = {"user": (before_user, after_user), "assistant": (before_assistant, after_assistant)}
        joined = False
        if told := render([{"role": "system", "content": system}, *asked], False):
            before_system, between, _ = _split(told, system, question)
            joined = not between.endswith(before_user)
            around["system"] = (before_system, between if joined else between.removesuffix(before_user))
    except ValueError:
        return None
    return Turns(around, default, joined, opened.removeprefix(alone))


def _split(text: str, first: str, second: str) -> tuple[str, str, str]:
    """The texts before, between and after two words, each of which is there once; else a ValueError."""
    before, rest = text.split(first)
    between, after = rest.split(second)
    return before, between, after


def _without(text: str, start: str = "", end: str = "") -> str:
    """A text without its beginning and end; a ValueError if it has others."""
    if not (text.startswith(start) and text.endswith(end)):
        raise ValueError(f"{text!r} is not between {start!r} and {end!r}")
    return text.removeprefix(start).removesuffix(end)
