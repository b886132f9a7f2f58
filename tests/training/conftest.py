"""A real but tiny model and tokenizer, made from a seed, on which training takes milliseconds."""

import pytest

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Matrices this small are multiplied faster by one thread than by many that wait for each other."""
    import torch

    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory):
    """A Hugging Face folder: a llama of two layers with random weights and a byte-level tokenizer."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-base")
    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*marks, *letters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
        bos_token="<|im_start|>",
        chat_template=CHATML,
    ).save_pretrained(folder)
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_tokenizer(tiny_base):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_base)


@pytest.fixture(scope="session")
def tiny_rows(tiny_tokenizer):
    """Seven encoded rows over three prompts, some shared."""
    from slingshot.training.rows.encoding import encode_row

    pairs = [
        ("add", "a + b"),
        ("add", "b + a"),
        ("add", "sum((a, b))"),
        ("double", "2x"),
        ("double", "x + x"),
        ("negate", "-x"),
        ("negate", "0 - x"),
    ]
    return [
        encode_row(
            [
                {"role": "system", "content": "Julia."},
                {"role": "user", "content": f"Write {ask}."},
                {"role": "assistant", "content": answer},
            ],
            tiny_tokenizer,
            f"row {number}",
        )
        for number, (ask, answer) in enumerate(pairs, 1)
    ]


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    """A base of each family, made once: Qwen2 has biases, Gemma ties head and embedding, GPT-2 lies transposed."""
    from adapted_models import write_base

    made = {}

    def base(family):
        if family not in made:
            made[family] = write_base(tmp_path_factory.mktemp("bases") / family, family)
        return made[family]

    return base
