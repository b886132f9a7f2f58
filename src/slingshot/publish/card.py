"""The model card: `README.md`, for readers and for the Hugging Face hub."""

from collections.abc import Mapping
from typing import Any

import yaml

import slingshot
from slingshot.publish.contents import WEIGHTS, Material
from slingshot.publish.licences import (
    NO_ADVICE,
    licence_keys,
    licence_of_base,
    rows_not_allowed,
    table_of_terms,
)
from slingshot.publish.markdown import plain
from slingshot.publish.measured import files_section, parity_section, training_section, verdict_section
from slingshot.publish.running import running_section
from slingshot.verdict.wording import count_of


def model_card(material: Material) -> str:
    """The content of `README.md`: nothing in it that is not in the run's own files, and what is unknown said to be."""
    run = material.run
    charts = [f"![{name}]({name})" for name in material.files if name.startswith("charts/")]
    sections = [
        f"# {plain(run.name)}",
        _what_it_is(material),
        verdict_section(material),
        "\n".join(charts),
        "## Base model\n\n" + _base(material),
        "## Training data\n\n" + _data(material),
        "## Training\n\n" + training_section(material),
        "## Do the forms agree?\n\n" + parity_section(material),
    ]
    if files := files_section(material):
        sections.append("## Files\n\n" + files)
    sections.append("`sha256sum -c SHA256SUMS` checks every file.")
    sections.append("## How to run it\n\n" + running_section(material))
    head = yaml.safe_dump(front_matter(material), sort_keys=False, allow_unicode=True)
    return f"---\n{head}---\n\n" + "\n\n".join(section for section in sections if section) + "\n"


def front_matter(material: Material) -> dict[str, Any]:
    """The head of the card, as the hub reads it.

    There is no `model-index`: it has room for a score, but none for its interval.
    """
    base, files = material.base, material.files
    whole_model = bool(material.gguf) or "merged/config.json" in files
    head: dict[str, Any] = licence_keys(base.licence)
    if base.hub_id:
        head |= {"base_model": base.hub_id, "base_model_relation": "finetune" if whole_model else "adapter"}
    if not whole_model:
        head["library_name"] = "peft"
    tags = [
        ("gguf", bool(material.gguf)),
        ("lora", f"adapter/{WEIGHTS}" in files),
        ("julia", True),
        ("code", True),
    ]
    head |= {"language": ["code"], "pipeline_tag": "text-generation"}
    return head | {"tags": [*(tag for tag, fits in tags if fits), "slingshot"]}


def _what_it_is(material: Material) -> str:
    """What it is, in a sentence; what it is worth is said below, in the verdict's words."""
    run, training = material.run, material.run.verdict.training
    rows = f"{training.rows:,}" if training.rows is not None else "an unknown number of"
    return (
        f"A fine-tuned form of {_name(material)}, trained on {rows} answers to Julia programming problems by slingshot"
        f" {run.inputs('train').get('slingshot', slingshot.__version__)}."
    )


def _name(material: Material) -> str:
    """The base's name, linked where it is on the hub."""
    base = material.base
    return f"[{base.hub_id}](https://huggingface.co/{base.hub_id})" if base.hub_id else f"`{base.name}`"


def _base(material: Material) -> str:
    base = material.base
    note = f", {base.note}" if base.note else ""
    weights: Mapping[str, str] = material.run.facts("base").get("weights", {})
    hashes = ", ".join(f"`{name}` `{sha256}`" for name, sha256 in weights.items())
    lines = [f"{_name(material)}{note}. {licence_of_base(material)}"]
    if hashes:
        lines.append(f"SHA-256 of the weights that were trained on: {hashes}.")
    return "\n\n".join(lines)


def _data(material: Material) -> str:
    """Where rows come from, what licences say of them, what was seen and what was held out."""
    run, card = material.run, material.run.dataset
    sources = card.get("sources", {})
    lines = [
        f"{card.get('rows', 'An unknown number of')} conversations with {card.get('distinct_prompts', 'an unknown number of')}"
        f" distinct prompts, chosen from {sources.get('recordings', 'an unknown number of')} recorded answers with the"
        f" strategy `{card.get('selection', {}).get('strategy', 'unknown')}`; SHA-256 of the rows"
        f" `{card.get('train_sha256', 'unknown')}`.",
        table_of_terms(run),
    ]
    if counts := rows_not_allowed(run):
        said = ", ".join(f"{term} {count}" for term, count in counts.items())
        lines.append(
            f"**Not all terms allow to train on these answers** (rows: {said}); what that means for this model is not"
            " decided here."
        )
    lines.append(f"{NO_ADVICE} `LICENCES.md` says where it was read.")
    for split, words in (
        ("seen", "Trained on"),
        ("variant", "Changed forms of those"),
        ("held_out", "Held out"),
    ):
        names = sorted(name for name, task in run.tuned.per_task.items() if task.split == split)
        if names or split != "variant":
            listed = ", ".join(f"`{name}`" for name in names) or "none"
            lines.append(f"{words}: {listed} ({count_of(len(names), 'test case')}).")
    found = card.get("overlap", {}).get("findings")
    if found is None:
        lines.append("What training rows share with held-out test cases was not measured.")
    else:
        lines.append(f"Overlaps of training rows with held-out test cases above the limits: {found}.")
    return "\n\n".join(lines)
