"""Chat templates: the base model's own, or another one that a configuration names.

What a model is served with comes from its base's files. A template of another name is therefore compared with
the base's on the rows at hand (`preflight`), and where it differs it must travel with the adapter.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from slingshot.errors import RequestError
from slingshot.files import write_text
from slingshot.models.base_model import TEMPLATE_FILE
from slingshot.training.config import TrainingConfig

_FOLDER = Path(__file__).parent / "chat_templates"
_OWN = "tokenizer_default"
_FALLBACK = "tokenizer_default_fallback_"
# Tokens that a built-in template prints: each must be one of the base model's vocabulary.
_MARKS = {
    "chatml": ("<|im_start|>", "<|im_end|>"),
    "qwen_25": ("<|im_start|>", "<|im_end|>"),
    "llama3": ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    "mistral": (),
    "gemma": ("<start_of_turn>", "<end_of_turn>"),
    "phi_3": ("<|user|>", "<|assistant|>", "<|end|>"),
}
BUILT_IN = tuple(sorted(_MARKS))


def asked_template(config: TrainingConfig, folder: Path) -> tuple[str | None, str | None]:
    """The one template that a configuration and its datasets ask for: a name, or a text (of a file in `folder`).

    Raises:
        RequestError: they ask for several; a model is served with one.
    """
    asked = {
        (entry.chat_template, entry.chat_template_jinja)
        if entry.chat_template or entry.chat_template_jinja
        else (config.chat_template, config.chat_template_jinja)
        for entry in [*config.datasets, *config.test_datasets]
        if entry.type in ("chat_template", "sharegpt")
    } or {(config.chat_template, config.chat_template_jinja)}
    if len(asked) > 1:
        names = ", ".join(sorted(str(name or _OWN) for name, _ in asked))
        raise RequestError(
            f"chat_template: the datasets ask for several ({names}), and a model is served with one; set one at the top"
        )
    ((name, jinja),) = asked
    if jinja and "{" not in jinja:
        try:
            jinja = (folder / jinja).read_text(encoding="utf-8")
        except OSError as error:
            raise RequestError(
                f"chat_template_jinja: {jinja} is no template and no file that can be read ({error.strerror})"
            ) from None
    return name, jinja


def chosen_template(tokenizer: Any, name: str | None, jinja: str | None = None) -> str:
    """The text of a template: `jinja` itself, a built-in one by name, else the tokenizer's own.

    Raises:
        RequestError: the tokenizer has none of its own, the name is unknown, or the template prints marks that
            are no tokens of this vocabulary.
    """
    if jinja:
        return jinja
    own = tokenizer.chat_template
    if name is None or name == _OWN or name.startswith(_FALLBACK):
        if own:
            return str(own)
        if name is None or name == _OWN:
            raise RequestError(
                "the base model's tokenizer has no chat template; name one: chat_template: chatml, llama3, ..."
            )
        name = name.removeprefix(_FALLBACK)
    if name not in _MARKS:
        raise RequestError(
            f"chat_template: {name} is not built in, only {', '.join(_MARKS)} are; if it is the base model's own, "
            f"write {_OWN}"
        )
    vocabulary = tokenizer.get_vocab()
    if missing := [mark for mark in _MARKS[name] if mark not in vocabulary]:
        raise RequestError(
            f"chat_template: {name} prints {', '.join(missing)}, no token of this base model, and vocabularies are "
            f"never changed; use {_OWN} or another base model"
        )
    return _built_in(name)


def may_travel(base: Path) -> bool:
    """Can another template go with an adapter of this base, as `chat_template.jinja` beside it?

    Not where `tokenizer_config.json` holds one: converting to GGUF takes that first, transformers the file.
    """
    return _configured(base) is None


def keep_template(template: str | None, out: Path) -> None:
    """Put the template that a training used beside its result; None: the base's own, and an earlier one is removed."""
    if template is None:
        (out / TEMPLATE_FILE).unlink(missing_ok=True)
    else:
        write_text(out / TEMPLATE_FILE, template)


def check_template(adapter: Path, base: Path) -> None:
    """See that the template beside an adapter, if there is one, would be used in every form of the merged model.

    Raises:
        RequestError: the base's `tokenizer_config.json` holds another one.
    """
    path = adapter / TEMPLATE_FILE
    if path.is_file() and _configured(base) not in (None, path.read_text(encoding="utf-8")):
        raise RequestError(
            f"{path}: the base model's tokenizer_config.json holds another chat template, which a GGUF file would get; "
            "remove the one that the model was not trained with"
        )


def _configured(base: Path) -> Any:
    """The template in `tokenizer_config.json`, if it holds one."""
    path = base / "tokenizer_config.json"
    return json.loads(path.read_bytes()).get("chat_template") if path.is_file() else None


@cache
def _built_in(name: str) -> str:
    return (_FOLDER / f"{name}.jinja").read_text(encoding="utf-8")
