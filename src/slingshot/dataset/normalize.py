"""Julia code reduced to what counts when two programs are compared: no comments, no layout."""

import re
from collections.abc import Iterator

# Possessive quantifiers throughout: an answer is untrusted text, and an unterminated string in it must
# not make the expression try every way to read it. Interpolations may hold strings, one level deep.
_STRING = (
    r'"""(?:\\.|(?!""").)*+"""'
    r'|"(?:\\.|\$\((?:[^()"]|"(?:\\.|[^"\\])*+"|\([^()]*+\))*+\)|[^"\\])*+"'
    # A quote after a name, a bracket or another quote is a transpose, not a character.
    r"|(?<![\w)\]}'.])'(?:\\[^']++|\\'|[^'\\])'"
)
_TOKEN = re.compile(
    rf"(?P<block>\#=)|(?P<line>\#[^\n]*+)|(?P<space>\s++)"
    rf"|(?P<string>{_STRING})"
    r"|(?P<name>[^\W\d][\w!]*+)"
    r"|(?P<number>0[xob][0-9a-fA-F_]++|\d[\d_]*+(?:\.\d++)?+(?:[ef][+-]?+\d++)?+)"
    r"|(?P<operator>[-+*/\\÷%^<>=!&|~:.$]++|.)",
    re.DOTALL,
)


def normalized_code(code: str) -> str:
    """The code without comments, every run of white space made one space.

    Comments are `# …` to the end of the line and `#= … =#`, nested or not, outside strings.
    """
    return " ".join("".join(text for _, text, _ in _parts(code)).split())


def code_tokens(code: str) -> list[str]:
    """The code's tokens (names, numbers, strings, operators) in order, without comments and space.

    A lexer for counting n-grams, not Julia's own: what it does not know becomes one token a character.
    """
    return [text for kind, text, _ in _parts(code) if kind != "space"]


def token_places(code: str) -> list[tuple[str, int]]:
    """The tokens of `code_tokens`, each with the position of its first character in the code."""
    return [(text, start) for kind, text, start in _parts(code) if kind != "space"]


def _parts(code: str) -> Iterator[tuple[str, str, int]]:
    """Kind, text and place of every token and space; a comment is one space."""
    position = 0
    while match := _TOKEN.match(code, position):
        kind, start, position = match.lastgroup or "", position, match.end()
        if kind == "block":
            position = _end_of_block(code, position)
        yield ("space", " ", start) if kind in ("block", "line") else (kind, match.group(), start)


def _end_of_block(code: str, position: int) -> int:
    """The position after the `=#` that closes the block comment opened before `position`."""
    depth = 1
    for mark in re.compile(r"#=|=#").finditer(code, position):
        depth += 1 if mark.group() == "#=" else -1
        if depth == 0:
            return mark.end()
    return len(code)
