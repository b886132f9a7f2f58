"""`base.json`: on which base model, with which tokenizer and template, something was trained, by the hash of each file.

An adapter is numbers to be added to the weights it was trained beside; added to others they make a model that nobody
trained, and nothing in their shapes tells. The record lies beside whatever training saves, and is checked wherever
base and adapter meet again.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from slingshot.errors import RequestError
from slingshot.files import sha256_of_file, sha256_of_text, write_json
from slingshot.models.base_model import TEMPLATE_FILE, TOKENIZER_FILES

RECORD_FILE = "base.json"
ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")


@dataclass(frozen=True)
class BaseRecord:
    """What something was trained on. Hashes are SHA-256, by file name.

    Attributes:
        base_model: the base's name, as it was configured.
        weights: of the base's safetensors files.
        tokenizer: of the base's tokenizer files.
        chat_template_sha256: of the text of the chat template trained with; None: there is none.
        adapter: of the adapter's own files when it was saved; empty of a whole model.
    """

    base_model: str
    weights: dict[str, str]
    tokenizer: dict[str, str]
    chat_template_sha256: str | None = None
    adapter: dict[str, str] = field(default_factory=dict)


def record_base(base: Path, name: str, template: str | None = None) -> BaseRecord:
    """The record of the base model in a folder, without an adapter yet.

    `template` is the chat template trained with, if that is not the base's own.
    """
    return BaseRecord(
        base_model=name,
        weights=_hashes(sorted(base.glob("*.safetensors"))),
        tokenizer=_hashes(base / name for name in TOKENIZER_FILES),
        chat_template_sha256=_hash_of_template(template or _own_template(base)),
    )


def write_base_record(record: BaseRecord, folder: Path) -> None:
    """Write the record into a folder, with the hashes of the adapter's files that lie there now."""
    adapter = _hashes(folder / name for name in ADAPTER_FILES)
    write_json(folder / RECORD_FILE, asdict(replace(record, adapter=adapter)))


def read_base_record(folder: Path) -> BaseRecord | None:
    """The record in a folder; None: there is none, and nobody knows.

    Raises:
        RequestError: the file holds something else.
    """
    path = folder / RECORD_FILE
    if not path.is_file():
        return None
    try:
        return TypeAdapter(BaseRecord).validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise RequestError(
            f"{path}: no record of a base model ({where}: {first['msg']}); restore the file, or delete it"
        ) from None


def check_base(folder: Path, base: Path) -> None:
    """See that a base model is the one that the adapter in a folder was trained on, as far as that is known.

    Without a record nothing is known, and nothing is refused.

    Raises:
        RequestError: a weight or tokenizer file, or the chat template, is another; the first is named.
    """
    record = read_base_record(folder)
    if record is None:
        return
    now = record_base(base, record.base_model)
    for then, here in ((record.weights, now.weights), (record.tokenizer, now.tokenizer)):
        if name := _first_difference(then, here):
            raise RequestError(
                f"{folder} was trained on another base model than {base}: {name} has SHA-256 "
                f"{_short(here.get(name))} there and {_short(then.get(name))} in {RECORD_FILE}; name the base "
                f"that it was trained on, {record.base_model}"
            )
    beside = folder / TEMPLATE_FILE
    template = _hash_of_template(_text(beside)) if beside.is_file() else now.chat_template_sha256
    if template != record.chat_template_sha256:
        raise RequestError(
            f"{folder} was trained with another chat template than it would get: the template has SHA-256 "
            f"{_short(template)}, and {_short(record.chat_template_sha256)} in {RECORD_FILE}; put the one that it was "
            f"trained with back as {beside}"
        )


def check_unchanged(folder: Path) -> None:
    """See that the adapter in a folder is as it was when training saved it, as far as that is known.

    Raises:
        RequestError: one of its files was changed since.
    """
    record = read_base_record(folder)
    if record and (name := _first_difference(record.adapter, _hashes(folder / n for n in record.adapter))):
        raise RequestError(
            f"{folder / name} was changed after training; train again, or delete {folder / RECORD_FILE} to take it "
            "as it is"
        )


def _first_difference(then: Mapping[str, str], now: Mapping[str, str]) -> str | None:
    return next((name for name in sorted({**then, **now}) if then.get(name) != now.get(name)), None)


def _hashes(files: Iterable[Path]) -> dict[str, str]:
    """Of those files that are there."""
    return {file.name: sha256_of_file(file) for file in files if file.is_file()}


def _short(sha256: str | None) -> str:
    return f"{sha256[:12]}…" if sha256 else "nothing"


def _hash_of_template(text: str | None) -> str | None:
    return sha256_of_text(text) if text else None


def _own_template(base: Path) -> str | None:
    """The template that transformers would use: the file, else the one in `tokenizer_config.json`."""
    if (base / TEMPLATE_FILE).is_file():
        return _text(base / TEMPLATE_FILE)
    config = base / "tokenizer_config.json"
    own = json.loads(config.read_bytes()).get("chat_template") if config.is_file() else None
    return own if isinstance(own, str) else None


def _text(path: Path) -> str:
    return path.read_bytes().decode()
