"""The steps that make files of what was learned, and show that nothing was lost: merge, gguf, parity."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from slingshot.dataset import read_rows
from slingshot.files import sha256_of_file, write_json
from slingshot.manifest import Facts
from slingshot.models.local import LocalModel
from slingshot.progress import bar, say
from slingshot.run.state import Run
from slingshot.training.base_record import RECORD_FILE

_Named = tuple[str, list[dict[str, str]]]
"""A prompt's name and its messages."""


def merge_adapter(run: Run, base: Path) -> None:
    """Add the adapter to the base's weights; put a model that was trained in full where later steps look."""
    trained, out = run.trained, run.folder / "merged"

    def work() -> Facts:
        from slingshot.training.merge import link_model, merge

        if run.in_full:
            link_model(trained, out)
            return {"summary": f"nothing to add, all weights were trained: {out} is the model in {trained}"}
        with bar("merged") as advance:
            written = merge(
                trained, base, out, report=lambda text: say(f"  {text}"), advance=advance, replace=True
            )
        return {"summary": str(written)}

    settings = [
        trained / name for name in ("config.json" if run.in_full else "adapter_config.json", RECORD_FILE)
    ]
    files = [*sorted(trained.glob("*.safetensors")), *settings]
    inputs = {file.name: sha256_of_file(file) for file in files if file.is_file()}
    run.step("merge", inputs, [out], work)


def model_names(run: Run) -> dict[str, str]:
    """The names of the two models in recordings and files: `base` and `tuned`, without the type."""
    folder = Path(run.manifests["base"]["facts"]["folder"]).name
    known = re.sub(r"(\.[QF]\w+)?-[0-9a-f]{12}$", "", folder)
    return {"base": known, "tuned": run.recipe.name}


def quantize_models(
    run: Run, base: Path, roles: Sequence[str] = ("base", "tuned"), also: Sequence[str] = ()
) -> dict[str, Path]:
    """Convert and quantize base and tuned model, or one of them; the files by role.

    The tuned model is written in the types `also` besides, see `file_of_form`.
    """
    out, kind = run.folder / "gguf", run.recipe.quantization
    names = model_names(run)
    files = {role: out / f"{names[role]}.{kind}.gguf" for role in roles}

    def work() -> Facts:
        from slingshot.gguf import WHOLE, About, about_model, convert, quantize, read_gguf, stated_licence

        summary, fallbacks, whole_files = str(files["tuned"]), list[tuple[str, str, str]](), set[Path]()
        for role, form in [*((role, kind) for role in roles), *(("tuned", form) for form in also)]:
            source, about = run.folder / "merged", about_model(run.folder / "merged")
            if role == "base":
                source, about = base, About(licence=stated_licence(run.recipe.base_model))
            whole = form if form in WHOLE else "f16"
            first = out / f"{names[role]}.{whole}.gguf"
            if first not in whole_files:
                whole_files.add(convert(source, first, names[role], about, file_type=whole))
            if form != whole:
                quantized = quantize(first, out / f"{names[role]}.{form}.gguf", form)
                if quantized.path == files["tuned"]:
                    fallbacks = list(quantized.fallbacks)
                    summary += f"\n  {quantized.description}"
        return {
            "sha256": {role: sha256_of_file(path) for role, path in files.items()},
            "fallbacks": fallbacks,
            "bytes": {role: path.stat().st_size for role, path in files.items()},
            "bits_per_weight": {role: read_gguf(path).bits_per_weight for role, path in files.items()},
            "summary": summary,
        }

    inputs = {"merged": run.manifests["merge"]["inputs"], "quantization": kind, "names": names}
    inputs |= {"also": list(also)} if also else {}
    run.step("gguf", inputs, [out], work)
    return files


def file_of_form(run: Run, form: str) -> Path:
    """The GGUF file of the tuned model in one type."""
    return run.folder / "gguf" / f"{model_names(run)['tuned']}.{form}.gguf"


def other_forms(run: Run, base: Path) -> dict[str, LocalModel]:
    """The forms of the tuned model that the recipe wants asked beside the one that is shipped."""
    name, found = model_names(run)["tuned"], dict[str, LocalModel]()
    for form in run.recipe.benchmark.forms:
        if form == "adapter":
            found[form] = LocalModel(f"{name}.adapter", base, "transformers", run.trained)
        elif form == "merged":
            found[form] = LocalModel(f"{name}.merged", run.folder / "merged", "transformers")
        else:
            found[form] = LocalModel(f"{name}.{form}", file_of_form(run, form), "gguf")
    return found


def compare_forms(run: Run, base: Path) -> None:
    """See that adapter, merged model and all files of the tuned model say the same.

    Of a model that was trained in full there is no adapter: its files are compared with the model itself.

    Raises:
        SlingshotError: a form differs by more than the recipe allows; `parity.json` says where.
    """
    out, config = run.folder / "parity.json", run.recipe.parity
    tuned = run.files["tuned"]
    others = [model.path for model in run.forms.values() if model.kind == "gguf"]
    files = sorted({tuned, *others, *tuned.parent.glob(file_of_form(run, "f16").name)})

    def work() -> Facts:
        from slingshot.gguf.parity import measure_parity

        found = measure_parity(
            None if run.in_full else run.trained,
            base,
            run.folder / "merged",
            files,
            prompts_of_rows(run.folder / "dataset" / "train.jsonl"),
            _held_out_prompts(run),
            config,
            lambda line: say(f"  {line}"),
        )
        write_json(out, found.to_json())
        if found.note:
            say(f"  {found.note}")
        found.check()
        worst = min(one.on["all"].greedy_equal.mean for one in found.agreements)
        return {"summary": f"all forms agree, in {worst:.1%} of the likeliest tokens at least; {out}"}

    inputs = {"gguf": run.manifests["gguf"]["facts"]["sha256"], "parity": config.model_dump()}
    inputs["adapter"] = run.manifests["merge"]["inputs"]
    inputs |= {"forms": sorted(path.name for path in others)} if others else {}
    run.step("parity", inputs, [out], work)


def prompts_of_rows(path: Path) -> Iterator[_Named]:
    """The prompts of a file's conversations: all but their last answers."""
    for number, row in enumerate(read_rows(path), 1):
        label = " ".join(part for part in (row.test_case, row.prompt_label) if part)
        messages = [{"role": turn["role"], "content": turn["content"]} for turn in row.messages[:-1]]
        yield label or f"row {number}", messages


def _held_out_prompts(run: Run) -> Iterator[_Named]:
    for (test_case, label), messages in run.plan.questions.items():
        if test_case in run.held_out:
            yield f"{test_case} {label}", messages
