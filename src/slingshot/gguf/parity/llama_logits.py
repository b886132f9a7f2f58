"""A GGUF file read by llama.cpp as a library, in a process of its own: what it holds likely after every token.

    python -m slingshot.gguf.parity.llama_logits MODEL.gguf REQUEST.json FOLDER

The request is `{"texts": [text], "scripts": [{"fed": [token], "answers": n}], "threads": n}`. The folder receives
`N.npy` for every script, the logits at its last n positions as float32 of shape (n, words), and last `reading.json`:
`{"tokens": [[token] for each text], "words": [word or null], "ends": [token], "version"}`.

Keys and values are kept in float32 and attention is computed without fusing, both unlike llama.cpp's defaults, so
that what is compared are weights and not the precision of a cache.
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

_F32 = 0  # ggml's number for the type
_WITHOUT_FLASH_ATTENTION = 0
_MOST_TOKENS_AT_ONCE = 512


def main() -> None:
    """Read the file as the request says."""
    path, request, out = sys.argv[1], json.loads(Path(sys.argv[2]).read_bytes()), Path(sys.argv[3])
    from cyllama._internal import build_config
    from cyllama.llama import llama_cpp

    llama_cpp.disable_logging()
    llama_cpp.ggml_backend_load_all()

    class Model(llama_cpp.LlamaModel):  # type: ignore[misc]
        @property
        def n_vocab(self) -> int:  # which the library asks for when logits are wanted, and forgot to define
            return int(self.get_vocab().n_vocab)

    model = Model(path, llama_cpp.LlamaModelParams(), verbose=False)
    vocabulary = model.get_vocab()
    _write_logits(llama_cpp, model, request["scripts"], request["threads"], out)
    count = vocabulary.n_vocab
    reading = {
        "tokens": [vocabulary.tokenize(text, True, True) for text in request["texts"]],
        "words": [_word(vocabulary, token) for token in range(count)],
        "ends": [token for token in range(count) if vocabulary.is_eog(token)],
        "version": f"{build_config.versions().get('llama_cpp_version')} in cyllama {version('cyllama')}",
    }
    (out / "reading.json").write_text(json.dumps(reading))


def _write_logits(llama_cpp: Any, model: Any, scripts: list[dict[str, Any]], threads: int, out: Path) -> None:
    longest = max(len(script["fed"]) for script in scripts)
    parameters = llama_cpp.LlamaContextParams()
    parameters.n_ctx = longest
    parameters.n_batch = longest
    parameters.n_ubatch = min(longest, _MOST_TOKENS_AT_ONCE)
    parameters.n_threads = parameters.n_threads_batch = threads
    parameters.type_k = parameters.type_v = _F32
    parameters.flash_attn_type = _WITHOUT_FLASH_ATTENTION
    context = llama_cpp.LlamaContext(model, parameters)
    batch = llama_cpp.LlamaBatch(n_tokens=longest, embd=0, n_seq_max=1)
    for number, script in enumerate(scripts):
        context.kv_cache_clear()
        batch.clear()
        first = len(script["fed"]) - script["answers"]
        for position, token in enumerate(script["fed"]):
            batch.add(token, position, [0], position >= first)
        context.decode(batch)
        rows = [np.array(context.get_logits_ith(first + row), np.float32) for row in range(script["answers"])]
        np.save(out / f"{number}.npy", np.stack(rows))


def _word(vocabulary: Any, token: int) -> str | None:
    try:
        return str(vocabulary.get_text(token))
    except UnicodeDecodeError:
        return None


if __name__ == "__main__":
    main()
