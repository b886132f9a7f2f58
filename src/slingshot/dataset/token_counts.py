"""How long rows are in tokens: as the models counted them, and as the tokenizers of base models do."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from slingshot.dataset.files import Row


def recorded_counts(prompt: Sequence[int | None], answer: Sequence[int | None]) -> dict[str, Any]:
    """Statistics of what the models that answered counted, each with a tokenizer of its own.

    Counts of 0 or less are unknown, and left out; `unknown` says how many.
    """
    known = [count for count in answer if count and count > 0]
    asked = [count for count in prompt if count and count > 0]
    return {"prompt": statistics(asked), "answer": statistics(known), "unknown": len(answer) - len(known)}


def counts_by(tokenizer: Any, rows: Sequence[Row]) -> dict[str, Any]:
    """Statistics of one tokenizer, without the marks of a chat template."""
    lengths = [
        [
            len(ids)
            for ids in tokenizer([m["content"] for m in row.messages], add_special_tokens=False).input_ids
        ]
        for row in rows
    ]
    return {
        "prompt": statistics([sum(asked) for *asked, _ in lengths]),
        "answer": statistics([answer for *_, answer in lengths]),
    }


def load_tokenizer(name: str) -> Any:
    """The tokenizer of a base model, named as in `prepare_base_model`."""
    from transformers import AutoTokenizer

    from slingshot.models.base_model import prepare_base_model

    return AutoTokenizer.from_pretrained(prepare_base_model(name))


def statistics(counts: Sequence[int]) -> dict[str, float] | None:
    """Total, minimum, median, 95th percentile and maximum; None of nothing."""
    if not counts:
        return None
    return {
        "total": sum(counts),
        "min": min(counts),
        "median": float(np.median(counts)),
        "p95": round(float(np.percentile(counts, 95)), 1),
        "max": max(counts),
    }
