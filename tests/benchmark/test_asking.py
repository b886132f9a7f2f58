"""The benchmark at work, against endpoints that answer, fail, repeat themselves or lie."""

import json
from collections import Counter
from pathlib import Path

import pytest

from faulty_endpoint import FAULTS, endpoint
from recorded import doubling
from slingshot.benchmark.asking import ask_models
from slingshot.benchmark.budget import Budget
from slingshot.benchmark.fixing import Fixing
from slingshot.benchmark.plan import Plan, questions_from_templates
from slingshot.benchmark.subject import Options, Subject
from slingshot.errors import RequestError, SlingshotError
from slingshot.judge.stream import judging_stream
from slingshot.models import Endpoint, Sampling
from slingshot.models.patience import Patience
from slingshot.models.prices import Price
from slingshot.recordings.files import conversation_files, read_conversation
from slingshot.recordings.load import load_recordings
from slingshot.suite import prompt_template
from slingshot.suite.prompts import BUILT_IN_FIX_TEMPLATES

HASTY = Patience(tries=4, first_wait=0.02, failures=3)
SUITE = [doubling(name) for name in ("double", "twice")]


def plan(samples=3, suite=SUITE, temperature=0.5, experiment="", seed=1) -> Plan:
    questions = questions_from_templates(suite, [prompt_template("InJulia"), prompt_template("AsIs")])
    return Plan(questions, samples, Sampling(temperature, None, 100), seed, experiment)


def subject(served, name="m", **more) -> Subject:
    return Subject(name, Endpoint(served.url, name, timeout=more.pop("timeout", 5.0)), **more)


def recorded(folder) -> Counter:
    """How often each seed has been recorded."""
    return Counter(read_conversation(path)[1]["seed"] for path in conversation_files(folder))


def test_every_sample_is_asked_once_with_its_own_seed_and_recorded(tmp_path):
    notes = []
    with endpoint() as served:
        (tally,) = ask_models([subject(served)], [plan()], SUITE, tmp_path, Options(on_note=notes.append))
    seeds = {sample.seed for sample in plan().all_samples("m")}
    assert len(seeds) == 12
    assert served.answered == recorded(tmp_path) == dict.fromkeys(seeds, 1)
    assert (tally.answered, tally.missing, tally.tokens_prompt, tally.tokens_answer) == (12, 0, 120, 48)
    assert (tally.failed, tally.retries, tally.stopped, tally.copies, notes) == ([], 0, "", 0, [])
    for path in conversation_files(tmp_path):
        conversation, about = read_conversation(path)
        assert conversation.answer == f"prose {about['seed']}"
        assert about["parameters"] == {"temperature": 0.5, "max_tokens": 100}
        assert about["served_model"] == "m"


def test_of_500_questions_to_an_endpoint_that_fails_in_every_way_none_is_lost_or_doubled(tmp_path):
    suite = [doubling(f"double_{number}") for number in range(25)]
    asked = plan(samples=10, suite=suite)
    with endpoint(FAULTS, every=2) as served:
        (tally,) = ask_models(
            [subject(served, concurrency=32, timeout=0.6)], [asked], suite, tmp_path, Options(patience=HASTY)
        )
    seeds = {sample.seed for sample in asked.all_samples("m")}
    assert len(seeds) == 500
    assert recorded(tmp_path) == dict.fromkeys(seeds, 1)
    assert set(served.faults) == set(FAULTS)
    assert 200 <= tally.retries == served.faults.total() <= 300
    assert (tally.answered, tally.failed, tally.stopped, tally.missing) == (500, [], "", 0)
    assert served.early == 0, "Retry-After is honoured"
    assert served.answered.total() == 500, "an answer that arrived is not asked for again"
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".part")]


def test_a_model_that_keeps_failing_is_given_up_while_the_others_go_on(tmp_path):
    notes = []
    with endpoint(always="500") as down, endpoint(seconds=0.02) as up:
        first, second = ask_models(
            [subject(down, "down", concurrency=1), subject(up, "up")],
            [plan()],
            SUITE,
            tmp_path,
            Options(patience=HASTY, on_note=notes.append),
        )
    assert (first.answered, first.missing, len(first.failed)) == (0, 12, HASTY.failures)
    assert down.asked.total() == HASTY.failures * HASTY.tries
    assert "refused with status 500" in first.stopped
    assert (second.answered, second.missing) == (12, 0)
    assert notes == [f"down: given up: {first.stopped}"]


def test_a_key_that_is_refused_ends_it_at_the_first_question(tmp_path):
    with endpoint(always="401") as served:
        (tally,) = ask_models([subject(served, concurrency=1)], [plan()], SUITE, tmp_path)
    assert served.asked.total() == 1
    assert "check the key" in tally.stopped


def test_run_again_only_what_is_missing_is_asked(tmp_path):
    with endpoint() as served:
        ask_models([subject(served)], [plan(samples=1)], SUITE, tmp_path)
        before = {path: path.read_bytes() for path in conversation_files(tmp_path)}
        (tally,) = ask_models([subject(served)], [plan(samples=3)], SUITE, tmp_path)
        assert (tally.there_before, tally.answered, tally.total) == (4, 8, 12)
        assert set(served.answered.values()) == {1}
        (tally,) = ask_models([subject(served)], [plan(samples=3)], SUITE, tmp_path)
        assert (tally.there_before, tally.answered) == (12, 0)
    assert {path: path.read_bytes() for path in before} == before
    assert set(recorded(tmp_path).values()) == {1}


@pytest.mark.parametrize(
    ("again", "words"),
    [
        (plan(temperature=0.7), "temperature 0.5 instead of 0.7"),
        (plan(temperature=None), "temperature 0.5 instead of unset"),
        (plan(seed=2), "another seed"),
        (
            plan(suite=[doubling("double"), doubling("twice").model_copy(update={"prompt": "New."})]),
            "another prompt",
        ),
    ],
)
def test_answers_that_were_asked_otherwise_are_not_mixed_with_new_ones(tmp_path, again, words):
    with endpoint() as served:
        ask_models([subject(served)], [plan(samples=1)], SUITE, tmp_path)
        with pytest.raises(
            RequestError, match=f"{words}; choose another folder with --out, or .*--experiment"
        ):
            ask_models([subject(served)], [again], SUITE, tmp_path)
        assert served.answered.total() == 4


def test_another_file_under_the_name_of_a_model_is_not_taken_for_it(tmp_path):
    with endpoint() as served:
        ask_models([subject(served, about={"model_sha256": "a"})], [plan(samples=1)], SUITE, tmp_path)
        with pytest.raises(RequestError, match="another file of that model"):
            ask_models([subject(served, about={"model_sha256": "b"})], [plan(samples=1)], SUITE, tmp_path)


def test_an_experiment_has_answers_of_its_own(tmp_path):
    with endpoint() as served:
        plans = [plan(samples=1), plan(samples=1, temperature=0.9, experiment="hot")]
        (tally,) = ask_models([subject(served)], plans, SUITE, tmp_path)
    assert (tally.total, tally.answered) == (8, 8)
    parameters = Counter()
    for path in conversation_files(tmp_path):
        _, about = read_conversation(path)
        parameters[about.get("experiment", ""), about["parameters"]["temperature"]] += 1
    assert parameters == {("", 0.5): 4, ("hot", 0.9): 4}


def test_an_endpoint_that_ignores_seeds_is_told_of_at_once_and_counted(tmp_path):
    notes, when = [], []
    with endpoint(ignores_seeds=True) as served:

        def note(text):
            notes.append(text)
            when.append(served.answered.total())

        (tally,) = ask_models(
            [subject(served, concurrency=1)], [plan(samples=5)], SUITE, tmp_path, Options(on_note=note)
        )
    (text,) = notes
    assert "m: samples come back identical" in text
    assert when[0] < 20, "while it is still asked"
    assert (tally.copies, tally.could_be_copies) == (16, 16)


def test_a_budget_is_never_overrun_and_more_of_it_goes_on(tmp_path):
    price = Price(model="m", prompt=100, completion=1000, **{"from": "2024-01-01"}, source="made up")
    with endpoint() as served:
        paid = subject(served, price=price, concurrency=2)
        # An answer costs 10 * 1e-4 + 4 * 1e-3 = 0.005; the most that one could cost is above 0.1.
        (tally,) = ask_models([paid], [plan()], SUITE, tmp_path, Options(budget=Budget(0.14)))
        assert tally.dollars <= 0.14
        assert 0 < tally.answered < 12
        assert tally.dollars == pytest.approx(0.005 * tally.answered)
        assert tally.stopped == "the budget of 0.14 dollars is used up"
        (more,) = ask_models([paid], [plan()], SUITE, tmp_path, Options(budget=Budget(10)))
        assert (more.there_before, more.missing) == (tally.answered, 0)
        assert served.answered.total() == 12
    assert {read_conversation(path)[1]["cost_usd"] for path in conversation_files(tmp_path)} == {0.005}


def test_a_full_disk_stops_it_in_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "double").write_text("in the way")
    with endpoint() as served, pytest.raises(SlingshotError, match="could not write"):
        ask_models([subject(served)], [plan()], SUITE, tmp_path)


def judged(folder, by, served, options=None, samples=2, expected=4, **more):
    options = options or Options(by=by)
    with judging_stream(by, 1, expected) as submit:
        (tally,) = ask_models(
            [subject(served, **more)], [plan(samples, SUITE[:1])], SUITE, folder, options, submit
        )
    return tally


def test_answers_are_judged_meanwhile_and_the_score_so_far_is_known(tmp_path, by):
    seen = []
    options = Options(by=by, on_change=lambda tallies: seen.append((tallies[0].done, tallies[0].judged)))
    with endpoint(answer="```julia\n# SEED\ndouble(x) = 2x\n```") as served:
        tally = judged(tmp_path, by, served, options)
    assert (tally.answered, tally.judged, tally.score.mean) == (4, 4, 100)
    frame = load_recordings(tmp_path)
    assert frame["score"].to_list() == [100.0] * 4
    assert seen[-1] == (4, 4)


def test_what_was_answered_but_not_judged_is_judged_the_next_time(tmp_path, by):
    with endpoint(answer="```julia\n# SEED\ndouble(x) = 2x\n```") as served:
        ask_models([subject(served)], [plan(2, SUITE[:1])], SUITE, tmp_path)
        tally = judged(tmp_path, by, served)
        assert (tally.there_before, tally.answered, tally.judged) == (4, 0, 4)
        again = judged(tmp_path, by, served)
        assert (again.judged, again.score.mean) == (4, 100)


def test_a_model_may_correct_itself_but_hears_nothing_of_the_unit_tests(tmp_path, by):
    """The first answers do not load; the corrected ones are the same again, so there is a second round."""
    fixing = Fixing(2, BUILT_IN_FIX_TEMPLATES["JuliaFixer"])
    options = Options(by=by, fixing=fixing)
    broken = "```julia\n# SEED\ndouble(x) = 2x\nundefined_thing(1)\n```"
    with endpoint(answer=broken) as served:
        tally = judged(tmp_path, by, served, options, samples=1, expected=2)
        assert (tally.total, tally.answered, tally.judged) == (6, 6, 6)
        rounds = [body["messages"] for body in served.bodies]
        again = judged(tmp_path, by, served, options, samples=1, expected=2)
        assert (again.there_before, again.answered) == (6, 0)
    assert sorted(map(len, rounds)) == [2, 2, 4, 4, 6, 6]
    told = next(messages for messages in rounds if len(messages) == 4)
    assert [message["role"] for message in told] == ["system", "user", "assistant", "user"]
    assert "undefined_thing not defined" in told[-1]["content"].replace("`", "")
    assert "undefined_thing(1)" in told[-1]["content"]
    assert "@test" not in json.dumps(rounds)
    frame = load_recordings(tmp_path)
    assert Counter(frame["strategy"]) == {
        "1SHOT": 2,
        "1CODEFIXER__JuliaFixer": 2,
        "2CODEFIXER__JuliaFixer": 2,
    }
    # Tokens are those of all rounds.
    by_strategy = dict(frame.select("strategy", "tokens_answer").rows())
    assert by_strategy == {"1SHOT": 4, "1CODEFIXER__JuliaFixer": 8, "2CODEFIXER__JuliaFixer": 12}


def test_what_only_the_unit_tests_know_is_not_corrected_but_stands_for_the_round(tmp_path, by):
    options = Options(by=by, fixing=Fixing(1, BUILT_IN_FIX_TEMPLATES["JuliaFixer"]))
    with endpoint(answer="```julia\n# SEED\ndouble(x) = 3x\n```") as served:
        tally = judged(tmp_path, by, served, options, samples=1, expected=2)
        assert served.answered.total() == 2
    assert (tally.total, tally.answered, tally.there_before, tally.judged) == (4, 2, 2, 4)
    frame = load_recordings(tmp_path)
    assert Counter(frame["strategy"]) == {"1SHOT": 2, "1CODEFIXER__JuliaFixer": 2}
    assert frame["score"].n_unique() == 1


def test_where_the_judge_fails_answers_stay_and_nobody_scores(tmp_path, by):
    from dataclasses import replace

    broken = replace(by, julia=replace(by.julia, executable=Path("/nowhere/julia")))
    with endpoint(answer="```julia\n# SEED\ndouble(x) = 2x\n```") as served:
        tally = judged(tmp_path, broken, served, Options(by=broken))
    assert (tally.answered, tally.judged, len(tally.unjudged), tally.score) == (4, 0, 4, None)
    assert load_recordings(tmp_path).height == 0
