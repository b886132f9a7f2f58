"""How the public leaderboard reads and runs an answer, oddities included, as one specification.

The functions under test are Julia's; one warm Julia answers all the questions of this file.
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from slingshot.judge.julia.install import find_julia

Call = Callable[..., list[str]]

QUIET = ["--startup-file=no", "-O0", "--compile=min"]


@pytest.fixture(scope="module")
def call() -> Iterator[Call]:
    """Calls a function of `leaderboard_calls.jl` with strings, and returns the strings of its result."""
    julia = find_julia()
    command = [str(julia.executable), *QUIET, str(Path(__file__).with_name("leaderboard_calls.jl"))]
    with subprocess.Popen(
        command, env=julia.environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        questions, answers = process.stdin, process.stdout

        def ask(*words: str) -> list[str]:
            fields = [word.encode() for word in words]
            questions.write(b"%d\n" % len(fields) + b"".join(b"%d\n%b" % (len(f), f) for f in fields))
            questions.flush()
            count = int(answers.readline())
            return [answers.read(int(answers.readline())).decode() for _ in range(count)]

        yield ask


def fenced(*blocks: str) -> str:
    """An answer with these blocks in Julia fences."""
    return "Here you are:\n" + "\n".join(f"```julia\n{block}\n```\nDone." for block in blocks)


class TestBlocks:
    """Which text of an answer is code."""

    @pytest.mark.parametrize(
        ("answer", "blocks"),
        [
            ("```julia\nx = 1\n```", ["x = 1"]),
            ("a\n```julia\nx = 1\n```\nb\n```julia\n\n y = 2 \n```\n", ["x = 1", "y = 2"]),
            ("text ```julia\nx = 1\n```", ["x = 1"]),  # an opener within a line
            ("```julia x = 1\n```", ["x = 1"]),  # code in the line of the opener
            ("```julia\n```", [""]),
            ('```julia\ns = "größer 🎯"\n```', ['s = "größer 🎯"']),
            ("```Julia\nx = 1\n```", []),  # the label is `julia` and nothing else
            ("```jl\nx = 1\n```", []),
            ("```\nx = 1\n```", []),
            ("```julia\nx = 1", []),  # never closed, never seen
            ("x = 1", []),
            ("", []),
        ],
    )
    def test_begin_at_a_julia_fence(self, call: Call, answer: str, blocks: list[str]) -> None:
        assert call("codeblocks", answer) == blocks

    def test_a_fence_alone_on_its_line_closes_before_a_nearer_one_that_is_not(self, call: Call) -> None:
        assert call("codeblocks", "```julia\nx = 1\n```text\ny = 2\n```\n") == ["x = 1\n```text\ny = 2"]

    def test_the_last_block_chooses_its_end_first(self, call: Call) -> None:
        # So the first block, left with the loose end that the last one spared, reaches beyond it.
        answer = "```julia\nx = 1\n```julia\ny = 2\n```\n"
        assert call("codeblocks", answer) == ["x = 1", "y = 2"]

    def test_of_nested_blocks_the_outer_one_counts(self, call: Call) -> None:
        answer = '```julia\nf("\n```julia\nx\n```\n")\n```\n'
        assert call("codeblocks", answer) == ['f("\n```julia\nx\n```\n")']

    def test_prompts_go_and_output_with_them(self, call: Call) -> None:
        answer = fenced("julia> f(x) =\n           x\n\njulia> f(1)\n1\n> y = 2")
        assert call("codeblocks", answer) == ["f(x) =\n           x\nf(1)\ny = 2"]

    def test_a_prompt_is_taken_out_of_the_whole_line(self, call: Call) -> None:
        assert call("codeblocks", fenced("> a -> b")) == ["a -b"]

    @pytest.mark.parametrize(
        ("answer", "blocks"),
        [
            ("a\n```\nx = 1\n```\n", ["x = 1"]),
            ("```\nx = 1\n```", ["x = 1"]),  # fences at the very start and end
            ("a\n```\nx\n```\nprose\n```\ny\n```\n", ["x", "prose", "y"]),
            ("a\n```python\nx\n```\n", []),  # its only bare fence begins a block that never ends
            ("```\n```\n", [""]),
            ("x = 1", []),
        ],
    )
    def test_without_a_julia_fence_what_lies_between_bare_ones(
        self, call: Call, answer: str, blocks: list[str]
    ) -> None:
        assert call("fallbackblocks", answer) == blocks

    @pytest.mark.parametrize(
        ("block", "expected"),
        [
            ("f(x) = 2x", "true"),
            ("struct S end\nf(1)", "true"),
            ("struct S end", "false"),  # not in the leaderboard's list of what looks like code
            ("using Dates", "false"),
            ("x", "false"),
            ("1 2", "false"),
            ("function f(", "false"),
            ("# nothing", "false"),
            ("", "false"),
        ],
    )
    def test_count_as_code_if_they_parse_and_look_like_it(
        self, call: Call, block: str, expected: str
    ) -> None:
        assert call("isjuliacode", block) == [expected]

    @pytest.mark.parametrize(
        ("block", "name"),
        [
            ("f(x) = 1\nfunction g(x)\nend", "g"),
            ("x = 1\n  f(x) = 1", "f"),
            ("function M.g!(x) end", "none"),
            ("function M.g(x) end", "M.g"),
            ("function f{T}(x) end", "none"),
            ("x -> 1", "none"),
        ],
    )
    def test_define_the_function_that_their_text_names_first(self, call: Call, block: str, name: str) -> None:
        assert call("functionname", block) == [name]

    @pytest.mark.parametrize(
        ("block", "name"),
        [
            ("f(x) = 1\nx = 2", "f"),
            ("x = 1\nf(x) = 1", "none"),  # the short form only at the very beginning
            ("x = 1 # a function f(x)", "f"),  # the long one anywhere
        ],
    )
    def test_were_named_by_other_rules_before_february_2024(self, call: Call, block: str, name: str) -> None:
        assert call("oldname", block) == [name]


class TestDroppedLines:
    """Lines that the leaderboard takes out before it runs anything; `Dates` and `Statistics` are known here."""

    @pytest.mark.parametrize(
        "line",
        [
            "using Dates",
            "using Dates, Statistics",
            "using Statistics: mean",
            "import Base: show",
            "import Base.Threads",
            "    using Unknown",
            "x = 1 # using Unknown",
            "usingUnknown",
        ],
    )
    def test_stay_if_all_names_are_known(self, call: Call, line: str) -> None:
        assert call("removeunsafe", line) == [line + "\n"]

    @pytest.mark.parametrize(
        "line",
        [
            "using Unknown",
            "using Dates, Unknown",
            "using Statistics: mean, std",  # read as the packages Statistics and std
            "import Dates as D",
            "using Statistics.Inner",
            "using Dates;",
            "using Dates # for dates",
            'Pkg.add("Dates")',
            '  Pkg.add("Dates")',
            "Pkg_added = 1",  # meant is `Pkg.a`, but any character will do
        ],
    )
    def test_go_as_a_whole_if_one_is_not(self, call: Call, line: str) -> None:
        assert call("removeunsafe", f"a = 1\n{line}\r\nb = 2") == ["a = 1\nb = 2\n"]


class TestQuoting:
    """Programs are spliced into a string literal; what that does to quotes of their own."""

    @pytest.mark.parametrize(
        "code",
        [
            "x = 1\n",
            's = "a\\n\\"b\\" $x"\n',
            "'\\''\t\r\n",
            "größer = '🎯'\n",
            '"doc"\nf() = 1\n',
            "\0\x001\n",
        ],
    )
    def test_code_without_triple_quotes_survives(self, call: Call, code: str) -> None:
        assert call("repr", f"{call('spliced', code)[0]} |> codeunits |> collect") == [
            call("repr", f"UInt8[{', '.join(map(str, code.encode()))}]")[0]
        ]

    def test_a_docstring_is_a_parse_error(self, call: Call) -> None:
        answer = fenced('"""\n    f(x)\n\nDouble `x`.\n"""\nf(x) = 2x')
        assert call("load", answer, "f", "1")[:2] == ["false", "false"]

    def test_a_docstring_in_single_quotes_is_fine(self, call: Call) -> None:
        assert call("load", fenced('"Double `x`."\nf(x) = 2x'), "f", "1")[:2] == ["true", "true"]

    def test_some_triple_quotes_become_other_code_that_parses_and_fails(self, call: Call) -> None:
        # Read as: the literal, divided from the left by a string macro `nabc`.
        assert call("load", fenced('s = """\nabc"""'), "f", "1")[:2] == ["true", "false"]

    def test_early_pieces_suffer_as_programs_do(self, call: Call) -> None:
        answer, code = fenced("f(x) = 1"), 'f("""a b""")'
        assert call("piece", answer, code, "early") == ["not parsed", "Base.Meta.ParseError"]
        assert call("piece", answer, code, "late") == ["text", "passed"]

    def test_early_pieces_with_triple_quotes_that_parse_are_evaluated_as_they_read(self, call: Call) -> None:
        answer, code = fenced("f(x) = 1"), 'f("""\nabc""")'
        assert call("piece", answer, code, "early") == ["expression", "failed"]
        assert call("piece", answer, code, "late") == ["text", "passed"]

    @pytest.mark.parametrize("when", ["early", "late"])
    def test_plain_pieces_are_what_they_are(self, call: Call, when: str) -> None:
        answer = fenced('f(x) = "<$x>"')
        assert call("piece", answer, 'using Test\n@test f("a") == "<a>"', when) == ["text", "passed"]
        assert call("piece", answer, "g()", when) == ["text", "failed"]


class TestRuns:
    """An answer is run once, and if that fails a second time with less of it."""

    def test_the_first_success_counts(self, call: Call) -> None:
        assert call("load", fenced("f(x) = x", "f(1)"), "f", "1") == [
            "true", "true", "f(x) = x\nf(1)\n", "parsed 1",
        ]  # fmt: skip

    def test_the_first_run_leaves_out_what_is_no_code(self, call: Call) -> None:
        assert call("load", fenced("f(x) = x", "1 2", "using Dates"), "f", "1")[2:] == [
            "f(x) = x\n",
            "parsed 1",
        ]

    def test_the_second_takes_the_block_that_defines_the_function(self, call: Call) -> None:
        answer = fenced("g(x) = x", "function f(x)\n    x\nend", "f(unknown)")
        assert call("load", answer, "f", "1") == [
            "true", "true", "function f(x)\n    x\nend\n", "parsed 1, parsed 2",
        ]  # fmt: skip

    def test_or_all_blocks_if_none_does(self, call: Call) -> None:
        assert call("load", fenced("struct S end", "g(x) = x\ng()"), "f", "1") == [
            "true", "false", "struct S end\n\ng(x) = x\ng()\n", "parsed 1, parsed 2",
        ]  # fmt: skip

    def test_a_run_that_was_killed_need_not_be_repeated(self, call: Call) -> None:
        answer = fenced("f(x) = x", "while true end")
        assert call("load", answer, "f", "2") == ["true", "true", "f(x) = x\n", "parsed 2"]

    def test_an_answer_without_code_is_not_parsed(self, call: Call) -> None:
        assert call("load", "I cannot do that.", "f", "1") == ["false", "false", "", ""]

    def test_errors_of_lowering_count_as_not_parsed(self, call: Call) -> None:
        answer = fenced("f(x) = x\nbreak")
        assert call("load", answer, "f", "1") == ["false", "false", "f(x) = x\nbreak\n", "parsed 1, parsed 2"]

    def test_tests_of_the_answer_are_removed(self, call: Call) -> None:
        tests = '@test f(1) == 2\n@testset "all" begin\n    @test f(1) == 2\nend\nif true\n    @test_throws Any f(1)\nend'
        assert call("load", fenced(f"f(x) = x\n{tests}"), "f", "1")[:2] == ["true", "true"]

    def test_unless_they_are_written_in_another_way(self, call: Call) -> None:
        assert call("load", fenced("f(x) = x\n@test_broken f(1) == 1"), "f", "1")[:2] == ["true", "false"]

    def test_imports_of_the_test_case_are_there(self, call: Call) -> None:
        assert call("load", fenced("today = Date(2024)\nf() = 1"), "f", "1", "Dates")[:2] == ["true", "true"]

    def test_packages_that_only_the_leaderboard_has_are_passed_over(self, call: Call) -> None:
        answer = fenced("using DataFrames, Dates\nimport CairoMakie: plot\nf() = Date(2024)\nf()")
        assert call("load", answer, "f", "1")[:2] == ["true", "true"]

    def test_packages_that_it_has_but_cannot_import_fail(self, call: Call) -> None:
        assert call("load", fenced("using DataStructures\nf() = 1"), "f", "1")[:2] == ["true", "false"]
        assert call("load", fenced("using NobodyHasThis\nf() = 1"), "f", "1")[:2] == ["true", "true"]


class TestNewerJulia:
    """What recorded answers use of newer versions, on whatever Julia this is."""

    @pytest.mark.parametrize(
        ("code", "value"),
        [
            ('replace("abcb", "a" => "b", "b" => "c")', '"bccc"'),  # one pass
            ("replace(\"abc\", 'a' => \"x\", ['b', 'c'] => uppercase)", '"xBC"'),
            ('replace("abcab", "b" => "", r"a(.)" => s"<\\1>", count = 1)', '"<b>cab"'),  # the leftmost
            ('replace("foobar", "foo" => "1", "foobar" => "2")', '"1bar"'),  # of two at one place the first
            ('replace("ab", r"" => "-", "b" => "X")', '"-a-b-"'),
            ('replace("", "b" => "X", r"" => "-")', '"-"'),
            ('replace("héé", "h" => "é", "é" => "h")', '"éhh"'),
            ('replace("abc", "a" => "b", "b" => "c", count = 0)', '"abc"'),
            ("replace([1, 2, 1], 1 => 2, 2 => 3) == [2, 3, 2]", "true"),
            ('replace("abc")', '"abc"'),
            ('occursin("abc")("b")', "true"),
            ('view("abc", 2:3)', '"bc"'),
            ("using Base.Threads\nfetch(@spawn 1 + 1)", "2"),
        ],
    )
    def test_means_the_same(self, call: Call, code: str, value: str) -> None:
        assert call("repr", code) == [value]
