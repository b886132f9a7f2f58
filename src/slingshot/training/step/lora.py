"""What of a model is trained: an adapter beside frozen weights, as peft lays it, or every weight."""

import importlib.util
import warnings
from typing import Any

import torch

from slingshot.errors import MissingTool
from slingshot.training.config import TrainingConfig


def prepare_to_learn(model: Any, config: TrainingConfig) -> Any:
    """The model with what the configuration asks for on it, in training mode; same seed, same adapter."""
    if config.gradient_checkpointing:
        newer = getattr(model, "activation_checkpointing_enable", None)
        (newer or model.gradient_checkpointing_enable)({"use_reentrant": False})
    if config.adapter is None:
        return model.requires_grad_(True).train()
    from peft import LoraConfig, get_peft_model

    lora = LoraConfig(
        r=config.lora_r,
        lora_alpha=config.lora_alpha,
        lora_dropout=config.lora_dropout,
        target_modules="all-linear" if config.adapts_every_linear_layer else config.lora_target_modules,
        modules_to_save=config.lora_modules_to_save,
        fan_in_fan_out=config.lora_fan_in_fan_out,
        use_dora=config.peft_use_dora,
        use_rslora=config.peft_use_rslora,
        task_type="CAUSAL_LM",
    )
    torch.manual_seed(config.seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # peft asks an attribute that transformers renames
        return get_peft_model(model, lora).train()


def quantization_options(config: TrainingConfig, dtype: torch.dtype) -> dict[str, Any]:
    """What `from_pretrained` has to know to keep frozen weights in 8 or 4 bits; nothing if they are whole.

    Raises:
        MissingTool: bitsandbytes is not installed.
    """
    if not (config.load_in_8bit or config.load_in_4bit):
        return {}
    if importlib.util.find_spec("bitsandbytes") is None:
        key = "load_in_8bit" if config.load_in_8bit else "load_in_4bit"
        raise MissingTool(f"{key} needs the package bitsandbytes; pip install it, or remove that key")
    from transformers import BitsAndBytesConfig

    return {
        "quantization_config": BitsAndBytesConfig(
            load_in_8bit=config.load_in_8bit,
            load_in_4bit=config.load_in_4bit,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_compute_dtype=dtype,
        )
    }
