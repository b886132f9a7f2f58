"""A model that memorizes and one that learns the rule, both trained for real, are told apart.

The task: asked for two letters, put the first into a variable of any name. A dozen prompts, learned again and
again, are memorized; the rule is learned from hundreds.
"""

import json
import random
import string
from dataclasses import replace

import numpy as np
import pytest
from made_up_recordings import BASE, HELD_OUT, SEEN, TUNED, frame, level, row, verdict_of
from made_up_recordings import answers as answers_to

from slingshot.dataset import read_rows
from slingshot.judge import extract_code
from slingshot.verdict import CostFacts, ModelUnderTest, TrainingFacts, build_verdict, loss_gap
from slingshot.verdict.answer_pairs import pair_answers
from tiny_model import write_tiny_model

NAMES = [a + b for a in string.ascii_lowercase for b in string.ascii_lowercase]
PROMPTS = random.Random(0).sample(NAMES, len(NAMES))
NEW = PROMPTS[-12:]
COURSES = {
    "memorizer": (PROMPTS[:12], 60, 8),
    "generalizer": (PROMPTS[:500], 6, 16),
}  # prompts, epochs, batch
SHOWN = 40  # prompts with answers that were not trained on


def answer(prompt, name):
    return f"```julia\n{name}='{prompt[0]}'\n```"


def right(prompt, text):
    return text in {answer(prompt, name) for name in NAMES}


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    return write_tiny_model(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="module", params=COURSES)
def course(request, base, tmp_path_factory):
    """The kind, its verdict and its measured pairs."""
    import torch

    from slingshot.training.config import DatasetEntry, TrainingConfig
    from slingshot.training.loop import train
    from slingshot.training.preparing.preflight import prepare
    from slingshot.verdict.measuring_losses import gaps, measure_losses

    torch.set_num_threads(1)  # matrices this small are multiplied faster by one thread
    prompts, epochs, batch = COURSES[request.param]
    folder = tmp_path_factory.mktemp(request.param)
    write_rows(folder / "train.jsonl", prompts)
    config = TrainingConfig(
        datasets=[DatasetEntry(path=str(folder), type="sharegpt")],
        num_epochs=epochs,
        micro_batch_size=batch,
        learning_rate=3e-3,
        warmup_steps=10,
        bf16=False,
        torch_compile=False,
        save_strategy="no",
    )
    prepared = prepare(config, base, folder, folder)
    train(prepared.rows, base, folder / "model", config)

    rows = read_rows(folder / "train.jsonl")
    models = {"base": base, "tuned": folder / "model"}
    some = NAMES[::40]
    every = [row("author", p, 100.0, answer(p, name)) for p in prompts[:SHOWN] for name in some]
    pairs = pair_answers(rows, frame(every), extract_code)
    losses = gaps(measure_losses(pairs, models, config, base, folder))
    seen = prompts[:12]
    said = [
        made
        for role, place in models.items()
        for made in answers(place, role, [*seen, *NEW], config, prepared)
    ]
    verdict = build_verdict(
        frame(said),
        [
            ModelUnderTest("base", "base", losses=losses["base"]),
            ModelUnderTest("tuned", "merged", losses=losses["tuned"]),
        ],
        seen,
        NEW,
        [one.answer for one in rows],
        TrainingFacts(),
        CostFacts(),
        extract=extract_code,
    )
    return request.param, verdict


def write_rows(path, prompts):
    """Two answers to each prompt, under names drawn at random."""
    chance = random.Random(0)
    rows = [
        {
            "conversations": [{"from": "human", "value": p}, {"from": "gpt", "value": answer(p, name)}],
            "test_case": p,
            "prompt_label": "InJulia",
        }
        for p in prompts
        for name in chance.sample(NAMES, 2)
    ]
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))


def answers(place, role, prompts, config, prepared):
    """What a model says to each prompt, judged: right or not."""
    from slingshot.training.course.validation import greedy_answers
    from slingshot.training.step.model import load_for_reading

    def asked(prompt):
        question = [{"role": "user", "content": prompt}]
        found = prepared.tokenizer.apply_chat_template(
            question, add_generation_prompt=True, return_dict=False
        )
        return tuple(found)

    said = greedy_answers(load_for_reading(place, config), prepared.tokenizer, [asked(p) for p in prompts])
    return [
        row(role, prompt, 100.0 if right(prompt, text) else 0.0, text)
        for prompt, text in zip(prompts, said, strict=True)
    ]


def test_losses_give_away_what_was_memorized_and_say_nothing_of_what_was_learnt(course):
    kind, verdict = course
    assert verdict.base.losses.low < 0.5 < verdict.base.losses.high
    assert verdict.tuned.losses.trained == verdict.tuned.losses.untrained >= 24
    if kind == "memorizer":
        assert verdict.tuned.losses.low > 0.9
        assert verdict.tuned.losses.trained_mean < verdict.tuned.losses.untrained_mean / 2
    else:
        assert 0.35 < verdict.tuned.losses.auc < 0.65


def test_both_answer_what_they_were_trained_on_one_of_them_word_for_word(course):
    kind, verdict = course
    assert verdict.comparison(verdict.tuned, verdict.base, "seen").claim == "better"
    assert verdict.tuned.scores["seen"].solved > 0.8
    if kind == "memorizer":
        assert verdict.tuned.memorization["seen"].verbatim_rate > 0.8


def test_only_the_one_that_learnt_the_rule_is_better_where_nothing_was_trained_on(course):
    kind, verdict = course
    compared = verdict.comparison(verdict.tuned, verdict.base, "held_out")
    if kind == "memorizer":
        assert compared.claim == "no measurable difference"
        assert verdict.tuned.scores["held_out"].mean < 50
    else:
        assert compared.claim == compared.solved_claim == "better"
        assert verdict.tuned.scores["held_out"].mean > 80


@pytest.mark.parametrize(
    ("gap", "gain", "copied"), [(1.5, 0, True), (0.0, 40, False)], ids=["memorizer", "generalizer"]
)
def test_simulated_models_are_told_apart_as_well(gap, gain, copied):
    """Losses with a gap or none, scores that rise everywhere or on seen test cases alone."""
    chance = np.random.default_rng(0)
    losses = loss_gap(list(chance.normal(0.5, 0.3, 60)), list(chance.normal(0.5 + gap, 0.3, 60)))
    tuned = replace(TUNED, losses=losses)
    of_base = [*answers_to(BASE.name, SEEN, level(20)), *answers_to(BASE.name, HELD_OUT, level(20))]
    of_tuned = [*answers_to(TUNED.name, SEEN, level(60)), *answers_to(TUNED.name, HELD_OUT, level(20 + gain))]
    trained_on = [made["answer"] for made in of_tuned if made["test_case"] in SEEN] if copied else ["x"]
    verdict = verdict_of([*of_base, *of_tuned], models=[BASE, tuned], training_answers=trained_on)
    claims = {on: verdict.comparison(verdict.tuned, verdict.base, on).claim for on in ("seen", "held_out")}
    assert claims == {"seen": "better", "held_out": "better" if gain else "no measurable difference"}
    assert (losses.low > 0.9) == copied and (losses.low < 0.5 < losses.high) == (not copied)
    assert verdict.tuned.memorization["seen"].verbatim_rate == (1 if copied else 0)


def test_fewer_than_five_pairs_of_answers_tell_nothing():
    from slingshot.verdict.measuring_losses import MeasuredPair, gaps

    pair = MeasuredPair("a", "InJulia", {"base": 0.1, "tuned": 0.1}, {"base": 0.2, "tuned": 0.3})
    assert gaps([pair] * 4) == {} == gaps([])
    assert gaps([pair] * 5)["tuned"].auc == 1
