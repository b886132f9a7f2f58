"""A publication is whole, can be checked and used, and is refused where the verdict does not speak of its files."""

import json
import subprocess

import pytest

from slingshot.errors import RequestError, SlingshotError
from slingshot.files import sha256_of_file
from slingshot.publish import prepare_publication, write_publication
from slingshot.training.base_record import check_base, check_unchanged

ADAPTER = ["adapter/adapter_config.json", "adapter/adapter_model.safetensors", "adapter/base.json"]
ALWAYS = [
    "LICENCES.md",
    "README.md",
    "SHA256SUMS",
    "charts/averages.png",
    "charts/models.png",
    "charts/test_cases.png",
    "verdict.json",
]
FIRST = ["Modelfile", "small.Q8_0.gguf", "licence/LICENSE"]


@pytest.fixture(scope="module")
def published(finished, tmp_path_factory):
    publication = prepare_publication(finished, ("gguf", "adapter", "merged"))
    return write_publication(publication, tmp_path_factory.mktemp("out") / "small"), publication


def files_below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_the_files_are_those_that_were_asked_for_and_no_leftovers_of_training(published):
    out, publication = published
    merged = [name for name in files_below(out) if name.startswith("merged/")]
    assert "merged/config.json" in merged
    assert files_below(out) == sorted([*ADAPTER, *ALWAYS, *FIRST, *merged])
    assert publication.sizes == {name: (out / name).stat().st_size for name in files_below(out)}


def test_by_default_the_quantized_file_and_the_adapter_are_published(finished):
    assert list(prepare_publication(finished).sizes) == sorted([*ADAPTER, *ALWAYS, *FIRST])


def test_sha256sum_finds_every_file_as_it_was(published):
    out, _ = published
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=out, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert sorted(line.rsplit(":", 1)[0] for line in done.stdout.splitlines()) == [
        name for name in files_below(out) if name != "SHA256SUMS"
    ]


def test_the_published_files_are_the_runs_bytes(published, finished):
    out, _ = published
    for name in ("adapter/adapter_model.safetensors", "merged/model.safetensors", "verdict.json"):
        assert (out / name).read_bytes() == (finished / name).read_bytes()
    assert sha256_of_file(out / "small.Q8_0.gguf") == sha256_of_file(finished / "gguf" / "small.Q8_0.gguf")


def test_the_published_adapter_still_knows_its_base(published, finished):
    out, _ = published
    check_unchanged(out / "adapter")
    check_base(out / "adapter", finished.parents[1] / "tiny-base")


def test_the_modelfile_puts_the_chat_template_into_ollamas_words(published):
    text = (published[0] / "Modelfile").read_text()
    assert text.startswith("FROM ./small.Q8_0.gguf\n")
    assert " [INST] {{ end }}{{ $told = false }}{{ .Content }} [/INST]" in text
    assert "<s>" not in text  # the tokenizer puts it, as the file says
    assert 'PARAMETER stop "</s>"' in text


def test_a_folder_that_is_there_is_not_written_into(published, finished):
    with pytest.raises(RequestError, match="there is something already; name a folder that is not there"):
        write_publication(published[1], published[0])


def test_a_part_that_the_run_does_not_have_is_refused(run):
    (run / "adapter" / "adapter_model.safetensors").unlink()
    (run / "manifests" / "merge.json").write_text('{"inputs": {}}')
    with pytest.raises(
        RequestError, match="adapter_model.safetensors was changed|there is no adapter in this run"
    ):
        prepare_publication(run)


def append(path):
    path.write_bytes(path.read_bytes() + b" ")


CHANGES = {
    "the measured file": ("gguf/small.Q8_0.gguf", "since the step gguf"),
    "the adapter": ("adapter/adapter_model.safetensors", "since the step merge"),
    "the adapter's configuration": ("adapter/adapter_config.json", "was changed after training"),
    "the rows": ("dataset/train.jsonl", "since the step dataset"),
    "the verdict": ("verdict.json", "since the step verdict"),
}


@pytest.mark.parametrize("name, words", CHANGES.values(), ids=CHANGES)
def test_a_file_that_has_changed_since_it_was_measured_is_refused(run, name, words):
    append(run / name)
    with pytest.raises(SlingshotError, match=f"{name}.* {words}"):
        prepare_publication(run)


@pytest.mark.parametrize("name", ["gguf/small.Q8_0.gguf", "dataset/train.jsonl"])
def test_a_file_that_is_gone_is_refused(run, name):
    (run / name).unlink()
    with pytest.raises(SlingshotError, match=f"{name}: it is gone since the step"):
        prepare_publication(run)


def test_a_run_without_a_verdict_is_refused(run):
    (run / "verdict.json").unlink()
    with pytest.raises(
        RequestError, match="no verdict.json, so nothing may be said of its model; run its recipe"
    ):
        prepare_publication(run)


def test_a_run_that_is_not_finished_is_refused(run):
    (run / "manifests" / "judge.json").rename(run / "manifests" / "judge.begun.json")
    with pytest.raises(RequestError, match="its step judge is not finished"):
        prepare_publication(run)


def test_a_step_that_was_begun_again_is_refused(run):
    (run / "manifests" / "parity.begun.json").write_text("{}")
    with pytest.raises(RequestError, match="its step parity is not finished"):
        prepare_publication(run)


def test_a_run_that_was_trained_again_since_its_verdict_is_refused(run):
    path = run / "manifests" / "train.json"
    content = json.loads(path.read_text())
    content["facts"]["final_loss"] = 0.24
    path.write_text(json.dumps(content))
    with pytest.raises(SlingshotError, match="it was trained again since its verdict"):
        prepare_publication(run)


def test_a_file_made_from_another_adapter_is_refused(run, finished):
    other = run / "gguf" / "small.Q4_0.gguf"
    content = (finished / "gguf" / "small.Q8_0.gguf").read_bytes()
    own = sha256_of_file(finished / "adapter" / "adapter_model.safetensors").encode()
    assert own in content
    other.write_bytes(content.replace(own, b"0" * 64))
    with pytest.raises(
        SlingshotError, match="small.Q4_0.gguf: it was made from another adapter than the run's"
    ):
        prepare_publication(run)


def test_what_no_manifest_knows_is_named(finished):
    (note,) = [note for note in prepare_publication(finished, ("f16",)).notes if "no manifest" in note]
    assert note.startswith("no manifest holds a hash of small.f16.gguf:")


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(RequestError, match="no run's folder"):
        prepare_publication(tmp_path)
