"""Many answers at once are what each would be alone, and what transformers' own generation gives."""

import threading
import time

import pytest
import torch
import transformers

from slingshot.errors import SlingshotError
from slingshot.models.generation import Decoder, Question
from tiny_model import END_OF_TURN

LENGTHS = [30, 3, 17, 44, 5, 9]
SIZES = {
    "vocab_size": 200,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "eos_token_id": 2,
    "bos_token_id": 1,
    "pad_token_id": 2,
}


def decoder_of(model, parallel=8, ends=(END_OF_TURN,), text=lambda tokens: "".join(map(chr, tokens))):
    decoder = Decoder(model, text, frozenset(ends), parallel)
    threading.Thread(target=decoder.run, daemon=True).start()
    return decoder


def prompts(vocabulary, lengths=LENGTHS):
    torch.manual_seed(1)
    return [tuple(torch.randint(3, vocabulary, (length,)).tolist()) for length in lengths]


def answers(decoder, questions):
    promises = [decoder.submit(question) for question in questions]
    return [promise.result(60) for promise in promises]


def generated(model, prompt, count):
    """What transformers' own greedy generation says."""
    ids = torch.tensor([prompt])
    whole = model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, do_sample=False, eos_token_id=2
    )
    return tuple(whole[0, len(prompt) :].tolist())


@pytest.fixture(scope="module")
def tiny(tiny_folder):
    return transformers.AutoModelForCausalLM.from_pretrained(tiny_folder).eval()


@pytest.fixture(scope="module")
def decoder(tiny):
    return decoder_of(tiny)


def test_a_batch_of_unlike_lengths_answers_as_transformers_does_one_by_one(tiny, decoder):
    asked = [Question(prompt, 20 + 25 * n, 0.0) for n, prompt in enumerate(prompts(259))]
    found = [answer.tokens for answer in answers(decoder, asked)]
    assert found == [generated(tiny, question.prompt, question.max_tokens) for question in asked]
    assert len({token for tokens in found for token in tokens}) > 20


def test_questions_that_must_wait_for_a_place_get_the_same_answers(tiny, decoder):
    asked = [Question(prompt, 5 + 3 * n, 0.0) for n, prompt in enumerate(prompts(259))]
    narrow = answers(decoder_of(tiny, parallel=2), asked)
    assert [answer.tokens for answer in narrow] == [answer.tokens for answer in answers(decoder, asked)]


@pytest.mark.parametrize(
    ("config", "side_by_side"),
    [
        (transformers.MistralConfig(**SIZES, sliding_window=12), True),
        (transformers.Qwen3Config(**SIZES, head_dim=16), True),
        (transformers.GPT2Config(vocab_size=200, n_embd=32, n_layer=2, n_head=4), True),
        (transformers.Lfm2Config(**SIZES, layer_types=["conv", "full_attention"]), False),
    ],
    ids=lambda value: getattr(value, "model_type", None),
)
def test_models_of_other_kinds_answer_as_in_transformers(config, side_by_side):
    torch.manual_seed(2)
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    decoder = decoder_of(model, parallel=4)
    assert decoder.parallel == (4 if side_by_side else 1)
    asked = [Question(prompt, 20, 0.0) for prompt in prompts(200)]
    found = [answer.tokens for answer in answers(decoder, asked)]
    assert found == [generated(model, question.prompt, 20) for question in asked]


def test_a_model_that_would_forget_the_prompt_is_refused():
    config = transformers.MambaConfig(vocab_size=50, hidden_size=16, num_hidden_layers=1)
    with pytest.raises(SlingshotError, match="MambaForCausalLM has no cache of keys and values"):
        decoder_of(transformers.AutoModelForCausalLM.from_config(config))


def test_a_seed_gives_one_answer_whatever_else_is_asked_and_seeds_differ(decoder):
    prompt, *others = prompts(259)
    alone = [answers(decoder, [Question(prompt, 30, 1.5, 0.95, seed)])[0].tokens for seed in range(4)]
    crowd = [Question(other, 40, 1.0, 1.0, 99) for other in others]
    among = [
        answers(decoder, [*crowd[:2], Question(prompt, 30, 1.5, 0.95, seed), *crowd[2:]])[2].tokens
        for seed in range(4)
    ]
    assert alone == among
    assert len(set(alone)) == 4
    equals = answers(decoder, [Question(prompt, 30, 1.5, 0.95, 7)] * 8)
    assert len({answer.tokens for answer in equals}) == 1


@pytest.mark.parametrize("seed", [-1, 2**80, 0])
def test_any_integer_is_a_seed(decoder, seed):
    assert answers(decoder, [Question((5, 6), 3, 1.0, 1.0, seed)])[0].tokens


def test_the_token_limit_cuts_an_answer_and_says_so(tiny):
    decoder = decoder_of(tiny, ends=())
    for limit in (1, 2, 15):
        (answer,) = answers(decoder, [Question((7, 8, 9), limit, 0.0)])
        assert (len(answer.tokens), answer.finish_reason) == (limit, "length")


def test_an_end_token_ends_the_answer_and_is_not_in_its_text(tiny, decoder):
    (long,) = answers(decoder, [Question((7, 8, 9), 12, 0.0)])
    end = long.tokens[6]
    (answer,) = answers(decoder_of(tiny, ends=(end,)), [Question((7, 8, 9), 12, 0.0)])
    drawn = long.tokens[: long.tokens.index(end) + 1]
    assert (answer.tokens, answer.finish_reason) == (drawn, "stop")
    assert answer.text == "".join(map(chr, drawn[:-1]))


def test_a_stop_text_ends_the_answer_before_it(decoder):
    (long,) = answers(decoder, [Question((7, 8, 9), 20, 0.0)])
    stop = long.text[8:10]
    (answer,) = answers(decoder, [Question((7, 8, 9), 20, 0.0, stop=("nowhere", stop))])
    assert answer.text == long.text[: long.text.index(stop)]
    assert answer.finish_reason == "stop"
    assert len(answer.tokens) == long.text.index(stop) + 2


def test_a_prompt_is_read_once_for_several_answers(tiny):
    decoder = decoder_of(tiny, parallel=2)
    counts = [
        answers(decoder, [Question(prompt, 4, 1.0, seed=seed)])[0].prompt_tokens
        for prompt, seed in [
            ((3, 4, 5), 1),
            ((3, 4, 5), 2),
            ((6, 7), 1),
            ((3, 4, 5), 3),
            ((8,), 1),
            ((6, 7), 2),
        ]
    ]
    assert counts == [3, 0, 2, 0, 1, 2]  # two are remembered, those that were asked last


def test_an_answer_nobody_waits_for_frees_its_row(tiny):
    endless = decoder_of(tiny, parallel=1, ends=())
    unwanted = endless.submit(Question((5,), 400, 1.0))
    queued = endless.submit(Question((5, 6), 400, 1.0))
    time.sleep(0.05)
    assert unwanted.cancel() and queued.cancel()
    started = time.monotonic()
    (answer,) = answers(endless, [Question((7,), 3, 1.0)])
    assert len(answer.tokens) == 3
    assert time.monotonic() - started < 5


def test_an_error_reaches_those_who_asked_and_the_next_are_answered(tiny):
    decoder = decoder_of(tiny)
    no_such_token = decoder.submit(Question((100_000,), 5, 0.0))
    assert isinstance(no_such_token.exception(60), IndexError)
    assert len(answers(decoder, [Question((5,), 5, 0.0)])[0].tokens) == 5


def test_logits_that_are_no_numbers_fail_their_row(tiny_folder):
    model = transformers.AutoModelForCausalLM.from_pretrained(tiny_folder).eval()
    model.lm_head.weight.data[3] = float("nan")
    promise = decoder_of(model).submit(Question((5,), 5, 0.0))
    with pytest.raises(SlingshotError, match="logits are not numbers"):
        promise.result(60)
