"""`slingshot publish` as a user runs it, to a folder and to a hub."""

import pytest
from test_publication import files_below

from command import refused, slingshot
from loopback_hub import loopback_hub


def test_to_a_folder_it_writes_a_publication_and_says_what_is_next(finished, tmp_path):
    out = tmp_path / "out"
    done = slingshot("publish", finished, "--to", "folder", "--out", out)
    assert done.returncode == 0, done.stderr
    assert {"README.md", "Modelfile", "small.Q8_0.gguf", "SHA256SUMS"} <= set(files_below(out))
    assert (
        "Note: terms of models on training with their answers are 'conditions' for 1 training row."
        in done.stderr
    )
    assert f"Wrote {out}." in done.stderr
    assert done.stdout == ""


def test_a_dry_run_shows_files_and_card_and_asks_nobody(finished, tmp_path):
    asked = ["publish", finished, "--to", "hub", "--repo", "ada/small", "--dry-run", "--with", "gguf"]
    done = slingshot(*asked, HF_ENDPOINT="http://127.0.0.1:9", HF_TOKEN="")
    assert done.returncode == 0, done.stderr
    first = done.stdout.split("\n\n", 1)[0].splitlines()
    assert [line.split()[-1] for line in first][:2] == ["LICENCES.md", "Modelfile"]
    assert first[-1].endswith("  in all")
    assert "# small\n" in done.stdout
    assert "adapter/" not in done.stdout.split("---\n")[0]
    assert "Nothing was written; without --dry-run it would go to ada/small." in done.stderr


def test_to_a_hub_every_byte_of_the_publication_arrives(finished, tmp_path):
    slingshot("publish", finished, "--to", "folder", "--out", tmp_path / "out")
    with loopback_hub() as hub:
        hub.part_bytes = 1 << 18
        asked = ["publish", finished, "--to", "hub", "--repo", "engines/small", "--private"]
        done = slingshot(*asked, **hub.environment(HF_HOME=str(tmp_path / "home")))
        assert done.returncode == 0, done.stderr
        repository = hub.repositories["engines/small"]
    assert repository.private
    assert repository.commits == ["small and its verdict"]
    assert repository.files == {
        name: (tmp_path / "out" / name).read_bytes() for name in files_below(tmp_path / "out")
    }
    assert f"Published at {hub.url}/engines/small." in done.stderr
    assert "Upload" not in done.stderr  # bars are for terminals


def test_the_hub_is_asked_before_any_work(finished, tmp_path):
    with loopback_hub() as hub:
        hub.role = "read"
        asked = ["publish", tmp_path / "no run at all", "--to", "hub", "--repo", "ada/small"]
        done = slingshot(*asked, **hub.environment(HF_HOME=str(tmp_path / "home")))
    refused(done, 2, "may only read")


@pytest.mark.parametrize(
    "options, words",
    [
        (["--to", "folder"], "--to folder needs --out DIR"),
        (["--to", "hub", "--out", "somewhere"], "--to hub needs --repo OWNER/NAME"),
        (
            ["--to", "folder", "--out", "x", "--with", "gguf,adaptr"],
            "adaptr is no part of a run; did you mean adapter?",
        ),
        (["--to", "folder", "--out", "x", "--with", ","], "--with: name at least one part"),
    ],
)
def test_what_does_not_fit_together_is_refused(finished, tmp_path, options, words):
    refused(slingshot("publish", finished, *options), 2, words)


def test_a_run_that_has_changed_is_refused(run, tmp_path):
    with (run / "gguf" / "small.Q8_0.gguf").open("ab") as file:
        file.write(b"\0")
    done = slingshot("publish", run, "--to", "folder", "--out", tmp_path / "out")
    refused(done, 1, "has changed since the step gguf", "run its recipe to the end")
    assert not (tmp_path / "out").exists()
