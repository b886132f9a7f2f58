"""How much the forms of a model may differ before they are called another model."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field, field_validator

from slingshot.errors import suggest
from slingshot.gguf.file_types import FILE_TYPES
from slingshot.gguf.parity.forms import Form


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Thresholds(_Section):
    """What a form must reach against its reference, on all prompts together."""

    greedy: float = Field(
        ge=0, le=1, description="least share of positions whose likeliest token is the same"
    )
    kl: float = Field(ge=0, description="largest mean divergence of the next token, in nats")
    ends: float = Field(ge=0, le=1, description="least share of answers that end at the same places")


# By the bits in a type's name: a few times what was measured on SmolLM2-135M, and from 3 bits down a guess, because
# hardly a tensor of that model fits those types. A small model suffers more from quantizing than a large one.
_BY_BITS: Mapping[int, Thresholds] = MappingProxyType(
    {
        8: Thresholds(greedy=0.96, kl=0.01, ends=0.85),
        6: Thresholds(greedy=0.93, kl=0.03, ends=0.8),
        5: Thresholds(greedy=0.88, kl=0.1, ends=0.75),
        4: Thresholds(greedy=0.8, kl=0.35, ends=0.6),
        3: Thresholds(greedy=0.65, kl=0.6, ends=0.4),
        2: Thresholds(greedy=0.5, kl=1.5, ends=0.0),
        1: Thresholds(greedy=0.2, kl=4.0, ends=0.0),
    }
)


class ParityConfig(_Section):
    """The section `parity` of a recipe: what is compared, and how much the forms may differ."""

    prompts: int = Field(8, ge=1, description="prompts of each kind, seen and held out")
    tokens: int = Field(64, ge=1, description="longest answer in tokens")
    seed: int = Field(1, ge=0, description="decides which prompts are taken")
    merged: Thresholds = Field(
        Thresholds(greedy=0.999, kl=1e-6, ends=1), description="a Hugging Face folder in float32"
    )
    f16: Thresholds = Field(
        Thresholds(greedy=0.99, kl=1e-4, ends=0.9),
        description="a GGUF file in f16 or f32, a folder in float16",
    )
    bf16: Thresholds = Field(
        Thresholds(greedy=0.98, kl=1e-3, ends=0.9), description="a GGUF file or a folder in bfloat16"
    )
    quantized: dict[str, Thresholds] = Field(
        {}, description="by GGUF type; types left out have thresholds by the bits in their name"
    )

    @field_validator("quantized")
    @classmethod
    def _known_types(cls, by_type: dict[str, Thresholds]) -> dict[str, Thresholds]:
        for name in by_type:
            if name not in FILE_TYPES:
                raise ValueError(f"{name} is no GGUF type{suggest(name, FILE_TYPES)}")
        return by_type

    def thresholds(self, form: Form) -> Thresholds:
        """What a form must reach against any of its references."""
        if form.type in self.quantized:
            return self.quantized[form.type]
        if form.type == "bf16":
            return self.bf16
        if form.type == "f16" or (form.is_whole and form.kind == "gguf"):
            return self.f16
        if form.kind != "gguf":
            return self.merged
        bits = re.search(r"\d", form.type)
        return _BY_BITS.get(int(bits[0]) if bits else 0, _BY_BITS[4])
