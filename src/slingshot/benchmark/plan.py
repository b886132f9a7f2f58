"""What a benchmark asks: cells, samples of each, their seeds, and the order in which they are asked."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from slingshot.errors import RequestError, suggest
from slingshot.models import Conversation, Sampling
from slingshot.recordings.files import Sample, hash_of_messages
from slingshot.suite import PromptTemplate, TestCase, render_prompt

Cell = tuple[str, str]
"""A test case and a prompt label."""
Messages = list[dict[str, str]]

# What a scan may vary, with the type of its values.
SCANNED = {"temperature": float, "top_p": float, "max_tokens": int}


@dataclass(frozen=True)
class Plan:
    """What every model is asked.

    Attributes:
        questions: the messages of each cell, in the order of asking.
        samples: answers to each.
        sampling: how they are drawn.
        seed: every answer's own seed is derived from it.
        experiment: the name that sets these answers apart from others; empty for a plain benchmark.
    """

    questions: Mapping[Cell, Messages]
    samples: int
    sampling: Sampling
    seed: int = 1
    experiment: str = ""

    def all_samples(self, model: str) -> list[Sample]:
        """Every answer the plan asks of a model; each has a seed of its own, the same for every model."""
        return [
            Sample(model, *cell, index, self._seed(*cell, index), experiment=self.experiment)
            for cell in self.questions
            for index in range(self.samples)
        ]

    def _seed(self, test_case: str, label: str, index: int) -> int:
        """31 bits that depend on nothing but the plan's seed and the sample's place."""
        digest = hashlib.sha256(f"{self.seed}/{test_case}/{label}/{index}".encode()).digest()
        return int.from_bytes(digest[:4], "big") >> 1


@dataclass(frozen=True)
class Question:
    """One answer to be asked for.

    Attributes:
        sample: which one it will be.
        messages: what is sent.
        sampling: how it is drawn.
        round: the number of the correction that is asked for; 0 for a first answer.
        before: the conversation that is corrected, with the tokens and seconds of all rounds so far.
    """

    sample: Sample
    messages: Messages
    sampling: Sampling
    round: int = 0
    before: Conversation | None = None

    @property
    def prompt_hash(self) -> str:
        """Names the very messages."""
        return hash_of_messages(self.messages)


def questions_from_templates(
    suite: Sequence[TestCase], templates: Sequence[PromptTemplate]
) -> dict[Cell, Messages]:
    """Every test case under every prompt template.

    Raises:
        RequestError: a template has a placeholder that nothing fills.
    """
    return {
        (test_case.name, template.label): render_prompt(template, test_case)
        for test_case in suite
        for template in templates
    }


def in_waves(samples: Sequence[Sample], width: int) -> list[Sample]:
    """The samples ordered so that a server meets a prompt again in the slot that still remembers it.

    `width` cells are asked side by side, then the same cells for their next sample: each slot of the server
    reads a prompt once instead of once a sample.
    """
    cells: dict[tuple[str, str], list[Sample]] = {}
    for sample in samples:
        cells.setdefault((sample.test_case, sample.prompt_label), []).append(sample)
    ordered, queue = list[Sample](), list(cells.values())
    for first in range(0, len(queue), width):
        wave = queue[first : first + width]
        for turn in range(max(map(len, wave))):
            ordered += [cell[turn] for cell in wave if turn < len(cell)]
    return ordered


def scan(sampling: Sampling, texts: Sequence[str], experiment: str) -> list[tuple[str, Sampling]]:
    """All combinations of the values that a scan names, each with the name of its experiment.

    Args:
        sampling: what is not scanned.
        texts: such as `temperature=0,0.5,1`, one for each parameter.
        experiment: how the names begin; empty for `scan`. They go on with the values.

    Raises:
        RequestError: a text names no parameter that can be scanned, or no values for it.
    """
    axes: dict[str, list[float]] = {}
    for text in texts:
        name, equals, listed = text.partition("=")
        name = name.strip()
        if name not in SCANNED:
            raise RequestError(f"--scan: {name} cannot be scanned{suggest(name, SCANNED)}")
        try:
            values = [SCANNED[name](value) for value in listed.split(",")]
        except ValueError:
            values = []
        if not equals or not values:
            raise RequestError(f"--scan: {text!r} holds no values; write {name}=0.2,0.8")
        if name in axes:
            raise RequestError(f"--scan: {name} is there twice; list all its values once")
        axes[name] = list(dict.fromkeys(values))
    combinations = []
    for chosen in product(*axes.values()):
        point = dict(zip(axes, chosen, strict=True))
        words = " ".join(f"{name}={value:g}" for name, value in point.items())
        combinations.append((f"{experiment or 'scan'} {words}", Sampling(**{**vars(sampling), **point})))
    return combinations
