"""What a training will need of memory and disk, and whether this machine has it."""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, prod
from pathlib import Path

from slingshot.processor import cpu_has_bf16
from slingshot.training.config import TrainingConfig
from slingshot.training.encoding import EncodedRow
from slingshot.training.packing import group_rows

_PROCESS = 700 << 20  # Python with torch and transformers, before any model


@dataclass(frozen=True)
class ModelSize:
    """A model in numbers, as the shapes in its weight files tell them.

    `body` counts the weights of the layers' matrices, `head` those of the output; `intermediate` is the longest
    side of a layer's matrix. `shapes` are those of all tensors, by name.
    """

    shapes: dict[str, list[int]]
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
    - activations kept for the backward pass: for each token of the largest pass (the longest sequences that have
      `micro_batch_size` rows) and layer 8 x hidden + 4 x intermediate numbers of 2 bytes in bfloat16, 7 in float32
      (which keeps more copies), with gradient_checkpointing one layer's and hidden for the others; for each learned
      token 10 bytes x vocabulary. Measured peaks of SmolLM2-135M were within a fifth of the whole
    - disk: each checkpoint that is kept 12 bytes for each trained weight, the result 4
    """
    about = model_size(base)
    in_bf16 = in_bfloat16(config)
    width = 2 if in_bf16 else 4
    trained = trained_weights(about, config)
    frozen = 0.56 if config.load_in_4bit else 1 if config.load_in_8bit else width
    tokens, learned = _largest_pass(rows, config)
    inside = 8 * about.hidden + 4 * about.intermediate
    whole = about.layers * inside
    kept = about.layers * about.hidden + inside if config.gradient_checkpointing else whole
    return Needs(
        weights=0 if config.adapter is None else round(frozen * about.parameters),
        trained=(16 if config.optimizer.startswith("adamw") else 8) * trained,
        activations=tokens * kept * (2 if in_bf16 else 7) + learned * about.vocabulary * 10,
        disk=trained * (4 + 12 * _checkpoints(len(rows), config)),
    )


def in_bfloat16(config: TrainingConfig) -> bool:
    """Whether weights are kept in bfloat16 here."""
    return cpu_has_bf16() if config.bf16 == "auto" else bool(config.bf16)


def shortages(needs: Needs, out: Path) -> list[str]:
    """Sentences about memory or disk that will not be enough; unknown sizes are taken to be."""
    short = []
    memory = available_memory()
    if memory is not None and needs.memory > memory:
        short.append(
            f"training needs about {_gb(needs.memory)} of memory (weights {_gb(needs.weights)}, trained weights with their "
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


def _largest_pass(rows: Sequence[EncodedRow], config: TrainingConfig) -> tuple[int, int]:
    """Tokens that may go through the model at once, and learned ones among them."""
    groups = group_rows(rows, config.sequence_len) if config.packing == "shared" else [[row] for row in rows]
    sizes = [(group[0].prompt_length + sum(len(row.answer) for row in group), group) for group in groups]
    tokens = learned = count = 0
    for size, group in sorted(sizes, key=lambda pair: -pair[0]):
        if count >= config.micro_batch_size:
            break
        tokens += size
        learned += sum(row.supervised for row in group)
        count += len(group)
    return tokens, learned


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
    return ModelSize(shapes, hidden, longest, len(layers), embedding[0], sum(map(prod, linear)))


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
