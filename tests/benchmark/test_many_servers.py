"""One model behind several servers: which are slow, fail, freeze, die, come back, or serve something else."""

from collections import Counter
from contextlib import contextmanager

import pytest

from faulty_endpoint import FAULTS, endpoint
from recorded import doubling
from slingshot.benchmark.asking import ask_models
from slingshot.benchmark.errands import Errand
from slingshot.benchmark.plan import Plan, questions_from_templates
from slingshot.benchmark.servers import Servers
from slingshot.benchmark.subject import Options, Subject
from slingshot.errors import RequestError
from slingshot.models import Endpoint, Sampling
from slingshot.models.ask import NoAnswer
from slingshot.models.patience import Patience
from slingshot.models.server import free_port, running_server
from slingshot.recordings.files import conversation_files, read_conversation
from slingshot.suite import prompt_template
from slow_proxy import slow_proxy
from tiny_gguf import write_tiny_gguf

HASTY = Patience(tries=4, first_wait=0.05, failures=3, silence=2.0)
SUITE = [doubling(name) for name in ("double", "twice")]


def plan(samples) -> Plan:
    questions = questions_from_templates(SUITE, [prompt_template("AsIs")])
    return Plan(questions, samples, Sampling(0.8, None, 16))


def asked(folder, samples, *urls, concurrency=8, name="m", **options):
    """The tally of a model, by default `m`, behind these URLs."""
    first, *others = (Endpoint(url, name, timeout=30.0) for url in urls)
    subject = Subject(name, first, concurrency, others=tuple(others))
    options.setdefault("patience", HASTY)
    (tally,) = ask_models([subject], [plan(samples)], SUITE, folder, Options(**options))
    return tally


def check_whole(folder, samples, tally, name="m"):
    """Every answer is there once, under its own seed, and says which server gave it."""
    about = [read_conversation(path)[1] for path in conversation_files(folder)]
    seeds = {sample.seed for sample in plan(samples).all_samples(name)}
    assert len(seeds) == 2 * samples
    assert Counter(one["seed"] for one in about) == dict.fromkeys(seeds, 1)
    assert Counter(one["server"] for one in about) == Counter(
        {server.address: server.answered for server in tally.servers if server.answered}
    )
    assert {one["served"] for one in about} == {"local"}
    assert (tally.answered, tally.missing, tally.failed, tally.stopped) == (2 * samples, 0, [], "")


@contextmanager
def when(answers, deed, then=lambda: None):
    """A watch over tallies: the deed is done once the last server has so many answers, the rest once it is down."""
    done = []

    def watch(tallies):
        last = tallies[0].servers[-1]
        if not done and last.answered >= answers:
            done.append(deed())
        elif len(done) == 1 and last.down:
            done.append(then())

    yield watch
    assert done


def test_two_llama_servers_of_which_the_slow_one_is_killed_on_the_way_lose_no_answer_and_double_none(
    tmp_path,
):
    model, notes = write_tiny_gguf(tmp_path / "tiny.gguf"), []
    with (
        running_server(model, tmp_path / "a.log", context=512) as before,
        running_server(model, tmp_path / "b.log", context=512) as behind,
        slow_proxy(before.endpoint.url, 0.05) as fast,
        slow_proxy(behind.endpoint.url, 0.4) as slow,
    ):

        def kill():
            behind.process.kill()
            slow.kill()

        with when(4, kill) as watch:
            tally = asked(
                tmp_path / "out",
                200,
                *(fast.url, slow.url),
                name="tiny",
                on_change=watch,
                on_note=notes.append,
            )
    check_whole(tmp_path / "out", 200, tally, "tiny")
    first, second = tally.servers
    assert 4 <= second.answered <= first.answered / 4
    assert "the connection failed" in second.down
    assert (first.down, second.concurrency) == ("", 0)
    assert tally.retries <= 8, "a question under way there is asked again, and no other"
    (note,) = notes
    assert note.startswith(f"tiny: {slow.url}: tiny did not answer: the connection failed")
    assert note.endswith("; the other servers are asked, and it is tried again")


def test_each_server_gets_as_much_as_it_can_do(tmp_path):
    with endpoint(seconds=0.2) as quick, endpoint(seconds=2.0) as slow:
        tally = asked(tmp_path, 40, quick.url, slow.url, concurrency=4)
    check_whole(tmp_path, 40, tally)
    assert quick.answered.total() == tally.servers[0].answered
    assert slow.answered.total() == tally.servers[1].answered
    assert 4 <= slow.answered.total() <= quick.answered.total() / 3
    assert tally.retries == 0


def one_answer(servers, server, seconds):
    """A server answers one question, in so many seconds."""
    errand = Errand(None, server.endpoint, began=0.0)
    servers.sent(server, errand)
    servers.answered(errand, 100, seconds, seconds)


def test_the_last_questions_are_not_for_the_slow():
    places = [Endpoint(f"http://h:{port}/v1", "m") for port in (1, 2)]
    servers = Servers(Subject("m", places[0], 4, others=(places[1],)), HASTY, print)
    slow, quick = servers.all
    one_answer(servers, slow, 10.0)
    one_answer(servers, quick, 1.0)
    for _ in range(4):
        assert servers.next(100, 20.0) is quick
        servers.sent(quick, Errand(None, quick.endpoint, began=20.0))
    # Four a second: 100 questions keep the quick one at work for 26 s, 20 for 6 s.
    assert servers.next(100, 20.0) is slow
    assert servers.next(20, 20.0) is None
    servers.seen(quick, NoAnswer("gone"), 21.0)
    assert servers.next(20, 21.0) is slow, "better late than never"


def test_no_server_ever_gets_more_at_once_than_is_allowed(tmp_path):
    most = Counter()

    def watch(tallies):
        for server in tallies[0].servers:
            most[server.address] = max(most[server.address], server.concurrency)

    with endpoint(seconds=0.01) as one, endpoint(seconds=0.01) as other:
        tally = asked(tmp_path, 40, one.url, other.url, concurrency=6, on_change=watch)
        check_whole(tmp_path, 40, tally)
        assert one.most_at_once <= 6 and other.most_at_once <= 6
    assert set(most.values()) == {6}, "both could take as many as that"


def test_a_frozen_server_is_left_and_what_it_says_later_is_not_recorded_again(tmp_path):
    """It takes connections and says nothing, as a machine without network does: no answer, no failure."""
    notes = []
    with endpoint(seconds=0.3) as quick, endpoint(seconds=0.3) as behind, slow_proxy(behind.url) as frozen:
        with when(5, frozen.freeze, frozen.thaw) as watch:
            tally = asked(
                tmp_path,
                50,
                *(quick.url, frozen.url),
                concurrency=4,
                on_change=watch,
                on_note=notes.append,
            )
        check_whole(tmp_path, 50, tally)
        assert quick.answered.total() + behind.answered.total() > 100, "some were asked twice"
    assert "not a word within 2 s" in notes[0]


def test_a_server_that_comes_back_is_asked_again(tmp_path):
    notes, before = [], []
    with endpoint(seconds=0.2) as quick, endpoint(seconds=0.2) as behind, slow_proxy(behind.url) as away:

        def go():
            away.kill()
            before.append(behind.answered.total())

        with when(5, go, away.come_back) as watch:
            tally = asked(
                tmp_path,
                50,
                *(quick.url, away.url),
                concurrency=4,
                on_change=watch,
                on_note=notes.append,
            )
        check_whole(tmp_path, 50, tally)
        assert behind.answered.total() > before[0] + 10
    assert "and it is tried again" in notes[0]
    assert notes[1] == f"m: {away.address} is there again"
    assert tally.servers[1].down == ""


def test_an_address_where_nobody_is_is_said_once_and_the_others_do_the_work(tmp_path):
    notes, nowhere = [], f"127.0.0.1:{free_port()}"
    with endpoint(models=["m"]) as served:
        tally = asked(tmp_path, 10, f"http://{nowhere}/v1", served.url, on_note=notes.append)
    check_whole(tmp_path, 10, tally)
    (note,) = notes
    assert note.startswith(f"m: http://{nowhere}/v1: m did not answer: the connection failed (")
    assert note.endswith("; the other servers are asked, and it is tried again")
    assert tally.servers[0].down in note


def test_where_none_answers_the_model_is_given_up_in_one_sentence_and_a_later_run_goes_on(tmp_path):
    with (
        endpoint() as one,
        endpoint() as other,
        slow_proxy(one.url) as first,
        slow_proxy(other.url) as second,
    ):
        first.kill()
        second.kill()
        tally = asked(tmp_path, 5, first.url, second.url)
        assert (tally.answered, tally.missing, tally.failed) == (0, 10, [])
        assert tally.stopped.startswith(f"none of its 2 servers answers: {first.url}: m did not answer: ")
        assert f"; {second.url}: m did not answer: " in tally.stopped
        first.come_back()
        second.come_back()
        check_whole(tmp_path, 5, asked(tmp_path, 5, first.url, second.url))


def test_all_that_die_on_the_way_leave_what_was_answered_for_the_next_run(tmp_path):
    with endpoint(seconds=0.02) as one, slow_proxy(one.url) as first, slow_proxy(one.url) as second:

        def kill():
            first.kill()
            second.kill()

        with when(5, kill) as watch:
            tally = asked(tmp_path, 30, first.url, second.url, concurrency=4, on_change=watch)
        assert 5 <= tally.answered < 60
        assert "none of its 2 servers answers" in tally.stopped
        first.come_back()
        again = asked(tmp_path, 30, first.url, second.url)
        assert (again.there_before, again.missing) == (tally.answered, 0)
    seeds = Counter(read_conversation(path)[1]["seed"] for path in conversation_files(tmp_path))
    assert set(seeds.values()) == {1} and len(seeds) == 60


def test_servers_that_fail_in_every_way_lose_nothing_and_double_nothing(tmp_path):
    faults = [fault for fault in FAULTS if fault not in ("wrong model", "hang", "drip")]
    with endpoint(faults, every=3, seconds=0.1) as shaky, endpoint(seconds=0.2) as good:
        tally = asked(tmp_path, 50, shaky.url, good.url, concurrency=4)
        check_whole(tmp_path, 50, tally)
        assert len(shaky.faults) >= 3
        assert tally.retries == shaky.faults.total() == tally.servers[0].failures


def test_a_server_that_refuses_the_key_is_not_asked_again_and_the_others_go_on(tmp_path):
    notes = []
    with endpoint(always="401") as closed, endpoint() as open_to_all:
        tally = asked(tmp_path, 20, closed.url, open_to_all.url, concurrency=2, on_note=notes.append)
        check_whole(tmp_path, 20, tally)
        assert closed.asked.total() <= 2
    assert "check the key in the environment" in tally.servers[0].down
    assert notes[0].endswith("; the other servers are asked, and it is not tried again")


def test_a_server_that_is_asked_too_often_rests_as_long_as_it_wants(tmp_path):
    with endpoint(["429"], every=4, seconds=0.05) as busy, endpoint(seconds=0.2) as other:
        tally = asked(tmp_path, 20, busy.url, other.url, concurrency=4)
        check_whole(tmp_path, 20, tally)
        assert tally.servers[0].failures == busy.faults["429"] > 0
        assert busy.early == 0, "Retry-After is honoured"


def test_a_question_that_every_server_refuses_fails_as_it_does_at_one(tmp_path):
    with endpoint(always="500") as one, endpoint(always="500") as other:
        tally = asked(tmp_path, 10, one.url, other.url)
    assert (tally.answered, len(tally.failed)) == (0, HASTY.failures)
    assert "refused with status 500" in tally.stopped


def test_servers_that_list_unlike_models_are_refused_before_anything_is_asked(tmp_path):
    with endpoint(models=["m"]) as one, endpoint(models=["n"]) as other:
        with pytest.raises(
            RequestError, match=r"m: 127.0.0.1:\d+ serves n, 127.0.0.1:\d+ serves m; answers of"
        ):
            asked(tmp_path, 5, one.url, other.url)
        assert not one.asked and not other.asked


def test_two_files_of_one_name_are_told_apart_where_the_server_says_more_than_the_name(tmp_path):
    one, other = tmp_path / "a" / "tiny.gguf", tmp_path / "b" / "tiny.gguf"
    one.parent.mkdir()
    other.parent.mkdir()
    with (
        running_server(write_tiny_gguf(one), tmp_path / "a.log", context=512) as first,
        running_server(write_tiny_gguf(other, layers=3), tmp_path / "b.log", context=512) as second,
        pytest.raises(
            RequestError, match="serves tiny with .* parameters, .* serves tiny with .* parameters"
        ),
    ):
        asked(tmp_path / "out", 5, first.endpoint.url, second.endpoint.url, name="tiny")


@pytest.mark.parametrize("answers_as", ["m-2024-05-13", "n"])
def test_an_answer_of_another_model_ends_it_and_is_not_recorded(tmp_path, answers_as):
    """Each name alone could stand for the one that was asked; together they are two."""
    with (
        endpoint(answers_as="m-2024-01-01", seconds=0.05) as one,
        endpoint(answers_as=answers_as, seconds=0.2) as other,
    ):
        tally = asked(tmp_path, 20, one.url, other.url)
    assert answers_as in tally.stopped
    assert tally.answered and tally.missing
    about = [read_conversation(path)[1] for path in conversation_files(tmp_path)]
    assert {one["served_model"] for one in about} == {"m-2024-01-01"}


def test_a_server_that_comes_back_with_another_model_ends_it(tmp_path):
    with (
        endpoint(models=["m"], seconds=0.03) as one,
        endpoint(models=["m"], seconds=0.03) as before,
        endpoint(models=["n"]) as after,
        slow_proxy(before.url) as away,
    ):

        def swap():
            away.kill()
            away.lead_to(after.url)

        with when(5, swap, away.come_back) as watch:
            tally = asked(tmp_path, 200, one.url, away.url, concurrency=4, on_change=watch)
        assert not after.asked
    assert f"{away.address} serves n" in tally.stopped
    assert tally.missing


def test_a_name_that_served_as_tells_of_is_the_same_model_in_every_run(tmp_path):
    with endpoint(answers_as="mistral-large") as one, endpoint() as other:
        places = [Endpoint(at.url, "m", served_as="mistral-large") for at in (one, other)]
        for samples in (2, 5):
            subject = Subject("m", places[0], others=(places[1],))
            (tally,) = ask_models([subject], [plan(samples)], SUITE, tmp_path)
            assert (tally.missing, tally.stopped) == (0, "")


def test_new_servers_go_on_with_earlier_answers_only_if_they_serve_the_same(tmp_path):
    with endpoint(answers_as="m-2024-01-01") as one:
        assert asked(tmp_path, 2, one.url).answered == 4
    with endpoint(answers_as="m-2024-05-13") as other, endpoint(answers_as="m-2024-05-13") as third:
        tally = asked(tmp_path, 5, other.url, third.url)
    assert (tally.there_before, tally.answered) == (4, 0)
    assert "serves m-2024-05-13, earlier answers are by m-2024-01-01" in tally.stopped
