"""Nothing stands on two sides of a split."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chosen import build, program
from recorded import PASSED, doubling, record
from slingshot.dataset import Given, build_dataset, build_folds, read_rows
from slingshot.dataset.copies import find_copies
from slingshot.errors import RequestError, SlingshotError
from slingshot.recordings.load import load_recordings

LONG = "\n".join(f"    total += {n} * x[{n}]" for n in range(1, 30))


def long_program(change):
    return f"```julia\nfunction weigh(x)\n    total = {change}\n{LONG}\n    return total\nend\n```"


def test_held_out_and_validated_test_cases_have_files_of_their_own(tmp_path):
    for number, name in enumerate(["double", "triple", "halve"]):
        record(tmp_path / "recordings", program(number + 2), name=name)
    built = build(tmp_path / "recordings", tmp_path / "out", ["triple"], validation=["halve"])
    files = {name: read_rows(tmp_path / "out" / f"{name}.jsonl") for name in built.splits}
    assert {name: [row.test_case for row in rows] for name, rows in files.items()} == {
        "train": ["double"],
        "validation": ["halve"],
        "held_out": ["triple"],
    }
    assert {name: facts["rows"] for name, facts in built.card["splits"].items()} == dict.fromkeys(files, 1)


def test_a_program_of_a_held_out_test_case_is_not_trained_on(tmp_path):
    record(tmp_path / "recordings", program(2), name="double")
    record(tmp_path / "recordings", program(3), name="double", index=1)
    record(tmp_path / "recordings", program(2), name="twice")
    built = build(tmp_path / "recordings", tmp_path / "out", ["twice"])
    assert [row.answer for row in built.rows] == [program(3)]
    assert built.card["counts"]["to train on"] == 2
    assert built.card["counts"]["in no other split"] == 1


def test_nearly_a_program_of_a_held_out_test_case_is_not_trained_on_either(tmp_path):
    record(tmp_path / "recordings", long_program(0), name="double")
    record(tmp_path / "recordings", long_program(1), name="weigh")
    record(tmp_path / "recordings", program(3), name="double", index=1)
    assert [row.answer for row in build(tmp_path / "recordings", tmp_path / "out", ["weigh"]).rows] == [
        program(3)
    ]


def test_validation_gives_way_to_held_out_and_training_to_both(tmp_path):
    for name in ("a", "b", "c"):
        record(tmp_path / "recordings", program(2), name=name)
    record(tmp_path / "recordings", program(3), name="a", index=1)
    record(tmp_path / "recordings", program(4), name="b", index=1)
    built = build(tmp_path / "recordings", tmp_path / "out", ["c"], validation=["b"])
    found = {name: [row.answer for row in rows] for name, rows in built.splits.items()}
    assert found == {"train": [program(3)], "validation": [program(4)], "held_out": [program(2)]}


def test_a_test_case_cannot_be_on_two_sides(tmp_path):
    for name in ("a", "b"):
        record(tmp_path / "recordings", program(2), name=name)
    with pytest.raises(
        RequestError, match="a is held out and validated on; leave it in one of the two lists"
    ):
        build(tmp_path / "recordings", tmp_path / "out", ["a"], validation=["a"])


def test_a_misspelt_test_case_is_refused(tmp_path):
    record(tmp_path / "recordings", program(2), name="double")
    with pytest.raises(RequestError, match="--hold-out: no recordings of dubble; did you mean double?"):
        build(tmp_path / "recordings", tmp_path / "out", ["dubble"])


def test_a_defined_test_case_may_be_held_out_without_recordings(tmp_path):
    record(tmp_path / "recordings", program(2), name="double")
    frame = load_recordings(tmp_path / "recordings")
    built = build_dataset(frame, tmp_path / "out", None, ["twice"], Given(suite=[doubling("twice")]))
    assert built.card["selection"]["hold_out"] == ["twice"]
    assert [target["name"] for target in built.card["overlap"]["targets"]] == ["twice"]


def test_folds_leave_out_each_test_case_in_turn(tmp_path):
    for number, name in enumerate(["a", "b", "c", "kept"]):
        record(tmp_path / "recordings", program(number + 2), name=name)
    frame = load_recordings(tmp_path / "recordings")
    folds = list(build_folds(frame, tmp_path / "out", None, ["kept"]))
    assert [fold.out for fold in folds] == [tmp_path / "out" / "folds" / name for name in ("a", "b", "c")]
    for fold, name in zip(folds, ("a", "b", "c"), strict=True):
        assert {row.test_case for row in fold.rows} == {"a", "b", "c"} - {name}
        assert {row.test_case for row in fold.splits["held_out"]} == {name, "kept"}
        card = json.loads((fold.out / "dataset.json").read_text())
        assert card["selection"]["hold_out"] == sorted([name, "kept"])


def test_a_split_that_became_empty_leaves_no_file_of_before(tmp_path):
    for number, name in enumerate(["a", "b"]):
        record(tmp_path / "recordings", program(number + 2), name=name)
    build(tmp_path / "recordings", tmp_path / "out", ["b"])
    assert (tmp_path / "out" / "held_out.jsonl").exists()
    build(tmp_path / "recordings", tmp_path / "out")
    assert not (tmp_path / "out" / "held_out.jsonl").exists()


NAMES = ["a", "b", "c", "d"]


@given(
    made=st.lists(
        st.tuples(st.sampled_from(NAMES), st.integers(0, 4), st.booleans()), min_size=1, max_size=12
    ),
    hold_out=st.sets(st.sampled_from(NAMES[:2])),
    validation=st.sets(st.sampled_from(NAMES[2:3])),
    strategy=st.sampled_from(["original", "shortest", "diverse"]),
)
@settings(deadline=None, max_examples=25)
def test_no_prompt_and_no_duplicate_ever_straddles_a_split(made, hold_out, validation, strategy):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for index, (name, number, long) in enumerate(made):
            answer = long_program(number) if long else program(number)
            record(folder / "recordings", answer, PASSED, name=name, index=index)
        there = {name for name, *_ in made}
        try:
            built = build(
                folder / "recordings",
                folder / "out",
                sorted(hold_out & there),
                validation=sorted(validation & there),
                strategy=strategy,
            )
        except SlingshotError as error:
            assert "no recording qualifies" in str(error)
            return
        assert find_copies(built.splits).across == []
        assert {row.test_case for row in built.rows}.isdisjoint(hold_out | validation)
