"""How alike a model's answers to one question are: what was learnt by heart comes out the same again and again.

After the contamination detection by output distribution (CDD) of Dong et al. 2024, "Generalization or
Memorization: Data Contamination and Trustworthy Evaluation for Large Language Models", Findings of ACL 2024:
the share of samples within an edit distance of 5 % of a central one. There the centre is the greedy answer;
recordings have none, so that it is the sample that most others are near to.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from statistics import fmean

from slingshot.dataset.normalize import code_tokens

NEAR = 0.05
"""Edits, as a share of the longer program's tokens, up to which two answers are near to each other."""


def peakedness(cells: Iterable[Sequence[str]], extract: Callable[[str], str]) -> float | None:
    """The mean over cells of the share (0 to 1) of answers near the most central one of their cell.

    The central answer itself does not count: 0 when no two answers are alike, 1 when all are. Programs are
    compared token by token without comments and layout, an answer without code word by word. None when no
    cell has two answers.

    Args:
        cells: the answers of each cell.
        extract: finds the code in an answer; returns "" when there is none.
    """
    shares = [
        share_near_the_centre([code_tokens(extract(answer)) or answer.split() for answer in answers])
        for answers in cells
        if len(answers) > 1
    ]
    return fmean(shares) if shares else None


def share_near_the_centre(programs: Sequence[Sequence[str]]) -> float:
    """Of two and more programs, the share of the others that is near the one with the most near it."""
    # Copies are near each other by themselves; each different program is compared once.
    copies = Counter(map(tuple, programs))
    different = list(copies)
    near = {program: copies[program] for program in different}
    for index, one in enumerate(different):
        for other in different[index + 1 :]:
            if _are_near(one, other):
                near[one] += copies[other]
                near[other] += copies[one]
    return (max(near.values()) - 1) / (len(programs) - 1)


def _are_near(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """Whether few enough edits turn one program into the other; the distance itself is the last resort."""
    most = int(NEAR * max(len(a), len(b)))
    if abs(len(a) - len(b)) > most:
        return False
    tokens_a, tokens_b = Counter(a), Counter(b)
    if max((tokens_a - tokens_b).total(), (tokens_b - tokens_a).total()) > most:
        return False
    return edit_distance(a, b) <= most


def edit_distance(a: Sequence[str], b: Sequence[str]) -> int:
    """Insertions, deletions and replacements of tokens that turn `a` into `b` (Levenshtein 1966).

    A column of the table of distances is two whole numbers, a bit for each token of `a` (Myers 1999, "A fast
    bit-vector algorithm for approximate string matching", Journal of the ACM 46(3); with Hyyrö's 2003 changes).
    """
    if not a:
        return len(b)
    places: dict[str, int] = {}
    for index, token in enumerate(a):
        places[token] = places.get(token, 0) | 1 << index
    every, last, distance = (1 << len(a)) - 1, 1 << (len(a) - 1), len(a)
    rises, falls = every, 0
    for token in b:
        equal = places.get(token, 0)
        vertical = equal | falls
        horizontal = (((equal & rises) + rises) ^ rises) | equal
        up = falls | (every & ~(horizontal | rises))
        down = rises & horizontal
        distance += bool(up & last) - bool(down & last)
        up, down = up << 1 | 1, down << 1
        rises = every & (down | ~(vertical | up))
        falls = every & up & vertical
    return distance
