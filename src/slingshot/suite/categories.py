"""Categories: the folders of a suite, with what their `category.toml` says of the test cases in them."""

import tomllib
from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from slingshot.errors import RequestError, suggest

Difficulty = Literal["easy", "medium", "hard"]
DIFFICULTIES: tuple[Difficulty, ...] = get_args(Difficulty)


class Category(BaseModel):
    """What a `category.toml` says.

    Attributes:
        title: for tables and headings.
        held_out: names of the test cases that are meant never to be trained on.
        difficulty: names by difficulty, as their author sees it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    held_out: list[str] = []
    difficulty: dict[Difficulty, list[str]] = {}

    def difficulty_of(self, name: str) -> Difficulty | None:
        """How difficult a test case is said to be."""
        return next((level for level, names in self.difficulty.items() if name in names), None)

    def check(self, names: set[str], folder: Path) -> None:
        """See that every name listed is that of a test case in the category.

        Raises:
            RequestError: one is not, or is listed under two difficulties.
        """
        listed = [name for level in self.difficulty.values() for name in level]
        for name in [*self.held_out, *listed]:
            if name not in names:
                raise RequestError(
                    f"{folder / 'category.toml'}: {name} is no test case of this category{suggest(name, names)}"
                )
        if twice := next((name for name in listed if listed.count(name) > 1), None):
            raise RequestError(f"{folder / 'category.toml'}: difficulty: {twice} is listed twice; keep one")


def load_category(folder: Path) -> Category | None:
    """Read `category.toml` in a category's folder; None if there is none.

    Raises:
        RequestError: it is no TOML, or has wrong keys.
    """
    path = folder / "category.toml"
    try:
        return Category.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"] if part != "[key]")
        unknown = first["type"] == "extra_forbidden" or "[key]" in first["loc"]
        known = DIFFICULTIES if "[key]" in first["loc"] else Category.model_fields
        what = (
            f"unknown key {key}{suggest(key.rpartition('.')[2], known)}"
            if unknown
            else f"{key}: {first['msg'].lower()}; change it"
        )
        raise RequestError(f"{path}: {what}") from None
    except (OSError, ValueError) as error:
        raise RequestError(f"{path}: not valid TOML: {error}; correct it") from None
