"""Variants: changed forms of a test case, which tell a skill from a memory.

A model that learned an answer by heart repeats it when the question changes; one that learned how to write such
programs does not. Each kind changes one thing: `paraphrase` the words alone, `renamed` the names of functions and
arguments, `respecified` a rule of what is asked.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

VariantKind = Literal["paraphrase", "renamed", "respecified"]


class Variant(BaseModel):
    """One entry of `[[code_generation.variants]]`.

    `name` is a test case's name of its own, under which answers are recorded. A paraphrase takes examples, unit
    tests and reference solution from the plain form; the other kinds state theirs, since the plain ones fail.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1)
    kind: VariantKind
    prompt: str = Field(min_length=1)
    examples: list[str] = []
    unit_tests: list[str] = []
    reference_solution: str = ""
    imports: list[str] | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Variant":
        own = {
            "examples": self.examples,
            "unit_tests": self.unit_tests,
            "reference_solution": self.reference_solution,
        }
        if self.kind == "paraphrase":
            if stated := [key for key, value in own.items() if value]:
                raise ValueError(
                    f"{self.name} is a paraphrase, whose {stated[0]} are the plain form's; remove the key"
                )
        elif absent := [key for key, value in own.items() if not value]:
            raise ValueError(f"{self.name} is {self.kind} and needs {' and '.join(absent)} of its own")
        return self
