"""The training section of a recipe: Axolotl's key names, checked one by one."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TrainingConfig(BaseModel):
    """How to fine-tune. The keys are Axolotl's; an unknown one is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    adapter: Literal["lora"] = Field("lora", description="train a LoRA adapter beside frozen weights")
    lora_r: int = Field(16, ge=1, description="rank of the adapter's matrices")
    lora_alpha: int = Field(32, ge=1, description="scale of the adapter, divided by its rank")
    lora_dropout: float = Field(0.0, ge=0, lt=1, description="share of adapter inputs dropped in training")
    lora_target_linear: Literal[True] = Field(True, description="adapt every linear layer but the head")
    sequence_len: int = Field(2048, ge=16, description="longest row in tokens; a longer one is an error")
    micro_batch_size: int = Field(8, ge=1, description="rows in a step, at least")
    num_epochs: int = Field(4, ge=1, description="how often every row is learned from")
    learning_rate: float = Field(1e-3, gt=0, description="the highest rate, reached after the warm-up")
    lr_scheduler: Literal["cosine", "constant"] = Field("cosine", description="course after the warm-up")
    warmup_steps: int = Field(4, ge=0, description="steps over which the rate rises from 0")
    weight_decay: float = Field(0.0, ge=0, description="AdamW's decay of the adapter's weights")
    max_grad_norm: float = Field(1.0, gt=0, description="gradients are scaled down to this norm")
    bf16: bool | Literal["auto"] = Field(
        "auto", description="frozen weights in bfloat16; auto: if the CPU can"
    )
    save_steps: int = Field(10, ge=1, description="steps between checkpoints")
    seed: int = Field(42, description="of the adapter's start and the order of rows")
