"""What is compared: the forms of one model, and the prompts that they are given."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from slingshot.errors import RequestError
from slingshot.gguf.file_types import WHOLE
from slingshot.gguf.header import read_gguf
from slingshot.training.base_record import check_base, check_unchanged

Messages = list[dict[str, str]]
Split = Literal["seen", "held_out"]


@dataclass(frozen=True)
class Form:
    """One form of a model.

    Attributes:
        name: as it is called in tables, such as `merged` or `Q5_K_M`.
        kind: an `adapter` beside its base model, a whole Hugging Face folder (`hf`), or a `gguf` file.
        path: the folder or the file.
        type: of its weights: `f32`, `f16`, `bf16`, or a quantized GGUF type such as `Q5_K_M`.
        base: of an adapter, the Hugging Face folder of its base model.
    """

    name: str
    kind: Literal["adapter", "hf", "gguf"]
    path: Path
    type: str = "f32"
    base: Path | None = None

    @property
    def is_whole(self) -> bool:
        """Whether its weights are not quantized."""
        return self.type in WHOLE


@dataclass(frozen=True)
class Prompt:
    """What a form is asked.

    Attributes:
        name: of where it comes from, such as a test case and a prompt label.
        messages: up to the answer.
        split: whether the model was trained on it.
    """

    name: str
    messages: Messages
    split: Split


def trained_form(folder: Path, base: Path | None) -> Form:
    """What training left in a folder: an adapter of `base`, or a whole model.

    Raises:
        RequestError: it is neither, it is an adapter whose base model is not given or another than it was trained
            on, or it was changed since.
    """
    if not (folder / "adapter_config.json").is_file():
        if (folder / "config.json").is_file():
            return folder_form(folder, "trained")
        raise RequestError(f"{folder}: neither an adapter nor a model in this folder; train first")
    if base is None:
        raise RequestError(f"{folder}: an adapter is compared beside its base model; name it with --base")
    check_base(folder, base)
    check_unchanged(folder)
    return Form("adapter", "adapter", folder, base=base)


def folder_form(folder: Path, name: str) -> Form:
    """A whole model in a Hugging Face folder as a form.

    Raises:
        RequestError: there are no readable weights in the folder.
    """
    from safetensors import SafetensorError, safe_open

    kinds = set[str]()
    try:
        for path in folder.glob("*.safetensors"):
            with safe_open(path, "numpy") as file:
                kinds |= {file.get_slice(key).get_dtype().lower() for key in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise RequestError(f"{folder}: its weights cannot be read ({error}); make them again") from None
    if not kinds:
        raise RequestError(f"{folder}: no weights in this folder; make them with `slingshot merge`")
    coarsest = next((kind for kind in ("bf16", "f16") if kind in kinds), "f32")
    return Form(name, "hf", folder, coarsest)


def gguf_form(path: Path, name: str | None = None) -> Form:
    """A GGUF file as a form; it is called by its type unless `name` says otherwise.

    Raises:
        RequestError: there is no such file, or it is no GGUF file.
        SlingshotError: the file is damaged.
    """
    kind = read_gguf(path).file_type
    return Form(name or kind, "gguf", path, kind)


def choose_prompts(
    seen: Iterable[tuple[str, Messages]], held_out: Iterable[tuple[str, Messages]], count: int, seed: int
) -> list[Prompt]:
    """`count` prompts of each kind, or all there are; the same ones for the same seed.

    Args:
        seen: names and messages of prompts that were trained on; the same messages count once.
        held_out: those of prompts that were not; what is among the seen ones is left out.
        count: prompts of each kind.
        seed: of the choice.

    Raises:
        RequestError: there is no prompt at all.
    """
    known, chosen = list[Messages](), list[Prompt]()
    kinds: list[tuple[Split, Iterable[tuple[str, Messages]]]] = [("seen", seen), ("held_out", held_out)]
    for split, prompts in kinds:
        distinct = []
        for name, messages in prompts:
            if messages not in known:
                known.append(messages)
                distinct.append(Prompt(name, messages, split))
        picked = Random(seed).sample(range(len(distinct)), min(count, len(distinct)))
        chosen += [distinct[number] for number in sorted(picked)]
    if not chosen:
        raise RequestError("there is no prompt to compare the forms on; name a file with prompts")
    return chosen
