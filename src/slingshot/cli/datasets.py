"""Choosing what to learn: `dataset build` and `dataset show`."""

import json
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from slingshot.cli.options import Format, Jobs, JuliaProject, Memory, Mode, Sandbox, Timeout, listed_names
from slingshot.errors import RequestError, suggest
from slingshot.progress import bar, say
from slingshot.suite import TestCase, load_suite

if TYPE_CHECKING:  # polars and MinHash take a moment to load, which no other verb should wait for
    from slingshot.dataset import Built, Row, Selection

SHOWN_PROBLEMS = 10


def dataset_build(
    recordings: Annotated[list[Path], typer.Argument(help="folders of judged recordings")],
    out: Annotated[Path, typer.Option(help="folder to write")],
    suite: Annotated[
        Path | None,
        typer.Option(help="folder of their test cases [default: those among the recordings, or bundled]"),
    ] = None,
    hold_out: Annotated[str, typer.Option(help="test cases never to train on, with commas")] = "",
    validation: Annotated[str, typer.Option(help="test cases to validate on, with commas")] = "",
    folds: Annotated[
        Literal["leave-one-out"] | None, typer.Option(help="one dataset for each test case left out")
    ] = None,
    strategy: Annotated[
        Literal["diverse", "shortest", "original"],
        typer.Option(
            help="diverse: most unlike each other; shortest: fewest tokens first; original: copies too"
        ),
    ] = "diverse",
    per_task: Annotated[int, typer.Option(min=1, help="rows per test case at most")] = 50,
    per_prompt: Annotated[
        int | None,
        typer.Option(min=1, help="rows per test case and prompt label at most, the strategy's first"),
    ] = None,
    minimum_score: Annotated[float, typer.Option(min=0, max=100, help="lowest score that qualifies")] = 100.0,
    prefer_models: Annotated[str, typer.Option(help="models whose answers come first, with commas")] = "",
    models: Annotated[str, typer.Option(help="only answers of these models, with commas")] = "",
    exclude_models: Annotated[str, typer.Option(help="no answers of these models, with commas")] = "",
    prompts: Annotated[str, typer.Option(help="only answers to these prompt labels, with commas")] = "",
    licences: Annotated[
        str,
        typer.Option(help="only models whose terms on training are: allowed,conditions,unknown,forbidden"),
    ] = "",
    licence_table: Annotated[
        Path | None, typer.Option(help="YAML file of terms that goes before the bundled table")
    ] = None,
    min_tokens: Annotated[int, typer.Option(min=0, help="shortest answer in tokens, as recorded")] = 0,
    max_tokens: Annotated[int | None, typer.Option(min=1, help="longest answer in tokens")] = None,
    cut_off: Annotated[
        Literal["drop", "keep"] | None,
        typer.Option(help="answers that a limit cut off [default: drop; original: keep]"),
    ] = None,
    without_code: Annotated[
        Literal["drop", "keep"] | None,
        typer.Option(help="answers without a Julia block [default: drop; original: keep]"),
    ] = None,
    chat_marks: Annotated[
        Literal["drop", "keep"] | None,
        typer.Option(
            help="answers with marks of a chat template, such as <|im_end|> [default: drop; original: keep]"
        ),
    ] = None,
    duplicates: Annotated[
        Literal["near", "code", "exact", "keep"] | None,
        typer.Option(help="loosest kind of copy that is dropped [default: near; original: keep]"),
    ] = None,
    near: Annotated[
        float, typer.Option(min=0.01, max=1, help="share of 3-grams that makes a near-duplicate")
    ] = 0.8,
    benchmark: Annotated[
        list[Path] | None, typer.Option(help="suite whose test cases must stay unseen; may be given again")
    ] = None,
    drop_overlap: Annotated[
        bool, typer.Option("--drop-overlap", help="leave out rows that overlap with what must stay unseen")
    ] = False,
    tokenizer: Annotated[
        list[str] | None, typer.Option(help="base model whose tokens the card counts; may be given again")
    ] = None,
    rejudge: Annotated[
        bool, typer.Option("--rejudge", help="judge the answers here, whatever score was recorded")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="stop at the first broken recording")] = False,
    mode: Mode = "default",
    sandbox: Sandbox = "bubblewrap",
    timeout: Timeout = 10.0,
    memory: Memory = "4G",
    julia_project: JuliaProject = None,
    jobs: Jobs = None,
    output: Format = "table",
) -> None:
    """Choose training rows from recordings: what qualifies, what is unlike the rest, and nothing that must stay unseen.

    Splits go by test case; a prompt or a program never stands in two of them. The options of judging matter with
    --rejudge only.
    """
    from slingshot.cli.options import make_judge_from
    from slingshot.dataset import Given, Rejudging, Selection, build_dataset, build_folds
    from slingshot.dataset.licences import read_licences
    from slingshot.recordings.load import read_recordings

    selection = Selection.model_validate(
        {
            "strategy": strategy, "per_task": per_task, "per_prompt": per_prompt, "minimum_score": minimum_score,
            "prefer_models": listed_names(prefer_models), "models": listed_names(models),
            "exclude_models": listed_names(exclude_models), "prompt_labels": listed_names(prompts),
            "licences": _terms(licences), "min_tokens": min_tokens, "max_tokens": max_tokens, "cut_off": cut_off,
            "without_code": without_code, "chat_marks": chat_marks, "duplicates": duplicates, "near": near,
            "validation": listed_names(validation), "rejudge": rejudge, "drop_overlap": drop_overlap,
            "tokenizers": tokenizer or [],
        }
    )  # fmt: skip
    loaded = read_recordings(recordings, strict)
    held_out = listed_names(hold_out)
    given = Given(
        suite=_suite_of(suite, recordings),
        benchmarks=[case for folder in benchmark or [] for case in load_suite(folder)],
        folders=recordings,
        problems=loaded.problems,
        waiting=loaded.waiting,
        command=_command(selection, recordings, held_out, suite, benchmark or [], licence_table, folds, out),
        strict=strict,
        licences=read_licences(licence_table) if licence_table else (),
    )
    judge = make_judge_from(sandbox, timeout, memory, julia_project, mode) if rejudge else None
    with bar("judged") as advance:
        again = Rejudging(judge, jobs, advance) if judge else None
        arguments = (loaded.frame, out, selection, held_out, given, again)
        built = list(build_folds(*arguments)) if folds else [build_dataset(*arguments)]
    if output == "json":
        cards = [{"out": str(each.out), **each.card} for each in built]
        print(json.dumps(cards if folds else cards[0], ensure_ascii=False))
    else:
        _print_cards([each.card for each in built]) if folds else _print_card(built[0].card)
    _report(built, out, bool(folds))


def dataset_show(
    dataset: Annotated[Path, typer.Argument(help="folder of a dataset, or its dataset.json")],
    row: Annotated[int | None, typer.Option(min=1, help="show this training row instead of the card")] = None,
    output: Format = "table",
) -> None:
    """Show a dataset's card: where its rows come from, what each filter left, what overlaps; or one of its rows."""
    from slingshot.dataset import read_rows
    from slingshot.dataset.card import CARD_FILE

    folder = dataset.parent if dataset.is_file() else dataset
    if row is not None:
        rows = read_rows(folder / "train.jsonl")
        if row > len(rows):
            raise RequestError(f"--row: {folder / 'train.jsonl'} has {len(rows)} rows; choose one of them")
        _print_row(rows[row - 1], row, output)
        return
    try:
        card: dict[str, Any] = json.loads((folder / CARD_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RequestError(
            f"{folder}: no {CARD_FILE} in this folder; build it with `slingshot dataset build`, or look at its rows"
            " with `slingshot dataset check`"
        ) from None
    except ValueError as error:
        raise RequestError(f"{folder / CARD_FILE}: not JSON ({error}); build the dataset again") from None
    if output == "json":
        print(json.dumps(card, ensure_ascii=False))
    else:
        _print_card(card)


def _terms(text: str) -> list[str]:
    """The words in --licences, each checked."""
    known = ["allowed", "conditions", "forbidden", "unknown"]
    for word in listed_names(text):
        if word not in known:
            raise RequestError(f"--licences: no terms are called {word}{suggest(word, known)}")
    return listed_names(text)


def _suite_of(suite: Path | None, recordings: list[Path]) -> list[TestCase]:
    """The definitions of the recordings' test cases: those named, those that lie among them, or the bundled ones."""
    from slingshot.recordings.answers import recorded_suite

    if suite:
        return load_suite(suite)
    found = {case.name: case for folder in recordings for case in recorded_suite(folder)}
    return [case for case in found.values() if not case.variant_of]


def _command(
    selection: "Selection",
    recordings: list[Path],
    hold_out: list[str],
    suite: Path | None,
    benchmarks: list[Path],
    licence_table: Path | None,
    folds: str | None,
    out: Path,
) -> str:
    """The command that builds the same again: what was asked for, and nothing that is a default."""
    words = ["slingshot", "dataset", "build", *map(str, recordings)]
    words += ["--suite", str(suite)] if suite else []
    words += ["--hold-out", ",".join(hold_out)] if hold_out else []
    for name, field in type(selection).model_fields.items():
        value = getattr(selection, name)
        option = "--" + {"prompt_labels": "prompts"}.get(name, name).replace("_", "-")
        if value == field.default:
            continue
        if name == "tokenizers":
            words += [word for each in value for word in ("--tokenizer", each)]
        elif value is True:
            words.append(option)
        else:
            words += [option, ",".join(value) if isinstance(value, list) else f"{value}"]
    words += [word for folder in benchmarks for word in ("--benchmark", str(folder))]
    words += ["--licence-table", str(licence_table)] if licence_table else []
    words += ["--folds", folds] if folds else []
    return shlex.join([*words, "--out", str(out)])


def _print_card(card: dict[str, Any]) -> None:
    """The card as tables."""
    console = Console(highlight=False)
    tables = {
        ("split", "rows", "test cases"): [
            (name, facts["rows"], facts["test_cases"]) for name, facts in card["splits"].items()
        ],
        ("filter", "recordings left"): card["counts"].items(),
        ("test case", "rows"): card["rows_per_test_case"].items(),
        ("prompt label", "rows"): card["rows_per_prompt_label"].items(),
        ("model", "rows"): card["rows_per_model"].items(),
    }
    for heads, lines in tables.items():
        console.print(_table(heads, lines), "")
    if answer := card["tokens"]["recorded"]["answer"]:
        console.print(
            f"Tokens of an answer, as recorded: median {answer['median']:g}, at most {answer['max']:,}."
        )
    terms = ", ".join(f"{term} {count}" for term, count in card["terms_on_training"].items())
    console.print(
        f"{card['distinct_prompts']} distinct prompts, {card['distinct_code']} distinct programs; terms of the models"
        f" on training: {terms}.",
        soft_wrap=True,
    )
    console.print(Text(f"Made by: {card['command'] or 'slingshot.dataset.build_dataset'}"), soft_wrap=True)


def _table(heads: Sequence[str], lines: Iterable[Sequence[Any]]) -> Table:
    """A table of names and counts."""
    table = Table(box=None, pad_edge=False)
    table.add_column(heads[0])
    for head in heads[1:]:
        table.add_column(head, justify="right")
    for name, *counts in lines:
        table.add_row(Text(name), *(f"{count:,}" for count in counts))
    return table


def _print_cards(cards: list[dict[str, Any]]) -> None:
    """One line for each fold."""
    lines = [
        (
            ", ".join(card["selection"]["hold_out"]),
            card["rows"],
            card["splits"].get("held_out", {"rows": 0})["rows"],
            card["overlap"]["findings"],
        )
        for card in cards
    ]
    Console().print(_table(["left out", "rows to train on", "held-out rows", "overlaps"], lines))


def _print_row(row: "Row", number: int, output: Literal["table", "json"]) -> None:
    if output == "json":
        print(row.to_json())
        return
    console = Console()
    about = f"{row.test_case}, {row.prompt_label}, answered by {row.source or 'unknown'}"
    console.print(Text(f"Row {number}: {about}"))
    for message in row.messages:
        console.rule(Text(message["role"]))
        console.print(message["content"], markup=False, highlight=False)


def _report(built: list["Built"], out: Path, folds: bool) -> None:
    """What was left out, what overlaps, what was written, and what is next."""
    from slingshot.dataset.card import OVERLAP_FILE

    problems = built[0].problems
    for problem in problems[:SHOWN_PROBLEMS]:
        say(f"Left out: {problem.sentence}")
    if len(problems) > SHOWN_PROBLEMS:
        say(f"Left out: {len(problems) - SHOWN_PROBLEMS} more broken recordings.")
    for each in built:
        if findings := each.overlap.findings:
            worst = findings[0]
            say(
                f"{len(findings)} overlaps with test cases that must stay unseen, the worst: {worst.file}:{worst.row}:"
                f" {worst.kind} of {worst.target}: {worst.text}; {each.out / OVERLAP_FILE} has them all. Leave such"
                " rows out with --drop-overlap."
            )
    if folds:
        say(f"Wrote {len(built)} datasets below {out / 'folds'}, one for each test case left out.")
        say(f"Next: slingshot dataset check {built[0].out}")
        return
    (dataset,) = built
    others = ", ".join(
        f"{len(rows)} in {name}.jsonl" for name, rows in dataset.splits.items() if rows and name != "train"
    )
    say(
        f"Wrote {len(dataset.rows)} rows to {out / 'train.jsonl'}{f' ({others})' if others else ''}, the card"
        f" {out / 'dataset.json'} and a readable {out / 'README.md'}."
    )
    say(
        f"Next: slingshot train CONFIG.yml --dataset {out / 'train.jsonl'} (what it shares with other test cases:"
        f" slingshot dataset check {out} --against SUITE)"
    )
