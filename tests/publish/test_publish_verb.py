"""`slingshot publish` as a user runs it, to a folder and to a hub."""

from pathlib import Path

import pytest
from test_publication import files_below

from command import refused, slingshot
from loopback_hub import loopback_hub
from slingshot.cli.publish import publish
from slingshot.errors import RequestError
from slingshot.publish import prepare_publication


def test_to_a_folder_it_writes_a_publication_and_says_what_is_next(finished, tmp_path):
    out = tmp_path / "out"
    done = slingshot("publish", finished, "--to", "folder", "--out", out)
    assert done.returncode == 0, done.stderr
    assert {"README.md", "Modelfile", "small.Q8_0.gguf", "SHA256SUMS"} <= set(files_below(out))
    assert "Note: 1 training row from models whose terms on training say: conditions." in done.stderr
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
    publication = prepare_publication(finished)
    with loopback_hub() as hub:
        hub.part_bytes = 1 << 18
        asked = ["publish", finished, "--to", "hub", "--repo", "engines/small", "--private"]
        done = slingshot(*asked, **hub.environment(HF_HOME=str(tmp_path / "home")))
        assert done.returncode == 0, done.stderr
        repository = hub.repositories["engines/small"]
    assert repository.private
    assert repository.commits == ["small and its verdict"]
    files = {name: path.read_bytes() for name, path in publication.files.items()}
    assert repository.files == files | {name: text.encode() for name, text in publication.texts.items()}
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
        ({"to": "folder"}, "--to folder needs --out DIR"),
        ({"to": "hub", "out": Path("x")}, "--to hub needs --repo OWNER/NAME"),
        ({"to": "hub", "repo": "small", "dry_run": True}, "'small' names no owner; write OWNER/NAME"),
        (
            {"to": "folder", "out": Path("x"), "parts": "gguf,adaptr"},
            "adaptr is no part of a run; did you mean adapter",
        ),
        (
            {"to": "folder", "out": Path("x"), "parts": ","},
            "--with: name at least one part; there are: adapter",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(finished, options, words):
    with pytest.raises(RequestError, match=words):
        publish(finished, **options)


def test_a_run_that_has_changed_is_refused(run, tmp_path):
    with (run / "gguf" / "small.Q8_0.gguf").open("ab") as file:
        file.write(b"\0")
    done = slingshot("publish", run, "--to", "folder", "--out", tmp_path / "out")
    refused(done, 1, "has changed since the step gguf", "run its recipe to the end")
    assert not (tmp_path / "out").exists()
