"""What was measured of a published model, as sections of its card: every figure with its interval, or none."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from slingshot.publish.contents import Material, fallbacks
from slingshot.publish.markdown import megabytes, plain, table
from slingshot.training.contradictions import LORA_KEYS
from slingshot.verdict import model_card_block
from slingshot.verdict.costs import cost_lines
from slingshot.verdict.wording import percent

_TRAINING_KEYS = (
    *("adapter", "lora_r", "lora_alpha", "lora_dropout", "peft_use_rslora", "peft_use_dora", "num_epochs"),
    *("max_steps", "micro_batch_size", "gradient_accumulation_steps", "learning_rate", "lr_scheduler"),
    *("warmup_steps", "warmup_ratio", "optimizer", "weight_decay", "max_grad_norm", "sequence_len"),
    *("train_on_inputs", "load_in_8bit", "load_in_4bit", "seed"),
)


def verdict_section(material: Material) -> str:
    """The verdict's own words and figures, and how they were found."""
    run, verdict = material.run, material.run.verdict
    asked, judged = run.inputs("ask").get("benchmark", {}), run.inputs("judge").get("judge", {})
    prompts = ", ".join(f"`{label}`" for label in run.inputs("ask").get("prompts", [])) or "not recorded"
    draws = ", ".join(f"{key} {asked[key]}" for key in ("temperature", "top_p", "max_tokens") if key in asked)
    how = [
        f"Measured was `{run.measured_file.name}`: {asked.get('samples', 'an unknown number of')} answers to every test"
        f" case and prompt label ({prompts}), drawn with {draws or 'unknown parameters'}.",
        f"Judged by running them in Julia {judged.get('julia', '(version not recorded)')}, mode"
        f" `{judged.get('mode', 'not recorded')}`, at most {judged.get('timeout', 'an unknown number of')} seconds each.",
        "A score is 25 points each for parsing, running, the share of unit tests passed and of examples that run.",
    ]
    return model_card_block(verdict, with_cost=False) + "\n" + " ".join(how)


def parity_section(material: Material) -> str:
    """Whether the forms say the same."""
    parity, forms = material.parity, "adapter, merged model and GGUF files"
    if material.run.in_full:
        forms = "model and GGUF files"
    if not parity or not parity.get("agreements"):
        return f"Whether {forms} say the same was not measured."
    rows = []
    for found in parity["agreements"]:
        pair = [plain(str(found["form"])), plain(str(found["reference"]))]
        for split, measured in found.get("on", {}).items():
            prompts = f"{measured.get('prompts', '–')} {split.replace('_', '-')}"
            apart = f"{measured['kl_mean']:.2g}" if "kl_mean" in measured else "not measured"
            ends = percent(measured["ends_equal"]) if "ends_equal" in measured else "not measured"
            rows.append([*pair, prompts, _share(measured), apart, ends])
    head = ["form", "against", "prompts", "same greedy token [95 %]", "divergence, nats", "same ends"]
    faults = [
        f"- {plain(str(found['form']))} against {plain(str(found['reference']))}: {plain('; '.join(found['faults']))}"
        for found in parity["agreements"]
        if found.get("faults")
    ]
    lines = [table(head, rows)]
    if material.run.in_full:
        lines.append(
            "All weights were trained, so `merged` is the model itself: there is no adapter to compare with."
        )
    if faults:
        lines.insert(0, "**Not all forms say the same**, beyond what was allowed:\n\n" + "\n".join(faults))
    return "\n\n".join(lines)


def _share(measured: Mapping[str, Any]) -> str:
    """The share of equal greedy tokens with its interval over prompts."""
    mean, low, high = (measured.get(f"greedy_{key}") for key in ("equal", "low", "high"))
    if mean is None:
        return "not measured"
    if low is None or high is None:
        return f"{mean:.2%} [unknown]"
    return f"{mean:.2%} [{low:.1%}, {high:.1%}]"


def files_section(material: Material) -> str:
    """The GGUF files: type, size, bits per weight, hash, and which was measured."""
    if not material.gguf:
        return ""
    rows = []
    for file in material.gguf:
        name = file.path.name
        was = "yes" if file.path == material.run.measured_file else "no"
        size, bits = megabytes(file.path.stat().st_size), f"{file.bits_per_weight:.2f}"
        rows.append([f"`{name}`", file.file_type, size, bits, was, f"`{material.sha256[name]}`"])
    lines = [table(["file", "type", "size", "bits per weight", "measured", "SHA-256"], rows)]
    if len(rows) > 1:
        lines.append("The verdict is about the measured file alone; others may do better or worse.")
    if kinds := Counter((wanted, got) for _, wanted, got in fallbacks(material)):
        parts = ", ".join(f"{count} {wanted} as {got}" for (wanted, got), count in kinds.most_common())
        lines.append(
            f"Tensors of `{material.run.measured_file.name}` whose type is another than its name says, because their"
            f" width does not fit: {sum(kinds.values())} ({parts})."
        )
    return "\n\n".join(lines)


def training_section(material: Material) -> str:
    """How it was trained, and what that took."""
    run = material.run
    asked, found, training = run.inputs("train").get("training", {}), run.facts("train"), run.verdict.training
    idle = {"adapter", *LORA_KEYS} if run.in_full else set()
    known = {key: asked.get(key) for key in _TRAINING_KEYS if key not in idle}
    settings = [
        f"`{key}: {value}`" for key, value in known.items() if value is not None and value is not False
    ]
    rows: list[list[object]] = []
    for label, value in (
        ("rows", training.rows),
        ("distinct prompts", training.distinct_prompts),
        ("steps", found.get("steps")),
        ("tokens read", training.tokens_total),
        ("tokens learned from", training.tokens_supervised),
        ("trainable parameters", found.get("trainable_parameters")),
    ):
        rows.append([label, "unknown" if value is None else f"{value:,}"])
    for label, key in (("first loss", "first_loss"), ("final loss", "final_loss")):
        rows.append([label, f"{found[key]:.3f}" if found.get(key) is not None else "unknown"])
    rows.append(["weights in", found.get("dtype") or "unknown"])
    peak = training.peak_memory_bytes
    rows.append(["peak memory", "unknown" if peak is None else f"{peak / 2**30:.1f} GiB"])
    cost = "\n".join(f"- {plain(line)}" for line in cost_lines(run.verdict)) or "- What it cost is unknown."
    how = "All weights were trained: " if run.in_full else ""
    return "\n\n".join([how + ", ".join(settings) + ".", table(["training", ""], rows), cost])
