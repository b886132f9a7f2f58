"""Who is asked: models named on the command line or in a YAML file, and where their keys come from.

On the command line a model is `NAME`, `NAME@URL`, `NAME@URL,URL,…`, or a path. In a file:

```yaml
models:
  - name: gpt-4o                          # as it is recorded
    url: https://api.openai.com/v1        # any OpenAI-compatible endpoint; left out: the default one
  - name: mistral-on-azure
    url: https://example.openai.azure.com/openai/v1
    model: my-deployment                  # its name there, if that is another
    served_as: mistral-large-2402         # the name under which it answers, if that is yet another
    api_key_env: AZURE_KEY                # the environment variable with the key
    concurrency: 2
  - name: mine                            # one model behind several servers
    urls: [http://10.0.0.1:8000/v1, http://10.0.0.2:8000/v1]
  - path: gguf/tuned.Q5_K_M.gguf          # a GGUF file or a Hugging Face folder, served on this machine
    adapter: adapter                      # and a LoRA adapter for it
```
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from slingshot.errors import RequestError
from slingshot.models.ask import Endpoint
from slingshot.models.local import LocalModel, local_model
from slingshot.yaml_files import read_yaml

DEFAULT_URL = "https://api.openai.com/v1"
OWN_KEY = "SLINGSHOT_API_KEY"
# A key is only ever sent to whom it is for: the variable that holds it, by host.
_KEYS = {
    "api.openai.com": "OPENAI_API_KEY",
    "api.anthropic.com": "ANTHROPIC_API_KEY",
    "api.mistral.ai": "MISTRAL_API_KEY",
    "api.together.xyz": "TOGETHER_API_KEY",
    "api.fireworks.ai": "FIREWORKS_API_KEY",
    "api.groq.com": "GROQ_API_KEY",
    "api.deepseek.com": "DEEPSEEK_API_KEY",
    "api.x.ai": "XAI_API_KEY",
    "openrouter.ai": "OPENROUTER_API_KEY",
    "generativelanguage.googleapis.com": "GEMINI_API_KEY",
}


class ModelEntry(BaseModel):
    """A model in a YAML file; see this module's example."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str | None = Field(None, min_length=1, description="as it is recorded [default: its own name]")
    url: str | None = Field(None, pattern=r"^https?://", description="base URL of its endpoint")
    urls: list[Annotated[str, Field(pattern=r"^https?://")]] | None = Field(
        None, min_length=1, description="base URLs of several servers of it"
    )
    model: str | None = Field(None, min_length=1, description="its name at the endpoint [default: name]")
    served_as: str | None = Field(None, description="another name under which the endpoint answers")
    api_key_env: str | None = Field(None, description="environment variable that holds the key")
    path: str | None = Field(None, description="GGUF file or Hugging Face folder, served on this machine")
    adapter: str | None = Field(None, description="LoRA adapter for it")
    concurrency: int | None = Field(None, ge=1, description="answers under way at once")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        remote = [
            key
            for key in ("url", "urls", "model", "served_as", "api_key_env")
            if getattr(self, key) is not None
        ]
        if self.path is None and self.name is None:
            raise ValueError("a model needs a name, or the path of a local one")
        if self.path is None and self.adapter is not None:
            raise ValueError("adapter is for a local model; give its path too")
        if self.path is not None and remote:
            raise ValueError(f"path is for a local model and {remote[0]} for a remote one; keep one of them")
        if self.url is not None and self.urls is not None:
            raise ValueError("url and urls both say where it answers; keep one of them")
        if twice := sorted({url for url in self.urls or [] if (self.urls or []).count(url) > 1}):
            raise ValueError(f"urls names {twice[0]} twice; leave one of them out")
        return self


@dataclass(frozen=True)
class Remote:
    """A model that somebody else serves.

    Attributes:
        name: as it is recorded.
        endpoint: where it answers.
        concurrency: answers under way at once; None: as the command says.
        others: more endpoints that serve the same model.
    """

    name: str
    endpoint: Endpoint
    concurrency: int | None = None
    others: tuple[Endpoint, ...] = ()

    @property
    def local(self) -> bool:
        """Whether all of it is on this machine."""
        return all(endpoint.local for endpoint in (self.endpoint, *self.others))


@dataclass(frozen=True)
class Local:
    """A model that is served on this machine, by us, for as long as it is asked.

    Attributes:
        name: as it is recorded.
        model: what is served.
        concurrency: answers under way at once; None: as the command says.
        about: what to record with every answer besides the file's hash, such as its quantization.
    """

    name: str
    model: LocalModel
    concurrency: int | None = None
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Surroundings:
    """What a model's entry leaves open: the environment, the seconds for one answer, the folder of paths."""

    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    timeout: float = 600.0
    folder: Path = field(default_factory=Path)


def model_from_text(text: str, around: Surroundings) -> Remote | Local:
    """The model that `NAME`, `NAME@URL`, `NAME@URL,URL,…` or a path stands for.

    Raises:
        RequestError: it stands for nothing, or the key of its endpoint is not in the environment.
    """
    name, at, url = text.partition("@http")
    if at:
        return model_from_entry(_entry_of(name, f"http{url}"), around)
    if (local := local_model(text)) is not None:
        return Local(local.name, local)
    return model_from_entry(ModelEntry(name=text), around)


def _entry_of(name: str, listed: str) -> ModelEntry:
    """The entry that `NAME@URL,URL,…` stands for."""
    urls = [url.strip() for url in listed.split(",")]
    try:
        if len(urls) == 1:
            return ModelEntry(name=name or None, url=urls[0])
        return ModelEntry(name=name or None, urls=urls)
    except ValidationError as error:
        first = error.errors()[0]
        if first["type"] == "string_pattern_mismatch":
            said = f"{first['input'] or 'an empty text'} is no URL; one begins with http:// or https://"
        else:
            said = first["msg"].removeprefix("Value error, ")
        raise RequestError(f"--model {name}@{','.join(urls)}: {said}") from None


class _File(BaseModel):
    """A file of models."""

    model_config = ConfigDict(extra="forbid")

    models: list[ModelEntry] = Field(min_length=1)


def load_models(path: Path, around: Surroundings) -> list[Remote | Local]:
    """The models of a YAML file; paths in it are relative to its folder.

    Raises:
        RequestError: the file is missing or no YAML, has wrong keys or values, or leads nowhere.
    """
    file, _ = read_yaml(path, _File, "a models file")
    return [model_from_entry(entry, replace(around, folder=path.parent)) for entry in file.models]


def model_from_entry(entry: ModelEntry, around: Surroundings) -> Remote | Local:
    """The model of an entry.

    Raises:
        RequestError: its path leads nowhere, or the key of its endpoint is not in the environment.
    """
    if entry.path is not None:
        adapter = around.folder / entry.adapter if entry.adapter else None
        local = local_model(_placed(entry.path, around.folder), adapter, entry.name)
        if local is None:
            raise RequestError(
                f"path: {entry.path} is neither a GGUF file nor a Hugging Face folder; check it"
            )
        return Local(local.name, local, entry.concurrency)
    name = str(entry.name)
    urls = entry.urls or [entry.url or around.environment.get("OPENAI_BASE_URL") or DEFAULT_URL]
    first, *others = (_endpoint(url.rstrip("/"), name, entry, around) for url in urls)
    return Remote(name, first, entry.concurrency, tuple(others))


def _endpoint(url: str, name: str, entry: ModelEntry, around: Surroundings) -> Endpoint:
    """One place where a model answers."""
    key = _key(url, name, entry.api_key_env, around.environment)
    return Endpoint(url, entry.model or name, key, around.timeout, entry.served_as)


def _placed(path: str, folder: Path) -> str:
    """A path as seen from `folder`; names such as `wheel:…` are none."""
    return path if ":" in path else str(folder / Path(path).expanduser())


def _key(url: str, name: str, variable: str | None, environment: Mapping[str, str]) -> str:
    """The key for an endpoint. No key ever goes to a host that it is not known to be for."""
    host = urlsplit(url).hostname or ""
    named = variable or _KEYS.get(host)
    if value := environment.get(named or OWN_KEY, "").strip():
        return value
    # Servers on this machine or in its network, as vLLM and Ollama are, mostly want no key.
    if named is None and url.startswith("http://"):
        return "none"
    where = named or f"{OWN_KEY}, or into one that api_key_env names in a models file"
    raise RequestError(f"{name} at {url}: no key; put it into the environment variable {where}")
