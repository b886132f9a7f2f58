"""`train`: a configuration key by key, checks, and the training itself."""

import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from slingshot.cli.options import Format
from slingshot.errors import RequestError, SlingshotError, first_line
from slingshot.progress import bar, say, stderr

if TYPE_CHECKING:
    from slingshot.training.axolotl.read_config import Reading, Setting
    from slingshot.training.config import TrainingConfig
    from slingshot.training.course.metrics import TrainingResult
    from slingshot.training.estimating.estimate import Foreseen
    from slingshot.training.preparing.preflight import Prepared

_STYLES = {"honoured": "green", "mapped": "cyan", "no effect": "dim", "refused": "bold red"}


def train(
    config: Annotated[Path | None, typer.Argument(help="Axolotl's YAML, or a recipe")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="override a key; may be repeated")
    ] = None,
    dataset: Annotated[Path | None, typer.Option(help="rows to learn from, instead of its datasets")] = None,
    base: Annotated[str | None, typer.Option(help="base model, instead of its base_model")] = None,
    out: Annotated[Path | None, typer.Option(help="folder to write, instead of its output_dir")] = None,
    check: Annotated[bool, typer.Option("--check", help="stop after the checks")] = False,
    show_row: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="show row N and what of it is learned; train nothing"),
    ] = None,
    ids: Annotated[bool, typer.Option("--ids", help="with --show-row: the ids of all tokens")] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="print the JSON schema of the honoured keys")
    ] = False,
    price: Annotated[
        float | None,
        typer.Option(
            min=0, metavar="USD", help="dollars for an hour of this machine [default: the recipe's]"
        ),
    ] = None,
    upgrade: Annotated[
        Path | None, typer.Option(metavar="OUT", help="write the file with today's keys; train nothing")
    ] = None,
    output: Format = "table",
) -> None:
    """Fine-tune as a configuration says: LoRA or all weights."""
    from slingshot.training.axolotl.read_config import parse_setting
    from slingshot.training.config import TrainingConfig
    from slingshot.training.course.launch import launched

    if schema:
        print(json.dumps(TrainingConfig.model_json_schema(), indent=2))
        return
    if config is None:
        raise RequestError("train: name a configuration, Axolotl's YAML or a recipe; --schema lists the keys")
    if upgrade:
        _upgrade(config, upgrade, base)
        return
    given = [parse_setting(text) for text in settings or []]
    given += [(("base_model",), base)] if base else []
    given += [(("datasets",), [entry_of(dataset)])] if dataset else []
    given += [(("output_dir",), str(out))] if out else []
    reading = read_training(config, given)
    leads = launched()[0] == 0
    if output == "table" and leads and not show_row:
        _show_keys(reading, _wide(Console() if check else stderr))
    if reading.config is None or check:
        _report(reading, output, check)
        return
    if show_row:
        _show_row(reading, reading.config, show_row, ids)
        return
    result = _train(reading, reading.config, leads, price_per_hour(config, price))
    if output == "json" and leads:
        print(json.dumps(asdict(result)))


def read_training(path: Path, given: "list[Setting]") -> "Reading":
    """The configuration that a file and the command's options make.

    Raises:
        RequestError: the file cannot be read, a setting leads nowhere, or a recipe comes without rows.
    """
    from slingshot.training.axolotl.read_config import is_recipe, read_config

    if not is_recipe(path):
        return read_config(path, given)
    from slingshot.recipe import TrainingSection, load_recipe

    base = load_recipe(path).base_model
    if not any(place[0] == "datasets" for place, _ in given):
        raise RequestError(
            f"{path}: a recipe's rows come from its run; name others with --dataset train.jsonl"
        )
    return read_config(path, [(("base_model",), base), *given], "training", TrainingSection)


def entry_of(dataset: Path) -> dict[str, Any]:
    """A `datasets` entry for a file or folder, as its first row's fields suggest.

    Raises:
        RequestError: there is no such file or folder.
    """
    from slingshot.training.config import DatasetEntry
    from slingshot.training.rows.reading import read_records

    entry = {"path": str(dataset.absolute())}
    records, _ = read_records(DatasetEntry(**entry), Path())
    fields = records[0].fields if records else {}
    if "conversations" in fields:
        mappings = {"role": "from", "content": "value"}
        turns = {"field_messages": "conversations", "message_property_mappings": mappings}
        return {**entry, "type": "chat_template", **turns}
    return {**entry, "type": "alpaca" if {"instruction", "output"} <= fields.keys() else "chat_template"}


def _show_keys(reading: "Reading", console: Console) -> None:
    """The table of all keys and what is made of each."""
    table = Table(title=f"{reading.path}", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for name in ("key", "line", "value", "class", "what happens"):
        table.add_column(name, overflow="fold", justify="right" if name == "line" else "left")
    for key in reading.keys:
        line = "" if key.line is None else str(key.line)
        value = "" if key.value is None else json.dumps(key.value, default=str, ensure_ascii=False)
        short = value if len(value) <= 40 else value[:39] + "…"
        table.add_row(Text(key.key), line, Text(short), Text(key.kind, _STYLES[key.kind]), Text(key.says))
    console.print(table)
    counts = {kind: sum(key.kind == kind for key in reading.keys) for kind in _STYLES}
    console.print(Text(", ".join(f"{count} {kind}" for kind, count in counts.items()) + "."))


def _wide(console: Console) -> Console:
    """A console on which a table's sentences are not broken where nobody sees a width."""
    if not console.is_terminal:
        return Console(file=console.file, width=200, highlight=False)
    return console


def _report(reading: "Reading", output: str, check: bool) -> None:
    """What `--check` prints after the table, and the end of a file with problems.

    Raises:
        RequestError: there are problems; all of them.
    """
    problems = list(reading.problems)
    rows: dict[str, Any] | None = None
    words = ""
    if reading.config and check:
        try:
            words = _not_here(reading.config, reading.path.parent)
            rows = None if words else _counted(reading, reading.config)
        except SlingshotError as error:
            problems += [f"{reading.path}: {line}" for line in str(error).splitlines()]
    if output == "json":
        report = {
            "config": str(reading.path),
            "keys": [asdict(key) for key in reading.keys],
            "problems": problems,
            "training": reading.config.model_dump(mode="json") if reading.config else None,
            "rows": rows,
            "not_looked_at": words or None,
        }
        print(json.dumps(report, default=str))
    if problems:
        raise RequestError("\n".join(problems))
    if output == "table" and reading.config:
        _foretell(reading.config, rows, words)


def _foretell(config: "TrainingConfig", rows: dict[str, Any] | None, words: str) -> None:
    """What would be trained, in a few lines."""
    layers = "all linear layers" if config.adapts_every_linear_layer else str(config.lora_target_modules)
    adapter = f"LoRA of rank {config.lora_r} on {layers}" if config.adapter else "all weights"
    print(f"Would train: {adapter} of {config.base_model}, to {config.output_dir}")
    print(f"Learned from: {', '.join(entry.path for entry in config.datasets)}")
    if rows is None:
        print(f"Rows: not looked at; {words}")
        return
    print(
        f"Rows: {rows['training']:,} with {rows['tokens']:,} tokens, {rows['learned']:,} of them learned; "
        f"{rows['validation']:,} for validation"
    )
    for note in rows["notes"]:
        print(f"Note: {note}")


def _not_here(config: "TrainingConfig", folder: Path) -> str:
    """Why the rows cannot be looked at without fetching something; nothing if they can."""
    from slingshot.training.rows.reading import local_place

    for entry in (*config.datasets, *config.test_datasets):
        if local_place(entry, folder) is None:
            return f"{entry.path} is not on this machine"
    base = _base_place(config, folder)
    is_here = base.startswith("wheel:") or Path(base).expanduser().exists()
    return "" if is_here else f"{base} is not on this machine"


def _base_place(config: "TrainingConfig", folder: Path) -> str:
    """The base model's name; a path beside the configuration comes first."""
    name = config.base_model or ""
    return str(folder / name) if (folder / name).exists() else name


def prepared_rows(
    reading: "Reading", config: "TrainingConfig", has_to_fit: bool = True
) -> "tuple[Path, Prepared]":
    """The base model's folder and the checked rows.

    Raises:
        SlingshotError: training would be refused; `has_to_fit`: or this machine is too small for it.
    """
    from slingshot.models.base_model import prepare_base_model
    from slingshot.training.preparing.preflight import prepare

    base = prepare_base_model(_base_place(config, reading.path.parent), say)
    out = Path(config.output_dir)
    return base, prepare(config, base, reading.path.parent, out, template_travels=True, has_to_fit=has_to_fit)


def _counted(reading: "Reading", config: "TrainingConfig") -> dict[str, Any]:
    """How much there is to learn from."""
    _, prepared = prepared_rows(reading, config)
    return {
        "training": len(prepared.rows),
        "validation": len(prepared.validation_rows),
        "tokens": sum(len(row) for row in prepared.rows),
        "learned": sum(row.supervised for row in prepared.rows),
        "notes": prepared.notes,
    }


def _show_row(reading: "Reading", config: "TrainingConfig", row: int, ids: bool) -> None:
    from slingshot.training.preparing.show_row import show_row

    _, prepared = prepared_rows(reading, config)
    Console(highlight=False).print(show_row(prepared, row, config, ids))


def price_per_hour(path: Path, given: float | None) -> float | None:
    """Dollars for an hour of this machine: what was given, else what a recipe says; None if that is nothing."""
    from slingshot.recipe import load_recipe
    from slingshot.training.axolotl.read_config import is_recipe

    if given is not None or not is_recipe(path):
        return given
    return load_recipe(path).cost.price_per_hour_usd or None


def _train(
    reading: "Reading", config: "TrainingConfig", leads: bool, price: float | None
) -> "TrainingResult":
    """Train, and say how it went and what is next."""
    from slingshot.training.course.metrics import progress_words
    from slingshot.training.course.upload import check_upload, upload_output
    from slingshot.training.loop import train as train_rows

    if leads:
        check_upload(config)
    base, prepared = prepared_rows(reading, config)
    for note in prepared.notes if leads else []:
        say(note)
    out = Path(config.output_dir)
    foreseen = _foresee(base, prepared, config) if leads else None
    started = time.monotonic()
    made = list[int]()
    with bar("steps") as advance:

        def on_step(step: Any, total: int) -> None:
            made.append(step.step)
            advance(step.step, total, progress_words(step, price))

        result = train_rows(
            prepared.rows, base, out, config, on_step, prepared.validation_rows, prepared.travelling_template
        )
    if not leads:
        return result
    if foreseen and len(made) == foreseen.steps:  # all of it: no early end, no checkpoint to go on from
        _compare(foreseen, time.monotonic() - started, out)
    cost = f", ${result.seconds / 3600 * price:.3f}" if price is not None else ""
    say(
        f"Loss {result.first_loss:.3f} to {result.final_loss:.3f} in {result.seconds:,.0f} s{cost}; wrote {out}."
    )
    if address := upload_output(out, base, config, say):
        say(f"Uploaded to {address}.")
    if config.adapter:
        say(f"Next: slingshot merge {out} --base {config.base_model} --out merged")
    else:
        say(f"Next: slingshot gguf {out} --out gguf")
    return result


def _foresee(base: Path, prepared: "Prepared", config: "TrainingConfig") -> "Foreseen | None":
    """What training will take, kept in its folder and said; None for several processes, which are not foreseen."""
    from slingshot.training.course.launch import launched

    if launched()[1] > 1:
        return None
    from slingshot.training.estimating.calibration import foresee_training
    from slingshot.training.estimating.estimate import keep_estimate

    out = Path(config.output_dir)
    foreseen = foresee_training(base, prepared.rows, prepared.validation_rows, config)
    keep_estimate(out, foreseen)
    say(f"Foreseen: {foreseen.words} in {foreseen.steps} steps, from {foreseen.speed.words}.")
    return foreseen


def _compare(foreseen: "Foreseen", took: float, out: Path) -> None:
    """Set what training took beside the prediction."""
    from slingshot.training.estimating.estimate import keep_estimate

    keep_estimate(out, foreseen, took)
    say(f"Foreseen {foreseen.seconds:,.0f} s, took {took:,.0f} s ({took / foreseen.seconds - 1:+.0%}).")


def _upgrade(old: Path, new: Path, base: str | None) -> None:
    """Write the file with today's keys, say what changed, and prove that it teaches the same."""
    from slingshot.models.base_model import prepare_base_model
    from slingshot.training.axolotl.read_config import read_config
    from slingshot.training.axolotl.upgrade import prove, upgrade

    done = upgrade(old, new)
    for change in done.changes:
        say(f"{'.'.join(map(str, change.place))}: {change.says}")
    for warning in done.warnings:
        say(f"Nothing reads it: {warning}")
    name = base or str(read_config(old).given.get("base_model", ""))
    try:
        folder = prepare_base_model(name, say)
    except SlingshotError as error:
        say(f"Without the base model's tokenizer only turns are compared: {first_line(error)}")
        folder = None
    proof = prove(old, new, folder, old.parent)
    if proof.held is False:
        new.unlink()
        raise SlingshotError(f"{new}: {proof.says}; nothing was written")
    say(f"Wrote {new}; {proof.says}.")
    say(f"Next: slingshot train {new} --check")
