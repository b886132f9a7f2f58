"""Answers by the line, written as recordings, and datasets built from them."""

from pathlib import Path

from recorded import PASSED, doubling, record
from slingshot.dataset import Given, Selection, build_dataset
from slingshot.models.conversation import Conversation
from slingshot.recordings.files import Sample, write_conversation, write_evaluation
from slingshot.recordings.load import load_recordings

HOUR = "20240101_000000"


def program(number, padding=0):
    """An answer whose program depends on the number, and whose length on the padding."""
    return f"```julia\ndouble(x) = {number}x{' ' * padding}\n```"


def answers(rows):
    return [row.answer for row in rows]


def build(recordings: Path, out: Path, hold_out=(), **selection):
    """The dataset of all recordings below a folder."""
    frame = load_recordings(recordings)
    return build_dataset(frame, out, Selection(**selection), hold_out, Given(folders=[recordings]))


def answered_at(folder, place, tokens, answer="```julia\ndouble(x) = 2x\n```", model="m", evaluation=PASSED):
    """Record an answer in a folder of the leaderboard's layout: `place` is `TEST CASE/FOLDERS/NUMBER`."""
    name, *folders, number = place.split("/")
    sample = Sample(model, name, "InJulia", 0, 7)
    asked = [{"role": "system", "content": "Be helpful."}, {"role": "user", "content": f"Write {name}."}]
    conversation = Conversation(asked, answer, (20, tokens), 1.5, "stop")
    path = write_conversation(folder / "written", sample, conversation, {})
    write_evaluation(path, doubling(name), sample, conversation, evaluation, {})
    end = f"__InJulia__1SHOT__{HOUR}__{number}.json"
    for kind in ("conversation", "evaluation"):
        goal = folder.joinpath("code_generation", name, *folders, kind + end)
        goal.parent.mkdir(parents=True, exist_ok=True)
        text = path.with_name(path.name.replace("conversation__", f"{kind}__", 1)).read_text()
        stamp = path.name.removesuffix(".json").split("__", 3)[3]
        goal.write_text(text.replace(stamp, f"{HOUR}__{number}"))
    return goal


__all__ = ["HOUR", "answered_at", "answers", "build", "program", "record"]
