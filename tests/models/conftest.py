"""A tiny model and its adapter, made once a session."""

import pytest

from slingshot.threads import patient_threads
from tiny_model import write_tiny_adapter, write_tiny_model

patient_threads()  # before any test imports torch: it computes beside servers here


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    """A Hugging Face folder whose model answers in milliseconds."""
    return write_tiny_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="session")
def tiny_adapter(tiny_folder):
    """A peft folder that names the tiny model as its base."""
    return write_tiny_adapter(tiny_folder.with_name("fine"), tiny_folder)
