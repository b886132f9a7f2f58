"""Templates in the JSON format of PromptingTools.jl, one in a file; the file's stem is the label.

A file is a list of messages, `{"content": …, "_type": "systemmessage" | "usermessage" | "metadatamessage"}`; other
keys are not needed: which placeholders there are is seen in the text. Templates whose user messages take
`{{feedback}}` are fix templates, all others prompt templates, and both may lie in one folder.
"""

import json
import re
from pathlib import Path
from typing import Any, NamedTuple

from slingshot.errors import RequestError
from slingshot.suite.prompts import DEFAULT_SYSTEM, FixTemplate, PromptTemplate

_FEEDBACK = "{{feedback}}"
# A label is a part of recordings' file names, between double underscores, and of lists with commas.
_LABEL = re.compile(r"(?!.*(?:__|_$))[\w.+-]+")


class _File(NamedTuple):
    """The messages in a template's file."""

    path: Path
    system: list[str]
    user: list[str]

    @property
    def label(self) -> str:
        return self.path.stem

    @property
    def is_fix(self) -> bool:
        return any(_FEEDBACK in text for text in self.user)


def load_templates(folder: Path) -> dict[str, PromptTemplate]:
    """The prompt templates below `folder`, by label.

    A template without a system message gets the one that PromptingTools sends then, `DEFAULT_SYSTEM`.

    Raises:
        RequestError: there is no template at all, two have one label, or a file is no template of one system
            and one user message.
    """
    return {file.label: _prompt_template(file) for file in _files(folder) if not file.is_fix}


def load_fix_templates(folder: Path) -> dict[str, FixTemplate]:
    """The fix templates below `folder`, by label: one user message for all rounds, or one for the first and one for later ones.

    Raises:
        RequestError: as `load_templates` does; a fix template has one or two user messages, and no other.
    """
    return {file.label: _fix_template(file) for file in _files(folder) if file.is_fix}


def _prompt_template(file: _File) -> PromptTemplate:
    for role, texts in (("system", file.system), ("user", file.user)):
        if len(texts) > 1:
            raise RequestError(
                f"{file.path}: {len(texts)} {role} messages; a prompt template has one, make one of them"
            )
    return PromptTemplate(file.label, file.system[0] if file.system else DEFAULT_SYSTEM, file.user[0])


def _fix_template(file: _File) -> FixTemplate:
    if file.system:
        raise RequestError(
            f"{file.path}: a fix template continues a conversation, which has its system message; remove this one"
        )
    if len(file.user) > 2:
        raise RequestError(
            f"{file.path}: {len(file.user)} user messages; a fix template has one, or one for the first round and"
            " one for later rounds"
        )
    for number, text in enumerate(file.user, 1):
        if _FEEDBACK not in text:
            raise RequestError(
                f"{file.path}: user message {number} of a fix template has no {_FEEDBACK}; write it where the"
                " feedback belongs"
            )
    return FixTemplate(file.label, file.user[0], file.user[-1])


def _files(folder: Path) -> list[_File]:
    """All templates below a folder, of either kind, sorted by path."""
    if not folder.is_dir():
        raise RequestError(
            f"{folder}: there is no such folder; templates are read from a folder of .json files"
        )
    paths = sorted(path for path in folder.rglob("*.json") if path.is_file())
    if not paths:
        raise RequestError(
            f"{folder}: no .json file below this folder; templates are PromptingTools' JSON files"
        )
    by_label: dict[str, Path] = {}
    for path in paths:
        if not _LABEL.fullmatch(path.stem):
            raise RequestError(
                f"{path}: {path.stem} cannot be a prompt label; use letters, digits and single - . _ in the name"
            )
        if earlier := by_label.get(path.stem):
            raise RequestError(f"{path}: the label {path.stem} is taken by {earlier}; rename one")
        by_label[path.stem] = path
    return [_read(path) for path in paths]


def _read(path: Path) -> _File:
    try:
        messages = json.loads(path.read_bytes())
    except OSError as error:
        raise RequestError(f"{path}: a template is a file that can be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{path}: not JSON ({error}); correct the file or move it elsewhere") from None
    if not isinstance(messages, list):
        raise RequestError(f"{path}: not a list of messages; correct the file or move it elsewhere")
    file = _File(path, [], [])
    for number, message in enumerate(messages, 1):
        kind, text = _kind_and_text(path, number, message)
        if kind == "systemmessage":
            file.system.append(text)
        elif kind == "usermessage":
            file.user.append(text)
        elif kind != "metadatamessage":
            raise RequestError(
                f"{path}: message {number} is of the type {kind!r}; a template has system and user messages, remove it"
            )
    if not file.user:
        raise RequestError(f"{path}: no user message; a template needs one that takes the problem")
    return file


def _kind_and_text(path: Path, number: int, message: Any) -> tuple[str, str]:
    try:
        kind, text = message["_type"], message["content"]
        text.encode()
    except (KeyError, TypeError, AttributeError):
        raise RequestError(
            f"{path}: message {number} is no object with texts under _type and content; correct it"
        ) from None
    except UnicodeEncodeError:
        raise RequestError(f"{path}: message {number} holds half a character; correct it") from None
    return str(kind), text
