"""Checking datasets and suites: what is there twice, and what they are compared with."""

import json
import shutil
from pathlib import Path

import pytest

from recorded import doubling, record
from slingshot.dataset import Row
from slingshot.dataset.check import check_dataset, check_suite
from slingshot.dataset.copies import Copy, find_copies
from slingshot.dataset.overlap.against import is_suite, targets_at, targets_of_rows
from slingshot.dataset.overlap.report import Target
from slingshot.errors import RequestError, SlingshotError
from slingshot.suite import as_answer

SUM = """function total(xs)
    s = 0
    for x in xs
        s += x
    end
    isfinite(s) || throw(DomainError(s))
    return s
end"""


def row(answer, question="Add them.", test_case=""):
    return Row([{"role": "user", "content": question}, {"role": "assistant", "content": answer}], test_case)


def dataset(folder, card=None, **splits):
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in splits.items():
        (folder / f"{name}.jsonl").write_text("".join(each.to_json() + "\n" for each in rows))
    if card is not None:
        (folder / "dataset.json").write_text(json.dumps(card))
    return folder


def test_a_copy_is_named_by_the_closest_kind_and_its_first_row():
    code = as_answer(SUM)
    commented = as_answer(SUM.replace("s += x", "s  +=  x # add"))
    renamed = as_answer(SUM.replace("total", "total_of"))
    other = as_answer("total(xs) = sum(xs; init = 0)")
    copies = find_copies({"train": [row(code), row(other), row(commented), row(code), row(renamed)]})
    assert copies.within == [
        Copy("normalized", "train", 3, "train", 1),
        Copy("exact", "train", 4, "train", 1),
        Copy("near", "train", 5, "train", 1),
    ]
    assert copies.across == []
    assert find_copies({"train": []}).within == []


def test_answers_without_code_are_compared_by_their_words():
    copies = find_copies({"train": [row("It is four."), row("it is FOUR"), row("It is five.")]})
    assert copies.within == [Copy("normalized", "train", 2, "train", 1)]


def test_what_two_splits_share_is_told_of_the_later_one():
    splits = {
        "train": [row("1", "Add them.", "total"), row(as_answer(SUM), "Sum up.", "b")],
        "validation": [row("2", "add THEM", "total"), row(as_answer(SUM), "Other?", "c")],
        "held_out": [row("3", "Any?", "b")],
    }
    copies = find_copies(splits)
    assert copies.across == [
        Copy("prompt", "validation", 1, "train", 1),
        Copy("exact", "validation", 2, "train", 2),
    ]
    assert copies.test_cases == {("train", "validation"): ["total"], ("train", "held_out"): ["b"]}


def test_held_out_test_cases_are_those_of_the_card_unless_they_are_named(tmp_path):
    case = doubling().model_copy(update={"reference_solution": "double(x) = 2x"})
    rows = [row("a", test_case="double"), row("b: double(3) == 6", test_case="triple")]
    card = {"selection": {"hold_out": ["double", "gone"]}}
    found = check_dataset(dataset(tmp_path, card, train=rows), [case])
    assert (found.held_out, found.unknown) == (["double", "gone"], ["gone"])
    assert [(f.kind, f.row) for f in found.overlap["train"].findings] == [
        ("held-out-row", 1),
        ("unit-test", 2),
    ]
    assert found.faults == ["2 rows show what must stay unseen"]
    assert check_dataset(tmp_path / "train.jsonl", [case]).held_out == ["double", "gone"]
    named = check_dataset(tmp_path, [case], hold_out=["triple"])
    assert [(f.kind, f.row) for f in named.overlap["train"].findings] == [("held-out-row", 2)]
    with pytest.raises(RequestError, match="nothing is known of tripel; did you mean triple"):
        check_dataset(tmp_path, [case], hold_out=["tripel"])


def test_held_out_rows_of_the_dataset_must_stay_unseen_too(tmp_path):
    question = "How many boxes of each colour lie on top of one another in this warehouse of ours, and why?"
    splits = {"train": [row("x", f"Say: {question}")], "held_out": [row(as_answer(SUM), question, "boxes")]}
    found = check_dataset(dataset(tmp_path, **splits), [])
    assert [(f.kind, f.target) for f in found.overlap["train"].findings] == [("prompt", "boxes")]
    assert found.faults == ["1 row shows what must stay unseen"]


def test_no_row_may_be_of_a_test_case_that_is_compared_with(tmp_path):
    rows = [row("x", test_case="boxes"), row("x", test_case="other")]
    found = check_dataset(dataset(tmp_path, train=rows), [], [Target("boxes", Path("x"), ["Count them."])])
    assert [(f.kind, f.row) for f in found.overlap["train"].findings] == [("held-out-row", 1)]


def test_problems_are_faults_and_the_first_one_is_fatal_if_strict(tmp_path):
    path = dataset(tmp_path, train=[row("x")]) / "train.jsonl"
    path.write_text(path.read_text() + "{broken\n")
    found = check_dataset(tmp_path, [])
    assert found.faults == ["1 problem"]
    assert found.overlap == {}
    assert found.problems[0].sentence.startswith(f"{path}:2: ")
    with pytest.raises(SlingshotError, match=f"^{path}:2: "):
        check_dataset(tmp_path, [], strict=True)


def test_a_suite_must_not_hold_what_is_published_under_any_name():
    case = doubling("double_all").model_copy(update={"reference_solution": SUM, "folder": Path("mine")})
    assert check_suite(Path("s"), [case], [Target("other", Path("x"), ["Find the way home."])]).faults == []
    published = Target("double_all", Path("x"), unit_tests=["@test double_all(3) == 6"], code=[SUM])
    found = check_suite(Path("s"), [case], [published])
    kinds = [(f.kind, f.file, f.row) for f in found.overlap["suite"].findings]
    assert kinds == [(kind, Path("mine/definition.toml"), 1) for kind in ("unit-test", "code", "run")]
    assert found.faults == ["1 file shows what must stay unseen"]


def names(path):
    targets, _ = targets_at(path)
    return [target.name for target in targets]


def test_what_cannot_be_read_is_told(tmp_path):
    record(tmp_path, name="twice").write_text("[")
    record(tmp_path, name="twice", index=1)
    targets, problems = targets_at(tmp_path)
    assert len(targets[0].code) == len(problems) == 1


def test_suites_recordings_and_datasets_can_be_compared_with(tmp_path, named):
    assert names(named("cite_name").folder) == ["cite_name"]

    record(tmp_path / "recordings", name="twice")
    record(tmp_path / "recordings", "```julia\ntwice(x) = x + x\n```", name="twice", index=1)
    ((target,), problems) = targets_at(tmp_path / "recordings")
    assert list(problems) == []
    assert (target.name, len(target.prompts)) == ("twice", 1)
    assert sorted(target.code) == ["double(x) = 2x", "twice(x) = x + x"]

    folder = dataset(tmp_path / "ds", train=[row("a", "Q?", "t")], held_out=[row("b", "R?", "u")])
    assert names(folder) == ["t", "u"]
    assert names(folder / "train.jsonl") == ["t"]
    assert not is_suite(folder)
    with pytest.raises(RequestError, match="no such file or folder to compare with"):
        targets_at(tmp_path / "nowhere")


def test_definitions_and_recordings_in_one_folder_belong_together(tmp_path, named):
    case = named("cite_name")
    shutil.copytree(case.folder, tmp_path / "strings" / "cite_name")
    record(tmp_path / "strings", name="cite_name")
    record(tmp_path / "strings", name="twice")
    (defined, other), _ = targets_at(tmp_path)
    assert (defined.name, other.name) == ("cite_name", "twice")
    assert list(defined.unit_tests) == case.unit_tests
    prompts = [case.prompt, *(variant.prompt for variant in case.variants)]
    assert (defined.prompts[:-1], len(defined.prompts)) == (prompts, 5), "its variants' and the recorded one"
    assert "double(x) = 2x" in defined.code


def test_rows_without_a_name_are_one_target_for_each_question():
    targets = targets_of_rows([row("a", "Q?"), row("b", "R?"), row("c", "q")], Path("x"))
    assert [(target.name, len(target.code)) for target in targets] == [("row 1", 2), ("row 2", 1)]
