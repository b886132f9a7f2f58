"""Code extraction: the Julia programs inside an answer, found by its Markdown fences."""

import re

# Possessive: an answer is untrusted text and must not make the expression try every way to read it.
_FENCE = re.compile(r"^[ \t]*+(`{3,}+|~{3,}+)[ \t]*+([\w+-]*+)[^`\n]*+$")
# Only these end a line in Markdown and in Julia; `str.splitlines` knows eight more.
_LINE_END = re.compile(r"\r\n|\n|\r")
_JULIA_LABELS = {"julia", "jl"}


def extract_blocks(answer: str) -> list[str]:
    """The fenced code blocks that hold Julia, in document order.

    Blocks labelled `julia` or `jl` count (in any case); only where there is none do unlabelled ones. A
    block that is never closed, as in an answer cut off by the token limit, runs to the end.
    """
    blocks: list[tuple[str, str]] = []
    fence, label, lines = "", "", list[str]()
    for line in _LINE_END.split(answer):
        match = _FENCE.match(line)
        if not fence and match:
            fence, label, lines = match[1], match[2].lower(), []
        elif fence and match and match[1].startswith(fence) and not match[2]:
            blocks.append((label, "\n".join(lines)))
            fence = ""
        elif fence:
            lines.append(line)
    if fence:
        blocks.append((label, "\n".join(lines)))
    wanted = _JULIA_LABELS if any(label in _JULIA_LABELS for label, _ in blocks) else {""}
    return [code for label, code in blocks if label in wanted and code.strip()]


def extract_code(answer: str) -> str:
    """All Julia blocks of an answer, joined by line breaks; empty when there is none."""
    return "\n".join(extract_blocks(answer))


def candidate_programs(answer: str, function_name: str) -> list[str]:
    """The programs to try, in order: all blocks together, then the first block that defines what was asked for.

    The second is for answers whose further blocks are usage examples that do not run by themselves.
    """
    blocks = extract_blocks(answer)
    if not blocks:
        return []
    name = re.escape(function_name)
    short_form = rf"{name}\(.*\)[^=()#\n]{{0,60}}+(?<![!<>])=(?![=>])"
    kinds = r"(?:function|(?:mutable\s+)?struct|abstract\s+type|primitive\s+type|macro)"
    defines = re.compile(rf"^[ \t]*+(?:{kinds}\s+{name}(?!\w)|{short_form})", re.MULTILINE)
    programs = ["\n".join(blocks)]
    if len(blocks) > 1:
        programs += [block for block in blocks if defines.search(block)][:1]
    return programs
