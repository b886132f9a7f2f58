"""What the licences and terms of models say about training other models on their answers: a dated table.

A table is a YAML file, as the bundled `licences.yml`:

    licences:
    - models: ["gemma:*", "gemma-7b*"]
      name: Gemma Terms of Use
      training: conditions
      note: a model trained on outputs to perform alike is bound by the terms
      source: where it is said
      date: 2024-02-21

It says what documents say, read by people who are no lawyers: no legal advice. A model without an entry is
unknown, which is not allowed.
"""

import datetime
from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from slingshot.yaml_files import read_yaml

Training = Literal["allowed", "conditions", "forbidden", "unknown"]
_Text = Annotated[str, Field(min_length=1)]


class Licence(BaseModel):
    """What one document says about the answers of some models.

    Attributes:
        models: patterns of their names with `*` and `?`, whatever the case; each is compared with the whole
            name and with what follows its last `/`.
        name: of the licence or the terms.
        training: whether other models may be trained on the answers. `conditions`: as the note says, or not
            for every purpose; `unknown`: no document was found, or none that decides it.
        note: the conditions or exceptions.
        source: the document; empty only where `training` is unknown.
        date: of the document; of one without a date, such as a model card, the day on which it was looked up.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    models: Annotated[tuple[_Text, ...], Field(min_length=1)]
    name: _Text
    training: Training
    note: str = ""
    source: str = ""
    date: datetime.date | None = None

    @model_validator(mode="after")
    def _has_a_source(self) -> Self:
        if self.training != "unknown" and not (self.source and self.date):
            raise ValueError("an entry that is not unknown needs the keys source and date; add them")
        return self

    def covers(self, model: str) -> bool:
        """Whether a pattern fits the model's name."""
        name = model.lower()
        return any(
            fnmatchcase(candidate, pattern.lower())
            for pattern in self.models
            for candidate in (name, name.rpartition("/")[2])
        )


class _Table(BaseModel):
    """The content of a table's file."""

    model_config = ConfigDict(extra="forbid")

    licences: list[Licence]


def licence_of(model: str, extra: Sequence[Licence] = ()) -> Licence:
    """What is known of a model's licence: the first entry that fits, those of `extra` before the bundled ones.

    A model without an entry gives one with `training="unknown"`, and no source.
    """
    for licence in (*extra, *known_licences()):
        if licence.covers(model):
            return licence
    return Licence(models=(model or "?",), name="unknown", training="unknown", note="no entry in the table")


@cache
def known_licences() -> tuple[Licence, ...]:
    """The bundled table, in its order."""
    return read_licences(Path(str(files("slingshot.dataset"))) / "licences.yml")


def read_licences(path: Path) -> tuple[Licence, ...]:
    """Read a table of your own, to give to `licence_of` as `extra`.

    Raises:
        RequestError: the file is missing, is no YAML, or an entry is wrong; with its line.
    """
    return tuple(read_yaml(path, _Table, "a table of licences")[0].licences)
