"""The command line: every verb parses its options, calls one function, and says what it wrote and what is next.

This file names the verbs and turns errors into exit codes; the verbs stand in the modules beside it.
"""

import signal
import sys

import typer

import slingshot
from slingshot.cli.bench import bench
from slingshot.cli.chat import chat
from slingshot.cli.conversations import conversations_add, conversations_check
from slingshot.cli.dataset_check import dataset_check
from slingshot.cli.dataset_convert import dataset_convert
from slingshot.cli.datasets import dataset_build, dataset_show
from slingshot.cli.estimate import estimate
from slingshot.cli.gguf import gguf
from slingshot.cli.judging import judge
from slingshot.cli.leaderboard import leaderboard
from slingshot.cli.loop import bundled_recipe, quickstart, run
from slingshot.cli.merge import merge
from slingshot.cli.packing import pack, unpack
from slingshot.cli.parity import parity
from slingshot.cli.publish import publish
from slingshot.cli.serve import serve
from slingshot.cli.show import show
from slingshot.cli.suite_new import suite_new
from slingshot.cli.suites import suite, suite_list, suite_mutate, suite_show, suite_solutions, suite_validate
from slingshot.cli.train import train
from slingshot.cli.verdict import verdict
from slingshot.doctor import doctor
from slingshot.errors import SlingshotError, Stopped
from slingshot.progress import say

__all__ = ["app", "bundled_recipe", "main"]

_TRAINING_PACKAGES = {"torch", "transformers", "peft", "accelerate", "safetensors", "huggingface_hub", "gguf"}

app = typer.Typer(
    name="slingshot",
    help="Make a small language model beat a giant at your task, and hear the truth about it.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
suite_app = typer.Typer(callback=suite, invoke_without_command=True)
dataset_app = typer.Typer(help="Choose fine-tuning data from recordings.", no_args_is_help=True)
conversations_app = typer.Typer(help="Share conversations in a collection.", no_args_is_help=True)


def version() -> None:
    """Print the version."""
    print(slingshot.__version__)


app.command("quickstart")(quickstart)
app.command("run")(run)
app.add_typer(suite_app, name="suite")
suite_app.command("list")(suite_list)
suite_app.command("show")(suite_show)
suite_app.command("validate")(suite_validate)
suite_app.command("mutate")(suite_mutate)
suite_app.command("new")(suite_new)
suite_app.command("solutions")(suite_solutions)
app.command("judge")(judge)
app.add_typer(dataset_app, name="dataset")
dataset_app.command("build")(dataset_build)
dataset_app.command("check")(dataset_check)
dataset_app.command("convert")(dataset_convert)
dataset_app.command("show")(dataset_show)
app.add_typer(conversations_app, name="conversations")
conversations_app.command("add")(conversations_add)
conversations_app.command("check")(conversations_check)
app.command("estimate")(estimate)
app.command("train")(train)
app.command("merge")(merge)
app.command("gguf")(gguf)
app.command("parity")(parity)
app.command("serve")(serve)
app.command("chat")(chat)
app.command("bench")(bench)
app.command("leaderboard")(leaderboard)
app.command("show")(show)
app.command("pack")(pack)
app.command("unpack")(unpack)
app.command("verdict")(verdict)
app.command("publish")(publish)
app.command("doctor")(doctor)
app.command("version")(version)


def main() -> None:
    """Run the command; an error of ours is one line on standard error and an exit code of 1 or 2."""
    signal.signal(signal.SIGINT, _stop)
    try:
        app()
    except SlingshotError as error:
        say(f"slingshot: {error}")
        sys.exit(error.exit_code)
    except ModuleNotFoundError as error:
        if error.name not in _TRAINING_PACKAGES:
            raise
        say(
            f"slingshot: the package {error.name} is missing; install it with `pip install 'slingshot[train]'`"
        )
        sys.exit(1)
    except Stopped:
        say("slingshot: stopped; what was finished is kept, run the same command again to go on")
        sys.exit(1)


def _stop(number: int, frame: object) -> None:
    """On Ctrl-C: the command-line library would turn a KeyboardInterrupt into a word of its own."""
    raise Stopped
