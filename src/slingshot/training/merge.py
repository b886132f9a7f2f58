"""Merging: the adapter's product is added to the weights it was trained beside, in float32."""

import shutil
import warnings
from pathlib import Path

from slingshot.errors import RequestError
from slingshot.folders import remove_folder, whole_folder
from slingshot.models.base_model import load_weights

# What belongs to the tokenizer and its template; copied byte for byte, never loaded and saved again.
TOKENIZER_FILES = [
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "chat_template.jinja",
]


def merge(adapter: Path, base: Path, out: Path) -> Path:
    """Merge `adapter` into `base` in float32 and write a Hugging Face folder `out`, whole or not at all.

    Raises:
        RequestError: there is no adapter in the folder.
    """
    if not (adapter / "adapter_model.safetensors").is_file():
        raise RequestError(f"{adapter}: no adapter_model.safetensors in this folder; train first")
    import torch
    from peft import PeftModel

    model = load_weights(base, torch.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks an attribute that transformers renames
        merged = PeftModel.from_pretrained(model, adapter).merge_and_unload()
    remove_folder(out)
    with whole_folder(out) as part:
        merged.save_pretrained(part)
        for name in TOKENIZER_FILES:
            if (base / name).exists():
                shutil.copyfile(base / name, part / name)
    return out
