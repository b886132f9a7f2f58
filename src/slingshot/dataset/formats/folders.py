"""Where a dataset's rows lie: in one file, in a file for each split, or in one for each conversation."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from slingshot.dataset.formats.prompting_tools import conversations_in
from slingshot.dataset.formats.readme import CARD_FILE, README, Card
from slingshot.errors import RequestError

SPLITS = ("train", "validation", "held_out")
ON_HUGGING_FACE = {"held_out": "test"}
# What a split may be called in a file's name.
_CALLED = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "val": "validation",
    "dev": "validation",
    "held_out": "held_out",
    "test": "held_out",
    "testing": "held_out",
    "eval": "held_out",
    "evaluation": "held_out",
}
_SUFFIXES = (".jsonl", ".json", ".parquet")
_SHARD = re.compile(r"-\d+-of-\d+$")


class Files(NamedTuple):
    """A dataset's files: how they lie, those of each split, and the names of what else is in the folder."""

    kind: Literal["file", "dataset", "huggingface", "conversations"]
    splits: dict[str, list[Path]]
    left: list[str]


def find_files(path: Path, card: Card, conversations: bool | None) -> Files:
    """The files of the dataset at `path`.

    Args:
        path: a file or a folder.
        card: what the folder says of itself.
        conversations: whether there is a file for each; None if that has to be found out.

    Raises:
        RequestError: there is nothing, or no telling which files are meant.
    """
    if path.is_file():
        return Files("file", {split_called(path) or "train": [path]}, [])
    if not path.is_dir():
        raise RequestError(f"{path}: there is no such file or folder; name a dataset")
    if not conversations:
        if configs := card.head.get("configs"):
            return _configured(path, configs, card)
        for folder in (path, path / "data"):
            if files := [file for file in _data_files(folder) if split_called(file)]:
                return _with_names(path, files, card)
    if conversations is not False and (files := conversations_in(path, sure=conversations is True)):
        return Files("conversations", _by_folder(path, files), [])
    files = _data_files(path) or _data_files(path / "data")
    if len(files) == 1:
        return _with_names(path, files, card)
    if files:
        names = ", ".join(file.name for file in files[:5])
        raise RequestError(
            f"{path}: no file is called after a split, such as train.jsonl; name one of {names}"
        )
    raise RequestError(
        f"{path}: no dataset; looked for train.jsonl and its like here and in data/, for configs in {README},"
        " and for conversations in JSON"
    )


def split_called(path: Path) -> str | None:
    """The split that a file is called after, as `train.jsonl` or `test-00000-of-00001.parquet` are."""
    return _CALLED.get(_SHARD.sub("", path.stem).lower())


def _data_files(folder: Path) -> list[Path]:
    """The files of a folder that may hold rows."""
    if not folder.is_dir():
        return []
    return sorted(
        p for p in folder.iterdir() if p.suffix in _SUFFIXES and p.name != CARD_FILE and p.is_file()
    )


def _with_names(path: Path, files: Sequence[Path], card: Card) -> Files:
    splits: dict[str, list[Path]] = {}
    for file in files:
        splits.setdefault(split_called(file) or "train", []).append(file)
    return _files(path, splits, card)


def _files(path: Path, splits: dict[str, list[Path]], card: Card) -> Files:
    """A folder's files; its kind is seen in how they lie, and whether our card is there."""
    read = {file for files in splits.values() for file in files}
    ours = all(file.parent == path and file.suffix != ".parquet" for file in read)
    ours = ours and (bool(card.facts) or "configs" not in card.head)
    known = {README, CARD_FILE, *(file.relative_to(path).parts[0] for file in read)}
    left = sorted(entry.name for entry in path.iterdir() if entry.name not in known)
    in_order = {split: splits[split] for split in sorted(splits, key=_order)}
    return Files("dataset" if ours else "huggingface", in_order, left)


def _order(split: str) -> int:
    return SPLITS.index(split) if split in SPLITS else len(SPLITS)


def _by_folder(path: Path, files: Sequence[Path]) -> dict[str, list[Path]]:
    """Conversations by the split that their folder is called after, if each lies in such a folder."""
    names = [file.relative_to(path).parts[0] if file.parent != path else "" for file in files]
    if not set(names) <= set(SPLITS):
        return {"train": list(files)}
    return {
        split: [f for f, n in zip(files, names, strict=True) if n == split]
        for split in SPLITS
        if split in names
    }


def _configured(path: Path, configs: Any, card: Card) -> Files:
    """The files that the head of a README.md names."""
    config = _the_config(path, configs)
    named = config.get("data_files")
    if named is None:
        folders = (
            _matching(path, str(config["data_dir"])) if config.get("data_dir") else [path, path / "data"]
        )
        files = [file for folder in folders for file in _data_files(folder)]
        return _with_names(path, [file for file in files if split_called(file)] or files, card)
    splits: dict[str, list[Path]] = {}
    for entry in named if isinstance(named, list) else [named]:
        table = entry if isinstance(entry, dict) else {"path": entry}
        split, patterns = str(table.get("split", "train")), table.get("path")
        for pattern in patterns if isinstance(patterns, list) else [patterns]:
            splits.setdefault(_CALLED.get(split, split), []).extend(_matching(path, str(pattern)))
    return _files(path, splits, card)


def _the_config(path: Path, configs: Any) -> Mapping[str, Any]:
    """The configuration that a loader takes unasked."""
    tables = [config for config in configs if isinstance(config, dict)] if isinstance(configs, list) else []
    for config in tables:
        if len(tables) == 1 or config.get("default") is True or config.get("config_name") == "default":
            return config
    names = ", ".join(str(config.get("config_name")) for config in tables) or "none that can be read"
    raise RequestError(
        f"{path / README}: several configs and no default ({names}); name the file of one instead"
    )


def _matching(path: Path, pattern: str) -> list[Path]:
    """What a pattern names within a folder."""
    outside = Path(pattern).is_absolute() or ".." in Path(pattern).parts
    try:
        found = [] if outside else sorted(path.glob(pattern))
    except ValueError:  # no pattern
        found = []
    if not found:
        raise RequestError(
            f"{path / README}: it names {pattern}, which is not in the folder; mend its configs"
        )
    return found
