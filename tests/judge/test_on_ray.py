"""Judging on a Ray cluster of two nodes on loopback: the same verdicts, whatever becomes of the nodes."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from command import refused, slingshot
from faulty_endpoint import endpoint
from recorded import doubling, record
from slingshot.errors import RequestError, SlingshotError
from slingshot.files import cache_folder
from slingshot.judge import HarnessError, Submission, judge_many
from slingshot.judge.judge import identity
from slingshot.judge.ray_cluster import connected
from slingshot.recordings.answers import read_answers, recorded_suite
from slingshot.recordings.files import conversation_files, evaluation_path
from slingshot.recordings.judging import judge_recordings

pytest.importorskip("ray", reason="judging on Ray needs the extra ray: pip install 'slingshot[ray]'")
ANSWERS = 2000
MEMORY = 80 << 20  # bytes of each node's object store, nearly the least that Ray takes


@pytest.fixture(scope="module")
def cluster():
    """A head with two cores, called first."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        arguments = {"num_cpus": 2, "include_dashboard": False, "object_store_memory": MEMORY}
        cluster = Cluster(initialize_head=True, head_node_args={**arguments, "node_name": "first"})
        yield cluster
        cluster.shutdown()


@contextmanager
def one_more(cluster, name, **environment):
    """A second node with one core, and these environment variables, while the block runs."""
    variables = {**os.environ, **environment}
    node = cluster.add_node(num_cpus=1, object_store_memory=MEMORY, node_name=name, env_vars=variables)
    try:
        yield node
    finally:
        if node in cluster.worker_nodes:
            cluster.remove_node(node)


@pytest.fixture
def on_ray(by, cluster):
    """The tests' judge, on the cluster."""
    return replace(by, ray=cluster.address)


@pytest.fixture
def work():
    """Forty answers to two test cases, of which half are right and some the same."""
    programs = [f"double(x) = {factor}x" for factor in (1, 2, 2, 3)]
    programs += [f"double(x) = {place} + 2x - {place}" for place in range(6)]
    halves = [program.replace("double", "halve") for program in programs]
    answers = [(program, doubling()) for program in programs] + [(half, doubling("halve")) for half in halves]
    return [Submission(f"```julia\n{program}\n```", case) for program, case in answers * 2]


def verdicts(found):
    """Evaluations by their place, without how long they took."""
    return {index: replace(evaluation, seconds=0.0) for index, evaluation in found}


@pytest.fixture(scope="module")
def most_repeated(leaderboard, by, tmp_path_factory):
    """2,000 answers that models gave to the leaderboard, those first that were given most often; not judged."""
    suite = recorded_suite(leaderboard)
    paths = [path for path in conversation_files(leaderboard) if "audi_filter" not in str(path)]
    answers = read_answers(paths, leaderboard, suite)
    same = [identity(Submission(a.conversation.answer, a.test_case), by) for a in answers]
    often = Counter(same)
    places = sorted(range(len(answers)), key=lambda place: (-often[same[place]], paths[place]))[:ANSWERS]
    folder = tmp_path_factory.mktemp("answers")
    for path in (paths[place] for place in places):
        copy = folder / path.relative_to(leaderboard)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return folder, suite


def judged_files(folder):
    """What every evaluation below a folder says, without how long judging took."""
    found = {}
    for path in conversation_files(folder):
        evaluation = json.loads(evaluation_path(path).read_text())
        del evaluation["slingshot"]["judge_seconds"]
        found[path.relative_to(folder)] = evaluation
    return found


def test_2000_recorded_answers_get_the_same_files_as_here_though_a_node_dies_in_the_middle(
    most_repeated, by, on_ray, cluster, tmp_path, capfd
):
    folder, suite = most_repeated
    here = shutil.copytree(folder, tmp_path / "here")
    counted = []
    with one_more(cluster, "second") as node:

        def on_judged(done, total):
            counted.append((done, total))
            if done == ANSWERS // 2:
                cluster.remove_node(node, allow_graceful=False)

        assert judge_recordings(folder, suite, on_ray, on_judged=on_judged) == ANSWERS
    assert counted == [(done, ANSWERS) for done in range(1, ANSWERS + 1)], "none is lost, none comes twice"
    told = capfd.readouterr().err
    assert "; cores: 3, nodes: 2." in told
    assert (
        told.count("Node second takes no more work: its process or the whole node ended; others judge") == 1
    )
    assert judge_recordings(folder, suite, by) == 0, "nothing is left to judge, here or elsewhere"

    assert judge_recordings(here, suite, by) == ANSWERS
    assert len(judged_files(here)) == ANSWERS
    assert judged_files(folder) == judged_files(here)


def test_nodes_with_another_judge_or_none_say_so_and_take_no_work(by, on_ray, cluster, tmp_path, capfd):
    cache, package = tmp_path / "cache", tmp_path / "Example"
    (package / "src").mkdir(parents=True)
    project = cache / f"julia-project-{by.julia.version}"
    project.mkdir(parents=True)
    for entry in cache_folder().iterdir():
        if not entry.name.startswith("julia-project-"):
            (cache / entry.name).symlink_to(entry)
    uuid = "7876af07-990d-54b4-ab0e-23690620f79a"
    (project / "Project.toml").write_text(f'[deps]\nExample = "{uuid}"\n')
    (project / "Manifest.toml").write_text(f'[[Example]]\npath = "{package}"\nuuid = "{uuid}"\n')
    programs = [
        f"sleep(0.5); double(x) = {place} + 2x - {place}" for place in range(16)
    ]  # long enough for all
    with (
        one_more(cluster, "juliafree", SLINGSHOT_JULIA="/bin/false"),
        one_more(cluster, "boxless", PATH="/nowhere"),
        one_more(cluster, "unlike", SLINGSHOT_CACHE=str(cache)),
    ):
        answers = [(f"```julia\n{program}\n```", doubling()) for program in programs]
        found = dict(judge_many(answers, on_ray))
    assert [found[place].solved for place in range(16)] == [True] * 16
    told = capfd.readouterr().err
    assert "Node juliafree takes no work: SLINGSHOT_JULIA names a Julia that does not work" in told
    assert "Node boxless takes no work: bubblewrap, which answers are run in, is not installed" in told
    assert f"Node unlike takes no work: its judge is another one (packages Example {package}, not" in told


def test_with_no_node_that_judges_alike_the_error_says_what_differs(work, on_ray):
    newer = replace(on_ray, julia=replace(on_ray.julia, version="9.9.9"))
    with pytest.raises(HarnessError) as caught:
        next(judge_many(work, newer))
    assert "no node of the Ray cluster at" in str(caught.value)
    here = on_ray.julia.version
    assert f"node first: its judge is another one (julia {here}, not 9.9.9)" in str(caught.value)


def test_another_slingshot_takes_no_work(work, on_ray, monkeypatch):
    monkeypatch.setattr("slingshot.judge.on_ray.release_of_judge", lambda: "0.0.7 (judge 00000000)")
    with pytest.raises(HarnessError, match=r"its Slingshot is .*, not 0\.0\.7 \(judge 00000000\)"):
        next(judge_many(work, on_ray))


def test_nothing_to_judge_needs_no_cluster(by):
    assert list(judge_many([], replace(by, ray="127.0.0.1:1"))) == []


@pytest.mark.parametrize(
    ("address", "kind", "words"),
    [
        ("nonsense", RequestError, "'nonsense' is no address; give HOST:PORT"),
        ("10.0.0.5:70000", RequestError, "is no address"),
        ("ray://127.0.0.1:10001", RequestError, "is for Ray's client, which is not used"),
        ("127.0.0.1:1", SlingshotError, "no Ray cluster answers at 127.0.0.1:1 (Connection refused)"),
        ("no.such.host.invalid:6379", SlingshotError, "no Ray cluster answers at no.such.host.invalid:6379"),
    ],
)
def test_a_bad_address_is_refused_in_seconds(address, kind, words):
    start = time.monotonic()
    with pytest.raises(kind) as caught, connected(address):
        pass
    assert words in str(caught.value)
    assert time.monotonic() - start < 10


def test_what_is_no_ray_cluster_is_not_waited_for():
    with HTTPServer(("", 0), BaseHTTPRequestHandler) as server, socket.create_server(("", 0)) as silent:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        start = time.monotonic()
        with (
            pytest.raises(SlingshotError, match="is no Ray cluster; give the address"),
            connected(f"127.0.0.1:{server.server_port}"),
        ):
            pass
        server.shutdown()
        with (
            pytest.raises(SlingshotError, match="no Ray cluster answers at .* \\(timed out\\)"),
            connected(f"127.0.0.1:{silent.getsockname()[1]}"),
        ):
            pass
        assert time.monotonic() - start < 15


def test_a_cluster_of_another_python_is_refused_in_one_sentence(cluster):
    from ray._common.usage import usage_constants, usage_lib
    from ray._private.ray_constants import KV_NAMESPACE_CLUSTER
    from ray._raylet import GcsClient

    head = GcsClient(address=cluster.address)
    versions = usage_lib.get_cluster_metadata(head)

    def write(value):
        content = json.dumps(value).encode()
        head.internal_kv_put(usage_constants.CLUSTER_METADATA_KEY, content, True, KV_NAMESPACE_CLUSTER)

    write({**versions, "python_version": "3.9.1"})
    try:
        with pytest.raises(SlingshotError) as caught, connected(cluster.address):
            pass
    finally:
        write(versions)
    ours = ".".join(map(str, sys.version_info[:3]))
    assert f"has Ray {versions['ray_version']} and Python 3.9.1, this machine Ray" in str(caught.value)
    assert str(caught.value).endswith(f"Python {ours}; all must have the same")


def test_the_command_judges_a_folder_there_and_an_interrupted_one_goes_on(cluster, tmp_path):
    answers = [f"```julia\nsleep(0.4); double(x) = {place} + 2x - {place}\n```" for place in range(40)]
    for index, answer in enumerate(answers):
        record(tmp_path / "recordings", answer, None, index=index)
    (tmp_path / "suite" / "numbers" / "double").mkdir(parents=True)
    case = doubling()
    (tmp_path / "suite" / "numbers" / "double" / "definition.toml").write_text(
        f'[code_generation]\nname = "double"\nprompt = "{case.prompt}"\nexamples = {case.examples}\n'
        f'unit_tests = {case.unit_tests}\nreference_solution = "double(x) = 2x"\n'
    )
    arguments = ("judge", tmp_path / "recordings", "--suite", tmp_path / "suite", "--ray", cluster.address)
    command = [sys.executable, "-m", "slingshot", *map(str, arguments)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as interrupted:
        evaluations = tmp_path / "recordings"
        deadline = time.monotonic() + 60
        while not list(evaluations.rglob("evaluation__*")) and time.monotonic() < deadline:
            time.sleep(0.05)
        interrupted.send_signal(signal.SIGINT)
        _, told = interrupted.communicate(timeout=30)
    assert interrupted.returncode == 1
    assert "Traceback" not in told
    assert told.splitlines()[-1].startswith("slingshot: stopped; what was finished is kept")
    kept = {path: path.read_bytes() for path in evaluations.rglob("evaluation__*")}
    assert 0 < len(kept) < len(answers)

    done = slingshot(*arguments[:-1], "auto", "--format", "json", RAY_ADDRESS=cluster.address)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["judged"] == len(answers) - len(kept)
    assert {path: path.read_bytes() for path in kept} == kept
    assert len(list(evaluations.rglob("evaluation__*"))) == len(answers)
    refused(slingshot(*arguments[:-1], "nonsense"), 2, "--ray: 'nonsense' is no address")


def test_a_benchmark_judges_there(cluster, tmp_path):
    code = "```julia\nmask_code(code) = SEED\n```"
    with endpoint(answer=code) as served:
        arguments = ("bench", "--model", f"m@{served.url}", "--out", tmp_path, "--test-case", "mask_code")
        done = slingshot(
            *arguments, "--samples", 10, "--ray", cluster.address, "--jobs", 1, "--format", "json"
        )
    assert done.returncode == 0, done.stderr
    assert "; cores: 1, nodes: 1." in done.stderr
    (model,) = json.loads(done.stdout)["models"]
    assert model["judged"] == model["answered"] == 20


def test_judging_here_never_imports_ray(tmp_path):
    program = (
        "import sys\n"
        "import slingshot.cli, slingshot.recipe, slingshot.judge.stream, slingshot.judge.ray_cluster\n"
        "from slingshot.judge import judge\n"
        "from slingshot.suite import bundled_suite, load_suite\n"
        "case = load_suite(bundled_suite())[0]\n"
        "assert judge(f'```julia\\n{case.reference_solution}\\n```', case).solved\n"
        "assert 'ray' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
