"""From conversations to tokens: what the model reads, and which tokens it is taught.

Labels are found by rendering the chat template twice, with and without the answer, never by searching the
text for role marks: what the second rendering adds to the first is the answer and its end token.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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


def encode_row(messages: Sequence[dict[str, str]], tokenizer: Any, place: str) -> EncodedRow:
    """Encode a conversation that ends with the assistant's answer; `place` names it in errors.

    Whatever the template prints after the end-of-turn token (often a line break) is left out: the model
    never has to produce it.

    Raises:
        SlingshotError: the template changes the prompt once an answer follows, the answer is empty, or no
            end-of-turn token closes it. Training on such a row would teach the wrong thing silently.
    """
    *asked, answer = messages
    if answer["role"] != "assistant" or not answer["content"].strip():
        raise SlingshotError(f"{place}: the row does not end with an answer; remove it")
    options = {"tokenize": True, "return_dict": False}
    prompt = tokenizer.apply_chat_template(asked, add_generation_prompt=True, **options)
    whole = tokenizer.apply_chat_template(list(messages), **options)
    if whole[: len(prompt)] != prompt:
        raise SlingshotError(
            f"{place}: the chat template renders the prompt differently once an answer follows; "
            "use another template"
        )
    learned = whole[len(prompt) :]
    if tokenizer.eos_token_id not in learned:
        raise SlingshotError(
            f"{place}: the chat template does not close the answer with {tokenizer.eos_token!r}, so the model "
            "would never learn to stop; set the tokenizer's end-of-turn token"
        )
    last = len(learned) - 1 - learned[::-1].index(tokenizer.eos_token_id)
    return EncodedRow.of(prompt, learned[: last + 1])


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
