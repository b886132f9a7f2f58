"""Merging through peft, with the whole base in memory: for what is not plain LoRA."""

import warnings
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch

from slingshot.errors import RequestError, SlingshotError, first_line
from slingshot.models.base_model import load_weights
from slingshot.training.merging.adapter import read_adapter
from slingshot.training.merging.writing import Dtype


def merge_in_memory(adapter: Path, base: Path, out: Path, dtype: Dtype | None) -> None:
    """Merge in float32 and write weights and configuration into the folder `out`.

    Raises:
        RequestError: peft cannot merge this adapter or does not know it, or a tensor belongs to nothing in the base.
        SlingshotError: tensors are missing in the base's files.
    """
    from transformers import AutoConfig

    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # about what is refused here, and about weights that are merged at once
        config = _settings(adapter)
        model, found = load_weights(base, torch.float32, output_loading_info=True)
        if missing := sorted(found["missing_keys"]):
            raise SlingshotError(f"{base}: {missing[0]} is missing in its weights; fetch or make it again")
        try:
            merged = _merged(model, config, adapter)
        except (ValueError, RuntimeError, AttributeError, KeyError, TypeError) as error:
            reason = first_line(error)
            raise RequestError(
                f"{adapter}: peft cannot merge it ({reason}); serve it beside its base"
            ) from error
    stored = getattr(torch, dtype) if dtype else AutoConfig.from_pretrained(base).dtype
    merged.to(stored or torch.float32).save_pretrained(out)


def _settings(adapter: Path) -> Any:
    """The adapter's settings as peft's own object, which would leave out what it does not know."""
    from peft import PeftConfig

    config = PeftConfig.from_pretrained(adapter)
    if config.is_prompt_learning:
        raise RequestError(
            f"{adapter} changes no weights, so it cannot be merged into any; serve it beside its base"
        )
    known = {field.name for field in fields(config)}
    for key, value in sorted(read_adapter(adapter).settings.items()):
        if value and key not in known:
            raise RequestError(f"{adapter}: peft as it is installed here does not know {key}; upgrade it")
    return config


def _merged(model: Any, config: Any, adapter: Path) -> Any:
    from peft import get_peft_model, set_peft_model_state_dict
    from peft.utils import load_peft_weights

    adapted = get_peft_model(model, config)
    loaded = set_peft_model_state_dict(adapted, load_peft_weights(str(adapter), device="cpu"))
    if loaded.unexpected_keys:
        raise RequestError(
            f"{adapter}: {sorted(loaded.unexpected_keys)[0]} belongs to nothing in this base; name the base that the "
            "adapter was trained on"
        )
    return adapted.merge_and_unload(safe_merge=True)
