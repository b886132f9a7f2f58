"""The forms of tiny models, read by transformers and by two builds of llama.cpp; and what is wrong is caught."""

import json
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from slingshot.errors import RequestError, SlingshotError
from slingshot.gguf import convert, quantize
from slingshot.gguf.parity import (
    ParityConfig,
    choose_prompts,
    compare_forms,
    folder_form,
    gguf_form,
    measure_parity,
    trained_form,
)
from slingshot.gguf.parity.folders import read_reference
from slingshot.training.merge import merge
from tiny_model import write_tiny_adapter


def asked(*texts):
    return [(f"case {number}", [{"role": "user", "content": text}]) for number, text in enumerate(texts)]


SEEN = asked("In Julia, write a function that adds two numbers.", "function add(a, b)", "return a + b, end")
HELD_OUT = asked("two numbers: a and b", "add(end)")
CONFIG = ParityConfig(prompts=3, tokens=12)
PROMPTS = choose_prompts(SEEN, HELD_OUT, 3, 1)


@pytest.fixture(scope="module")
def base(families):
    return families("llama")


@pytest.fixture(scope="module")
def adapter(base, tmp_path_factory):
    return write_tiny_adapter(tmp_path_factory.mktemp("tuned") / "adapter", base)


@pytest.fixture(scope="module")
def merged(adapter, base):
    return merge(adapter, base, adapter.with_name("merged"))


@pytest.fixture(scope="module")
def f16(merged):
    return convert(merged, merged.with_name("tuned.f16.gguf"), "tuned")


def patched(file, place, old, new):
    """A copy of a GGUF file in which one text is another of the same length."""
    content = file.read_bytes()
    assert content.count(old) == 1
    assert len(old) == len(new)
    place.write_bytes(content.replace(old, new))
    return place


def copied(folder, place):
    shutil.copytree(folder, place)
    return place


def test_a_model_trained_in_full_is_what_its_files_are_compared_with_and_that_is_said(base, merged, f16):
    report = measure_parity(None, base, merged, [f16], SEEN, HELD_OUT, CONFIG)
    assert [form.name for form in report.forms] == ["merged", "f16"]
    assert [(found.form, found.reference) for found in report.agreements] == [("f16", "merged")]
    assert "there is no adapter to compare" in report.to_json()["note"]


def test_merged_f16_and_quantized_forms_are_compared_along_the_chain_and_agree(adapter, base, merged, f16):
    q8 = quantize(f16, f16.with_name("tuned.Q8_0.gguf"), "Q8_0").path
    lines = []
    report = measure_parity(adapter, base, merged, [q8, f16], SEEN, HELD_OUT, CONFIG, lines.append)
    pairs = [(found.form, found.reference) for found in report.agreements]
    assert pairs == [("merged", "adapter"), ("f16", "merged"), ("Q8_0", "f16"), ("Q8_0", "merged")]
    assert [found.faults for found in report.agreements] == [[]] * 4
    report.check()
    assert report.to_json()["note"] is None
    assert len(lines) == 4
    builds = report.programs["f16"]
    assert len(builds) == 2
    assert "xllamacpp" in builds[0]
    assert "cyllama" in builds[1]

    value = json.loads(json.dumps(report.to_json()))
    assert (value["version"], value["agrees"], value["prompts"]) == (1, True, {"seen": 3, "held_out": 2})
    figures = value["agreements"][0]["on"]
    assert list(figures) == ["all", "seen", "held_out"]
    assert figures["all"]["prompts"] == 5
    assert 0 <= figures["all"]["kl_mean"] < 1e-8, "merging rounds, and does nothing else"
    quantized = value["agreements"][3]["on"]["all"]
    assert quantized["kl_mean"] > figures["all"]["kl_mean"]


@pytest.mark.parametrize("family", ["mistral", "qwen", "gemma"])
def test_a_family_says_the_same_in_transformers_and_in_llama_cpp(family, families, converted):
    reference = folder_form(families(family), family)
    report = compare_forms(reference, [gguf_form(converted(family))], PROMPTS, CONFIG)
    (found,) = report.agreements
    assert (found.form, found.faults) == ("f16", [])


def test_the_reference_answers_with_its_likeliest_tokens_whatever_its_folder_recommends(base, tmp_path):
    from transformers import AutoModelForCausalLM

    folder = copied(base, tmp_path / "model")
    recommended = json.loads((folder / "generation_config.json").read_text())
    recommended |= {"repetition_penalty": 5.0, "do_sample": True, "temperature": 3.0, "min_new_tokens": 50}
    (folder / "generation_config.json").write_text(json.dumps(recommended))
    reading, scripts, chat = read_reference(folder_form(folder, "m"), PROMPTS, 12, tmp_path / "logits")
    model = AutoModelForCausalLM.from_pretrained(base)
    for script in scripts:
        assert script.tokens == chat.prompt(script.prompt.messages)
        ids = list(script.tokens)
        while len(ids) - len(script.tokens) < 12:
            ids.append(int(model(torch.tensor([ids])).logits[0, -1].argmax()))
            if ids[-1] in reading.vocabulary.ends:
                break
        assert tuple(ids[len(script.tokens) :]) == script.answer


def test_a_wrong_merge_is_caught_and_the_first_other_token_is_shown(adapter, base, merged, tmp_path):
    doubled = copied(adapter, tmp_path / "doubled")
    config = json.loads((doubled / "adapter_config.json").read_text())
    config["lora_alpha"] *= 2
    (doubled / "adapter_config.json").write_text(json.dumps(config))

    other_base = copied(base, tmp_path / "other")
    weights = load_file(other_base / "model.safetensors")
    weights["model.layers.1.mlp.down_proj.weight"] *= 1.1
    save_file(weights, other_base / "model.safetensors", {"format": "pt"})

    forms = [
        folder_form(merge(doubled, base, tmp_path / "scaled by 2"), "scaled by 2"),
        folder_form(merge(adapter, other_base, tmp_path / "revision"), "another revision"),
        folder_form(merged, "right"),
    ]
    scaled, revised, right = compare_forms(trained_form(adapter, base), forms, PROMPTS, CONFIG).agreements
    assert right.faults == []
    assert scaled.text is None
    assert scaled.on["all"].kl.mean > revised.on["all"].kl.mean > 1e-4
    assert any("of its likeliest tokens are the same" in fault for fault in scaled.faults)
    assert any("divergence is" in fault for fault in revised.faults)

    report = compare_forms(trained_form(adapter, base), forms[:1], PROMPTS, CONFIG)
    with pytest.raises(SlingshotError) as caught:
        report.check()
    message = str(caught.value)
    assert message.startswith("scaled by 2 is not the model that adapter is: ")
    assert f"instead of {scaled.divergence.expected!r}" in message
    assert "Make scaled by 2 anew from adapter" in message


def test_a_tokenizer_with_two_words_exchanged_is_caught_even_if_no_prompt_has_them(merged, tmp_path):
    def exchanged(name, first, second):
        folder = copied(merged, tmp_path / name)
        value = json.loads((folder / "tokenizer.json").read_text())
        words = value["model"]["vocab"]
        words[first], words[second] = words[second], words[first]
        (folder / "tokenizer.json").write_text(json.dumps(value))
        return folder_form(folder, name)

    forms = [exchanged("used", "a", "b"), exchanged("unused", "<0x01>", "<0x02>")]
    used, unused = compare_forms(folder_form(merged, "merged"), forms, PROMPTS, CONFIG).agreements
    assert (used.text.what, used.text.expected, used.text.got) == ("prompt", "a", "b")
    assert (unused.text.what, unused.text.expected, unused.text.got) == ("vocabulary", "<0x01>", "<0x02>")
    assert unused.flips == 0


def test_a_wrong_template_in_a_gguf_file_is_caught_before_any_weight(merged, f16, tmp_path):
    wrong = patched(
        f16, tmp_path / "wrong.gguf", b"assistant<|end_header_id|>", b"assistent<|end_header_id|>"
    )
    (found,) = compare_forms(folder_form(merged, "merged"), [gguf_form(wrong)], PROMPTS, CONFIG).agreements
    assert found.text.what == "prompt"
    assert "its chat template or its tokenizer is another" in found.faults[0]
    assert found.flips == 0, "fed the same tokens, the weights still say the same"


def test_a_gguf_file_answers_nothing_here_and_two_forms_of_one_name_are_refused(merged, f16):
    with pytest.raises(RequestError, match="a GGUF file cannot be the reference"):
        compare_forms(gguf_form(f16), [], PROMPTS, CONFIG)
    with pytest.raises(RequestError, match="two forms are called merged"):
        compare_forms(folder_form(merged, "merged"), [folder_form(merged, "merged")], PROMPTS, CONFIG)
