"""Real small tokenizers of four families, each with the template of its family."""

from slingshot.training.rows.templates import chosen_template

_MERGES = [
    ("Ċ", "Ċ"),
    ("Ġ", "a"),
    ("a", "d"),
    ("ad", "d"),
]  # two line breaks, " a", "ad" and "add" are tokens

_WORDS = r"\s*[\r\n]+|\s+(?!\S)|\s?\S+"  # line breaks stay together, as in Llama 3


def _byte_level(marks, merges, **names):
    """As GPT-2's, Llama 3's and Qwen's: bytes under visible letters."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*marks, *letters, *(a + b for a, b in merges)]
    model = models.BPE(vocab={token: number for number, token in enumerate(tokens)}, merges=merges)
    tokenizer = Tokenizer(model)
    words = pre_tokenizers.Split(Regex(_WORDS), "isolated")
    as_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([words, as_bytes])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(marks)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names)


def _sentence_piece(marks, prefix, **names):
    """As Mistral's and Gemma's: spaces as ▁ (one put before the text or not), unknown letters as bytes."""
    from tokenizers import Tokenizer, decoders, models, normalizers
    from transformers import PreTrainedTokenizerFast

    letters = ["▁", *"abcdefghijklmnopqrstuvwxyz[]/\n"]
    words = ["▁a", "ad", "add"]
    tokens = ["<unk>", *marks, *(f"<0x{byte:02X}>" for byte in range(256)), *letters, *words]
    model = models.BPE(
        vocab={token: number for number, token in enumerate(tokens)},
        merges=[("▁", "a"), ("a", "d"), ("ad", "d")],
        unk_token="<unk>",
        byte_fallback=True,
        fuse_unk=True,
    )
    tokenizer = Tokenizer(model)
    spaces = normalizers.Replace(" ", "▁")
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), spaces]) if prefix else spaces
    whole = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence([*whole, decoders.Strip(" ", 1, 0)] if prefix else whole)
    tokenizer.add_special_tokens(["<unk>", *marks])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>", **names)


def chat_tokenizers():
    """Name of the built-in template -> tokenizer that has it; ids of its end tokens stand in `ends`."""
    llama = ["<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    found = {
        "chatml": _byte_level(
            ["<|im_start|>", "<|im_end|>"], _MERGES, bos_token="<|im_start|>", eos_token="<|im_end|>"
        ),
        "llama3": _byte_level(llama, _MERGES, bos_token="<|begin_of_text|>", eos_token="<|eot_id|>"),
        "gemma": _sentence_piece(
            ["<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"],
            False,
            bos_token="<bos>",
            eos_token="<eos>",
        ),
        "mistral": _sentence_piece(["<s>", "</s>"], True, bos_token="<s>", eos_token="</s>"),
    }
    for name, tokenizer in found.items():
        tokenizer.chat_template = chosen_template(tokenizer, name)
    return found


END_TOKENS = {"chatml": "<|im_end|>", "llama3": "<|eot_id|>", "gemma": "<end_of_turn>", "mistral": "</s>"}


def ends(name, tokenizer):
    return frozenset({tokenizer.convert_tokens_to_ids(END_TOKENS[name])})
