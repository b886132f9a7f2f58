"""A recipe at work: its folder, its test cases, its judge, and the steps that were done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from slingshot.benchmark.plan import Cell, Messages, Plan
from slingshot.files import sha256_of_folder
from slingshot.judge import Judge, Limits
from slingshot.judge.bubblewrap import find_bubblewrap
from slingshot.judge.julia.install import find_julia
from slingshot.judge.julia.packages import checked_project
from slingshot.manifest import Facts, do_step
from slingshot.models import Sampling
from slingshot.models.local import LocalModel
from slingshot.progress import say
from slingshot.recipe import JudgeConfig, Recipe
from slingshot.recordings.prompts import recorded_prompts, recorded_templates
from slingshot.suite import PromptTemplate, TestCase, find_template, render_prompt

STEPS = [
    "solutions",
    "dataset",
    "base",
    "train",
    "merge",
    "gguf",
    "parity",
    "losses",
    "ask",
    "judge",
    "verdict",
]
REFERENCES = "references"
"""The step after `judge` of a run whose recipe names reference models."""


def steps_of(recipe: Recipe) -> list[str]:
    """The steps of a recipe, in their order."""
    before = STEPS.index("verdict")
    return [*STEPS[:before], *([REFERENCES] if recipe.references else []), *STEPS[before:]]


@dataclass
class Run:
    """A recipe at work in a folder.

    Attributes:
        files: the GGUF files that are compared, by role: `base` and `tuned`.
        forms: other forms of the tuned model that are asked too, by form, such as `merged` or `Q8_0`.
        recorded: the folder of recordings that the recipe takes its questions and references from, if any.
        steps: those it does, in their order.
        machine: the number of this machine, from 0, among those that train together; only the first does what
            follows training.
    """

    recipe: Recipe
    folder: Path
    suite: list[TestCase]
    by: Judge
    manifests: dict[str, Facts] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)
    forms: dict[str, LocalModel] = field(default_factory=dict)
    steps: Sequence[str] = tuple(STEPS)
    recorded: Path | None = None
    machine: int = 0

    @property
    def in_full(self) -> bool:
        """Whether all weights are trained, so that training leaves a whole model and no adapter."""
        return self.recipe.training.adapter is None

    @property
    def trained(self) -> Path:
        """The folder of what training leaves: an adapter, or a whole model."""
        return self.folder / ("trained" if self.in_full else "adapter")

    @property
    def seen(self) -> list[str]:
        """Names of the test cases that are trained on."""
        held_out = set(self.held_out)
        return [t.name for t in self.suite if t.name not in held_out]

    @property
    def held_out(self) -> list[str]:
        """Names of the test cases that are not."""
        return self.recipe.held_out_of(self.suite)

    @property
    def variants(self) -> list[TestCase]:
        """Changed forms of the test cases that are trained on, if the recipe wants them asked."""
        if not self.recipe.benchmark.variants:
            return []
        held_out = set(self.held_out)
        return [form for t in self.suite if t.name not in held_out for form in t.variant_cases()]

    @property
    def asked(self) -> list[TestCase]:
        """All that models are asked."""
        return [*self.suite, *self.variants]

    @cached_property
    def suite_hash(self) -> str:
        """Changes when any file of any test case changes."""
        return " ".join(sha256_of_folder(t.folder)[:12] for t in self.suite)

    @cached_property
    def plan(self) -> Plan:
        """What both models are asked."""
        config = self.recipe.benchmark
        sampling = Sampling(config.temperature, config.top_p, config.max_tokens)
        questions = {
            (case.name, label): self.recorded_messages.get((case.name, label))
            or render_prompt(find_template(label, self.templates), case)
            for case in self.asked
            for label in self.recipe.prompts
        }
        return Plan(questions, config.samples, sampling, config.seed)

    @cached_property
    def recorded_messages(self) -> dict[Cell, Messages]:
        """What recordings hold that was asked of the recipe's test cases, if it takes its questions from any."""
        if not self.recorded:
            return {}
        names, found = (
            {case.name for case in self.asked},
            recorded_prompts(self.recorded, self.recipe.prompts),
        )
        return {cell: messages for cell, messages in found.messages.items() if cell[0] in names}

    @cached_property
    def templates(self) -> dict[str, PromptTemplate]:
        """Those behind the recorded messages, for what was never asked."""
        return recorded_templates(self.recorded_messages, self.asked)

    def step(
        self,
        name: str,
        inputs: dict[str, Any],
        outputs: list[Path],
        work: Callable[[], Facts],
        traces: Sequence[Path] = (),
    ) -> Facts:
        """Do one step (see `do_step`), say so, and return its facts."""
        number = f"[{self.steps.index(name) + 1}/{len(self.steps)}] {name}"
        manifest = self.folder / "manifests" / f"{name}.json"
        before = manifest.stat().st_mtime_ns if manifest.exists() else None
        say(number)
        self.manifests[name] = do_step(self.folder, name, inputs, outputs, work, traces)
        skipped = before is not None and manifest.stat().st_mtime_ns == before
        words = "already done" if skipped else f"{self.manifests[name]['seconds']:.0f} s"
        say(f"  {words}: {self.manifests[name]['facts'].get('summary', 'done')}")
        facts: Facts = self.manifests[name]["facts"]
        return facts


def make_judge(config: JudgeConfig, folder: Path = Path()) -> Judge:
    """The judge that a recipe in `folder` asks for, on this machine's Julia and bubblewrap.

    Raises:
        RequestError: the Julia project is none.
        MissingTool: Julia or bubblewrap is missing.
    """
    julia = find_julia()
    project = checked_project(julia, folder / config.julia_project) if config.julia_project else None
    limits = Limits(seconds=config.timeout, memory_bytes=int(config.memory_gib * 2**30))
    bubblewrap = find_bubblewrap() if config.sandbox == "bubblewrap" else None
    return Judge(julia, bubblewrap, limits, config.mode, project, ray=config.ray)
