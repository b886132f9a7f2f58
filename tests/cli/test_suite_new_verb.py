"""`slingshot suite new` asks on a terminal, writes a template elsewhere, and judges what was written."""

import os
import pty
import select
import signal
import subprocess
import sys
import time

import pytest

from command import refused, slingshot
from slingshot.suite import load_test_case


class Terminal:
    """The command on a terminal of its own: type into it, and read what it shows."""

    def __init__(self, *arguments, **environment):
        ours, theirs = pty.openpty()
        self._file, self.shown = ours, ""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "slingshot", *map(str, arguments)],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm", **environment},
        )
        os.close(theirs)

    def answer(self, question, *lines):
        """Wait until the question was put, then type the lines."""
        self._read(lambda: question in self.shown and self.shown.endswith("> "))
        os.write(self._file, "".join(f"{line}\r" for line in lines).encode())

    def end(self):
        """Wait for the end; the exit code."""
        self._read(lambda: False)
        return self._process.wait(timeout=10)

    def _read(self, enough):
        deadline = time.monotonic() + 60
        while not enough():
            ready, _, _ = select.select([self._file], [], [], 1)
            if ready:
                try:
                    self.shown += os.read(self._file, 65536).decode(errors="replace")
                except OSError:  # the other side is closed: how a terminal says that it ended
                    return
            if time.monotonic() > deadline:
                os.killpg(self._process.pid, signal.SIGKILL)
                pytest.fail(f"nobody asked; shown was:\n{self.shown}")


def pasted(text):
    """What a terminal sends for a paste, as one piece."""
    return f"\x1b[200~{text}\x1b[201~"


def test_on_a_terminal_the_parts_of_a_test_case_are_asked_for_and_judged(tmp_path):
    folder = tmp_path / "dates" / "add_weeks"
    terminal = Terminal("suite", "new", folder)
    prompt = "Write a function `add_weeks(day, n)` for a `Date`.\n\nIt may use \\ and '''."
    terminal.answer("What is add_weeks to do?", pasted(prompt), ".")
    terminal.answer("Examples:", "", "add_weeks(Date(2024, 1, 1), 2)", "")
    test = "add_weeks(Date(2024, 1, 1), 1) == Date(2024, 1, 8)"
    terminal.answer("Unit tests:", test, "@test_throws MethodError add_weeks(1, 1)", "")
    terminal.answer("Reference solution:", "using Dates", "", "add_weeks(day::Date, n) = day + Week(n)", ".")
    terminal.answer("[default: Dates]", "")
    assert terminal.end() == 0, terminal.shown
    assert "A test case needs an example." in terminal.shown
    assert "Judged: the reference solution passes all examples and unit tests." in terminal.shown
    written = load_test_case(folder / "definition.toml")
    assert (written.name, written.prompt, written.imports) == ("add_weeks", prompt, ["Dates"])
    assert written.examples == ["add_weeks(Date(2024, 1, 1), 2)"]
    assert written.unit_tests == [f"@test {test}", "@test_throws MethodError add_weeks(1, 1)"]
    assert written.reference_solution == "using Dates\n\nadd_weeks(day::Date, n) = day + Week(n)\n"


def test_a_solution_may_come_from_a_file_and_is_told_when_it_fails(tmp_path):
    program = tmp_path / "double.jl"
    program.write_text("double(x) = 3x\n")
    folder = tmp_path / "numbers" / "double"
    terminal = Terminal("suite", "new", folder)
    terminal.answer("What is double to do?", "Return twice a number.", "")
    terminal.answer("the text does not name double", "double(1)", "")
    terminal.answer("Unit tests:", "double(2) == 4", "")
    terminal.answer("Reference solution:", tmp_path / "absent.jl")
    terminal.answer("absent.jl cannot be read", program)
    terminal.answer("[default: none]", "-")
    assert terminal.end() == 1
    assert "unit test 1: @test double(2) == 4" in " ".join(terminal.shown.split())
    assert "the reference solution does not score 100; correct" in terminal.shown
    assert load_test_case(folder / "definition.toml").reference_solution == "double(x) = 3x\n"


def test_the_example_may_be_opened_in_an_editor_instead(tmp_path):
    folder = tmp_path / "numbers" / "total"
    terminal = Terminal("suite", "new", folder, "--no-validate", VISUAL="", EDITOR="sed -i s/sum/total/")
    terminal.answer("opens your editor", "e", "")
    assert terminal.end() == 0, terminal.shown
    assert "returns the total of all positive" in load_test_case(folder / "definition.toml").prompt


def test_a_terminal_that_ends_writes_nothing(tmp_path):
    terminal = Terminal("suite", "new", tmp_path / "numbers" / "double")
    terminal.answer("What is double to do?", "\x04")
    assert terminal.end() == 2
    assert "the input ended before what the function is to do was given" in terminal.shown
    assert list(tmp_path.iterdir()) == []


def test_elsewhere_a_template_is_written_and_judged(tmp_path):
    folder = tmp_path / "numbers" / "sum_positive"
    done = slingshot("suite", "new", folder)
    assert done.returncode == 0, done.stderr
    assert "replace its example by your problem" in done.stderr
    assert "Judged: the reference solution passes" in done.stderr
    assert f"Next: slingshot suite validate {folder}" in done.stderr
    written = (folder / "definition.toml").read_text()
    refused(slingshot("suite", "new", folder), 2, "there is a test case already")
    assert (folder / "definition.toml").read_text() == written
    refused(slingshot("suite", "new", tmp_path / "2fast"), 2, "cannot be the name of a Julia function")


def test_on_a_terminal_the_template_asks_nothing(tmp_path):
    terminal = Terminal("suite", "new", tmp_path / "numbers" / "double", "--template", "--no-validate")
    assert terminal.end() == 0
    assert "What is" not in terminal.shown
    assert "Judged" not in terminal.shown
