"""Shipping it: a merged model as GGUF files, converted and quantized by llama.cpp's own code."""

from slingshot.gguf.about import About, about_model, read_about, stated_licence
from slingshot.gguf.convert import convert
from slingshot.gguf.file_types import FILE_TYPES, NEEDS_IMATRIX, WHOLE, known_type
from slingshot.gguf.header import GgufFile, Tensor, read_gguf
from slingshot.gguf.quantize import Quantized, check_quantizable, quantize

__all__ = [
    "FILE_TYPES",
    "NEEDS_IMATRIX",
    "WHOLE",
    "About",
    "GgufFile",
    "Quantized",
    "Tensor",
    "about_model",
    "check_quantizable",
    "convert",
    "known_type",
    "quantize",
    "read_about",
    "read_gguf",
    "stated_licence",
]
