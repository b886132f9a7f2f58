"""Slingshot: make a small language model beat a giant at your task, and hear the truth about it."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("slingshot")
except PackageNotFoundError:  # a source tree that nobody installed
    __version__ = "0+source"
