"""Four families from a Hugging Face folder to quantized files that two builds of llama.cpp load and answer with."""

import pytest

from slingshot.gguf import quantize
from slingshot.models import Sampling, ask, serving
from tiny_families import FAMILIES

MESSAGES = [{"role": "user", "content": "In Julia, write a function that adds two numbers: f(a, b)."}]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_converted_quantized_loaded_and_answers(
    family, families, converted, read_by_llama_cpp, tmp_path
):
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    f16 = converted(family)
    made = [quantize(f16, tmp_path / f"{family}.{kind}.gguf", kind) for kind in ("Q8_0", "Q4_K_M")]
    assert [one.fallbacks for one in made] == [(), ()]

    tokenizer = AutoTokenizer.from_pretrained(families(family))
    prompt = tokenizer.apply_chat_template(MESSAGES, add_generation_prompt=True, tokenize=False)
    expected = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    model = AutoModelForCausalLM.from_pretrained(families(family), dtype=torch.float32)
    with torch.no_grad():
        likeliest = int(model(torch.tensor([expected])).logits[0, -1].argmax())
    read = read_by_llama_cpp(prompt, f16, *(one.path for one in made))
    assert [tokens for tokens, _ in read] == [expected] * 3
    assert [token for _, token in read[:2]] == [likeliest] * 2  # f16 and Q8_0

    with serving(made[1].path, tmp_path / "log", parallel=1, context=256) as endpoint:
        answer = ask(endpoint, MESSAGES, Sampling(max_tokens=8, temperature=0), seed=1)
    assert answer.tokens == (len(expected), 8)
