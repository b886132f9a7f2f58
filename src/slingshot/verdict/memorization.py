"""How much of a model's answers is its training data: verbatim, and in pieces of 13 tokens."""

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from statistics import fmean

from slingshot.dataset.normalize import code_tokens, normalized_code
from slingshot.dataset.shingles import ngrams
from slingshot.verdict.contract import Memorization

NGRAM = 13
"""Tokens to an n-gram, as in the overlap analysis of GPT-3 (Brown et al. 2020, appendix C)."""


class TrainingCode:
    """The code of the training answers, ready to be looked up.

    Args:
        answers: the training answers as the model saw them.
        extract: finds the code in an answer; returns "" when there is none.
    """

    def __init__(self, answers: Iterable[str], extract: Callable[[str], str]) -> None:
        self.extract = extract
        self._codes = [code for answer in dict.fromkeys(answers) if (code := extract(answer)).strip()]
        self._ngrams_by_length: dict[int, set[tuple[str, ...]]] = {}

    @cached_property
    def _normalized(self) -> set[str]:
        return {normalized_code(code) for code in self._codes} - {""}

    @cached_property
    def _token_lists(self) -> list[list[str]]:
        return [code_tokens(code) for code in self._codes]

    def is_verbatim(self, answer: str) -> bool:
        """Whether the answer's normalized code equals that of some training answer."""
        return normalized_code(self.extract(answer)) in self._normalized

    def ngram_overlap(self, answer: str) -> float:
        """The share (0 to 1) of the answer's token 13-grams that occur in the training code.

        An answer of fewer than 13 tokens is one n-gram of its whole length. An answer without code
        overlaps with nothing: 0.
        """
        tokens = code_tokens(self.extract(answer))
        if not tokens:
            return 0.0
        length = min(NGRAM, len(tokens))
        known = self._ngrams(length)
        return fmean(ngram in known for ngram in ngrams(tokens, length))

    def _ngrams(self, length: int) -> set[tuple[str, ...]]:
        """All n-grams of `length` tokens in the training code."""
        if length not in self._ngrams_by_length:
            self._ngrams_by_length[length] = {
                ngram for tokens in self._token_lists for ngram in ngrams(tokens, length)
            }
        return self._ngrams_by_length[length]

    def measure(self, answers: Sequence[str]) -> Memorization:
        """Both measures over answers, at least one; an answer without code counts as not memorized."""
        verbatim = {answer: self.is_verbatim(answer) for answer in set(answers)}
        overlap = {answer: self.ngram_overlap(answer) for answer in set(answers)}
        return Memorization(
            verbatim_rate=fmean(verbatim[answer] for answer in answers),
            ngram_overlap=fmean(overlap[answer] for answer in answers),
        )


def verbatim_rate(
    answers: Sequence[str], training_answers: Iterable[str], extract: Callable[[str], str]
) -> float:
    """The share (0 to 1) of answers whose normalized code equals some training answer's."""
    return TrainingCode(training_answers, extract).measure(answers).verbatim_rate


def ngram_overlap(
    answers: Sequence[str], training_answers: Iterable[str], extract: Callable[[str], str]
) -> float:
    """The mean share (0 to 1) of an answer's token 13-grams that occur in the training code."""
    return TrainingCode(training_answers, extract).measure(answers).ngram_overlap
