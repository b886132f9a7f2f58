"""The benchmark's plan: which answers are asked for, with which seeds, in which order."""

from hypothesis import given
from hypothesis import strategies as st

from slingshot.benchmark.plan import Plan, in_waves, questions_from_templates
from slingshot.models import Sampling
from slingshot.recordings.files import Sample
from slingshot.suite import prompt_template


def plan(suite, samples=3, seed=1):
    templates = [prompt_template(label) for label in ("InJulia", "JuliaCodeOnly")]
    return Plan(questions_from_templates(suite, templates), samples, Sampling(), seed)


def test_every_cell_is_asked_as_often_as_planned(suite):
    wanted = plan(suite).all_samples("m")
    assert len(wanted) == len(set(wanted)) == len(suite) * 2 * 3


def test_seeds_are_distinct_the_same_for_every_model_and_follow_the_plans_seed(suite):
    seeds = [sample.seed for sample in plan(suite).all_samples("a")]
    assert len(set(seeds)) == len(seeds)
    assert seeds == [sample.seed for sample in plan(suite).all_samples("b")]
    assert not set(seeds) & {sample.seed for sample in plan(suite, seed=2).all_samples("a")}


def test_more_samples_keep_the_seeds_of_those_there_were(suite):
    assert set(plan(suite, samples=2).all_samples("m")) < set(plan(suite, samples=5).all_samples("m"))


def test_a_wave_asks_several_cells_side_by_side_before_it_repeats_one(suite):
    ordered = in_waves(plan(suite[:2]).all_samples("m"), width=4)
    cells = [(sample.test_case, sample.prompt_label) for sample in ordered]
    assert len(set(cells[:4])) == 4
    assert cells[:4] == cells[4:8] == cells[8:]
    assert [sample.index for sample in ordered] == [0] * 4 + [1] * 4 + [2] * 4


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 4)), unique=True), st.integers(1, 6))
def test_waves_lose_no_sample(places, width):
    samples = [Sample("m", test_case, "AsIs", index) for test_case, index in places]
    assert sorted(map(str, in_waves(samples, width))) == sorted(map(str, samples))
