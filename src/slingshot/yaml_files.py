"""YAML files that a person writes: checked key by key, all problems at once, each with file, line and key."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from slingshot.errors import RequestError, suggest

Schema = TypeVar("Schema", bound=BaseModel)


class LineOf(Protocol):
    """Tells the line, counted from 1, of a key in a file that was read."""

    def __call__(self, *place: str | int) -> int:
        """The line of the innermost part of `place` that exists."""


def read_yaml(path: Path, schema: type[Schema], what: str) -> tuple[Schema, LineOf]:
    """Read and check a file; `what` says in messages what it is, such as `a recipe`.

    Raises:
        RequestError: the file is missing, is no YAML, or has wrong keys or values.
    """
    content, line_of = read_table(path, what)
    try:
        return schema.model_validate(content), line_of
    except ValidationError as error:
        lines = [
            f"{path}:{line_of(*place)}: {sentence}" for place, sentence in problems(error, content, schema)
        ]
        raise RequestError("\n".join(lines)) from None


def read_table(path: Path, what: str) -> tuple[dict[str, Any], LineOf]:
    """Read a file that holds a table of keys, none of them twice, and nothing else about it is checked.

    Raises:
        RequestError: the file is missing, is no YAML or no table, or has a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
        node = yaml.compose(text)
        content = yaml.safe_load(text)
    except FileNotFoundError:
        raise RequestError(f"{path}: there is no such {what.split(' ', 1)[1]}; check the path") from None
    except OSError as error:
        raise RequestError(f"{path}: {what} is a file that can be read: {error.strerror}") from None
    except (yaml.YAMLError, ValueError) as error:  # a ValueError: not UTF-8, or a date such as 2026-13-01
        reason = " ".join(str(error).split())
        raise RequestError(f"{path}: not valid YAML: {reason}") from None
    if not isinstance(content, dict):
        raise RequestError(f"{path}: {what} is a table of keys; this file holds something else")
    if twice := list(_keys_given_twice(node)):
        raise RequestError(
            "\n".join(f"{path}:{line}: the key {key} is there twice; keep one" for key, line in twice)
        )
    return content, lambda *place: _line(node, place)


def problems(
    error: ValidationError, content: Any, schema: type[BaseModel]
) -> list[tuple[tuple[str | int, ...], str]]:
    """What pydantic found wrong with a file's content: place and sentence; one for each place."""
    found: dict[tuple[str | int, ...], list[Any]] = {}
    for problem in error.errors():
        place = problem["loc"] if problem["type"] == "missing" else _existing(problem["loc"], content)
        found.setdefault(place, []).append(problem)
    return [(place, _explain(place, alike, schema)) for place, alike in found.items()]


def _existing(place: tuple[str | int, ...], content: Any) -> tuple[str | int, ...]:
    """A place without the ends that are none of the file's: pydantic adds which of several types it tried."""
    for depth, part in enumerate(place):
        inside = isinstance(content, dict) and part in content
        if not inside and not (isinstance(content, list) and isinstance(part, int)):
            return place[:depth]
        content = content[part]
    return place


def _explain(place: tuple[str | int, ...], alike: list[Any], schema: type[BaseModel]) -> str:
    """What is wrong at one place, in a sentence that names the key and what to do."""
    problem = alike[0]
    key = ".".join(str(part) for part in place)
    if problem["type"] == "extra_forbidden":
        return f"unknown key {key}{suggest(str(problem['loc'][-1]), _keys_at(schema, problem['loc'][:-1]))}"
    if problem["type"] == "missing":
        return f"the key {key} is missing; add it"
    if problem["type"] == "model_type":
        known = ", ".join(_keys_at(schema, problem["loc"]))
        return f"{key} is a table with the keys {known}; write it as one"
    if problem["type"] == "value_error":  # a check of ours: its sentence says what to do
        return f"{key}: {problem['ctx']['error']}"
    first, *others = dict.fromkeys(one["msg"] for one in alike)
    wanted = " or ".join(
        [first[0].lower() + first[1:], *(other.removeprefix("Input should be ") for other in others)]
    )
    return f"{key}: {wanted}, but it is {problem['input']!r}; change it"


def _keys_at(schema: type[BaseModel], place: tuple[Any, ...]) -> list[str]:
    """The keys that a schema knows at a place such as `("training",)` or `("models", 2)`."""
    model: Any = schema
    for part in place:
        if isinstance(part, int):
            model = get_args(model)[0]
        elif get_origin(model) is dict:
            model = get_args(model)[1]
        elif part in getattr(model, "model_fields", ()):
            model = model.model_fields[part].annotation
        else:  # one of several types
            model = next(one for one in get_args(model) if one.__name__ == part)
    return [field.alias or name for name, field in model.model_fields.items()]


def _keys_given_twice(node: Any) -> Iterator[tuple[str, int]]:
    """Keys that a table holds already, with their lines; YAML would silently take the last one."""
    if isinstance(node, yaml.MappingNode):
        seen = set[str]()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(str(key.value))
            yield from _keys_given_twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _keys_given_twice(value)


def _line(node: Any, place: tuple[Any, ...]) -> int:
    """The line, counted from 1, of a key in the YAML; of its innermost part that exists."""
    line = node.start_mark.line
    for part in place:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == str(part)]
            if not pairs:
                break
            line, node = pairs[0][0].start_mark.line, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
    return int(line) + 1
