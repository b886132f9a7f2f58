"""Hugging Face folders, with or without an adapter, read by transformers in float32."""

import gc
import inspect
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from slingshot.errors import RequestError, SlingshotError
from slingshot.files import readable_disk_errors
from slingshot.gguf.parity.forms import Form, Prompt
from slingshot.gguf.parity.reading import Reading, Script, Tokens, Vocabulary
from slingshot.threads import patient_threads

if TYPE_CHECKING:  # it imports torch
    from slingshot.models.chat import Chat

# Answers that are written side by side; more take more memory and little less time.
_SIDE_BY_SIDE = 16


def read_reference(
    form: Form, prompts: Sequence[Prompt], tokens: int, logits: Path
) -> tuple[Reading, list[Script], "Chat"]:
    """Let a form answer every prompt with at most `tokens` of its likeliest tokens, and read it on them.

    Returns:
        The reading, what every form is to be fed, and the form's own tokenizer.

    Raises:
        SlingshotError: the model cannot be read, or its template refuses a prompt.
    """
    started = time.monotonic()
    model, chat = _load(form)
    encoded = _encode(form, chat, prompts)
    ends = chat.ends(model.generation_config.eos_token_id)
    answers = _answers(model, encoded, ends, tokens)
    scripts = [Script(*parts) for parts in zip(prompts, encoded, answers, strict=True)]
    return _read(form, model, chat, encoded, scripts, logits, started), scripts, chat


def read_folder(form: Form, scripts: Sequence[Script], logits: Path) -> Reading:
    """Read a form on prompts and answers that are given.

    Raises:
        SlingshotError: the model cannot be read, or its template refuses a prompt.
    """
    started = time.monotonic()
    model, chat = _load(form)
    encoded = _encode(form, chat, [script.prompt for script in scripts])
    return _read(form, model, chat, encoded, scripts, logits, started)


def _load(form: Form) -> tuple[Any, "Chat"]:
    """The model in float32, ready to answer."""
    patient_threads()
    import torch

    from slingshot.models.chat import load

    gc.collect()  # the form before is gone before this one comes
    adapted = form.kind == "adapter"
    folder = form.base if adapted and form.base else form.path
    try:
        return load(folder, form.path if adapted else None, torch.float32)
    except SlingshotError as error:
        raise type(error)(f"{form.path}: {error}") from error


def _encode(form: Form, chat: "Chat", prompts: Sequence[Prompt]) -> list[Tokens]:
    """Every prompt's tokens, by the form's own template."""
    try:
        return [chat.prompt(prompt.messages) for prompt in prompts]
    except RequestError as error:
        raise SlingshotError(f"{form.path}: {error}") from error


def _answers(model: Any, prompts: Sequence[Tokens], ends: frozenset[int], tokens: int) -> list[Tokens]:
    """The likeliest tokens after each prompt, up to the first that ends an answer."""
    import torch
    from transformers import GenerationConfig

    # Nothing that a folder recommends, such as a penalty for repetition, may shape these answers.
    model.generation_config = GenerationConfig(
        do_sample=False, max_new_tokens=tokens, eos_token_id=sorted(ends) or None, pad_token_id=0
    )
    answers = list[Tokens]()
    for start in range(0, len(prompts), _SIDE_BY_SIDE):
        together = prompts[start : start + _SIDE_BY_SIDE]
        width = max(map(len, together))
        ids = torch.tensor([[0] * (width - len(prompt)) + list(prompt) for prompt in together])
        mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in together])
        with torch.inference_mode():
            written = model.generate(input_ids=ids, attention_mask=mask)[:, width:].tolist()
        for answer in written:
            length = next((at for at, token in enumerate(answer, 1) if token in ends), len(answer))
            answers.append(tuple(answer[:length]))
    return answers


def _read(
    form: Form,
    model: Any,
    chat: "Chat",
    encoded: Sequence[Tokens],
    scripts: Sequence[Script],
    logits: Path,
    started: float,
) -> Reading:
    """Feed every script alone, and keep the logits at the places of its answer."""
    import torch

    logits.mkdir(parents=True)
    cuts = "logits_to_keep" in inspect.signature(model.forward).parameters
    for number, script in enumerate(scripts):
        kept = len(script.answer)
        options = {"logits_to_keep": kept} if cuts else {}
        with torch.inference_mode():
            found = model(input_ids=torch.tensor([script.fed]), use_cache=False, **options).logits
        file = logits / f"{number}.npy"
        with readable_disk_errors(file):
            np.save(file, found[0, -kept:].float().numpy())
    words, added = chat.words()
    vocabulary = Vocabulary(words, added, chat.ends(model.generation_config.eos_token_id))
    program = f"transformers {version('transformers')} on torch {version('torch')}"
    return Reading(form, {program: encoded}, vocabulary, logits, time.monotonic() - started)
