"""A publication: prepared whole, then written to a folder or uploaded to a hub."""

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slingshot.errors import RequestError
from slingshot.files import sha256_of_text, write_text
from slingshot.folders import whole_folder
from slingshot.hub import upload_folder
from slingshot.publish.card import model_card
from slingshot.publish.contents import Material, Part, adapter_texts, collect, default_parts
from slingshot.publish.finished import read_finished_run
from slingshot.publish.licences import licence_notes, rows_not_allowed
from slingshot.publish.ollama import modelfile, turns_of_file
from slingshot.verdict.wording import count_of

SUMS = "SHA256SUMS"


@dataclass(frozen=True)
class Publication:
    """What would be published.

    Attributes:
        name: of the model.
        texts: made for the publication, by their names in it; `README.md` is the card.
        files: copied as they are, likewise.
        notes: what whoever publishes should know, each without a full stop.
    """

    name: str
    texts: Mapping[str, str]
    files: Mapping[str, Path]
    notes: Sequence[str]

    @property
    def sizes(self) -> dict[str, int]:
        """The bytes of everything, by its name in the publication."""
        sizes = {name: len(text.encode()) for name, text in self.texts.items()}
        sizes |= {name: path.stat().st_size for name, path in self.files.items()}
        return dict(sorted(sizes.items()))


def prepare_publication(run_folder: Path, parts: Sequence[Part] = ()) -> Publication:
    """Check a run, and write its card, notes and Modelfile in memory.

    Args:
        run_folder: a finished run, `runs/NAME`.
        parts: what is published of it, see `PARTS`; none: as `default_parts` says.

    Raises:
        RequestError: the run is not finished, or a part is not there.
        SlingshotError: a file has changed since it was measured.
    """
    run = read_finished_run(run_folder)
    material = collect(run, parts or default_parts(run))
    texts = {"README.md": model_card(material), "LICENCES.md": licence_notes(material)}
    texts |= adapter_texts(material)
    if material.gguf:
        turns = turns_of_file(material.gguf[0], run.folder / "merged")
        asked = run.inputs("ask").get("benchmark", {})
        texts["Modelfile"] = modelfile(material.gguf[0].path.name, turns, asked)
    sums = {name: sha256_of_text(text) for name, text in texts.items()} | dict(material.sha256)
    texts[SUMS] = "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items()))
    return Publication(run.name, texts, material.files, _notes(material, texts))


def write_publication(publication: Publication, out: Path) -> Path:
    """Write a publication to the new folder `out`, whole or not at all; return it.

    Raises:
        RequestError: there is something at `out`.
        SlingshotError: the disk is full, or the folder may not be written.
    """
    if out.exists():
        raise RequestError(
            f"{out}: there is something already; name a folder that is not there, or remove it"
        )
    with whole_folder(out) as part:
        _lay_out(publication, part, shutil.copyfile)
    return out


def upload_publication(
    publication: Publication, repo: str, *, private: bool, report: Callable[[str], None] = lambda text: None
) -> str:
    """Upload a publication to the repository `repo` in one commit, see `upload_folder`; return its address.

    Raises:
        RequestError: the name, the token or the repository is not right.
        SlingshotError: the hub refuses, has no room, or cannot be reached.
    """
    with tempfile.TemporaryDirectory(prefix="slingshot-publish-") as folder:
        # Links: what may be gigabytes is not copied to be sent.
        _lay_out(publication, Path(folder), lambda source, target: target.symlink_to(source.absolute()))
        message = f"{publication.name} and its verdict"
        return upload_folder(Path(folder), repo, private=private, message=message, report=report)


def _lay_out(publication: Publication, folder: Path, put: Callable[[Path, Path], object]) -> None:
    for name, text in publication.texts.items():
        write_text(folder / name, text)
    for name, path in publication.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        put(path, folder / name)


def _notes(material: Material, texts: Mapping[str, str]) -> list[str]:
    """What is not as one would wish, for whoever publishes."""
    run, notes = material.run, []
    made = ("charts/", "licence/")  # drawn from the verdict, or not of the run
    names = [name for name, path in material.files.items() if path not in run.sha256]
    if unknown := sorted({name.split("/")[0] for name in names if not name.startswith(made)}):
        notes.append(
            f"no manifest holds a hash of {', '.join(unknown)}: a change since then would not be noticed"
        )
    if material.base.licence is None:
        notes.append("the base model's files do not state its licence, and neither does the card")
    for term, count in rows_not_allowed(run).items():
        notes.append(f"{count_of(count, 'training row')} from models whose terms on training say: {term}")
    if "Modelfile" in texts and "TEMPLATE" not in texts["Modelfile"]:
        notes.append(
            "the chat template cannot be said in Ollama's template language, so the Modelfile has none"
        )
    return notes
