"""Hostile answers: each gets the verdict it deserves, harms nobody, and the next answer is judged as ever.

Every Markdown file beside this one is an answer as a model could give it. Between `+++` lines it begins with
what it tries and what must come of it; `Attack` says what each key means. Where an attack is about getting at
something, it doubles rightly only if it got there: its unit tests fail as long as the sandbox holds.
"""

import contextlib
import os
import socket
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import slingshot.judge
from slingshot.judge import Evaluation, Judge, Limits, Submission, judge_many
from slingshot.suite import TestCase, bundled_suite

LIMITS = Limits(seconds=1, memory_bytes=1 << 30, file_bytes=64 << 20, processes=64)
# For answers that end by themselves: nobody waits for these seconds unless the machine is busy elsewhere.
PATIENT = replace(LIMITS, seconds=8)
FILES = sorted(Path(__file__).parent.glob("*.md"))
NAMES = [path.stem for path in FILES]

# Put before the right answer that is judged after an attack: it fails if anything of the attack is still there.
NOTHING_IS_LEFT = r"""# judged right after {name}
for folder in ("/", "/tmp", "/var/tmp", "/dev/shm"), name in (isdir(folder) ? readdir(folder) : String[])
    occursin("left_behind", name) && error("$folder holds $name")
end
issubset(readdir("/tmp"), [{shown}]) || error("/tmp holds $(readdir("/tmp"))")
pwd() == "/tmp" || error("the working folder is $(pwd())")
mktempdir(folder -> write(joinpath(folder, "file"), "x"))
haskey(ENV, "LEFT_BEHIND") && error("the environment was changed")
count(name -> all(isdigit, name), readdir("/proc")) <= 4 || error("there are processes: $(readdir("/proc"))")
1 + 1 == 2 && 1 != 2 && !isempty([1]) && string(1, "a") == "1a" || error("Julia was changed")
"""


@dataclass(frozen=True)
class Attack:
    """One hostile answer and what must come of it.

    Attributes:
        answer: the whole answer, in Markdown. `{{home}}`, `{{suite}}`, `{{port}}` and `{{listener}}` stand for
            a user's home, the suite's folder, and two listeners of this machine.
        about: what it tries, in one sentence.
        failure: the failures that are a right verdict; `none` is none.
        unit_tests_passed: the numbers that are a right verdict, or the only one.
        examples_executed: the only right number, if it matters.
        piracy: whether methods for types of others must be reported, if it matters.
        seconds: how long the judge may take at most, for up to two runs within their limits. The rest is for
            starting Julia anew, twice, on a busy machine.
        test_case: what the answer is judged by.
        leaves: paths on this machine that must not exist afterwards.
    """

    answer: str
    about: str
    failure: list[str]
    unit_tests_passed: int | list[int]
    examples_executed: int | None = None
    piracy: bool | None = None
    seconds: float = 40.0
    test_case: str = "double"
    leaves: tuple[str, ...] = ()


def read_attack(path: Path, places: dict[str, str]) -> Attack:
    """Read an attack's file; `places` says what stands for the names in double braces."""
    text = path.read_text(encoding="utf-8")
    for name, value in places.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    empty, front_matter, answer = text.split("+++\n", 2)
    assert not empty, f"{path} must begin with +++"
    return Attack(answer=answer, **tomllib.loads(front_matter))


class Trial(NamedTuple):
    """An attack, its verdict, how long that took, and the verdicts on a right and a wrong answer after it."""

    attack: Attack
    evaluation: Evaluation
    seconds: float
    right: Evaluation
    wrong: Evaluation


class World(NamedTuple):
    """What the attacks aim at, beyond the judge itself."""

    home: Path
    suite: Path
    temporary: Path
    listeners: list[socket.socket]
    before: dict[Path, bytes]

    @property
    def places(self) -> dict[str, str]:
        """What stands in the attacks for the names in double braces."""
        by_port, by_name = self.listeners
        return {
            "home": str(self.home),
            "suite": str(self.suite),
            "port": str(by_port.getsockname()[1]),
            "listener": by_name.getsockname()[1:].decode(),
        }


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A home with a key, a secret in the environment, an empty folder for temporary files, two listeners."""
    home, temporary = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("temporary")
    (home / "key").write_text("the key")
    with pytest.MonkeyPatch.context() as patch, contextlib.ExitStack() as open_sockets:
        patch.setenv("SLINGSHOT_ATTACK_SECRET", "sk-12345")
        patch.setattr(tempfile, "tempdir", str(temporary))
        by_port = open_sockets.enter_context(socket.create_server(("127.0.0.1", 0)))
        by_name = open_sockets.enter_context(socket.socket(socket.AF_UNIX))
        by_name.bind(f"\0slingshot-attack-{os.getpid()}")  # the zero byte: a name without a file
        by_name.listen()
        before = contents(home, bundled_suite())
        yield World(home, bundled_suite(), temporary, [by_port, by_name], before)


def contents(*folders: Path) -> dict[Path, bytes]:
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def trials(
    request: pytest.FixtureRequest,
    by: Judge,
    double: TestCase,
    named: Callable[[str], TestCase],
    world: World,
) -> dict[str, Trial]:
    """All attacks that are selected, judged one after the other by one judge, each before two others.

    Those that may end in a timeout have a second for it; the rest have eight, so that no slow machine makes
    a timeout of them.
    """
    items = [getattr(item, "callspec", None) for item in request.session.items]
    wanted = {callspec.params.get("name") for callspec in items if callspec}
    attacks = {path.stem: read_attack(path, world.places) for path in FILES if path.stem in wanted}
    found = dict[str, Trial]()
    for limits in (LIMITS, PATIENT):
        group = {
            n: attack for n, attack in attacks.items() if ("timeout" in attack.failure) == (limits is LIMITS)
        }
        found |= try_all(group, replace(by, limits=limits), double, named)
    return found


def try_all(
    attacks: dict[str, Attack], by: Judge, double: TestCase, named: Callable[[str], TestCase]
) -> dict[str, Trial]:
    """Attacks in their order, each before a right and a wrong answer, judged by one worker."""
    # A judge takes its time to start, which is not the first attack's fault.
    work = [Submission("```julia\ndouble(x) = 2x  # to begin with\n```", double)]
    for name, attack in attacks.items():
        test_case = double if attack.test_case == "double" else named(attack.test_case)
        right = nothing_is_left(name, by) + test_case.reference_solution
        wrong = f"# judged after {name}\n{test_case.name}(arguments...) = 0"
        answers = [attack.answer, *(f"```julia\n{code}\n```" for code in (right, wrong))]
        work += [Submission(answer, test_case) for answer in answers]
    found, seconds, start = dict[int, Evaluation](), dict[int, float](), time.monotonic()
    for index, evaluation in judge_many(work, by, jobs=1):
        found[index], seconds[index] = evaluation, time.monotonic() - start
        start = time.monotonic()
    return {
        name: Trial(attack, found[n], seconds[n], found[n + 1], found[n + 2])
        for n, (name, attack) in zip(range(1, len(work), 3), attacks.items(), strict=True)
    }


def nothing_is_left(name: str, by: Judge) -> str:
    """The check for what an attack left; Julia and the judge themselves may be below /tmp, where they are shown."""
    folders = [Path(slingshot.judge.__file__), *by.julia.roots]
    shown = ", ".join(f'"{folder.parts[2]}"' for folder in folders if folder.parts[1] == "tmp")
    return NOTHING_IS_LEFT.replace("{name}", name).replace("{shown}", shown)


def allowed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("name", NAMES)
def test_an_attack_gets_the_verdict_it_deserves(name, trials):
    attack, evaluation, seconds, *_ = trials[name]
    assert (evaluation.failure or "none") in attack.failure, evaluation
    assert evaluation.unit_tests_passed in allowed(attack.unit_tests_passed), evaluation
    if attack.examples_executed is not None:
        assert evaluation.examples_executed == attack.examples_executed, evaluation
    if attack.piracy is not None:
        assert bool(evaluation.piracy) == attack.piracy, evaluation
    assert evaluation.score is not None, "an answer must not get out of being judged"
    assert len(evaluation.detail) < 1000
    assert seconds < attack.seconds, evaluation


@pytest.mark.parametrize("name", NAMES)
def test_the_next_answers_are_judged_as_ever(name, trials):
    right, wrong = trials[name].right, trials[name].wrong
    assert (right.failure, right.score, right.piracy) == (None, 100, ()), right
    assert (wrong.failure, wrong.unit_tests_passed, wrong.piracy) == ("tests_failed", 0, ()), wrong


@pytest.mark.parametrize("name", NAMES)
def test_an_attack_leaves_no_file_behind(name, trials):
    assert [path for path in trials[name].attack.leaves if Path(path).exists()] == []


def test_home_suite_and_temporary_files_are_as_before(trials, world):
    assert contents(world.home, world.suite) == world.before
    assert list(world.temporary.iterdir()) == []


def test_no_process_outlives_its_judge(trials):
    deadline = time.monotonic() + 5
    while (left := descendants(os.getpid())) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def descendants(ancestor: int) -> list[str]:
    """The command lines of all processes below one, those that are dead already left out."""
    commands, parents = dict[int, str](), dict[int, int]()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(") ")[2].split()[:2]
            if state != "Z":
                parents[int(folder.name)] = int(parent)
                commands[int(folder.name)] = (folder / "cmdline").read_bytes().decode(errors="replace")
    below = [ancestor]
    for found in below:  # which grows on the way
        below += [pid for pid, parent in parents.items() if parent == found]
    return [commands[pid] for pid in below[1:]]


def test_nobody_dialled_out(trials, world):
    for listener in world.listeners:
        listener.settimeout(0.1)
        with pytest.raises(TimeoutError):
            listener.accept()
