"""Merging: the adapter's product is added to the weights it was trained beside, in float32."""

import shutil
import warnings
from pathlib import Path

from slingshot.errors import RequestError
from slingshot.folders import remove_folder, whole_folder
from slingshot.models.base_model import TEMPLATE_FILE, TOKENIZER_FILES, load_weights
from slingshot.training.rows.templates import check_template

_MODEL_FILES = ["config.json", "generation_config.json", "model.safetensors.index.json"]


def merge(adapter: Path, base: Path, out: Path) -> Path:
    """Merge `adapter` into `base` in float32 and write a Hugging Face folder `out`, whole or not at all.

    A model that was trained in full is merged already: its files are copied. A chat template that lies beside the
    adapter is the one that it was trained with, and takes the place of the base's.

    Raises:
        RequestError: there is no adapter in the folder, or its chat template would not reach a GGUF file.
    """
    if (adapter / "config.json").is_file():
        return _copy(adapter, out)
    if not (adapter / "adapter_model.safetensors").is_file():
        raise RequestError(f"{adapter}: no adapter_model.safetensors in this folder; train first")
    check_template(adapter, base)
    import torch
    from peft import PeftModel

    model = load_weights(base, torch.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks an attribute that transformers renames
        merged = PeftModel.from_pretrained(model, adapter).merge_and_unload()
    remove_folder(out)
    with whole_folder(out) as part:
        merged.save_pretrained(part)
        for source in (base, adapter):
            for name in TOKENIZER_FILES if source == base else [TEMPLATE_FILE]:
                if (source / name).exists():
                    shutil.copyfile(source / name, part / name)
    return out


def _copy(model: Path, out: Path) -> Path:
    """Copy what belongs to a model, and nothing of its training."""
    remove_folder(out)
    with whole_folder(out) as part:
        for file in model.iterdir():
            if file.suffix == ".safetensors" or file.name in (*_MODEL_FILES, *TOKENIZER_FILES):
                shutil.copyfile(file, part / file.name)
    return out
