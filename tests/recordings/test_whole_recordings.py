"""A recording read and written again is the same: both files' values, and the path."""

import json
import math
import tempfile
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings

from any_recordings import anything, literals, recordings
from recorded import record
from slingshot.errors import RequestError, SlingshotError
from slingshot.recordings.files import conversation_files, evaluation_path
from slingshot.recordings.load import read_recordings
from slingshot.recordings.recording import (
    Digits,
    exact_json,
    parse_exactly,
    read_recording,
    write_recording,
)


def spelled(value):
    """A value in which every number is told from others that are equal to it: 0 from 0.0, 1e5 from 100000.0."""
    if isinstance(value, dict):
        return [(key, spelled(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [spelled(item) for item in value]
    return (type(value).__name__, value.text if isinstance(value, Digits) else value)


def content(path: Path):
    """What is in a file, by the parser that everybody has."""
    return json.loads(path.read_bytes(), parse_float=lambda text: ("float", text))


@given(recordings())
@settings(deadline=None, max_examples=100)
def test_any_recording_is_read_as_it_was_written(recording):
    with tempfile.TemporaryDirectory() as folder:
        path = write_recording(recording, Path(folder))
        assert path == Path(folder, recording.folder, recording.file_name)
        read = read_recording(path, below=Path(folder))
    assert read.folder == recording.folder
    assert spelled(read.evaluation) == spelled(recording.evaluation)
    assert spelled(read.conversation) == spelled(recording.conversation)


@given(anything)
@settings(deadline=None)
def test_any_value_is_parsed_as_it_was_written(value):
    text = exact_json(value)
    assert spelled(parse_exactly(text)) == spelled(value)
    assert exact_json(parse_exactly(text)) == text


@given(literals)
def test_a_number_keeps_its_digits_and_is_the_number_that_others_read(text):
    number = parse_exactly(text)
    assert exact_json(number) == text
    assert number == json.loads(text)
    assert type(number) is (Digits if set(".eE") & set(text) else int)


@pytest.mark.parametrize("text", ["NaN", "Infinity", '{"a": -Infinity}', "01", "1.", ""])
def test_what_is_no_json_is_refused(text):
    with pytest.raises(ValueError, match="."):
        parse_exactly(text)


@pytest.mark.parametrize("value", [math.nan, math.inf, {1: 2}, {"a": {3}}, b"x"])
def test_what_json_cannot_say_is_not_written(tmp_path, value):
    recording = read_recording(record(tmp_path / "from"))
    odd = replace(recording, evaluation={**recording.evaluation, "more": value})
    with pytest.raises(SlingshotError, match="could not be written as JSON"):
        write_recording(odd, tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_the_leaderboards_recordings_come_out_byte_by_byte(leaderboard, tmp_path):
    files = list(conversation_files(leaderboard / "utility_functions" / "event_scheduler"))
    assert len(files) > 1700
    for path in files:
        written = write_recording(read_recording(path), tmp_path)
        place = evaluation_path(path).relative_to(leaderboard / "utility_functions")
        assert written == tmp_path / place
        for file in (path, evaluation_path(path)):
            assert written.with_name(file.name).read_bytes() == file.read_bytes()


def test_our_recordings_are_kept_too(tmp_path):
    path = record(tmp_path / "from", "an answer \ud83d", experiment="heat", parameters={"temperature": 0})
    written = write_recording(read_recording(path), tmp_path / "to")
    assert written.relative_to(tmp_path / "to") == evaluation_path(path).relative_to(tmp_path / "from")
    for file in (path, evaluation_path(path)):
        assert content(written.with_name(file.name)) == content(file)
    ours, again = (read_recordings(tmp_path / name).frame.drop("path") for name in ("from", "to"))
    assert ours.equals(again)


def test_either_file_names_the_recording(tmp_path):
    path = record(tmp_path)
    assert read_recording(path) == read_recording(evaluation_path(path))


def test_a_recordings_folder_begins_at_its_test_case(tmp_path):
    path = record(tmp_path / "double" / "utility_functions", model="org/double")
    recording = read_recording(path)
    assert recording.folder == PurePosixPath("double/org/double")
    below = read_recording(path, below=tmp_path / "double")
    assert below.folder == PurePosixPath("utility_functions/double/org/double")


def test_a_model_folder_may_be_called_otherwise_than_the_model(tmp_path):
    path = record(tmp_path)
    path.parent.rename(path.parent.with_name("other"))
    assert read_recording(tmp_path / "double" / "other" / path.name).folder == PurePosixPath("double/other")


def test_a_test_case_within_itself_is_kept(tmp_path):
    assert read_recording(record(tmp_path / "double")).folder == PurePosixPath("double/double/m")


def test_outside_of_its_folders_the_evaluation_says_where_a_recording_lies(tmp_path):
    path = record(tmp_path, model="org/m")
    for file in (path, evaluation_path(path)):
        file.rename(tmp_path / file.name)
    assert read_recording(tmp_path / path.name).folder == PurePosixPath("double/org/m")


@pytest.mark.parametrize(
    ("folder", "label"),
    [("/elsewhere", "InJulia"), ("a/../../b", "InJulia"), ("a", "../x"), ("a", "\ud83d"), ("a\0", "InJulia")],
)
def test_a_recording_never_leads_out_of_its_folder(tmp_path, folder, label):
    recording = read_recording(record(tmp_path / "from"))
    odd = replace(
        recording, folder=PurePosixPath(folder), evaluation={**recording.evaluation, "prompt_label": label}
    )
    with pytest.raises(SlingshotError, match="rename it"):
        write_recording(odd, tmp_path / "to")
    assert not (tmp_path / "to").exists()


def test_a_name_that_is_too_long_is_told(tmp_path):
    recording = read_recording(record(tmp_path))
    odd = replace(recording, evaluation={**recording.evaluation, "prompt_label": "x" * 300})
    with pytest.raises(SlingshotError, match="File name too long"):
        write_recording(odd, tmp_path)


def test_what_is_no_recording_is_a_wrong_request(tmp_path):
    path = record(tmp_path)
    for wrong in (tmp_path, path.with_name("notes.json"), path.with_name("evaluation__x.json")):
        with pytest.raises(RequestError, match="no file of a recording"):
            read_recording(wrong)
    with pytest.raises(RequestError, match="does not lie below"):
        read_recording(path, below=tmp_path / "elsewhere")


def test_half_a_recording_is_told(tmp_path):
    path = record(tmp_path, evaluation=None)
    with pytest.raises(SlingshotError, match="not judged yet"):
        read_recording(path)
    path = record(tmp_path, index=1)
    path.unlink()
    with pytest.raises(SlingshotError, match="the conversation that belongs to it is missing"):
        read_recording(evaluation_path(path))


@pytest.mark.parametrize(
    ("field", "value"), [("tokens", 3), ("cost", None), ("parsed", 0), ("unit_tests_passed", 9)]
)
def test_a_recording_with_a_field_of_another_type_is_not_read(tmp_path, field, value):
    path = evaluation_path(record(tmp_path))
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    with pytest.raises(SlingshotError, match=f"^{path}: not an evaluation"):
        read_recording(path)


def test_a_recording_whose_name_contradicts_its_evaluation_is_not_read(tmp_path):
    path = evaluation_path(record(tmp_path))
    path.write_text(path.read_text().replace("InJulia", "AsIs"))
    with pytest.raises(SlingshotError, match="its name says prompt label InJulia, its content AsIs"):
        read_recording(path)
