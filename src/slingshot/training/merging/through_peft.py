"""Merging through peft, with the whole base in memory: for what is not plain LoRA."""

import warnings
from pathlib import Path

import torch

from slingshot.errors import RequestError, SlingshotError
from slingshot.models.base_model import load_weights
from slingshot.training.merging.writing import Dtype


def merge_in_memory(adapter: Path, base: Path, out: Path, dtype: Dtype | None) -> None:
    """Merge in float32 and write weights and configuration into the folder `out`.

    Raises:
        RequestError: peft cannot merge this adapter, or a tensor of it belongs to nothing in the base.
        SlingshotError: tensors are missing in the base's files.
    """
    from peft import PeftConfig, get_peft_model, set_peft_model_state_dict
    from peft.utils import load_peft_weights
    from transformers import AutoConfig

    model, found = load_weights(base, torch.float32, output_loading_info=True)
    if missing := sorted(found["missing_keys"]):
        raise SlingshotError(f"{base}: {missing[0]} is missing in its weights; fetch or make it again")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about names, and about weights that are merged at once
        try:
            adapted = get_peft_model(model, PeftConfig.from_pretrained(adapter))
            loaded = set_peft_model_state_dict(adapted, load_peft_weights(str(adapter), device="cpu"))
            if loaded.unexpected_keys:
                raise RequestError(
                    f"{adapter}: {sorted(loaded.unexpected_keys)[0]} belongs to nothing in this base; name the base "
                    "that the adapter was trained on"
                )
            merged = adapted.merge_and_unload(safe_merge=True)
        except (ValueError, RuntimeError, AttributeError, KeyError, TypeError, NotImplementedError) as error:
            reason = str(error).splitlines()[0]
            raise RequestError(
                f"{adapter}: peft cannot merge it ({reason}); serve it beside its base"
            ) from error
    stored = getattr(torch, dtype) if dtype else AutoConfig.from_pretrained(base).dtype
    merged.to(stored or torch.float32).save_pretrained(out)
