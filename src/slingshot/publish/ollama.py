"""The Modelfile: what Ollama needs to ask a GGUF file as it was asked when it was measured."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from slingshot.gguf import GgufFile
from slingshot.publish.turns import ROLES, Message, Turns, find_turns

# What a sampling leaves out means "none of it" here, and something of Ollama's own there.
_NEITHER = {"top_k": "0", "min_p": "0.0", "repeat_penalty": "1.0"}


def modelfile(gguf: str, turns: Turns | None, benchmark: Mapping[str, Any]) -> str:
    """The content of a `Modelfile`.

    Args:
        gguf: name of the file, beside the Modelfile.
        turns: its chat template, without the mark that the tokenizer puts first by itself; None if it cannot be said
            in Ollama's template language.
        benchmark: how answers were drawn, with `temperature` and `top_p` where they are known.
    """
    lines = [f"FROM ./{gguf}", ""]
    template = go_template(turns) if turns else None
    if template is None:
        lines.append("# Its chat template is in the file; Ollama looks for one like it among those it knows:")
        lines.append("# compare with `ollama show --template` before you rely on its answers.")
    else:
        lines += [f'TEMPLATE """{template}"""', ""]
        if turns and turns.end_of_answer:
            lines.append(f'PARAMETER stop "{turns.end_of_answer}"')
        if turns and "system" not in turns.around:
            lines.append("# Its chat template has no place for a system message: Ollama leaves one out.")
    drawn = {key: benchmark[key] for key in ("temperature", "top_p") if key in benchmark}
    if drawn:
        lines.append("# As its answers were drawn when it was measured.")
        lines += [f"PARAMETER {key} {value}" for key, value in {**drawn, **_NEITHER}.items()]
    return "\n".join(lines) + "\n"


def go_template(turns: Turns) -> str | None:
    """A chat template in Go's template language over Ollama's `.System` and `.Messages`; None if it has no words for it."""
    texts = [turns.default, turns.opening, *(text for pair in turns.around.values() for text in pair)]
    unsayable = any("{{" in text or text.endswith("{") or '"""' in text for text in texts)
    if unsayable or '"' in turns.end_of_answer:
        return None
    parts = ["{{ $told := false }}"] if turns.joined else []
    if turns.default:
        parts.append("{{ if not .System }}" + turns.default + "{{ end }}")
    parts.append("{{ range .Messages }}")
    word = "if"
    for role in ROLES:
        if role not in turns.around:
            continue
        before, after = turns.around[role]
        if turns.joined and role == "user":
            before = "{{ if not $told }}" + before + "{{ end }}{{ $told = false }}"
        if turns.joined and role == "system":
            after += "{{ $told = true }}"
        parts.append(f'{{{{ {word} eq .Role "{role}" }}}}{before}{{{{ .Content }}}}{after}')
        word = "else if"
    return "".join([*parts, "{{ end }}{{ end }}", turns.opening])


def turns_of_file(gguf: GgufFile, model: Path) -> Turns | None:
    """The texts that Ollama must put around messages; None if the file's chat template is of another kind.

    The mark of the beginning is not among them where the tokenizer puts it by itself.

    Args:
        gguf: the file's header, which holds the template.
        model: the Hugging Face folder that it was made from, which knows the tokenizer's marks.
    """
    marks = _marks(model / "tokenizer_config.json")
    # Where the file is silent, llama.cpp goes by the kind of tokenizer.
    silent = gguf.metadata.get("tokenizer.ggml.model") == "llama"
    added = gguf.metadata.get("tokenizer.ggml.add_bos_token", silent)
    beginning = marks.get("bos_token", "") if added else ""
    # As transformers renders; what a template asks for beyond this makes it one of another kind.
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = _refuse

    def render(messages: Sequence[Message], opened: bool) -> str | None:
        try:
            template = environment.from_string(str(gguf.metadata["tokenizer.chat_template"]))
            text = template.render(messages=messages, add_generation_prompt=opened, **marks)
        except (KeyError, TemplateError, TypeError):
            return None
        return text.removeprefix(beginning)

    return find_turns(render)


def _marks(config: Path) -> dict[str, str]:
    """A tokenizer's special tokens that templates name, such as `bos_token`."""
    content = json.loads(config.read_text(encoding="utf-8")) if config.is_file() else {}
    tokens = {key: value for key, value in content.items() if key.endswith("_token")}
    texts = {key: value.get("content") if isinstance(value, dict) else value for key, value in tokens.items()}
    return {key: text for key, text in texts.items() if isinstance(text, str)}


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)
