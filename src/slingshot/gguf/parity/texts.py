"""Whether a form reads and ends texts as its reference does: template, tokenizer, end tokens, before any weight."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from slingshot.gguf.parity.reading import Reading, Script

Spell = Callable[[Sequence[int]], str]
"""The text of token ids, special ones too."""


@dataclass(frozen=True)
class TextDifference:
    """The first thing that a form reads in another way than its reference.

    Attributes:
        what: `prompt`: its template or its tokenizer makes other tokens of a prompt; `end`: a token that ends the
            reference's answers does not end its own; `vocabulary`: a token id stands for another word.
        place: the prompt's name, or the token id.
        position: of the token in the prompt, counted from 1; None where it is about none.
        expected: the reference's token, as text; None where it has none.
        got: the form's.
        program: what read the form.
    """

    what: Literal["prompt", "end", "vocabulary"]
    place: str
    position: int | None
    expected: str | None
    got: str | None
    program: str

    @property
    def sentence(self) -> str:
        """What is read in another way, and what that points at."""
        expected, got = ("nothing" if word is None else repr(word) for word in (self.expected, self.got))
        if self.what == "prompt":
            return (
                f"its chat template or its tokenizer is another: token {self.position} of the prompt {self.place} is"
                f" {got} where {expected} is expected, read by {self.program}"
            )
        if self.what == "end":
            return f"token {self.place}, {expected}, ends the reference's answers and does not end its own"
        return f"its tokenizer is another: token {self.place} stands for {got} where {expected} is expected"


def text_difference(
    form: Reading, reference: Reading, scripts: Sequence[Script], spell: Spell
) -> TextDifference | None:
    """The first difference, None if there is none: prompts first, then end tokens, then the vocabulary."""
    expected = next(iter(reference.prompts.values()))
    for program, prompts in form.prompts.items():
        for script, wanted, got in zip(scripts, expected, prompts, strict=True):
            for place, (one, other) in enumerate(zip_longest(wanted, got), 1):
                if one != other:
                    said, heard = (None if token is None else spell([token]) for token in (one, other))
                    return TextDifference("prompt", script.prompt.name, place, said, heard, program)
    program = next(iter(form.prompts))
    for token in sorted({script.answer[-1] for script in scripts} & reference.vocabulary.ends):
        if token not in form.vocabulary.ends:
            return TextDifference("end", str(token), None, spell([token]), None, program)
    known, own = reference.vocabulary, form.vocabulary
    skipped = known.added | own.added if form.form.kind == "gguf" else frozenset()
    for token, (word, other) in enumerate(zip_longest(known.words, own.words)):
        if word != other and word is not None and token not in skipped:
            return TextDifference("vocabulary", str(token), None, word, other, program)
    return None
