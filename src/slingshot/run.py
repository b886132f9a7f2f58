"""The whole loop as a recipe says it: every step in order, finished ones skipped, a broken one gone on with.

solutions   put down the suite's own solutions and judge them, unless the recipe names recordings
dataset     choose training rows from the solutions, or from the recordings
base        fetch or convert the base model
train       train a LoRA adapter
merge       add it to the base's weights
gguf        convert and quantize base and tuned model
ask         ask both the whole suite, record every answer
judge       judge the answers
verdict     say what it is worth
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from slingshot.benchmark.asking import Options, Subject, ask_models
from slingshot.benchmark.plan import Plan, questions_from_templates
from slingshot.benchmark.tally import Tally
from slingshot.dataset import Given, Rejudging, build_dataset, read_rows
from slingshot.dataset.card import hash_of_recordings
from slingshot.dataset.licences import read_licences
from slingshot.errors import SlingshotError
from slingshot.files import sha256_of_file, sha256_of_folder, write_text
from slingshot.judge import Judge, Limits, extract_code
from slingshot.judge.bubblewrap import find_bubblewrap
from slingshot.judge.julia.install import find_julia
from slingshot.judge.julia.packages import checked_project
from slingshot.manifest import Facts, do_step, only_run
from slingshot.models import Sampling, serving
from slingshot.models.server import check_port
from slingshot.progress import Advance, bar, say
from slingshot.recipe import JudgeConfig, Recipe
from slingshot.recordings.judging import forget_other_judges, judge_recordings
from slingshot.recordings.load import load_recordings, read_recordings
from slingshot.recordings.solutions import record_solutions
from slingshot.suite import TestCase, load_suite, prompt_template
from slingshot.verdict import (
    CostFacts,
    ModelUnderTest,
    TrainingFacts,
    Verdict,
    build_verdict,
    read_verdict,
    write_verdict,
)

_SHOWN_PROBLEMS = 10
# On two cores; benchmarks/judging.py measures it.
_SECONDS_PER_JUDGEMENT = 0.03
STEPS = ["solutions", "dataset", "base", "train", "merge", "gguf", "ask", "judge", "verdict"]


@dataclass
class Run:
    """A recipe at work in a folder."""

    recipe: Recipe
    folder: Path
    suite: list[TestCase]
    by: Judge
    manifests: dict[str, Facts] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)

    @property
    def seen(self) -> list[str]:
        """Names of the test cases that are trained on."""
        return [t.name for t in self.suite if t.name not in self.recipe.hold_out]

    @property
    def held_out(self) -> list[str]:
        """Names of the test cases that are not."""
        return [t.name for t in self.suite if t.name in self.recipe.hold_out]

    @cached_property
    def suite_hash(self) -> str:
        """Changes when any file of any test case changes."""
        return " ".join(sha256_of_folder(t.folder)[:12] for t in self.suite)

    def step(
        self,
        name: str,
        inputs: dict[str, Any],
        outputs: list[Path],
        work: Callable[[], Facts],
        traces: Sequence[Path] = (),
    ) -> Facts:
        """Do one step (see `do_step`), say so, and return its facts."""
        number = f"[{STEPS.index(name) + 1}/{len(STEPS)}] {name}"
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
    return Judge(julia, bubblewrap, limits, config.mode, project)


def run_recipe(recipe: Recipe, recipe_folder: Path, runs: Path) -> tuple[Run, Verdict]:
    """Do the whole loop of a recipe in `runs/NAME`; run again after a stop to go on.

    Raises:
        SlingshotError: a step failed; what was finished stays.
    """
    suite = recipe.test_suite(recipe_folder)
    if recipe.benchmark.port:
        check_port(recipe.benchmark.port)
    run = Run(recipe, (runs / recipe.name).absolute(), suite, make_judge(recipe.judge, recipe_folder))
    with only_run(run.folder):
        text = yaml.safe_dump(recipe.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
        write_text(run.folder / "recipe.yml", text)
        if not recipe.dataset.recordings:
            _solutions(run)
        _dataset(run, recipe_folder)
        base = _base(run, recipe_folder)
        _train(run, base)
        _merge(run, base)
        run.files = _gguf(run, base)
        _ask(run)
        _judge(run)
        return run, _verdict(run)


def _solutions(run: Run) -> None:
    folder = run.folder / "recordings" / "solutions"
    trained_on = [t for t in run.suite if t.name in run.seen]

    def work() -> Facts:
        count = record_solutions(trained_on, run.recipe.prompts, folder)
        with bar("judged") as advance:
            judge_recordings(folder, trained_on, run.by, run.recipe.judge.jobs, on_judged=advance)
        frame = load_recordings(folder)
        full = frame.filter(frame["score"] == 100).height
        return {"summary": f"{count} solutions to {len(trained_on)} test cases, {full} with full score"}

    inputs = {"suite": run.suite_hash, "hold_out": run.held_out, "prompts": run.recipe.prompts}
    run.step("solutions", {**inputs, "judge": run.by.description}, [folder], work)


def _dataset(run: Run, recipe_folder: Path) -> None:
    config, out = run.recipe.dataset, run.folder / "dataset"
    own = Path("recordings") / "solutions"
    loaded = read_recordings([recipe_folder / name for name in config.recordings] or run.folder / own)
    names = [test_case.name for test_case in run.suite]
    frame = loaded.frame.filter(pl.col("test_case").is_in(names))
    licences = read_licences(recipe_folder / config.licence_table) if config.licence_table else ()
    given = Given(
        suite=run.suite,
        benchmarks=[case for name in config.benchmarks for case in load_suite(recipe_folder / name)],
        folders=[Path(name) for name in config.recordings] or [own],
        problems=loaded.problems,
        waiting=loaded.waiting,
        command=f"slingshot run {run.recipe.name}.yml",
        licences=licences,
    )

    def work() -> Facts:
        with bar("judged") as advance:
            again = Rejudging(run.by, run.recipe.judge.jobs, advance) if config.rejudge else None
            built = build_dataset(frame, out, config, run.held_out, given, again)
        for problem in built.problems[:_SHOWN_PROBLEMS]:
            say(f"  left out: {problem.sentence}")
        words = f"{len(built.rows)} rows in {out / 'train.jsonl'}, strategy {config.strategy}"
        words += f"; {len(built.problems)} broken recordings left out" if built.problems else ""
        if findings := len(built.overlap.findings):
            words += f"; {findings} overlaps with what must stay unseen, see {out / 'overlap.json'}"
        return {"summary": words, "overlaps": findings, "broken": len(built.problems)}

    inputs = {
        "recordings": hash_of_recordings(frame),
        "dataset": config.model_dump(),
        "hold_out": run.held_out,
        "suite": run.suite_hash,
        "benchmarks": [sha256_of_folder(recipe_folder / name) for name in config.benchmarks],
        "licences": [licence.model_dump(mode="json") for licence in licences],
        "judge": run.by.description if config.rejudge else None,
    }
    run.step("dataset", inputs, [out], work)


def _base(run: Run, recipe_folder: Path) -> Path:
    from slingshot.models.base_model import prepare_base_model

    name = run.recipe.base_model
    local = recipe_folder / name
    inputs: dict[str, Any] = {"base_model": name}
    if local.exists():
        name = str(local)
        files = [local] if local.is_file() else sorted(local.glob("*"))
        inputs["files"] = [(file.name, file.stat().st_size, file.stat().st_mtime) for file in files]

    def work() -> Facts:
        folder = prepare_base_model(name, lambda text: say(f"  {text}"))
        weights = sorted(folder.glob("*.safetensors"))
        hashes = {path.name: sha256_of_file(path) for path in weights}
        return {"folder": str(folder), "weights": hashes, "summary": str(folder)}

    facts = run.step("base", inputs, [], work)
    folder = Path(facts["folder"])
    if not folder.is_dir():  # somebody emptied the cache since
        folder = prepare_base_model(name, lambda text: say(f"  {text}"))
    return folder


def _train(run: Run, base: Path) -> None:
    out = run.folder / "adapter"
    config = run.recipe.training

    def work() -> Facts:
        from transformers import AutoTokenizer

        from slingshot.models.base_model import count_parameters
        from slingshot.training.encoding import encode_rows
        from slingshot.training.estimate import estimate
        from slingshot.training.loop import train
        from slingshot.training.metrics import progress_words

        rows = encode_rows(
            read_rows(run.folder / "dataset" / "train.jsonl"),
            AutoTokenizer.from_pretrained(base),
            config.sequence_len,
        )
        answers = len(_plan(run).all_samples(""))
        foreseen = estimate(rows, count_parameters(base), config, answers, run.recipe.benchmark.max_tokens)
        foreseen["judge"] = round(2 * answers * _seconds_per_judgement(run), 1)
        parts = ", ".join(f"{seconds:.0f} s {name}" for name, seconds in foreseen.items())
        say(f"  foreseen from here: {parts}")
        with bar("steps") as advance:
            result = train(
                rows,
                base,
                out,
                config,
                lambda s, total: advance(
                    s.step, total, progress_words(s, run.recipe.cost.price_per_hour_usd)
                ),
            )
        words = f"loss {result.first_loss:.3f} to {result.final_loss:.3f} in {result.steps} steps"
        words += f", {result.tokens_per_second:.0f} tokens/s of the dataset"
        return {**asdict(result), "foreseen": foreseen, "summary": words}

    dataset = sha256_of_file(run.folder / "dataset" / "train.jsonl")
    inputs = {"dataset": dataset, "base": run.manifests["base"]["facts"]["weights"]}
    run.step("train", {**inputs, "training": config.model_dump()}, [out], work)


def _merge(run: Run, base: Path) -> None:
    adapter, out = run.folder / "adapter", run.folder / "merged"

    def work() -> Facts:
        from slingshot.training.merge import merge

        return {"summary": str(merge(adapter, base, out))}

    inputs = {file.name: sha256_of_file(file) for file in sorted(adapter.glob("*.safetensors"))}
    run.step("merge", inputs, [out], work)


def model_names(run: Run) -> dict[str, str]:
    """The names of the two models in recordings and files: `base` and `tuned`, without the type."""
    folder = Path(run.manifests["base"]["facts"]["folder"]).name
    known = re.sub(r"(\.[QF]\w+)?-[0-9a-f]{12}$", "", folder)
    return {"base": known, "tuned": run.recipe.name}


def _gguf(run: Run, base: Path) -> dict[str, Path]:
    out, kind = run.folder / "gguf", run.recipe.quantization
    names = model_names(run)
    files = {role: out / f"{name}.{kind}.gguf" for role, name in names.items()}

    def work() -> Facts:
        from slingshot.gguf import convert, quantize

        quantized = {}
        for role, source in (("base", base), ("tuned", run.folder / "merged")):
            whole = out / f"{names[role]}.f16.gguf"
            if not whole.exists():
                convert(source, whole, names[role])
            quantized[role] = quantize(whole, files[role], kind)
        hashes = {role: sha256_of_file(path) for role, path in files.items()}
        summary = f"{files['tuned']}\n  {quantized['tuned'].description}"
        return {"sha256": hashes, "fallbacks": quantized["tuned"].fallbacks, "summary": summary}

    inputs = {"merged": run.manifests["merge"]["inputs"], "quantization": kind, "names": names}
    run.step("gguf", inputs, [out], work)
    return files


def _plan(run: Run) -> Plan:
    config = run.recipe.benchmark
    sampling = Sampling(config.temperature, config.top_p, config.max_tokens)
    templates = [prompt_template(label) for label in run.recipe.prompts]
    questions = questions_from_templates(run.suite, templates)
    return Plan(questions, config.samples, sampling, config.seed)


def _benchmark_folder(run: Run) -> Path:
    return run.folder / "recordings" / "benchmark"


def _ask(run: Run) -> None:
    folder, config, plan = _benchmark_folder(run), run.recipe.benchmark, _plan(run)
    hashes = run.manifests["gguf"]["facts"]["sha256"]

    def work() -> Facts:
        speeds = {}
        for role, path in run.files.items():
            log = run.folder / "logs" / f"server-{role}.log"
            options = {"port": config.port, "parallel": config.concurrency, "context": config.context}
            about = {"served": "local", "model_sha256": hashes[role], "quantization": run.recipe.quantization}
            with serving(path, log, **options) as endpoint, bar(f"answers of {path.stem}") as advance:
                subject = Subject(path.stem, endpoint, config.concurrency, about)
                (tally,) = ask_models(
                    [subject], [plan], run.suite, folder, Options(on_change=_show_in(advance))
                )
            if tally.missing:
                raise SlingshotError(
                    f"{path.stem}: {tally.missing} of {tally.total} answers are missing ({tally.last_failure}); see"
                    f" {log}, then run again"
                )
            if tally.answered:
                speeds[role] = round(tally.tokens_per_second, 1)
        count = len(run.files) * len(plan.all_samples(""))
        return {"tokens_per_second": speeds, "summary": f"{count} answers in {folder}"}

    inputs = {"models": hashes, "suite": run.suite_hash, "prompts": run.recipe.prompts}
    inputs["benchmark"] = config.model_dump(exclude={"port"})
    run.step("ask", inputs, [folder], work)


def _show_in(advance: Advance) -> Callable[[Sequence[Tally]], None]:
    """Move a bar as one model's tally grows."""

    def show(tallies: Sequence[Tally]) -> None:
        (tally,) = tallies
        advance(tally.done, tally.total, f"{tally.tokens_per_second:.0f} tokens/s")

    return show


def _judge(run: Run) -> None:
    folder = _benchmark_folder(run)

    def work() -> Facts:
        with bar("judged") as advance:
            judge_recordings(folder, run.suite, run.by, run.recipe.judge.jobs, advance)
        frame = load_recordings(folder)
        return {"summary": f"{frame.height} answers judged, {frame['solved'].sum()} pass all unit tests"}

    inputs = {"after": run.manifests["ask"]["inputs"], "judge": run.by.description}
    forget_other_judges(folder, run.by)
    run.step("judge", inputs, [], work, traces=[folder])


def _verdict(run: Run) -> Verdict:
    hashes = run.manifests["gguf"]["facts"]["sha256"]
    speeds = run.manifests["ask"]["facts"]["tokens_per_second"]
    trained = run.manifests["train"]["facts"]

    def work() -> Facts:
        frame = load_recordings(_benchmark_folder(run))
        kinds: dict[str, Any] = {"base": "base", "tuned": "gguf"}
        models = [
            ModelUnderTest(path.stem, kinds[role], hashes[role], speeds.get(role))
            for role, path in run.files.items()
        ]
        answers = [row.answer for row in read_rows(run.folder / "dataset" / "train.jsonl")]
        training = TrainingFacts(**{key: trained[key] for key in TrainingFacts.model_fields})
        verdict = build_verdict(
            frame, models, run.seen, run.held_out, answers, training, _cost(run), extract=extract_code
        )
        written = write_verdict(verdict, frame, run.folder)
        return {"summary": "\n  ".join(str(path) for path in written)}

    after = [run.manifests[name]["inputs"] for name in ("dataset", "train", "judge")]
    inputs = {"after": after, "cost": run.recipe.cost.model_dump()}
    run.step("verdict", inputs, [run.folder / "verdict.json", run.folder / "report.html"], work)
    return read_verdict(run.folder / "verdict.json")


def _seconds_per_judgement(run: Run) -> float:
    """How long one answer took to judge, all workers together, when the solutions were; else a usual figure."""
    if "solutions" not in run.manifests:
        return _SECONDS_PER_JUDGEMENT
    judged = len(list((run.folder / "recordings" / "solutions").rglob("evaluation__*.json")))
    return float(run.manifests["solutions"]["seconds"]) / max(1, judged)


def _cost(run: Run) -> CostFacts:
    """What the run was foreseen to cost before training, and what it did cost."""
    price = run.recipe.cost.price_per_hour_usd
    seconds = {name: manifest["seconds"] for name, manifest in run.manifests.items()}
    # The steps before training were over when the prediction was made: they enter as they were.
    known = sum(seconds.get(name, 0.0) for name in ("solutions", "dataset", "base"))
    predicted = known + sum(run.manifests["train"]["facts"]["foreseen"].values())
    return CostFacts(
        price_per_hour_usd=price,
        price_source=run.recipe.cost.price_source,
        predicted_seconds=predicted,
        predicted_usd=predicted / 3600 * price,
        measured_usd=sum(seconds.values()) / 3600 * price,
        seconds=seconds,
    )
