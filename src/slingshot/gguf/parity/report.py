"""What parity found: the value of `parity.json`, and the sentence that stops a run."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from slingshot.errors import SlingshotError
from slingshot.gguf.parity.agreement import NEAR_TIE, Agreement, Measured
from slingshot.gguf.parity.config import ParityConfig
from slingshot.gguf.parity.forms import Form, Prompt

SETTINGS = (
    "float32 by transformers; by llama.cpp as it serves, but with keys and values in float32 and no fused attention"
    " (it rounds what meets f16 weights to f16, and what meets quantized ones to 8 bits)"
)


@dataclass(frozen=True)
class ParityReport:
    """What was compared, on what, by which programs.

    Attributes:
        config: what was asked for.
        prompts: what the forms were asked.
        forms: what was compared.
        programs: of each form, what read it.
        agreements: in the order of the chain.
        note: what was not compared, and why; "" where all was.
    """

    config: ParityConfig
    prompts: Sequence[Prompt]
    forms: Sequence[Form]
    programs: dict[str, list[str]]
    agreements: Sequence[Agreement]
    note: str = ""

    @property
    def agrees(self) -> bool:
        """Whether every form is the same model within its thresholds."""
        return not any(agreement.faults for agreement in self.agreements)

    def check(self) -> None:
        """Refuse forms that differ.

        Raises:
            SlingshotError: a form is beyond its thresholds; the first one is named, with what it says first that
                its reference does not.
        """
        for found in self.agreements:
            if found.faults:
                where = f"; {found.divergence.sentence}" if found.divergence else ""
                raise SlingshotError(
                    f"{found.form} is not the model that {found.reference} is: {'; '.join(found.faults)}{where}."
                    f" Make {found.form} anew from {found.reference}, or change its thresholds under `parity`"
                )

    def to_json(self) -> dict[str, Any]:
        """The value that `parity.json` holds."""
        counts = Counter(prompt.split for prompt in self.prompts)
        return {
            "version": 1,
            "agrees": self.agrees,
            "note": self.note or None,
            "prompts": {"seen": counts["seen"], "held_out": counts["held_out"]},
            "tokens": self.config.tokens,
            "seed": self.config.seed,
            "settings": SETTINGS,
            "near_tie_nats": NEAR_TIE,
            "forms": [
                {
                    "name": form.name,
                    "kind": form.kind,
                    "path": str(form.path),
                    "type": form.type,
                    "read_by": self.programs[form.name],
                }
                for form in self.forms
            ],
            "agreements": [_agreement(agreement) for agreement in self.agreements],
        }


def _agreement(found: Agreement) -> dict[str, Any]:
    return {
        "form": found.form,
        "reference": found.reference,
        "agrees": not found.faults,
        "faults": found.faults,
        "thresholds": found.thresholds.model_dump(),
        "on": {split: _measured(measured) for split, measured in found.on.items()},
        "ended": found.ended,
        "flips": found.flips,
        "near_ties": found.near_ties,
        "first_divergence": asdict(found.divergence) if found.divergence else None,
        "text_difference": asdict(found.text) if found.text else None,
        "seconds": round(found.seconds, 3),
    }


def _measured(found: Measured) -> dict[str, Any]:
    return {
        "prompts": found.prompts,
        "positions": found.positions,
        "greedy_equal": found.greedy_equal.mean,
        "greedy_low": found.greedy_equal.low,
        "greedy_high": found.greedy_equal.high,
        "kl_mean": _number(found.kl.mean),
        "kl_low": found.kl.low,
        "kl_high": found.kl.high,
        "kl_max": _number(found.kl_max),
        "ends_equal": found.ends_equal,
    }


def _number(value: float) -> float | None:
    """JSON has no word for infinite, nor for what is no number."""
    return value if math.isfinite(value) else None
