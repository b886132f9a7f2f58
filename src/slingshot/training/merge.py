"""Merging: what an adapter learned is added to the weights that it was trained beside, and nothing else changes.

Every sum is made in float32 and rounded once, to the type that the base is stored in. Weights go from file to file
one tensor at a time, so that a model larger than the memory can be merged; tokenizer and configuration are copied
byte for byte. A base that the adapter was not trained on is refused, and so is a tensor that belongs to nothing.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from slingshot.errors import RequestError, SlingshotError
from slingshot.folders import remove_folder, whole_folder
from slingshot.models.base_model import TEMPLATE_FILE, TOKENIZER_FILES, WHEEL
from slingshot.progress import Advance
from slingshot.training.base_record import RECORD_FILE, check_base, check_unchanged, read_base_record
from slingshot.training.merging.adapter import beyond_us, read_adapter
from slingshot.training.merging.plan import Plan, plan_copy, plan_merge, read_structure
from slingshot.training.merging.through_peft import merge_in_memory
from slingshot.training.merging.weights import INDEX_FILE, weight_files
from slingshot.training.merging.writing import Dtype, write_config, write_weights
from slingshot.training.rows.templates import check_template

_SETTINGS = ("config.json", "generation_config.json", INDEX_FILE)


def merge(
    adapter: Path,
    base: Path,
    out: Path,
    dtype: Dtype | None = None,
    report: Callable[[str], None] = lambda text: None,
    advance: Advance = lambda done, total, words="": None,
    replace: bool = False,
) -> Path:
    """Merge `adapter` into `base` in float32 and write a Hugging Face folder `out`, whole or not at all.

    A model that was trained in full is merged already: it is copied, and `base` is not looked at. A chat template
    that lies beside the adapter is the one that it was trained with, and takes the place of the base's.

    Args:
        adapter: a folder as peft writes it, or one of a model that was trained in full.
        base: the folder of the base model.
        out: the folder to write.
        dtype: what the weights are stored as; None: each tensor as the base's.
        report: called with a sentence about what was done, what is unknown and what is unusual.
        advance: called with the megabytes written and all of them.
        replace: what is at `out` already is replaced, not refused.

    Raises:
        RequestError: there is no adapter, it is of another base, was changed or does not fit, its chat template
            would not reach a GGUF file, or something is at `out`.
        SlingshotError: weights are broken or missing, a sum is no finite number, or the disk is full.
    """
    _check_place(out, (adapter, base), replace)
    in_full = trained_in_full(adapter)
    source = adapter if in_full else base
    plan = plan_copy(adapter) if in_full else _plan(adapter, base, report)
    with whole_folder(out) as part:
        if plan is None:
            merge_in_memory(adapter, base, part, dtype)
        else:
            write_weights(plan, part, dtype, advance)
            write_config(plan, source, part, dtype)
        for name in ("generation_config.json", *TOKENIZER_FILES):
            _copy(source / name, part)
        for name in (TEMPLATE_FILE, RECORD_FILE):
            _copy(adapter / name, part)
        if replace:
            remove_folder(out)
    if plan and (changed := sum(piece.change is not None for piece in plan.pieces)):
        report(f"Changed {changed} of {len(plan.pieces)} tensors; every sum was made in float32.")
    return out


def link_model(model: Path, out: Path) -> Path:
    """Put a model that was trained in full at `out` too, whole or not at all; what is there goes.

    Its weights are the same files under another name where the disk has hard links, else copies.

    Raises:
        SlingshotError: there are no weights, or the disk is full.
    """
    if not (weights := weight_files(model)):
        raise SlingshotError(f"{model}: no model.safetensors in this folder; train again")
    with whole_folder(out) as part:
        for file in weights:
            try:
                (part / file.name).hardlink_to(file)
            except OSError:
                shutil.copyfile(file, part / file.name)
        for name in (*_SETTINGS, *TOKENIZER_FILES, TEMPLATE_FILE, RECORD_FILE):
            _copy(model / name, part)
        remove_folder(out)
    return out


def trained_in_full(folder: Path) -> bool:
    """Whether the folder holds a whole model, and no adapter.

    Raises:
        RequestError: it holds both.
    """
    adapter = (folder / "adapter_config.json").is_file()
    if adapter and weight_files(folder):
        raise RequestError(
            f"{folder} holds both a model and an adapter; move one of them into a folder of its own"
        )
    return not adapter and (folder / "config.json").is_file()


def base_of(adapter: Path) -> str:
    """The name of the base model that an adapter says it was trained on.

    Raises:
        RequestError: there is no adapter in the folder, or it does not say.
    """
    settings, record = read_adapter(adapter).settings, read_base_record(adapter)
    names = [record.base_model if record else None, settings.get("base_model_name_or_path")]
    said = [str(name) for name in names if name]
    if not said:
        raise RequestError(f"{adapter} does not say which base model it was trained on; name it with --base")
    return next((name for name in said if name.startswith(WHEEL) or Path(name).exists()), said[0])


def _check_place(out: Path, sources: tuple[Path, Path], replace: bool) -> None:
    for source in sources:
        if out.resolve() in (source.resolve(), *source.resolve().parents):
            raise RequestError(f"{out} would take the place of {source}; name another folder with --out")
    if not replace and out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise RequestError(f"{out} is there already; remove it, or name another folder with --out")


def _plan(adapter: Path, base: Path, report: Callable[[str], None]) -> Plan | None:
    """What is to be written, once base and adapter are known to belong together; None: only peft can merge them."""
    read = read_adapter(adapter)
    check_unchanged(adapter)
    check_base(adapter, base)
    check_template(adapter, base)
    if read_base_record(adapter) is None:
        report(f"{adapter} has no {RECORD_FILE}: whether it was trained on this base is not known.")
    structure = read_structure(base)
    reason = beyond_us(read, structure)
    plan = None if reason else plan_merge(read, structure, base)
    if plan is None:
        reason = reason or "the base's files name or stack its tensors otherwise than transformers does"
        report(f"Merging through peft, with the whole base in memory: {reason}.")
    elif plan.untied:
        report(
            "Embedding and head are one tensor in the base and two from now on, because the adapter was trained on one "
            "of them; tie_word_embeddings is false in config.json."
        )
    return plan


def _copy(file: Path, folder: Path) -> None:
    if file.is_file():
        shutil.copyfile(file, folder / file.name)
