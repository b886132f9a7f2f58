"""Shipping it: a merged model as GGUF files, converted and quantized by llama.cpp's own code."""

from slingshot.gguf.convert import convert
from slingshot.gguf.quantize import Quantized, quantize

__all__ = ["Quantized", "convert", "quantize"]
