"""What of a unit test or an example gives it away when it stands in another text.

A unit test is seldom copied letter for letter, and what is easy to write, such as `@test f() == 1`, is written
twice by chance. These parts of a piece are telling; it was copied if one of them stands in the other text:

- a call of what is asked for with its arguments, if there is more to them than names: `f([1, 2])`, not `f(x)`
  nor `f()`. A call shorter than `SHORT_CALL` characters counts only together with the rest of its line, as in
  `f(2) == 4`, and not by itself;
- the whole piece, if it has at least `WHOLE` tokens, and a line of at least `LONG_LINE`, such as its data;
- a string in it of at least `LONG_STRING` words, however the other text quotes it.

Comments, white space, a leading `@test` and, in strings, everything but words and their order do not count.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Literal, NamedTuple

from slingshot.dataset.normalize import code_tokens

SHORT_CALL = 12
WHOLE = 13
LONG_LINE = 20
LONG_STRING = 8

_DEFINED = re.compile(
    r"\b(?:function|struct|macro)[ \t]++(?:\w++\.)*+([^\W\d][\w!]*+)"
    # Bounded, for a program may be somebody's answer, and a line of it all brackets.
    r"|^[ \t]*+([^\W\d][\w!]*+)\([^\n]{0,300}\)[^\n=]{0,60}+(?<![<>!=])=(?![=>])",
    re.MULTILINE,
)
_WORD = re.compile(r"\w++")
_ESCAPED = re.compile(r"\\[nrt]")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
# Lines of tables that programs print.
_BOX = re.compile(r"[\u2500-\u259f]")


class Part(NamedTuple):
    """A telling run of code tokens or of words."""

    kind: Literal["code", "words"]
    run: tuple[str, ...]


def words(text: str) -> list[str]:
    """The words of a text in small letters, without punctuation; an escaped line break is a blank."""
    return _WORD.findall(unicodedata.normalize("NFKC", _ESCAPED.sub(" ", text)).casefold())


def program_tokens(code: str) -> list[str]:
    """The tokens of a program, see `code_tokens`, without the lines of printed tables."""
    return [token for token in code_tokens(code) if not _BOX.match(token)]


def defined_names(code: str) -> set[str]:
    """The names of functions, types and macros that a Julia program defines."""
    return {name for match in _DEFINED.findall(code) for name in match if name}


def telling_parts(piece: str, names: Collection[str]) -> list[Part]:
    """What gives a piece of test code away, see above; `names` are those of what is asked for."""
    tokens = _without_test(program_tokens(piece))
    runs = [tokens] if len(tokens) >= WHOLE else []
    runs += [call for call in _calls(tokens, names) if _is_long(call)]
    for line in map(_without_test, map(program_tokens, piece.splitlines())):
        if len(line) >= LONG_LINE or any(not _is_long(call) and call != line for call in _calls(line, names)):
            runs.append(line)
    parts = [Part("code", tuple(run)) for run in runs]
    strings = (words(token) for token in tokens if token.startswith('"'))
    parts += [Part("words", tuple(run)) for run in strings if len(run) >= LONG_STRING]
    return list(dict.fromkeys(parts))


def _is_long(call: Sequence[str]) -> bool:
    return len("".join(call)) >= SHORT_CALL


def _calls(tokens: list[str], names: Collection[str]) -> Iterator[list[str]]:
    """The outermost calls of these names whose arguments are more than names."""
    position = 0
    while position < len(tokens):
        start = position
        position += 1
        if tokens[start] not in names:
            continue
        opening = start + 1 + (tokens[start + 1 : start + 2] == ["."])
        if tokens[opening : opening + 1] != ["("]:
            continue
        end = _end_of_bracket(tokens, opening)
        position = end
        arguments = tokens[opening + 1 : end - 1]
        if any(token[0].isdigit() or token[0] in "\"'([{" for token in arguments):
            yield tokens[start:end]


def _end_of_bracket(tokens: Sequence[str], opening: int) -> int:
    """The index after the bracket that closes the one at `opening`, or of the end."""
    depth = 0
    for index in range(opening, len(tokens)):
        depth += (tokens[index] in _CLOSING) - (tokens[index] in _CLOSING.values())
        if not depth:
            return index + 1
    return len(tokens)


def _without_test(tokens: list[str]) -> list[str]:
    """The tokens without a leading `@test`."""
    return tokens[2:] if tokens[:2] == ["@", "test"] else tokens
