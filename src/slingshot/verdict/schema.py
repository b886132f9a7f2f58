"""The JSON schema of `verdict.json`, for readers in other languages: `verdict.schema.json` beside this module.

`python -m slingshot.verdict.schema > src/slingshot/verdict/verdict.schema.json` makes it from the model.
"""

import json
from importlib.resources import files
from typing import Any

from slingshot.verdict.contract import Verdict

FILE = "verdict.schema.json"


def shipped_schema() -> dict[str, Any]:
    """The schema as it is shipped (JSON Schema, draft 2020-12)."""
    text = (files("slingshot.verdict") / FILE).read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def schema_of_model() -> dict[str, Any]:
    """The schema that the model has now."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return head | Verdict.model_json_schema(mode="validation")


if __name__ == "__main__":
    print(json.dumps(schema_of_model(), indent=2))
