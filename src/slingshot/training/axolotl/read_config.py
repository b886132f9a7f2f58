"""Reading a training configuration: Axolotl's YAML or a recipe's training section, every key accounted for.

Each key of a file falls into one of four classes: honoured; mapped (said otherwise here); without effect here;
refused. A file with a refused key, a wrong value or a contradiction has no configuration, only problems, and all of
them at once.
"""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from slingshot.errors import RequestError
from slingshot.training.axolotl.keys import Class, meaning
from slingshot.training.axolotl.modern import Modern, Place, modernize
from slingshot.training.axolotl.translate import Translated, translate
from slingshot.training.config import TrainingConfig
from slingshot.training.contradictions import Contradictions
from slingshot.yaml_files import problems, read_table

Setting = tuple[Place, Any]


@dataclass(frozen=True)
class KeyLine:
    """What is made of one key. `line` counts from 1; None: it comes from the command, not from the file."""

    key: str
    line: int | None
    value: Any
    kind: Class
    says: str


@dataclass(frozen=True)
class Reading:
    """A file that was read: what each key means here, and the configuration or the problems in its way.

    Attributes:
        path: the file.
        keys: every key, nested ones too, in the file's order.
        problems: sentences with file and line; empty if there is a configuration.
        config: what to train; None if there are problems.
        given: what the file gives of our configuration, with or without problems.
    """

    path: Path
    keys: tuple[KeyLine, ...]
    problems: tuple[str, ...]
    config: TrainingConfig | None
    given: dict[str, Any]

    def checked(self) -> TrainingConfig:
        """The configuration.

        Raises:
            RequestError: there are problems; the error lists all of them.
        """
        if self.config is None:
            raise RequestError("\n".join(self.problems))
        return self.config


def parse_setting(text: str) -> Setting:
    """The place and the value of `--set a.b=value`; numbers in the place count list entries from 0.

    Raises:
        RequestError: there is no `=`, or the value is no YAML.
    """
    key, equals, value = text.partition("=")
    if not equals or not all(key.split(".")):
        raise RequestError(
            f"--set {text}: write key=value, such as learning_rate=2e-4 or datasets.0.path=a.jsonl"
        )
    try:
        parsed = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise RequestError(
            f"--set {text}: the value is not valid YAML: {' '.join(str(error).split())}"
        ) from None
    return tuple(int(part) if part.isdigit() else part for part in key.split(".")), parsed


def is_recipe(path: Path) -> bool:
    """Whether the file is a recipe, whose training section is a configuration.

    Raises:
        RequestError: the file is missing, is no YAML or no table, or has a key twice.
    """
    content, _ = read_table(path, "a training configuration")
    return "hold_out" in content or isinstance(content.get("training"), dict)


def read_config(
    path: Path,
    settings: Sequence[Setting] = (),
    section: str | None = None,
    schema: type[TrainingConfig] = TrainingConfig,
) -> Reading:
    """Read Axolotl's YAML, or with `section` that part of a recipe; `settings` override what it says.

    Raises:
        RequestError: the file is missing, is no YAML or no table, has a key twice, or a setting leads nowhere. What is
            wrong with its keys is among the reading's problems.
    """
    whole, line_of = read_table(path, "a training configuration")
    prefix: Place = (section,) if section else ()
    written = whole.get(section) or {} if section else whole
    content = {str(key): None if value == "" else value for key, value in written.items()}
    for place, value in settings:
        content = _with(content, place, value)
    modern = modernize(content)
    results = {place: translate(place, value, modern.content) for place, value in _leaves(modern.content)}
    ours = _composed(results)
    refused = {str(place[0]) for place, result in results.items() if result.kind == "refused"}
    config, wrong = _validated(ours, schema, refused)
    if section is None:
        wrong += _missing(ours, results)

    set_places = [place for place, _ in settings]

    def line(place: Place) -> int | None:
        given = any(place[: len(one)] == one for one in set_places)
        return None if given else line_of(*prefix, *place)

    leaves = list(_leaves(content))
    by_key, beside = _by_key(
        [*modern.problems, *wrong], _origins(results, modern), [place for place, _ in leaves]
    )
    keys = [
        KeyLine(".".join(map(str, place)), line(place), value, "refused", "; ".join(by_key[place]))
        if place in by_key
        else _key_line(place, value, line(place), results, modern)
        for place, value in leaves
    ]
    said = [
        (key.line, _problem(key)) for key in keys if key.kind == "refused" and not _inside_refused(key, keys)
    ]
    said += [(line(place), sentence) for place, sentence in beside]
    sentences = [
        f"{path}:{number}: {sentence}" if number else f"--set: {sentence}"
        for number, sentence in sorted(said, key=lambda one: one[0] or 0)
    ]
    found = tuple(dict.fromkeys(sentences))
    return Reading(path, tuple(keys), found, None if found else config, ours)


def _leaves(content: dict[str, Any]) -> Iterator[tuple[Place, Any]]:
    """All keys in order, with their places and values; those inside tables that are known to have keys, too."""
    for key, value in content.items():
        if key in ("datasets", "test_datasets") and _is_list_of_tables(value):
            for number, entry in enumerate(value):
                for name, inner in entry.items():
                    if name == "type" and isinstance(inner, dict):
                        yield from (((key, number, name, str(part)), v) for part, v in inner.items())
                    else:
                        yield (key, number, str(name)), inner
        elif key == "special_tokens" and isinstance(value, dict):
            yield from (((key, str(name)), inner) for name, inner in value.items())
        elif key == "plugins" and isinstance(value, list) and value:
            yield from (((key, number), inner) for number, inner in enumerate(value))
        else:
            yield (key,), value
            if isinstance(value, dict) and meaning(key).kind not in ("honoured", "translated"):
                yield from (((key, str(name)), inner) for name, inner in value.items())


def _is_list_of_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _missing(ours: dict[str, Any], results: dict[Place, Translated]) -> Iterator[tuple[Place, str]]:
    """Keys without which Axolotl would not start either; those that are there and refused are not missing."""
    refused = {place for place, result in results.items() if result.kind == "refused"}
    for key in ("base_model", "learning_rate", "datasets"):
        if not ours.get(key) and not any(place[0] == key for place in refused):
            yield (key,), f"the key {key} is missing; add it"
    for table in ("datasets", "test_datasets"):
        entries = ours.get(table)
        for number, entry in enumerate(entries if isinstance(entries, list) else []):
            place = (table, number, "type")
            if isinstance(entry, dict) and "type" not in entry and place not in refused:
                yield (
                    place,
                    f"the key {table}.{number}.type is missing; add it, such as chat_template or alpaca",
                )


def _composed(results: dict[Place, Translated]) -> dict[str, Any]:
    """The content of our configuration; what a key says otherwise stands above what another leaves to `auto`."""
    ours = dict[str, Any]()
    for place, result in sorted(results.items(), key=lambda one: one[1].kind == "mapped"):
        for key, value in result.given.items():
            _put(ours, (*place[:-1], key), _without_nulls(value))
    return ours


def _origins(results: dict[Place, Translated], modern: Modern) -> dict[Place, Place]:
    """Where in the file each key of our configuration comes from."""
    written = {(*change.place[:-1], key): change.place for change in modern.changes for key in change.new}
    return {
        (*place[:-1], key): written.get(place, place)
        for place, result in results.items()
        for key in result.given
    }


def _by_key(
    wrong: list[tuple[Place, str]], origins: dict[Place, Place], leaves: list[Place]
) -> tuple[dict[Place, list[str]], list[tuple[Place, str]]]:
    """What is wrong with our configuration, by the file's keys that it comes from; and what comes from none."""
    by_key, beside = dict[Place, list[str]](), list[tuple[Place, str]]()
    for place, sentence in wrong:
        depth = next((depth for depth in range(len(place), 0, -1) if place[:depth] in origins), 0)
        origin = (*origins[place[:depth]], *place[depth:]) if depth else place
        leaf = next((leaf for leaf in leaves if origin[: len(leaf)] == leaf), None)
        if leaf:
            by_key.setdefault(leaf, []).append(sentence)
        else:
            beside.append((origin, sentence))
    return by_key, beside


def _validated(
    ours: dict[str, Any], schema: type[TrainingConfig], refused: set[str]
) -> tuple[TrainingConfig | None, list[tuple[Place, str]]]:
    """The configuration, or everything wrong with it: wrong values are left out to find contradictions too."""
    found, left_out = list[tuple[Place, str]](), set(refused)
    rest = dict(ours)
    while True:
        try:
            config = schema.model_validate(rest)
            return (None if found else config), found
        except ValidationError as error:
            reason = error.errors()[0].get("ctx", {}).get("error")
            if isinstance(reason, Contradictions):
                at_odds = [one for one in reason.found if not left_out & set(one.keys)]
                return None, found + [((one.keys[0],), one.sentence) for one in at_odds]
            found += (wrong := problems(error, rest, schema))
            bad = {str(place[0]) for place, _ in wrong}
            left_out |= bad
            rest = {key: value for key, value in rest.items() if key not in bad}


def _key_line(
    place: Place, value: Any, line: int | None, results: dict[Place, Translated], modern: Modern
) -> KeyLine:
    """What became of one key of the file."""
    key = ".".join(str(part) for part in place)
    change = next((change for change in modern.changes if change.place == place), None)
    if change is None:
        return KeyLine(key, line, value, results[place].kind, results[place].says)
    inner = [results[(*place[:-1], name)] for name in change.new if (*place[:-1], name) in results]
    kinds = {result.kind for result in inner}
    if "refused" in kinds or (kinds and kinds <= {"no effect"}):
        kind: Class = "refused" if "refused" in kinds else "no effect"
        why = next(result.says for result in inner if result.kind == kind)
        return KeyLine(key, line, value, kind, f"{change.says}; {why}")
    return KeyLine(key, line, value, "mapped" if change.had_effect else "no effect", change.says)


def _problem(key: KeyLine) -> str:
    """A refused key as a sentence that names it."""
    name = key.key.split(".")[-1]
    if key.says.startswith(f"{key.key}:"):
        return key.says
    if key.says.startswith((f"{name}:", f"{name} ")):
        return key.key + key.says.removeprefix(name)
    if key.says.startswith(f"unknown key {name};"):
        return key.says.replace(name, key.key, 1)
    return key.says if key.says.startswith("unknown key") else f"{key.key}: {key.says}"


def _inside_refused(key: KeyLine, keys: Sequence[KeyLine]) -> bool:
    """Whether a key stands inside a table that is refused as a whole."""
    parent = key.key.rpartition(".")[0]
    return any(other.key == parent and other.kind == "refused" for other in keys)


def _with(content: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """The content with another value at a place.

    Raises:
        RequestError: the place leads through something that is no table and no list.
    """
    changed = deepcopy(content)
    try:
        _put(changed, place, value)
    except (TypeError, AttributeError):
        dotted = ".".join(str(part) for part in place)
        raise RequestError(
            f"--set {dotted}: this leads into something that is no table; check the place"
        ) from None
    return changed


def _put(content: Any, place: Place, value: Any) -> None:
    """Set a value inside tables and lists, which are made where they are missing."""
    for part, following in pairwise(place):
        empty: Any = [] if isinstance(following, int) else {}
        if isinstance(part, int):
            content.extend({} for _ in range(len(content), part + 1))
        elif content.get(part) is None:
            content[part] = empty
        content = content[part]
    if isinstance(place[-1], int):
        content.extend({} for _ in range(len(content), place[-1] + 1))
    content[place[-1]] = value


def _without_nulls(value: Any) -> Any:
    """A null inside a table means that its key is not given."""
    if isinstance(value, dict):
        return {str(key): _without_nulls(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [_without_nulls(inner) for inner in value]
    return value
