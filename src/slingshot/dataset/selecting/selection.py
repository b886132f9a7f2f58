"""What a dataset is asked to be: which recordings qualify, and which of them are chosen."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Strategy = Literal["diverse", "shortest", "original"]
Terms = Literal["allowed", "conditions", "forbidden", "unknown"]
Duplicates = Literal["near", "code", "exact", "keep"]


class Selection(BaseModel):
    """Which recordings become rows.

    `original` chooses as the experiment of March 2024 did, which looked at scores and lengths only: what it
    did not filter, `cut_off`, `without_code`, `chat_marks` and `duplicates`, is kept unless said otherwise. The
    other two strategies drop all four.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    strategy: Strategy = Field(
        "diverse",
        description="diverse: most unlike each other, over all labels and models; shortest: fewest tokens first;"
        " original: as shortest, with all copies",
    )
    per_task: int = Field(50, ge=1, description="rows per test case at most")
    per_prompt: int | None = Field(
        None,
        ge=1,
        description="rows per test case and prompt label at most, the first in the strategy's order, so that no label"
        " has them all [default: as many as come]",
    )
    minimum_score: float = Field(100.0, ge=0, le=100, description="lowest score that qualifies")
    prefer_models: list[str] = Field([], description="their answers come before those of other models")
    models: list[str] = Field([], description="only answers of these models; none listed: of all")
    exclude_models: list[str] = Field([], description="no answers of these models")
    prompt_labels: list[str] = Field([], description="only answers to these prompt labels; none listed: all")
    licences: list[Terms] = Field(
        [], description="only answers of models whose terms on training are these; none listed: all"
    )
    min_tokens: int = Field(0, ge=0, description="shortest answer in tokens, as its model counted them")
    max_tokens: int | None = Field(None, ge=1, description="longest answer in tokens")
    cut_off: Literal["drop", "keep"] | None = Field(
        None, description="answers that a token limit cut off [default: drop, original: keep]"
    )
    without_code: Literal["drop", "keep"] | None = Field(
        None, description="answers without a Julia block [default: drop, original: keep]"
    )
    chat_marks: Literal["drop", "keep"] | None = Field(
        None,
        description="answers with marks of a chat template in them, such as <|im_end|>, which training refuses for the"
        " model would learn to stop there [default: drop, original: keep]",
    )
    duplicates: Duplicates | None = Field(
        None,
        description="the loosest kind of copy that is dropped: near, code (equal but for comments and layout), exact"
        " or keep them all [default: near, original: keep]",
    )
    near: float = Field(
        0.8, gt=0, le=1, description="share of token 3-grams in common that makes a near-duplicate"
    )
    validation: list[str] = Field([], description="test cases to validate on, never to train on")
    rejudge: bool = Field(False, description="judge the answers here, whatever score was recorded")
    drop_overlap: bool = Field(
        False, description="leave out rows that overlap with held-out or benchmark test cases"
    )
    tokenizers: list[str] = Field(
        [], description="base models whose tokens are counted for the card (needs slingshot[train])"
    )

    @property
    def drops_cut_off(self) -> bool:
        """Whether answers that a token limit cut off are left out."""
        return (self.cut_off or self._default("drop")) == "drop"

    @property
    def drops_without_code(self) -> bool:
        """Whether answers without code are left out."""
        return (self.without_code or self._default("drop")) == "drop"

    @property
    def drops_chat_marks(self) -> bool:
        """Whether answers with marks of a chat template are left out."""
        return (self.chat_marks or self._default("drop")) == "drop"

    @property
    def dropped_copies(self) -> Sequence[Duplicates]:
        """The kinds of copies that are left out, the strictest first."""
        kinds: list[Duplicates] = ["exact", "code", "near"]
        loosest = self.duplicates or ("keep" if self.strategy == "original" else "near")
        return kinds[: kinds.index(loosest) + 1] if loosest != "keep" else []

    def _default(self, otherwise: str) -> str:
        return "keep" if self.strategy == "original" else otherwise
