"""From conversations to tokens: what the model reads, and which tokens it is taught.

Labels are found by rendering the chat template step by step, never by searching the text for role marks: what
the rendering up to and with a turn adds to the rendering up to before it (with the generation prompt, as the
served model is asked) is that turn, and it ends with its end token. Whatever cannot be found so is refused.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from slingshot.errors import SlingshotError


@dataclass(frozen=True)
class EncodedRow:
    """One row as token ids; `labels[i]` says whether token i is learned, that is predicted from those before.

    The first token has nothing before it and is never learned.
    """

    tokens: tuple[int, ...]
    labels: tuple[bool, ...]

    @classmethod
    def of(cls, prompt: Sequence[int], answer: Sequence[int]) -> "EncodedRow":
        """A row of one answer: the prompt is read, the answer learned."""
        return cls((*prompt, *answer), (False,) * len(prompt) + (True,) * len(answer))

    @property
    def prompt_length(self) -> int:
        """Tokens before the first learned one: what rows may share."""
        return self.labels.index(True) if True in self.labels else len(self.labels)

    @property
    def prompt(self) -> tuple[int, ...]:
        """What is read before anything is learned."""
        return self.tokens[: self.prompt_length]

    @property
    def answer(self) -> tuple[int, ...]:
        """Everything from the first learned token on; with several turns, what is asked between them too."""
        return self.tokens[self.prompt_length :]

    @property
    def supervised(self) -> int:
        """How many tokens are learned."""
        return sum(self.labels)

    def __len__(self) -> int:
        """Tokens of the whole row."""
        return len(self.tokens)


@dataclass(frozen=True)
class Conversation:
    """Messages to learn from, before a template makes them text.

    Attributes:
        place: what errors call it, such as `train.jsonl:3`.
        messages: `role` and `content` of each.
        learned: which of them are learned.
        ends: which end tokens are learned: those of learned turns, all of the row, the last learned turn's, none.
        everything: learn all that the template prints, questions and role marks too (`train_on_inputs`).
    """

    place: str
    messages: tuple[dict[str, str], ...]
    learned: tuple[bool, ...]
    ends: Literal["turn", "all", "last", "none"] = "turn"
    everything: bool = False


@dataclass(frozen=True)
class PlainText:
    """Text that no template touches, in pieces, each with whether it is learned.

    Attributes:
        place: what errors call it.
        pieces: texts and labels, in order.
        closed: put the tokenizer's start token before it, if it has the habit, and a learned end token behind.
    """

    place: str
    pieces: tuple[tuple[str, bool], ...]
    closed: bool = True


Source = Conversation | PlainText


def encode_all(
    sources: Sequence[Source], tokenizer: Any, ends: Collection[int]
) -> tuple[list[EncodedRow | None], list[str]]:
    """Encode every source; a row that cannot be is None and a sentence among the problems.

    `ends` are the ids of the tokens that end a turn: those at which the served model stops.
    """
    rows, problems = list[EncodedRow | None](), list[str]()
    for source in sources:
        try:
            if isinstance(source, Conversation):
                rows.append(encode_conversation(source, tokenizer, ends))
            else:
                rows.append(encode_text(source, tokenizer, ends))
        except SlingshotError as error:
            rows.append(None)
            problems.append(str(error))
    return rows, problems


def encode_conversation(conversation: Conversation, tokenizer: Any, ends: Collection[int]) -> EncodedRow:
    """Encode a conversation up to its last learned token; nothing behind it would be of any use.

    What the template prints after an end token (often a line break) is not learned: the model never has to
    produce it.

    Raises:
        SlingshotError: the template refuses the messages, renders a turn differently later, or does not close it
            with an end token; a learned turn is empty, holds an end token itself, or melts with its prompt.
    """
    place, messages = conversation.place, conversation.messages
    text = _Rendering(conversation, tokenizer)
    whole = text.tokens(len(messages))
    labels = [False] * len(whole)
    closings = list[int]()
    for number, learned in enumerate(conversation.learned):
        if not learned:
            continue
        _check_content(messages[number]["content"], f"{place}: turn {number + 1}", tokenizer, ends)
        start, stop = text.turn(number, ends)
        if whole[: stop + 1] != text.tokens(number + 1)[: stop + 1]:
            raise SlingshotError(
                f"{place}: the chat template renders turn {number + 1} differently once more turns follow, so the "
                "served model would not have written what it is taught; learn the last turn only, or use another "
                "template"
            )
        labels[start:stop] = [True] * (stop - start)
        closings.append(stop)
    if conversation.everything and (closings := _places(whole, ends)[-1:]):
        labels[: closings[-1]] = [True] * closings[-1]
    chosen = {"turn": closings, "all": _places(whole, ends), "last": closings[-1:], "none": []}
    for closing in chosen[conversation.ends]:
        labels[closing] = True
    return _row(whole, labels)


def encode_text(text: PlainText, tokenizer: Any, ends: Collection[int]) -> EncodedRow:
    """Encode plain text piece by piece; each piece is what its tokens add to those before.

    Raises:
        SlingshotError: a learned piece holds an end token or melts with the piece before it, or the text has to
            be closed and the tokenizer has no end token.
    """
    written, tokens, labels = "", list[int](), list[bool]()
    for number, (piece, learned) in enumerate(text.pieces, 1):
        place = f"{text.place}: piece {number}"
        if learned and text.closed:
            _check_content(piece, place, tokenizer, ends)
        written += piece
        through = tokenizer(written, add_special_tokens=False).input_ids
        if through[: len(tokens)] != tokens:
            raise SlingshotError(f"{place} {_MELTS}")
        labels += [learned] * (len(through) - len(tokens))
        tokens = through
    if text.closed:
        if tokenizer.eos_token_id is None:
            raise SlingshotError(
                f"{text.place}: the tokenizer has no end token; set special_tokens.eos_token"
            )
        habit = tokenizer("").input_ids[:1]
        start = habit if habit == [tokenizer.bos_token_id] else []
        tokens = [*start, *tokens, tokenizer.eos_token_id]
        labels = [False] * len(start) + labels + [True]
    return _row(tokens, labels)


_MELTS = (
    "begins with characters that melt into one token with those before it, so the served model would begin "
    "elsewhere; strip its leading white space, or divide the text at another place"
)


class _Rendering:
    """The template's tokens of a conversation's beginnings, each rendered once."""

    def __init__(self, conversation: Conversation, tokenizer: Any) -> None:
        self._conversation, self._tokenizer = conversation, tokenizer
        self._known = dict[tuple[int, bool], tuple[str, list[int]]]()

    def tokens(self, count: int, prompting: bool = False) -> list[int]:
        """Of the first `count` messages; `prompting`: with what asks for an answer."""
        return self._rendered(count, prompting)[1]

    def turn(self, number: int, ends: Collection[int]) -> tuple[int, int]:
        """Where the first token of a turn (counted from 0) and its end token are."""
        place = self._conversation.place
        answers = self._conversation.messages[number]["role"] == "assistant"
        before, start = self._rendered(number, answers)
        after, through = self._rendered(number + 1, False)
        if not after.startswith(before):
            raise SlingshotError(
                f"{place}: the chat template renders the prompt differently once an answer follows (turn {number + 1}); "
                "use another template"
            )
        if through[: len(start)] != start:
            raise SlingshotError(f"{place}: turn {number + 1} {_MELTS}")
        closings = _places(through[len(start) :], ends)
        if not closings:
            names = (
                " or ".join(map(repr, self._tokenizer.convert_ids_to_tokens(sorted(ends)))) or "an end token"
            )
            raise SlingshotError(
                f"{place}: the chat template does not close the answer (turn {number + 1}) with {names}, so the "
                "model would never learn to stop; name the token that closes it in eot_tokens"
            )
        return len(start), len(start) + closings[-1]

    def _rendered(self, count: int, prompting: bool) -> tuple[str, list[int]]:
        if (count, prompting) not in self._known:
            self._known[count, prompting] = self._render(count, prompting)
        return self._known[count, prompting]

    def _render(self, count: int, prompting: bool) -> tuple[str, list[int]]:
        import jinja2

        if count == 0 and not prompting:
            return "", []
        messages = list(self._conversation.messages[:count])
        try:
            text = self._tokenizer.apply_chat_template(
                messages, add_generation_prompt=prompting, tokenize=False
            )
        except (jinja2.TemplateError, IndexError, TypeError) as error:
            raise SlingshotError(
                f"{self._conversation.place}: the chat template refuses the messages "
                f"({' '.join(str(error).split())}); change the row or use another template"
            ) from None
        return text, self._tokenizer(text, add_special_tokens=False).input_ids


def _check_content(content: str, place: str, tokenizer: Any, ends: Collection[int]) -> None:
    """What is learned has to say something, and must not stop before its end."""
    if not content.strip():
        raise SlingshotError(f"{place} is to be learned and is empty; remove the row")
    for token in tokenizer.convert_ids_to_tokens(sorted(ends)):
        if token in content:
            raise SlingshotError(
                f"{place} contains the end token {token}, so the model would learn to stop there; remove it"
            )


def _places(tokens: Sequence[int], wanted: Collection[int]) -> list[int]:
    """Where one of the wanted tokens stands."""
    return [place for place, token in enumerate(tokens) if token in wanted]


def _row(tokens: Sequence[int], labels: list[bool]) -> EncodedRow:
    """The row up to its last learned token; the first token has nothing before it and is never learned."""
    labels[:1] = [False] * len(labels[:1])
    length = len(labels) - labels[::-1].index(True) if True in labels else len(labels)
    return EncodedRow(tuple(tokens[:length]), tuple(labels[:length]))


def encode_row(messages: Sequence[dict[str, str]], tokenizer: Any, place: str) -> EncodedRow:
    """Encode a conversation that ends with the assistant's answer, and learn that answer.

    Raises:
        SlingshotError: it does not end with an answer, or see `encode_conversation`.
    """
    if messages[-1]["role"] != "assistant" or not messages[-1]["content"].strip():
        raise SlingshotError(f"{place}: the row does not end with an answer; remove it")
    learned = (*[False] * (len(messages) - 1), True)
    conversation = Conversation(place, tuple(messages), learned)
    return encode_conversation(conversation, tokenizer, {tokenizer.eos_token_id} - {None})


def encode_rows(rows: Sequence[Any], tokenizer: Any, sequence_len: int) -> list[EncodedRow]:
    """Encode dataset rows (with `messages`); all rows that are too long are named at once.

    Raises:
        SlingshotError: a row is longer than `sequence_len` tokens (nothing is ever cut), or see `encode_row`.
    """
    encoded = [
        encode_row(row.messages, tokenizer, f"train.jsonl row {number}") for number, row in enumerate(rows, 1)
    ]
    long = [f"row {number} ({len(row)})" for number, row in enumerate(encoded, 1) if len(row) > sequence_len]
    if long:
        raise SlingshotError(
            f"train.jsonl: {len(long)} rows are longer than sequence_len {sequence_len} tokens: "
            f"{', '.join(long[:5])}; raise training.sequence_len"
        )
    return encoded
