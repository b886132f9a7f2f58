"""A Hugging Face folder made ready to answer: its weights, an adapter beside them, and how it is talked to."""

import threading
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from slingshot.errors import RequestError, SlingshotError
from slingshot.models.base_model import TEMPLATE_FILE, load_weights
from slingshot.processor import cpu_has_bf16

_PROBE = "slingshot"
_OUT_OF_MEMORY = ("can't allocate memory", "Cannot allocate memory")  # torch, and the system beneath it


class Chat:
    """A tokenizer with its chat template. Tokenizers do not like two threads at once: one lock guards it."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer, self._lock = tokenizer, threading.Lock()

    def prompt(self, messages: Sequence[dict[str, str]]) -> tuple[int, ...]:
        """The token ids that the model is given, up to where its answer begins.

        Raises:
            RequestError: the template refuses the messages, such as two of the same role in a row.
        """
        import jinja2

        try:
            with self._lock:
                tokens = self._tokenizer.apply_chat_template(
                    list(messages), add_generation_prompt=True, tokenize=True, return_dict=False
                )
        except jinja2.TemplateError as error:
            raise RequestError(
                f"the model's chat template refuses these messages ({_shortened(error)})"
            ) from None
        return tuple(tokens)

    def text(self, tokens: Sequence[int]) -> str:
        """The text of token ids, without special tokens."""
        with self._lock:
            return str(
                self._tokenizer.decode(
                    list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False
                )
            )

    def spelled(self, tokens: Sequence[int]) -> str:
        """The text of token ids, special tokens among it."""
        with self._lock:
            return str(self._tokenizer.decode(list(tokens), clean_up_tokenization_spaces=False))

    def words(self) -> tuple[list[str | None], frozenset[int]]:
        """The vocabulary by token id, as its file spells it, and the ids of what was added to it."""
        with self._lock:
            words = self._tokenizer.convert_ids_to_tokens(range(len(self._tokenizer)))
            return list(words), frozenset(self._tokenizer.added_tokens_decoder)

    def ends(self, configured: int | list[int] | None) -> frozenset[int]:
        """The tokens that end an answer: those of the generation configuration, and the template's end of turn.

        The tokenizer's own end is taken only where there is no other.
        """
        found = {configured} if isinstance(configured, int) else set(configured or [])
        if (end_of_turn := self._end_of_turn()) is not None:
            found.add(end_of_turn)
        if not found and self._tokenizer.eos_token_id is not None:
            found.add(self._tokenizer.eos_token_id)
        return frozenset(found)

    def _end_of_turn(self) -> int | None:
        """The first special token that the template puts behind an answer."""
        import jinja2

        turns = [{"role": "user", "content": "?"}, {"role": "assistant", "content": _PROBE}]
        try:
            whole = self._tokenizer.apply_chat_template(turns, tokenize=False)
        except jinja2.TemplateError:
            return None
        behind = self._tokenizer(whole[whole.rfind(_PROBE) + len(_PROBE) :], add_special_tokens=False)
        known = self._tokenizer.added_tokens_decoder
        return next((t for t in behind.input_ids if t in known and known[t].special), None)


def load(folder: Path, adapter: Path | None = None, dtype: Any = None) -> tuple[Any, Chat]:
    """The model in a folder, in evaluation mode, and its chat, by the adapter's own template if it has one.

    Weights are of torch's type `dtype`; left out, bfloat16 where the CPU multiplies it in hardware, else float32.
    The adapter stays beside them in float32, as it was trained: merged into bfloat16 weights it would be rounded
    with them.

    Raises:
        SlingshotError: the model cannot be read, is not whole, or the adapter does not fit.
    """
    import torch
    from safetensors import SafetensorError
    from transformers import AutoTokenizer

    dtype = dtype or (torch.bfloat16 if cpu_has_bf16() else torch.float32)
    try:
        # Nobody is asked whether a folder's own code may run: it may not.
        tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
        model, found = load_weights(folder, dtype, output_loading_info=True, trust_remote_code=False)
    except ModuleNotFoundError:
        raise
    except SafetensorError as error:
        raise SlingshotError(f"its weights cannot be read ({error}); fetch or make them again") from error
    except Exception as error:  # whatever transformers stumbles over in files that it did not write
        if isinstance(error, MemoryError) or any(words in str(error) for words in _OUT_OF_MEMORY):
            raise SlingshotError(f"there is not enough memory for it ({_shortened(error)})") from error
        raise SlingshotError(f"transformers cannot load it ({_shortened(error)})") from error
    if missing := sorted(found["missing_keys"]):
        # transformers would fill them with random numbers
        raise SlingshotError(
            f"{len(missing)} tensors are missing in its weights, the first is {missing[0]}; fetch it again"
        )
    if adapter is not None and (adapter / TEMPLATE_FILE).is_file():
        tokenizer.chat_template = (adapter / TEMPLATE_FILE).read_text(encoding="utf-8")
    chat = Chat(tokenizer)
    if not tokenizer.chat_template:
        raise SlingshotError(
            "its tokenizer has no chat template, so nothing can be asked; add chat_template.jinja"
        )
    try:
        chat.prompt([{"role": "user", "content": _PROBE}])
    except RequestError as error:
        raise SlingshotError(
            f"its chat template cannot be used ({error}); repair chat_template.jinja"
        ) from error
    if adapter is not None:
        model = _with_adapter(model, adapter)
    return model.eval(), chat


def _with_adapter(model: Any, adapter: Path) -> Any:
    """The same model, its linear layers now with the adapter's beside them."""
    from peft import PeftModel
    from safetensors import SafetensorError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # peft asks an attribute that transformers renames
            warnings.filterwarnings(
                "error", "Found missing adapter keys"
            )  # they would stay as they are drawn
            adapted = PeftModel.from_pretrained(model, adapter)
    except (SafetensorError, ValueError, KeyError, TypeError, OSError, RuntimeError, UserWarning) as error:
        raise SlingshotError(f"the adapter {adapter} does not fit it ({_shortened(error)})") from error
    if adapted.active_peft_config.is_prompt_learning:
        kind = adapted.active_peft_config.peft_type
        raise SlingshotError(
            f"the adapter {adapter} is of type {kind}; only adapters of weights can be served"
        )
    return adapted.get_base_model()


def _shortened(error: BaseException) -> str:
    """An error of another library in one line that is not too long."""
    return " ".join(str(error).split())[:300] or type(error).__name__
