"""Merging: the adapter's product is added to the weights it was trained beside, in float32."""

import shutil
import tempfile
import warnings
from pathlib import Path

from slingshot.errors import RequestError
from slingshot.files import readable_disk_errors

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
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks an attribute that transformers renames
        merged = PeftModel.from_pretrained(model, adapter).merge_and_unload()
    out.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        with readable_disk_errors(out):
            merged.save_pretrained(part)
            for name in TOKENIZER_FILES:
                if (base / name).exists():
                    shutil.copyfile(base / name, part / name)
            part.chmod(0o755)
            shutil.rmtree(out, ignore_errors=True)
            part.rename(out)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return out
