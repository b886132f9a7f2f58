"""Encoded rows kept on disk (`dataset_prepared_path`), under a name that says what they depend on."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from slingshot.files import sha256_of_file, write_json
from slingshot.folders import whole_folder
from slingshot.models.base_model import TOKENIZER_FILES
from slingshot.training.rows.encoding import EncodedRow, Source, encode_all

_VERSION = 1  # of the way rows are encoded: raise it when the same sources give other tokens or labels


def encode_or_recall(
    sources: Sequence[Source], tokenizer: Any, ends: Collection[int], base: Path, kept_in: str | None
) -> tuple[Sequence[EncodedRow | None], list[str]]:
    """Encode sources (see `encode_all`), or read what an earlier call left in `kept_in`.

    The name of what is kept is a hash over the rows as they were read, the tokenizer's files, its template and
    its special tokens. It is written whole or not at all, and only where every row could be encoded.
    """
    if kept_in is None:
        return encode_all(sources, tokenizer, ends)
    folder = Path(kept_in).expanduser() / _name(sources, tokenizer, ends, base)
    if (folder / "rows.npz").is_file():
        return _read(folder), []
    rows, problems = encode_all(sources, tokenizer, ends)
    if not problems:
        _write([row for row in rows if row], folder)
    return rows, problems


def _name(sources: Sequence[Source], tokenizer: Any, ends: Collection[int], base: Path) -> str:
    files = {name: sha256_of_file(base / name) for name in TOKENIZER_FILES if (base / name).is_file()}
    settings = [_VERSION, files, tokenizer.chat_template, tokenizer.special_tokens_map, sorted(ends)]
    digest = hashlib.sha256(json.dumps(settings, default=str).encode())
    for source in sources:
        digest.update(json.dumps([type(source).__name__, asdict(source)]).encode())
    return digest.hexdigest()[:20]


def _write(rows: Sequence[EncodedRow], folder: Path) -> None:
    with whole_folder(folder) as part:
        np.savez(
            part / "rows.npz",
            lengths=np.array([len(row) for row in rows], np.int64),
            tokens=np.array([token for row in rows for token in row.tokens], np.int32),
            labels=np.array([label for row in rows for label in row.labels], np.bool_),
        )
        supervised = sum(row.supervised for row in rows)
        write_json(
            part / "prepared.json", {"rows": len(rows), "tokens": sum(map(len, rows)), "learned": supervised}
        )


def _read(folder: Path) -> list[EncodedRow]:
    with np.load(folder / "rows.npz") as kept:
        borders = [0, *accumulate(kept["lengths"].tolist())]
        tokens, labels = kept["tokens"].tolist(), kept["labels"].tolist()
    return [EncodedRow(tuple(tokens[a:b]), tuple(labels[a:b])) for a, b in pairwise(borders)]
