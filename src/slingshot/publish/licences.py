"""What the licences of base and data say, as far as it is known; no legal advice."""

from collections.abc import Mapping, Sequence
from typing import Any

from slingshot.dataset.licences import Licence, licence_of
from slingshot.publish.contents import Material
from slingshot.publish.finished import FinishedRun
from slingshot.publish.markdown import plain, table

NO_ADVICE = "Read in public documents by people who are no lawyers; no legal advice."

# Identifiers that the Hugging Face hub takes as `license`; others go by the name `other`.
_IDENTIFIERS = """
afl-3.0 agpl-3.0 apache-2.0 artistic-2.0 bigcode-openrail-m bigscience-bloom-rail-1.0 bigscience-openrail-m bsd
bsd-2-clause bsd-3-clause bsl-1.0 cc cc-by-2.0 cc-by-3.0 cc-by-4.0 cc-by-nc-4.0 cc-by-nc-nd-4.0 cc-by-nc-sa-4.0
cc-by-nd-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc0-1.0 creativeml-openrail-m ecl-2.0 epl-2.0 eupl-1.1 eupl-1.2 gemma gfdl gpl
gpl-2.0 gpl-3.0 isc lgpl lgpl-2.1 lgpl-3.0 llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 mit mpl-2.0 ms-pl odbl
openrail openrail++ osl-3.0 pddl unlicense wtfpl zlib
"""
_ON_HUB = frozenset(_IDENTIFIERS.split())


def licence_keys(licence: str | None) -> dict[str, str]:
    """The base's licence as the head of a card on the hub has it; no key if it is not known."""
    if licence is None:
        return {}
    if licence.lower() in _ON_HUB:
        return {"license": licence.lower()}
    return {"license": "other", "license_name": licence}


def licence_of_base(material: Material) -> str:
    """A sentence on the base's licence."""
    base = material.base
    if base.licence is None:
        return "Its licence is not stated in its files: ask whoever made it before you use what was made from it."
    return f"Its licence is `{base.licence}` (stated {plain(base.said_in)})."


def rows_by_licence(run: FinishedRun) -> list[tuple[str, int, Licence]]:
    """The models whose answers were trained on, with their rows and what is known of their terms."""
    own = [Licence.model_validate(entry) for entry in run.inputs("dataset").get("licences", [])]
    counts: Mapping[str, Any] = run.dataset.get("rows_per_model", {})
    return [(model, int(rows), licence_of(model, own)) for model, rows in counts.items()]


def rows_not_allowed(run: FinishedRun) -> dict[str, int]:
    """Rows from models whose terms do not simply allow to train on them, by what the terms say."""
    counts: dict[str, int] = {}
    for _, rows, licence in rows_by_licence(run):
        if licence.training != "allowed":
            counts[licence.training] = counts.get(licence.training, 0) + rows
    return counts


def table_of_terms(run: FinishedRun) -> str:
    """A row for each model whose answers were trained on."""
    rows: Sequence[Sequence[object]] = [
        [plain(model), count, plain(licence.name), licence.training, plain(licence.note) or "–"]
        for model, count, licence in rows_by_licence(run)
    ]
    return table(["answers of", "rows", "licence or terms", "training on them", "note"], rows)


def licence_notes(material: Material) -> str:
    """The content of `LICENCES.md`."""
    sources = [
        f"- {plain(model)}: {plain(licence.source) or 'no document is known'}"
        + (f", {licence.date}" if licence.date else "")
        for model, _, licence in rows_by_licence(material.run)
    ]
    lines = [
        "# Licences",
        NO_ADVICE,
        f"## Base model\n\n`{material.base.name}`. {licence_of_base(material)}",
        "The weights here are made from it, so its terms bind them too.",
        "## Training data",
        table_of_terms(material.run),
        "Where that is said:\n\n" + "\n".join(sources),
    ]
    if texts := material.base.texts:
        lines.insert(4, "In its own words: " + ", ".join(f"`licence/{file.name}`" for file in texts) + ".")
    return "\n\n".join(lines) + "\n"
