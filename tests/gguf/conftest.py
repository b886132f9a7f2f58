"""Tiny models of four families, converted once; and llama.cpp's library in a process of its own."""

import json
import subprocess
import sys

import pytest

from slingshot.gguf import About, convert
from tiny_families import FAMILIES, write_tiny_family

# Prints, for each file, the tokens of a text and the token that the model finds likeliest after them.
_LOAD = """
import json, sys
from cyllama.llama.llama_cpp import LlamaContext, LlamaContextParams, LlamaModel, disable_logging, llama_batch_get_one
disable_logging()
class Model(LlamaModel):
    n_vocab = property(lambda self: self.get_vocab().n_vocab)  # which the library asks for and does not define
def read(path):
    model = Model(path, verbose=False)
    tokens = model.get_vocab().tokenize(sys.argv[1], add_special=False, parse_special=True)
    context = LlamaContext(model, LlamaContextParams(), verbose=False)
    context.decode(llama_batch_get_one(tokens))
    logits = context.get_logits_ith(-1)
    del context  # before its model
    return tokens, max(range(len(logits)), key=logits.__getitem__)
print(json.dumps([read(path) for path in sys.argv[2:]]))
"""


@pytest.fixture(scope="session")
def families(tmp_path_factory):
    """A Hugging Face folder by the family's name, made when it is asked for."""
    place = tmp_path_factory.mktemp("families")

    def folder(family):
        assert family in FAMILIES
        made = place / family
        return made if made.exists() else write_tiny_family(made, family)

    return folder


@pytest.fixture(scope="session")
def about():
    """Where the converted models came from."""
    return About(base="org/base", licence="mit", adapter_sha256="ad" * 32, dataset_sha256="da" * 32)


@pytest.fixture(scope="session")
def converted(families, about, tmp_path_factory):
    """A family's f16 file, made when it is asked for."""
    place = tmp_path_factory.mktemp("converted")
    return lambda family: convert(families(family), place / f"{family}.f16.gguf", f"Tiny {family}", about)


@pytest.fixture(scope="session")
def read_by_llama_cpp():
    """The tokens of a text and the likeliest next one, by each of the files, in llama.cpp's library."""

    def read(text, *files):
        command = [sys.executable, "-c", _LOAD, text, *map(str, files)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1])

    return read
