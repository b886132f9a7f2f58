"""Publishing it: a finished run as a folder or a repository that others can check, run and judge for themselves.

`prepare_publication` refuses what is not finished or has changed since it was measured, and writes the model card,
the notes on licences, Ollama's Modelfile and the checksums; `write_publication` and `upload_publication` bring them
out with the chosen files.
"""

from slingshot.publish.contents import PARTS, Part
from slingshot.publish.publication import (
    Publication,
    prepare_publication,
    upload_publication,
    write_publication,
)

__all__ = [
    "PARTS",
    "Part",
    "Publication",
    "prepare_publication",
    "upload_publication",
    "write_publication",
]
