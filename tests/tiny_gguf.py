"""A real but tiny GGUF file that llama.cpp serves: a few layers of random weights, a token for every ASCII character."""

from tiny_model import CHATML

CONTEXT = 512
_MARKS = ["<unk>", "<|im_start|>", "<|im_end|>"]
_LETTERS = ["▁", *map(chr, range(ord("!"), ord("~") + 1))]
_NORMAL, _CONTROL, _BYTE = 1, 3, 6  # llama.cpp's types of tokens


def write_tiny_gguf(path, seed=7, layers=2):
    """A llama in float32, written without any model to convert; its answers are lively."""
    import numpy as np

    from gguf import GGUFWriter

    width, hidden, heads, keys = 64, 96, 4, 2
    tokens = [*_MARKS, "<0x0A>", *_LETTERS]
    writer = GGUFWriter(path, "llama")
    writer.add_name(path.stem)
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(width)
    writer.add_feed_forward_length(hidden)
    writer.add_block_count(layers)
    writer.add_head_count(heads)
    writer.add_head_count_kv(keys)
    writer.add_rope_dimension_count(width // heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([0.0] * len(tokens))
    writer.add_token_types([_CONTROL] * len(_MARKS) + [_BYTE] + [_NORMAL] * len(_LETTERS))
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_add_bos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(CHATML)

    random = np.random.default_rng(seed)

    def add(name, *shape):
        weights = random.normal(0, 0.15, shape) if len(shape) > 1 else np.ones(shape)
        writer.add_tensor(f"{name}.weight", weights.astype(np.float32))

    add("token_embd", len(tokens), width)
    for layer in range(layers):
        block = f"blk.{layer}"
        add(f"{block}.attn_norm", width)
        add(f"{block}.attn_q", width, width)
        add(f"{block}.attn_k", width * keys // heads, width)
        add(f"{block}.attn_v", width * keys // heads, width)
        add(f"{block}.attn_output", width, width)
        add(f"{block}.ffn_norm", width)
        add(f"{block}.ffn_gate", hidden, width)
        add(f"{block}.ffn_up", hidden, width)
        add(f"{block}.ffn_down", width, hidden)
    add("output_norm", width)
    add("output", len(tokens), width)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
