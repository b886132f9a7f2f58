"""Packed recordings are read like files, come back byte by byte, and are never lost or counted twice."""

import fcntl
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from any_recordings import recordings
from recorded import PASSED, record
from slingshot.benchmark.resume import recorded_before
from slingshot.dataset.formats.prompting_tools import conversations_in
from slingshot.dataset.selecting.recorded import recorded_messages
from slingshot.errors import RequestError, SlingshotError, Stopped
from slingshot.files import sha256_of_file
from slingshot.judge import Evaluation
from slingshot.leaderboard import COLUMNS, Question, build_leaderboard
from slingshot.recordings.compare import compare_recordings
from slingshot.recordings.files import conversation_files, evaluation_path
from slingshot.recordings.load import SCHEMA, load_recordings, read_recordings
from slingshot.recordings.opened import open_recording
from slingshot.recordings.packed import file_content, find_pair, read_contents
from slingshot.recordings.packing import pack_recordings, unpack_recordings
from slingshot.recordings.prompts import recorded_prompts
from slingshot.recordings.recording import write_recording
from slingshot.recordings.scan import PACKED

FAILED = Evaluation(True, True, 2, 4, 2, 2, "tests_failed")


@pytest.fixture
def files(tmp_path):
    """Twelve judged answers of two models to two test cases, copies among them."""
    folder = tmp_path / "files"
    for model in ("good", "org/bad"):
        for name in ("double", "triple"):
            for index, answer in enumerate(["a", "a", '```julia\nf(x) = "ü\\n"\n```']):
                found = PASSED if model == "good" else FAILED
                record(folder, answer, found, model=model, name=name, index=index, served="local")
    return folder


def contents(folder):
    """The bytes of all files of recordings, by their place below the folder."""
    return {
        path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.json") if path.name != PACKED
    }


def below(folder):
    """The frame of a folder, paths without it."""
    frame = load_recordings(folder)
    return frame.with_columns(pl.col("path").str.strip_prefix(f"{folder}/"))


def evaluations(folder):
    return sorted(folder.rglob("evaluation__*.json"))


@given(st.lists(recordings(), min_size=1, max_size=4))
@settings(deadline=None, max_examples=40)
def test_any_recordings_come_back_byte_by_byte_and_as_the_same_rows(some):
    with tempfile.TemporaryDirectory() as scratch:
        files, packed, again = (Path(scratch, name) for name in ("files", "packed", "again"))
        for recording in some:
            write_recording(recording, files)
        pack_recordings(files, packed, rows_of_a_shard=2)
        assert below(packed).equals(below(files))
        unpack_recordings(packed, again)
        assert contents(again) == contents(files)


def test_the_leaderboards_recordings_come_back_byte_by_byte(leaderboard, tmp_path):
    files = leaderboard / "utility_functions" / "event_scheduler"
    done = pack_recordings(files, tmp_path / "packed", rows_of_a_shard=700)
    assert done.written > 1700
    assert done.json_bytes == sum(map(len, contents(files).values()))
    assert done.file_bytes < done.json_bytes / 4
    assert below(tmp_path / "packed").equals(below(files))
    unpack_recordings(tmp_path / "packed", tmp_path / "again")
    assert contents(tmp_path / "again") == contents(files)


def test_an_answer_that_is_spelled_in_another_way_comes_back_too(tmp_path):
    path = record(tmp_path / "files", "half a character \ud83d, ü")
    path.write_text(path.read_text().replace("ü", "\\u00fc") + "\n")
    pack_recordings(tmp_path / "files", tmp_path / "packed")
    unpack_recordings(tmp_path / "packed", tmp_path / "again")
    assert contents(tmp_path / "again") == contents(tmp_path / "files")


def test_shards_are_listed_with_counts_and_hashes_and_hold_neighbours(files, tmp_path):
    pack_recordings(files, tmp_path / "packed", rows_of_a_shard=5)
    listed = read_contents(tmp_path / "packed")
    assert (listed.complete, listed.recordings) == (True, 12)
    assert [shard.recordings for shard in listed.shards] == [5, 5, 2]
    assert sum(shard.json_bytes for shard in listed.shards) == sum(map(len, contents(files).values()))
    paths = [
        name for shard in listed.shards for name in pl.read_parquet(tmp_path / "packed" / shard.name)["path"]
    ]
    assert paths == [str(path.relative_to(files)) for path in evaluations(files)]


def test_new_files_are_read_beside_shards(files, tmp_path):
    pack_recordings(files, tmp_path / "packed")
    record(tmp_path / "packed", "new", model="new")
    loaded = read_recordings(tmp_path / "packed", strict=True)
    assert loaded.frame.height == 13
    assert loaded.frame["model"].unique().sort().to_list() == ["good", "new", "org/bad"]


def test_a_file_counts_instead_of_what_is_packed_under_its_name(files, tmp_path):
    pack_recordings(files, tmp_path / "packed")
    shutil.copytree(files, tmp_path / "packed", dirs_exist_ok=True)
    path = evaluations(tmp_path / "packed")[0]
    path.write_text(path.read_text().replace('"unit_tests_passed":4', '"unit_tests_passed":1'))
    frame = load_recordings(tmp_path / "packed")
    assert frame.height == 12
    assert frame.filter(pl.col("path") == str(path))["unit_tests_passed"].to_list() == [1]


def test_shards_are_read_anew_when_the_rows_of_files_come_from_the_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SLINGSHOT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("slingshot.recordings.load.WORTH_KEEPING", 1)
    monkeypatch.setattr("slingshot.recordings.load._TICK_NANOSECONDS", 0)
    record(tmp_path / "more", "packed", model="packed")
    record(tmp_path / "files", "file", model="file")
    assert load_recordings(tmp_path / "files").height == 1
    pack_recordings(tmp_path / "more", tmp_path / "files")
    assert [load_recordings(tmp_path / "files").height for _ in range(2)] == [2, 2]


def test_a_table_of_shards_is_that_of_files_and_reads_no_texts(files, tmp_path):
    pack_recordings(files, tmp_path / "packed")
    frame = read_recordings(tmp_path / "packed", columns=COLUMNS).frame
    assert frame.columns == [name for name in SCHEMA if name in COLUMNS]
    assert not {"answer", "prompt", "detail"} & set(frame.columns)
    for by in ("model", "prompt", "test-case", "quantization"):
        try:
            expected = build_leaderboard(load_recordings(files), Question(by)).to_json()
        except RequestError as error:
            with pytest.raises(RequestError, match=str(error)[:40]):
                build_leaderboard(frame, Question(by))
        else:
            assert build_leaderboard(frame, Question(by)).to_json() == expected
            assert expected["rows"][0]["distinct_samples"] < expected["rows"][0]["samples"]


def test_what_was_finished_when_packing_was_stopped_is_not_packed_again(files, tmp_path):
    packed = tmp_path / "packed"

    def stop(done, total):
        if done == 5:
            raise Stopped

    with pytest.raises(Stopped):
        pack_recordings(files, packed, remove=True, on_packed=stop, rows_of_a_shard=5)
    assert len(evaluations(files)) == 12
    first = read_contents(packed).shards
    (packed / "packed-recordings-0123456789ab.parquet").write_bytes(b"not listed")
    loaded = read_recordings(packed)
    assert loaded.frame.height == 5
    assert "stopped half way" in loaded.problems[0].sentence
    with pytest.raises(SlingshotError, match="run the same `slingshot pack` again"):
        read_recordings(packed, strict=True)

    done = pack_recordings(files, packed, rows_of_a_shard=5)
    assert (done.written, done.before) == (7, 5)
    assert read_contents(packed).shards[:1] == first
    assert below(packed).equals(below(files))
    assert not (packed / "packed-recordings-0123456789ab.parquet").exists()


def test_a_folder_is_packed_in_its_place(files):
    before = below(files)
    waits = record(files, "not judged", None, model="good")
    done = pack_recordings(files, files, remove=True)
    assert (done.written, done.waiting, done.removed) == (12, 1, 24)
    assert list(contents(files)) == [waits.relative_to(files)]
    assert not (files / "triple").exists()
    assert below(files).equals(before)
    record(files, "new", model="new")
    assert pack_recordings(files, files, remove=True).before == 0
    assert load_recordings(files).height == 13


def test_what_was_judged_again_meanwhile_is_not_removed(files, tmp_path):
    pack_recordings(files, tmp_path / "packed")
    path = evaluations(files)[0]
    path.write_text(path.read_text() + " ")
    with pytest.raises(SlingshotError, match="not what was packed under this name"):
        pack_recordings(files, tmp_path / "packed", remove=True)
    assert len(contents(files)) == 24


def test_half_a_removal_is_finished(files, tmp_path):
    pack_recordings(files, tmp_path / "packed")
    evaluations(files)[0].unlink()
    done = pack_recordings(files, tmp_path / "packed", remove=True)
    assert (done.written, done.removed) == (0, 23)
    assert not contents(files)


def test_a_broken_recording_is_not_left_out_in_silence(files, tmp_path):
    path = evaluations(files)[0]
    path.write_text("{")
    with pytest.raises(SlingshotError, match="not an evaluation"):
        pack_recordings(files, tmp_path / "packed")
    path.unlink()
    other = evaluations(files)[0]
    other.rename(other.with_name(other.name.replace("InJulia", "AsIs")))
    with pytest.raises(SlingshotError, match="put conversation__AsIs"):
        pack_recordings(files, tmp_path / "packed")


def test_a_recording_with_anothers_name_is_not_packed(tmp_path):
    path = record(tmp_path / "files")
    for file in (path, evaluation_path(path)):
        file.rename(file.with_name(file.name.replace("InJulia", "AsIs")))
    with pytest.raises(SlingshotError, match="its name says prompt label AsIs"):
        pack_recordings(tmp_path / "files", tmp_path / "packed")


def test_requests_that_would_count_twice_or_lose_something_are_refused(files, tmp_path):
    with pytest.raises(RequestError, match="would count twice"):
        pack_recordings(files, files / "packed")
    (tmp_path / "empty").mkdir()
    with pytest.raises(RequestError, match="no judged recordings"):
        pack_recordings(tmp_path / "empty", tmp_path / "packed")
    pack_recordings(files, files)
    with pytest.raises(RequestError, match="unpack them with `slingshot unpack"):
        pack_recordings(files, tmp_path / "packed")
    with pytest.raises(RequestError, match="nothing is packed here"):
        unpack_recordings(tmp_path, tmp_path / "again")


def test_two_cannot_pack_into_one_folder(files, tmp_path):
    (tmp_path / "packed").mkdir()
    with (tmp_path / "packed" / ".packed-recordings.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(SlingshotError, match="another slingshot packs"):
            pack_recordings(files, tmp_path / "packed")


@pytest.mark.parametrize("harm", ["missing", "cut", "other"])
def test_a_damaged_shard_is_named_and_the_others_are_read(files, tmp_path, harm):
    packed = tmp_path / "packed"
    pack_recordings(files, packed, rows_of_a_shard=5)
    shard = packed / read_contents(packed).shards[1].name
    whole = shard.read_bytes()
    if harm == "missing":
        shard.unlink()
    else:
        shard.write_bytes(whole[:-9] if harm == "cut" else b"x" * len(whole))
    loaded = read_recordings(packed)
    assert loaded.frame.height == 7
    assert [problem.path for problem in loaded.problems] == [shard]
    with pytest.raises(SlingshotError, match=shard.name):
        load_recordings(packed)
    with pytest.raises(SlingshotError, match=shard.name):
        unpack_recordings(packed, tmp_path / "again")


def test_a_single_changed_byte_is_found_when_unpacking(files, tmp_path):
    pack_recordings(files, tmp_path / "packed")
    shard = tmp_path / "packed" / read_contents(tmp_path / "packed").shards[0].name
    content = bytearray(shard.read_bytes())
    content[len(content) // 3] ^= 1
    shard.write_bytes(content)
    with pytest.raises(SlingshotError, match="put a whole copy in its place"):
        unpack_recordings(tmp_path / "packed", tmp_path / "again")
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"edition": 1}', '{"edition":9,"complete":true,"recordings":0,"shards":[]}']
)
def test_a_list_that_is_none_is_a_problem(tmp_path, content):
    (tmp_path / PACKED).write_text(content)
    assert [problem.path for problem in read_recordings(tmp_path).problems] == [tmp_path / PACKED]


def test_unpacking_writes_over_nothing(files, tmp_path):
    pack_recordings(files, tmp_path / "packed")
    assert unpack_recordings(tmp_path / "packed", files) == (12, 0)
    path = evaluations(files)[0]
    path.write_text("mine")
    with pytest.raises(SlingshotError, match="is there with another content"):
        unpack_recordings(tmp_path / "packed", files)
    assert path.read_text() == "mine"


def test_a_name_that_leads_out_of_the_folder_is_not_unpacked(tmp_path):
    record(tmp_path / "files")
    pack_recordings(tmp_path / "files", tmp_path / "packed")
    shard = read_contents(tmp_path / "packed").shards[0]
    file = tmp_path / "packed" / shard.name
    pl.read_parquet(file).with_columns(path=pl.lit("../evaluation__a.json")).write_parquet(file)
    changed = shard.model_copy(update={"file_bytes": file.stat().st_size, "sha256": sha256_of_file(file)})
    listed = read_contents(tmp_path / "packed").model_copy(update={"shards": (changed,)})
    (tmp_path / "packed" / PACKED).write_text(listed.model_dump_json())
    with pytest.raises(SlingshotError, match="no file below it can be called"):
        unpack_recordings(tmp_path / "packed", tmp_path / "again")


def test_one_packed_recording_is_found_by_the_path_of_either_file(files, tmp_path):
    packed = tmp_path / "packed"
    pack_recordings(files, packed, rows_of_a_shard=5)
    for path in conversation_files(files):
        place = packed / path.relative_to(files)
        for file in (path, evaluation_path(path)):
            assert file_content(place.with_name(file.name)) == file.read_bytes()
        assert recorded_messages(place) == recorded_messages(path)
        opened, plain = open_recording(evaluation_path(place), ()), open_recording(path, ())
        assert opened.path == place
        assert (opened.conversation, opened.evaluation) == (plain.conversation, plain.evaluation)
        assert (opened.origin, opened.extra) == (plain.origin, plain.extra)
    assert find_pair(packed / "double" / "good" / "conversation__a__1SHOT__20240131_235959.json") is None
    with pytest.raises(FileNotFoundError):
        file_content(packed / "double" / "good" / "conversation__a__1SHOT__20240131_235959.json")


@pytest.mark.parametrize(
    ("work", "words"),
    [
        (lambda folder: recorded_prompts(folder), "asking what they were asked"),
        (lambda folder: recorded_before(folder, ["good"]), "going on with a benchmark"),
        (lambda folder: conversations_in(folder), "reading them as conversations"),
        (lambda folder: compare_recordings(folder, [], None), "comparing two judges"),
    ],
)
def test_work_that_needs_files_says_how_to_get_them(files, tmp_path, work, words):
    pack_recordings(files, tmp_path / "packed")
    with pytest.raises(
        RequestError, match=f"{words} needs them as files; unpack them with `slingshot unpack"
    ):
        work(tmp_path / "packed")
