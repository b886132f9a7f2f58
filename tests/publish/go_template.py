"""As much of Ollama as a Modelfile needs: reading one, and Go's template language for what stands in it."""

import re

_ACTION = re.compile(r"\{\{ (.*?) \}\}", re.DOTALL)


def read_modelfile(text):
    """The commands of a Modelfile as (name, value); a parameter's name is its own, as Ollama has it."""
    commands = []
    while text := text.lstrip("\n"):
        if text.startswith("#"):
            text = text.partition("\n")[2]
            continue
        word, text = text.split(" ", 1)
        if word == "PARAMETER":
            word, text = text.split(" ", 1)
        if text.startswith('"""'):
            value, text = text[3:].split('"""', 1)
        else:
            value, _, text = text.partition("\n")
            value = value.removeprefix('"').removesuffix('"')
        commands.append((word, value))
    return commands


def render_in_go(template, messages):
    """What Ollama makes of messages: `.System` is every system message, `.Messages` all of them."""
    system = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
    tree, rest = _parse(_ACTION.split(template), 0)
    assert rest is None
    return _run(tree, {"System": system, "Messages": messages}, {}, None)


def _parse(pieces, at):
    """Texts and actions, alternately, as a tree; ends at `else` or `end` of the block that it is in."""
    nodes = []
    while at < len(pieces):
        if at % 2 == 0:
            nodes.append(("text", pieces[at]))
            at += 1
            continue
        action = pieces[at]
        if action == "end" or action.startswith("else"):
            return nodes, at
        if action.startswith(("if ", "range ")):
            kind, what = action.split(" ", 1)
            body, at = _parse(pieces, at + 1)
            other = []
            if pieces[at].startswith("else if "):
                pieces = [*pieces[:at], pieces[at].removeprefix("else "), *pieces[at + 1 :]]
                other, at = _parse_one(pieces, at)
            nodes.append((kind, what, body, other))
        else:
            nodes.append(("action", action))
        at += 1
    return nodes, None


def _parse_one(pieces, at):
    """An `else if` as an `if` of its own; both end at the same `end`."""
    body, end = _parse(pieces, at + 1)
    other = []
    what = pieces[at].split(" ", 1)[1]
    if pieces[end].startswith("else if "):
        pieces = [*pieces[:end], pieces[end].removeprefix("else "), *pieces[end + 1 :]]
        other, end = _parse_one(pieces, end)
    return [("if", what, body, other)], end


def _run(nodes, data, variables, dot):
    text = ""
    for kind, what, *blocks in nodes:
        if kind == "text":
            text += what
        elif kind == "range":
            assert what == ".Messages"
            text += "".join(_run(blocks[0], data, variables, message) for message in data["Messages"])
        elif kind == "if":
            text += _run(blocks[0 if _holds(what, data, variables, dot) else 1], data, variables, dot)
        elif assigned := re.fullmatch(r"\$(\w+) :?= (true|false)", what):
            variables[assigned[1]] = assigned[2] == "true"
        else:
            assert what == ".Content", what
            text += dot["content"]
    return text


def _holds(condition, data, variables, dot):
    if role := re.fullmatch(r'eq \.Role "(\w+)"', condition):
        return dot["role"] == role[1]
    if name := re.fullmatch(r"not \$(\w+)", condition):
        return not variables[name[1]]
    assert condition == "not .System", condition
    return not data["System"]
