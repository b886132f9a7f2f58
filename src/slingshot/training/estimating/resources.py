"""What a training will need of memory and disk, and whether this machine has it."""

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, prod
from pathlib import Path

import torch

from slingshot.training.config import TrainingConfig
from slingshot.training.packing.plan import divide, plan_training
from slingshot.training.packing.trees import group_rows
from slingshot.training.rows.encoding import EncodedRow
from slingshot.training.step.decoder import FAMILIES
from slingshot.training.step.device import training_device, weights_dtype

_USUAL_WIDTH = 64  # of a head
# Python with torch and transformers before any model, and what the allocator does not give back between passes.
_PROCESS = 1400 << 20


@dataclass(frozen=True)
class ModelSize:
    """A model in numbers, as the shapes in its weight files and its config.json tell them.

    `body` counts the weights of the layers' matrices, `head` those of the output; `intermediate` is the longest
    side of a layer's matrix. `shapes` are those of all tensors, by name; `family` is the model's type.
    """

    shapes: dict[str, list[int]]
    family: str
    heads: int
    hidden: int
    intermediate: int
    layers: int
    vocabulary: int
    body: int

    @property
    def head(self) -> int:
        """Weights of the output matrix, shared with the embedding or not."""
        return self.hidden * self.vocabulary

    @property
    def parameters(self) -> int:
        """All weights."""
        return sum(prod(shape) for shape in self.shapes.values())


@dataclass(frozen=True)
class Needs:
    """Bytes that a training needs, foreseen: of memory for each purpose, and of disk for what it writes."""

    weights: int
    trained: int
    activations: int
    disk: int

    @property
    def memory(self) -> int:
        """All memory at once, with the process itself."""
        return _PROCESS + self.weights + self.trained + self.activations


def foresee(base: Path, rows: Sequence[EncodedRow], config: TrainingConfig) -> Needs:
    """Foresee a training of `rows` on the model in `base`, from the shapes in its weight files.

    - frozen weights: 2 bytes each in bfloat16, 4 in float32, 1 or 0.56 quantized; none where all are trained
    - trained ones: 16 bytes each (value, gradient and AdamW's two averages in float32), 8 with other optimizers
    - activations kept for the backward pass of the largest pass, in 2 or 4 bytes: for each token and layer 8 x hidden
      + 4 x intermediate numbers, for each pair of a token and one that it sees one in every head and layer; with
      gradient_checkpointing those of one layer, and hidden for the others. Where the head is not computed in parts
      (see `decoder.py`), 10 bytes x vocabulary for each learned token
    - disk: each checkpoint that is kept 12 bytes for each trained weight, the result 4

    Peaks of three trainings of SmolLM2-135M, with LoRA and in full, 4.2 to 7.6 GB: within 4 %.
    """
    about = model_size(base)
    width = 2 if in_bfloat16(config) else 4
    trained = trained_weights(about, config)
    frozen = 0.56 if config.load_in_4bit else 1 if config.load_in_8bit else width
    largest = _largest_pass(rows, config)
    inside = largest.tokens * (8 * about.hidden + 4 * about.intermediate) + largest.pairs * about.heads
    kept = inside * about.layers
    if config.gradient_checkpointing:
        kept = inside + largest.tokens * about.hidden * about.layers
    logits = 0 if _head_in_parts(about, config) else 10 * about.vocabulary * largest.learned
    return Needs(
        weights=0 if config.adapter is None else round(frozen * about.parameters),
        trained=(16 if config.optimizer.startswith("adamw") else 8) * trained,
        activations=round(kept * width) + logits,
        disk=trained * (4 + 12 * _checkpoints(len(rows), config)),
    )


def _head_in_parts(about: ModelSize, config: TrainingConfig) -> bool:
    """Whether the model is computed by hand, where an adapter alone is learned: see `read_decoder`."""
    other = (
        config.lora_dropout
        or config.peft_use_dora
        or config.lora_modules_to_save
        or config.lora_fan_in_fan_out
    )
    quantized = config.load_in_8bit or config.load_in_4bit
    return config.adapter is not None and about.family in FAMILIES and not (other or quantized)


def in_bfloat16(config: TrainingConfig) -> bool:
    """Whether weights are kept in bfloat16 here."""
    return bool(weights_dtype(config, training_device()) == torch.bfloat16)


def shortages(needs: Needs, out: Path, processes: int = 1) -> list[str]:
    """Sentences about memory or disk that will not be enough; unknown sizes, such as of a GPU's memory, are taken to be.

    The memory is needed in each of so many `processes` of this machine, however weights are spread over them later:
    each loads all of the model first.
    """
    short = []
    memory = available_memory() if training_device().type == "cpu" else None
    if memory is not None and processes * needs.memory > memory:
        times = f"{processes} times " if processes > 1 else ""
        short.append(
            f"training needs about {times}{_gb(needs.memory)} of memory (weights {_gb(needs.weights)}, trained weights with their "
            f"optimizer {_gb(needs.trained)}, activations {_gb(needs.activations)}) and {_gb(memory)} are free; lower "
            "micro_batch_size or sequence_len, set gradient_checkpointing, or take a smaller base_model"
        )
    place = next(folder for folder in (out.absolute(), *out.absolute().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    if needs.disk > free:
        short.append(
            f"{out}: checkpoints and result need about {_gb(needs.disk)} of disk and {_gb(free)} are free; set "
            "save_total_limit or another output_dir"
        )
    return short


def _checkpoints(rows: int, config: TrainingConfig) -> int:
    """How many checkpoints are kept, about: rows that share prompts may make a few steps fewer."""
    per_epoch = ceil(rows / (config.micro_batch_size * config.gradient_accumulation_steps))
    steps = config.max_steps or ceil(per_epoch * config.num_epochs)
    every = config.save_every(per_epoch, steps)
    written = steps // every if every else 0
    return min(written, config.save_total_limit or written)


@dataclass(frozen=True)
class _Group:
    """Rows that stay together, in numbers: `pairs` are those of a token and one that it attends to."""

    rows: int
    tokens: int
    learned: int
    pairs: float


def _largest_pass(rows: Sequence[EncodedRow], config: TrainingConfig) -> _Group:
    """The pass with the most tokens, of all that the training will make; of packed sequences, full ones."""
    if config.packing == "plain":
        alone = [_group([row]) for row in rows]
        most = config.micro_batch_size * config.sequence_len
        share = min(1.0, most / sum(one.tokens for one in alone))
        return _sum(alone, share)
    groups = [_group(rows) for rows in group_rows(rows, config.sequence_len)]
    if config.packing == "none":
        groups = [_group([row]) for row in rows]
    rows_per_step = config.micro_batch_size * config.gradient_accumulation_steps
    counts, tokens = [one.rows for one in groups], {number: one.tokens for number, one in enumerate(groups)}
    plan = plan_training(counts, rows_per_step, config.num_epochs, config.max_steps, config.seed)
    pieces = (
        piece for step in plan for piece in divide(step.groups, tokens, config.gradient_accumulation_steps)
    )
    return _sum([groups[number] for number in max(pieces, key=lambda piece: sum(tokens[n] for n in piece))])


def _group(rows: Sequence[EncodedRow]) -> _Group:
    """A prompt and its answers; where answers begin alike there is a little less."""
    prompt, answers = rows[0].prompt_length, [len(row.answer) for row in rows]
    pairs = prompt**2 / 2 + sum(answer * (prompt + answer / 2) for answer in answers)
    return _Group(len(rows), prompt + sum(answers), sum(row.supervised for row in rows), pairs)


def _sum(groups: Sequence[_Group], share: float = 1.0) -> _Group:
    return _Group(
        sum(one.rows for one in groups),
        round(share * sum(one.tokens for one in groups)),
        round(share * sum(one.learned for one in groups)),
        share * sum(one.pairs for one in groups),
    )


def available_memory() -> int | None:
    """Bytes that a new process may take: the kernel's estimate, and no more than a container's limit leaves."""
    try:
        found = re.search(r"^MemAvailable:\s*(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    except OSError:
        return None
    if not found:
        return None
    free = int(found[1]) * 1024
    try:
        limit = int(Path("/sys/fs/cgroup/memory.max").read_text())
        used = int(Path("/sys/fs/cgroup/memory.current").read_text())
    except (OSError, ValueError):  # no cgroup, or no limit ("max")
        return free
    return min(free, limit - used)


def model_size(folder: Path) -> ModelSize:
    """The numbers of a model in a Hugging Face folder; a vocabulary is its tallest embedding."""
    shapes = _shapes(folder)
    matrices = {name: shape for name, shape in shapes.items() if len(shape) == 2}
    embedding = next((shape for name, shape in matrices.items() if _outside(name)), [0, 0])
    linear = [shape for name, shape in matrices.items() if not _outside(name)]
    hidden = embedding[1] or min((min(shape) for shape in linear), default=0)
    layers = {found[1] for name in matrices if (found := re.search(r"\.(\d+)\.", name))}
    longest = max((max(shape) for shape in linear), default=0)
    about = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    heads = about.get("num_attention_heads") or hidden // _USUAL_WIDTH
    family = str(about.get("model_type"))
    return ModelSize(
        shapes, family, heads, hidden, longest, len(layers), embedding[0], sum(map(prod, linear))
    )


def trained_weights(size: ModelSize, config: TrainingConfig) -> int:
    """How many weights are trained."""
    if config.adapter is None:
        return size.parameters
    count = 0
    for name, shape in size.shapes.items():
        module = name.removesuffix(".weight")
        if any(module.endswith(saved) for saved in config.lora_modules_to_save or []):
            count += prod(shape)
        elif len(shape) == 2 and _adapted(module, config):
            count += config.lora_r * sum(shape) + (shape[0] if config.peft_use_dora else 0)
    return count


def _adapted(module: str, config: TrainingConfig) -> bool:
    targets = config.lora_target_modules
    if config.adapts_every_linear_layer or not targets:
        return not _outside(module)
    if isinstance(targets, str):
        return re.fullmatch(targets, module) is not None
    return any(module == target or module.endswith(f".{target}") for target in targets)


def _outside(name: str) -> bool:
    """Embeddings and the head: no layer's."""
    return re.search(r"\.\d+\.", name) is None


def _shapes(folder: Path) -> dict[str, list[int]]:
    """The shapes of all tensors in a Hugging Face folder, from the headers of its weight files."""
    from safetensors import safe_open

    shapes = dict[str, list[int]]()
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "numpy") as file:
            shapes |= {name: list(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118
    return shapes


def _gb(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
