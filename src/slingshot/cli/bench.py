"""`bench`: ask models, record, judge, and show how it goes."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from slingshot.cli.options import (
    Format,
    Jobs,
    JuliaProject,
    Memory,
    Mode,
    Ray,
    Sandbox,
    Timeout,
    listed_names,
    make_judge_from,
    table_console,
    test_cases,
)
from slingshot.errors import RequestError, SlingshotError
from slingshot.progress import say

DEFAULT_PROMPTS = "InJulia,JuliaCodeOnly"


def bench(
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME[@URL,…]|PATH",
            help="whom to ask, again for more: a name at an OpenAI-compatible endpoint, or at several servers of one"
            " model, a GGUF file, a Hugging Face folder, or the folder of an adapter",
        ),
    ] = None,
    quantizations: Annotated[
        str | None,
        typer.Option(
            metavar="TYPE,…|all",
            help="ask a Hugging Face folder or an f16 GGUF file in each of these types, and compare them; the files are"
            " made in OUT/gguf",
        ),
    ] = None,
    models: Annotated[
        Path | None, typer.Option(metavar="FILE", help="models in a YAML file, with keys, names and adapters")
    ] = None,
    out: Annotated[Path, typer.Option(help="recordings folder to write")] = Path("recordings"),
    suite: Annotated[
        Path | None,
        typer.Option(
            help="folder of test cases, or julia: those that ship with Slingshot [default: julia; with --prompts-from its own]"
        ),
    ] = None,
    test_case: Annotated[str | None, typer.Option(help="only these test cases, with commas")] = None,
    variants: Annotated[
        bool,
        typer.Option(
            "--variants",
            help="ask their variants too: the same in other words, with other names, with another rule",
        ),
    ] = False,
    prompts: Annotated[
        str | None, typer.Option(help=f"prompt labels, with commas [default: {DEFAULT_PROMPTS}]")
    ] = None,
    templates: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="folder of more templates, in PromptingTools' JSON format"),
    ] = None,
    prompts_from: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="ask the very messages that these recordings hold, not templates"),
    ] = None,
    samples: Annotated[int, typer.Option(min=1, help="answers for each test case and prompt label")] = 5,
    temperature: Annotated[float | None, typer.Option(min=0, help="[default: the endpoint's]")] = None,
    top_p: Annotated[float | None, typer.Option(min=0, max=1, help="[default: the endpoint's]")] = None,
    max_tokens: Annotated[int, typer.Option(min=1, help="longest answer in tokens")] = 1024,
    seed: Annotated[int, typer.Option(min=0, help="every sample's own seed is derived from it")] = 1,
    scan: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=A,B,…", help="ask with each of these values, e.g. temperature=0,0.5,1"),
    ] = None,
    experiment: Annotated[str, typer.Option(help="name that sets these answers apart from others")] = "",
    fix_rounds: Annotated[
        int, typer.Option(min=0, help="corrections that a model may make after it is told what went wrong")
    ] = 0,
    fix_template: Annotated[str, typer.Option(help="how it is told")] = "JuliaFixer",
    budget: Annotated[
        float | None, typer.Option(min=0, metavar="USD", help="stop before more would be spent")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option(metavar="FILE", help="YAML file of more prices per token")
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="answers of a model under way at once; of several servers, at each at most [default: 4, 16 of a"
            " Hugging Face folder; of several servers as many as do each good, up to 64]",
        ),
    ] = None,
    request_timeout: Annotated[
        float, typer.Option(min=0.1, help="seconds for one answer before it is asked again")
    ] = 600.0,
    tries: Annotated[int, typer.Option(min=1, help="how often one question is asked at most")] = 6,
    context: Annotated[
        int | None,
        typer.Option(min=64, help="local models: tokens of prompt and answer [default: what is needed]"),
    ] = None,
    mode: Mode = "default",
    sandbox: Sandbox = "bubblewrap",
    timeout: Timeout = 10.0,
    memory: Memory = "4G",
    julia_project: JuliaProject = None,
    jobs: Jobs = None,
    ray: Ray = None,
    output: Format = "table",
) -> None:
    """Ask models every test case under every prompt label, record the answers, judge them meanwhile.

    Every answer is on disk before the next is counted: stop it whenever you like, run the same command again,
    and only what is missing is asked.
    """
    from slingshot.benchmark.budget import Budget
    from slingshot.benchmark.fixing import Fixing
    from slingshot.benchmark.plan import Plan
    from slingshot.benchmark.plan import scan as combinations
    from slingshot.benchmark.run import Conditions, run_benchmark
    from slingshot.benchmark.subject import Options
    from slingshot.cli.watching import watching
    from slingshot.models import Sampling
    from slingshot.models.patience import Patience
    from slingshot.models.prices import load_prices
    from slingshot.suite.prompting_tools import load_fix_templates
    from slingshot.suite.prompts import find_fix_template

    if quantizations is not None and (scan or experiment):
        raise RequestError("--quantizations compares plain answers; leave out --scan and --experiment")
    subjects = _models(model or [], models, request_timeout)
    cases, questions = _questions(suite, test_case, variants, prompts, templates, prompts_from)
    sampling = Sampling(temperature, top_p, max_tokens)
    drawn = combinations(sampling, scan, experiment) if scan else [(experiment, sampling)]
    plans = [Plan(questions, samples, how, seed, name) for name, how in drawn]
    more = load_fix_templates(templates) if templates else {}
    fixing = Fixing(fix_rounds, find_fix_template(fix_template, more)) if fix_rounds else None
    conditions = Conditions(concurrency, context, prices=load_prices(prices))
    by = make_judge_from(sandbox, timeout, memory, julia_project, mode, ray)
    options = Options(by, jobs, Budget(budget), Patience(tries=tries), fixing)
    if quantizations is not None:
        subjects = _in_types(subjects, quantizations, out / "gguf")
    with watching() as watch:
        options = replace(options, on_change=watch, on_note=say)
        tallies = run_benchmark(subjects, plans, cases, out, options, conditions)
    _report(tallies, out, output, "quantization" if quantizations is not None else "scan" if scan else None)


def _models(texts: list[str], file: Path | None, timeout: float) -> list[Any]:
    """The models that are named, those of a file first."""
    from slingshot.models.roster import Surroundings, load_models, model_from_text

    around = Surroundings(timeout=timeout)
    found = [*(load_models(file, around) if file else []), *(model_from_text(text, around) for text in texts)]
    if not found:
        raise RequestError(
            "no model is named; say whom to ask with --model NAME@URL, --model PATH or --models FILE"
        )
    return found


def _in_types(models: list[Any], types: str, folder: Path) -> list[Any]:
    """The one model that is named, in each of the types."""
    from slingshot.models.roster import Local
    from slingshot.quantizations import chosen_types, quantized_models

    chosen = chosen_types(listed_names(types))
    if len(models) != 1 or not isinstance(models[0], Local):
        raise RequestError(
            "--quantizations asks one model in several types; name one Hugging Face folder or f16 GGUF file with --model"
        )
    say(f"{models[0].name} as GGUF files in {folder}:")
    return quantized_models(models[0], chosen, folder, say)


def _questions(
    suite: Path | None,
    names: str | None,
    variants: bool,
    labels: str | None,
    templates: Path | None,
    recorded: Path | None,
) -> tuple[list[Any], dict[tuple[str, str], list[dict[str, str]]]]:
    """The test cases, and what is asked of each: from templates, or as recordings hold it."""
    from slingshot.benchmark.plan import questions_from_templates
    from slingshot.errors import suggest
    from slingshot.recordings.answers import recorded_suite
    from slingshot.recordings.prompts import recorded_prompts
    from slingshot.suite import with_variants
    from slingshot.suite.prompting_tools import load_templates
    from slingshot.suite.prompts import find_template

    if recorded and templates:
        raise RequestError("--templates and --prompts-from both say what is asked; give one of them")
    cases = test_cases(suite) if suite or not recorded else recorded_suite(recorded)
    if names is not None:
        known = {case.name: case for case in with_variants(cases)}
        for name in listed_names(names):
            if name not in known:
                raise RequestError(f"--test-case: {name} is no test case of the suite{suggest(name, known)}")
        cases = [known[name] for name in dict.fromkeys(listed_names(names))]
    if variants:
        cases = list({case.name: case for case in with_variants(cases)}.values())
    if recorded:
        found = recorded_prompts(recorded, listed_names(labels) if labels else None)
        here = {case.name for case in cases}
        questions = {cell: messages for cell, messages in found.messages.items() if cell[0] in here}
        if not questions:
            raise RequestError(
                f"{recorded}: no recordings of these test cases; name their suite with --suite"
            )
        if outside := sorted({cell[0] for cell in found.messages} - here) if names is None else []:
            say(f"Not asked, for their test cases are not in the suite: {', '.join(outside)}.")
        if unlike := sum(found.unlike.get(cell, 0) for cell in questions):
            say(
                f"{unlike} recordings below {recorded} were asked in other words than most of their cell;"
                " the most frequent words are asked."
            )
        return cases, questions
    more = load_templates(templates) if templates else {}
    chosen = [find_template(label, more) for label in dict.fromkeys(listed_names(labels or DEFAULT_PROMPTS))]
    return cases, questions_from_templates(cases, chosen)


def _compare_types(tallies: Any, out: Path) -> Any:
    """The table by quantization of the models that were asked; it and its charts are written beside the answers."""
    import polars as pl

    from slingshot.leaderboard import Question, build_leaderboard
    from slingshot.leaderboard.charts import draw_charts
    from slingshot.leaderboard.write import write_leaderboard
    from slingshot.recordings.load import read_recordings

    asked = pl.col("model").is_in([tally.model for tally in tallies])
    frame = read_recordings(out).frame.filter(asked)
    board = build_leaderboard(frame, Question("quantization"))
    write_leaderboard(board, draw_charts(board, frame), out / "leaderboard")
    return board


def _report(
    tallies: Any, out: Path, output: Literal["table", "json"], by: Literal["quantization", "scan"] | None
) -> None:
    """Print how it ended; exit code 1 if something is missing."""
    from slingshot.cli.watching import print_tallies, server_words, tallies_to_json

    board = None
    if by == "quantization" and any(tally.score for tally in tallies):
        board = _compare_types(tallies, out)
    if output == "json":
        import json

        print(json.dumps(tallies_to_json(tallies) | ({"leaderboard": board.to_json()} if board else {})))
    else:
        print_tallies(tallies)
        if board:
            from slingshot.leaderboard.tables import print_leaderboard

            print()
            print_leaderboard(board, table_console())
    for tally in tallies:
        for server in tally.servers:
            say(f"{tally.model} at {server_words(server)}")
        if tally.failed:
            say(f"{tally.model}: {len(tally.failed)} questions failed, the last: {tally.failed[-1]}")
        if tally.stopped:
            say(f"{tally.model}: stopped: {tally.stopped}")
        if tally.unjudged:
            say(
                f"{tally.model}: the judge failed on {len(tally.unjudged)} answers, the first: {tally.unjudged[0]}"
            )
        if tally.copies:
            say(f"{tally.model}: {tally.copies} of {tally.done} answers repeat an earlier one word for word.")
        if tally.cut_off:
            say(
                f"{tally.model}: {tally.cut_off} of {tally.done} answers were cut off by the token limit; raise it with"
                " --max-tokens before you call that a weakness."
            )
    say(f"Wrote recordings below {out}.")
    if board:
        say(
            f"Wrote the table and its charts below {out / 'leaderboard'}; leaderboard.html shows all of them."
        )
    say(f"Next: slingshot leaderboard {out}{f' --by {by}' if by else ''}")
    missing = sum(tally.missing for tally in tallies)
    unjudged = sum(len(tally.unjudged) for tally in tallies)
    if missing or unjudged:
        parts = [f"{missing} answers are missing"] * bool(missing) + [f"{unjudged} are not judged"] * bool(
            unjudged
        )
        raise SlingshotError(f"{' and '.join(parts)}; run the same command again to go on")
