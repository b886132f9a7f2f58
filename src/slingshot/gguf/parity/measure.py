"""Comparing the forms of one model, each with its references; one form is in memory at a time.

Every form is fed the same tokens: the prompts, and the answers that the first reference gives to them. What each
holds likely at every position is kept on disk until the last form that is compared with it has been read: at most
three forms at once, each positions * words * 4 bytes (1,000 positions of 49,152 words: 200 MB).
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from slingshot.errors import RequestError
from slingshot.gguf.file_types import WHOLE
from slingshot.gguf.parity.agreement import Agreement, compare
from slingshot.gguf.parity.config import ParityConfig
from slingshot.gguf.parity.files import read_file
from slingshot.gguf.parity.folders import read_folder, read_reference
from slingshot.gguf.parity.forms import (
    Form,
    Messages,
    Prompt,
    choose_prompts,
    folder_form,
    gguf_form,
    trained_form,
)
from slingshot.gguf.parity.reading import Reading
from slingshot.gguf.parity.report import ParityReport

_DEFAULTS = ParityConfig()

WITHOUT_ADAPTER = (
    "All weights were trained: there is no adapter to compare, and the files are compared with the model"
)

Report = Callable[[str], None]
_Step = tuple[Form, list[str]]
"""A form, and the names of the earlier ones that it is compared with."""


def measure_parity(
    adapter: Path | None,
    base: Path | None,
    merged: Path,
    gguf_files: Iterable[Path],
    seen: Iterable[tuple[str, Messages]],
    held_out: Iterable[tuple[str, Messages]],
    config: ParityConfig,
    report: Report = lambda line: None,
) -> ParityReport:
    """Compare all forms of a run: merged with the adapter, the whole GGUF file with merged, quantized with both.

    Args:
        adapter: what training left; None: all weights were trained, and `merged` is the model that answers.
        base: the base model's Hugging Face folder; needed for an adapter.
        merged: the merged model's folder.
        gguf_files: made from it: a whole one (f32, f16 or bf16; the finest counts) and any quantized ones.
        seen: names and messages of prompts that were trained on.
        held_out: those of prompts that were not.
        config: how many prompts and tokens, and how much may differ.
        report: called with a line for each form that was compared.

    Returns:
        The report; whether the forms agree is for `ParityReport.check` to say.

    Raises:
        RequestError: a form is not where it is said to be, or there is no prompt.
        SlingshotError: a form cannot be read.
    """
    forms = [gguf_form(path) for path in gguf_files]
    whole = sorted((form for form in forms if form.is_whole), key=lambda form: WHOLE.index(form.type))
    trained = trained_form(adapter, base) if adapter else None
    steps: list[_Step] = [(trained, [])] if trained else []
    steps += [(folder_form(merged, "merged"), [trained.name] if trained else [])]
    steps += [(form, ["merged"]) for form in whole]
    steps += [(form, [*(one.name for one in whole[:1]), "merged"]) for form in forms if form not in whole]
    found = _measure(steps, choose_prompts(seen, held_out, config.prompts, config.seed), config, report)
    return found if trained else replace(found, note=WITHOUT_ADAPTER)


def compare_forms(
    reference: Form,
    others: Sequence[Form],
    prompts: Sequence[Prompt],
    config: ParityConfig = _DEFAULTS,
    report: Report = lambda line: None,
) -> ParityReport:
    """Compare forms with one reference, which answers the prompts.

    Raises:
        RequestError: the reference is a GGUF file, or two forms have one name.
        SlingshotError: a form cannot be read.
    """
    if reference.kind == "gguf":
        raise RequestError(
            f"{reference.path}: a GGUF file cannot be the reference; name the model that it was made from"
        )
    return _measure(
        [(reference, []), *((form, [reference.name]) for form in others)], prompts, config, report
    )


def _measure(
    steps: Sequence[_Step], prompts: Sequence[Prompt], config: ParityConfig, report: Report
) -> ParityReport:
    """Read the forms in turn, the first one as the reference that answers, and compare each with its references."""
    names = [form.name for form, _ in steps]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise RequestError(f"two forms are called {twice}; compare one of them at a time")
    needed_until = {name: number for number, (_, references) in enumerate(steps) for name in references}
    readings, agreements = dict[str, Reading](), list[Agreement]()
    with tempfile.TemporaryDirectory(prefix="slingshot-parity-") as scratch:
        first, scripts, chat = read_reference(steps[0][0], prompts, config.tokens, Path(scratch) / "0")
        readings[first.form.name] = first
        for number, (form, references) in enumerate(steps[1:], 1):
            read = read_file if form.kind == "gguf" else read_folder
            reading = readings[form.name] = read(form, scripts, Path(scratch) / str(number))
            for name in references:
                thresholds = config.thresholds(form)
                found = compare(reading, readings[name], scripts, chat.spelled, thresholds)
                agreements.append(found)
                report(_line(found))
            for name in list(readings):
                if needed_until.get(name, 0) <= number:
                    shutil.rmtree(readings[name].logits, ignore_errors=True)
    programs = {name: list(reading.prompts) for name, reading in readings.items()}
    return ParityReport(config, prompts, [form for form, _ in steps], programs, agreements)


def _line(found: Agreement) -> str:
    measured = found.on["all"]
    return (
        f"{found.form} against {found.reference}: {measured.greedy_equal.mean:.2%} of the likeliest tokens,"
        f" {measured.kl.mean:.2g} nats, {found.seconds:.0f} s"
    )
