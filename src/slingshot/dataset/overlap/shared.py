"""What a text shares with test cases, found by looking its parts up instead of comparing each with each."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import chain
from typing import Literal, NamedTuple

from slingshot.dataset.overlap.targets import Target
from slingshot.dataset.overlap.telling import defined_names, program_tokens, telling_parts, words
from slingshot.dataset.shingles import run_hashes, shingles

Measure = Literal["unit-test", "prompt", "code", "run", "example", "ngrams"]
"""What is measured between a text and a test case, the most telling first.

- `unit-test`: how many of its unit tests stand in the text, see `slingshot.dataset.overlap.telling`
- `prompt`: the largest share (0 to 1) of a wording of the question, in runs of `PHRASE` words, that the text has
- `code`: the largest share (0 to 1) of a program's runs of `NGRAM` tokens that the text has
- `run`: the longest run of tokens in common with a program; 0 for fewer than `NGRAM`
- `example`: how many of its examples stand in the text
- `ngrams`: how many runs of `NGRAM` tokens of all its programs the text has
"""

NGRAM = 13
"""Tokens to a run of code, as where memorization is measured. Shorter programs have none."""

PHRASE = 5
SHORT_QUESTION = 8
"""A question of fewer phrases is only shared whole."""

COMMON_FORM = 3
"""Phrases in the questions of so many test cases are how one asks, not what, and do not count."""

# What is never closed ends with the text, or each beginning would be followed to the end.
_NOTE = re.compile(r'"""(.*?)(?:"""|\Z)|#=(.*?)(?:=#|\Z)|#([^\n]*+)', re.DOTALL)
_FENCE = re.compile(r"^[ \t]*+(?:`{3,}+|~{3,}+).*$", re.MULTILINE)


class Found(NamedTuple):
    """How much is shared, and what."""

    value: float
    text: str


class Text:
    """Messages, ready to be looked at: code and prose, each piece between fences by itself."""

    def __init__(self, messages: Sequence[str]) -> None:
        self.words = [words(message) for message in messages]
        # Prose is read like code, for code may stand in it.
        pieces = [piece for message in messages for piece in _FENCE.split(message)]
        self.pieces = [program_tokens(piece) for piece in pieces]
        # A unit test may stand in a comment or a docstring, which is no code for all else.
        noted = (text for piece in pieces for match in _NOTE.findall(piece) for text in match if text)
        self.notes = [program_tokens(text) for text in noted]

    def runs(self, length: int) -> frozenset[int]:
        """The runs of `length` tokens."""
        return frozenset(chain.from_iterable(run_hashes(piece, length).tolist() for piece in self.pieces))

    def phrases(self) -> frozenset[int]:
        """The runs of `PHRASE` words."""
        return frozenset(chain.from_iterable(shingles(message, PHRASE) for message in self.words))


class KnownTargets:
    """Test cases, ready to be looked for in texts."""

    def __init__(self, targets: Sequence[Target]) -> None:
        self._indices_of = defaultdict[str, list[int]](list)
        for index, target in enumerate(targets):
            self._indices_of[target.name].append(index)
        self._parts = (_Programs(targets), _Questions(targets), _Tests(targets))

    def shared_with(self, text: Text, but_not: str = "") -> dict[int, dict[Measure, Found]]:
        """What the text has in common with the targets, by index; measures of 0 are left out.

        Args:
            text: where to look.
            but_not: the name of a test case that is not looked for.
        """
        passed_over = self._indices_of.get(but_not, ())
        shared = defaultdict[int, dict[Measure, Found]](dict)
        for part in self._parts:
            for index, measure, found in part.shared_with(text, passed_over):
                shared[index][measure] = found
        return shared


_Shared = Iterator[tuple[int, Measure, Found]]


class _Programs:
    """The programs of targets: `code` and `run`."""

    def __init__(self, targets: Sequence[Target]) -> None:
        # As tuples, for the same program may be there many times.
        self._programs = [
            list(dict.fromkeys(tuple(program_tokens(code)) for code in target.code)) for target in targets
        ]
        self._sizes: dict[tuple[int, int], int] = {}
        self._having = defaultdict[int, dict[int, list[int]]](lambda: defaultdict(list))
        for index, programs in enumerate(self._programs):
            for number, program in enumerate(programs):
                ngrams = set(run_hashes(program, NGRAM).tolist())
                self._sizes[index, number] = len(ngrams)
                for ngram in ngrams:
                    self._having[ngram][index].append(number)
        self._ngrams = frozenset(self._having)
        self._runs: dict[tuple[int, int], frozenset[int]] = {}

    def shared_with(self, text: Text, passed_over: Collection[int]) -> _Shared:
        counts = defaultdict[int, Counter[int]](Counter)
        ngrams = Counter[int]()
        for ngram in self._ngrams & text.runs(NGRAM):
            for index, numbers in self._having[ngram].items():
                if index not in passed_over:
                    counts[index].update(numbers)
                    ngrams[index] += 1
        for index, shared in counts.items():
            share = max(count / self._sizes[index, number] for number, count in shared.items())
            length, run = self._longest_run(text, index)
            yield index, "code", Found(share, run)
            yield index, "run", Found(length, run)
            yield index, "ngrams", Found(ngrams[index], run)

    def _longest_run(self, text: Text, index: int) -> tuple[int, str]:
        """Of at least `NGRAM` tokens, which both are known to share: lengths are doubled, then halved between."""
        shortest, longest = NGRAM, 2 * NGRAM
        while text.runs(longest) & self._runs_of(index, longest):
            shortest, longest = longest, 2 * longest
        while longest - shortest > 1:
            middle = (shortest + longest) // 2
            if text.runs(middle) & self._runs_of(index, middle):
                shortest = middle
            else:
                longest = middle
        known = self._runs_of(index, shortest)
        return shortest, next(
            " ".join(piece[start : start + shortest])
            for piece in text.pieces
            for start, run in enumerate(run_hashes(piece, shortest).tolist())
            if run in known
        )

    def _runs_of(self, index: int, length: int) -> frozenset[int]:
        """All runs of `length` tokens in a target's programs."""
        if (index, length) not in self._runs:
            runs = (run_hashes(program, length).tolist() for program in self._programs[index])
            self._runs[index, length] = frozenset(chain.from_iterable(runs))
        return self._runs[index, length]


class _Questions:
    """The questions of targets: `prompt`."""

    def __init__(self, targets: Sequence[Target]) -> None:
        prompts = [
            (index, prompt, shingles(words(prompt), PHRASE))
            for index, target in enumerate(targets)
            for prompt in dict.fromkeys(target.prompts)
        ]
        names = defaultdict[int, set[str]](set)
        for index, _, phrases in prompts:
            for phrase in phrases:
                names[phrase].add(targets[index].name)
        self._prompts: list[tuple[int, str, int]] = []
        self._having = defaultdict[int, list[int]](list)
        for index, prompt, phrases in prompts:
            own = {phrase for phrase in phrases if len(names[phrase]) < COMMON_FORM} or phrases
            for phrase in own:
                self._having[phrase].append(len(self._prompts))
            self._prompts.append((index, prompt, len(own)))
        self._phrases = frozenset(self._having)

    def shared_with(self, text: Text, passed_over: Collection[int]) -> _Shared:
        counts = Counter(
            number for phrase in self._phrases & text.phrases() for number in self._having[phrase]
        )
        best: dict[int, Found] = {}
        for number, count in counts.items():
            index, prompt, size = self._prompts[number]
            if index not in passed_over and (count == size or size >= SHORT_QUESTION):
                best[index] = max(best.get(index, Found(0, "")), Found(count / size, prompt))
        for index, found in best.items():
            yield index, "prompt", found


class _Tests:
    """The unit tests and examples of targets: `unit-test` and `example`."""

    def __init__(self, targets: Sequence[Target]) -> None:
        # By the longest token or word of each telling part: where that is missing, the part need not be searched.
        self._having: dict[str, dict[str, list[_Wanted]]] = {"code": {}, "words": {}}
        for index, target in enumerate(targets):
            test_code = (*target.unit_tests, *target.examples)
            # Auxiliary names, such as `Point`, are telling only where the main one is not the test case's.
            is_called = any(target.name in piece for piece in test_code)
            names = {target.name} if is_called else set[str]().union(*map(defined_names, target.code))
            pieces: list[tuple[Measure, str]] = [("unit-test", piece) for piece in target.unit_tests]
            pieces += [("example", piece) for piece in target.examples]
            for measure, piece in pieces:
                for kind, run in telling_parts(piece, names):
                    wanted = _Wanted(index, measure, piece, _joined(run))
                    self._having[kind].setdefault(max(run, key=len), []).append(wanted)

    def shared_with(self, text: Text, passed_over: Collection[int]) -> _Shared:
        pieces = defaultdict[tuple[int, Measure], dict[str, str]](dict)
        for kind, parts in (("code", [*text.pieces, *text.notes]), ("words", text.words)):
            having = self._having[kind]
            searched = "".join(map(_joined, parts))
            for token in having.keys() & set(chain.from_iterable(parts)):
                for wanted in having[token]:
                    if wanted.target not in passed_over and wanted.run in searched:
                        pieces[wanted.target, wanted.measure].setdefault(wanted.piece, wanted.run)
        for (index, measure), runs in pieces.items():
            yield index, measure, Found(len(runs), " ".join(min(runs.values()).split(_BETWEEN)).strip())


class _Wanted(NamedTuple):
    """A telling part to search for, of a piece of test code of a target."""

    target: int
    measure: Measure
    piece: str
    run: str


_BETWEEN = "\0"


def _joined(run: Sequence[str]) -> str:
    """Tokens or words as one text in which a run of them can be searched as text."""
    return f"{_BETWEEN}{_BETWEEN.join(run)}{_BETWEEN}"
