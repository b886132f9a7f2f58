"""The model card: what the run's own files say, in the verdict's words, and what is unknown said to be unknown."""

import json
import re

import pytest
import yaml

from slingshot.gguf.parity import Agreement, Measured, ParityConfig, ParityReport, Thresholds
from slingshot.publish import prepare_publication
from slingshot.statistics import Interval
from slingshot.verdict import read_verdict, sentence


def head_and_body(publication):
    _, head, body = publication.texts["README.md"].split("---\n", 2)
    return yaml.safe_load(head), body


def as_read(markdown):
    """The text that a reader sees, without the escapes of Markdown."""
    return re.sub(r"\\([\\|*_`<\[])", r"\1", markdown)


@pytest.fixture(scope="module")
def publication(finished):
    return prepare_publication(finished, ("gguf", "adapter", "f16"))


@pytest.fixture(scope="module")
def body(publication):
    return as_read(head_and_body(publication)[1])


def test_the_head_says_what_the_hub_can_read_and_what_is_known(publication):
    assert head_and_body(publication)[0] == {
        "license": "mit",
        "language": ["code"],
        "pipeline_tag": "text-generation",
        "tags": ["gguf", "lora", "julia", "code", "slingshot"],
    }


def test_the_claim_and_the_warnings_are_the_verdicts_own_words(body, finished):
    verdict = read_verdict(finished / "verdict.json")
    assert verdict.warnings
    assert f"## Verdict\n\n{sentence(verdict)}\n" in body
    for warning in verdict.warnings:
        assert f"`{warning.code}` {warning.message}" in body


def test_every_score_stands_beside_the_bases_with_its_interval(body):
    assert re.search(
        r"\| small.Q8_0 \| seen test cases \| 100.0 \[\d+, 100\] \| 100 % \[\d+, 100\] \| 2 \|", body
    )
    assert re.search(r"\| tiny-base.Q8_0 \| held-out test cases \| 75.0 \[", body)
    assert re.search(r"\| small.Q8_0 \| seen test cases \| .* \| 2 \| 100 % \|", body)  # verbatim
    assert "against the base's 75.0 (solves 0 % against 0 %): too few test cases in common" in body


def test_the_data_is_told_with_its_sources_their_terms_and_the_split(body):
    assert "7 conversations with 2 distinct prompts, chosen from 8 recorded answers" in body
    assert "| suite-authors | 6 | MIT | allowed |" in body
    assert "| gpt-4-1106-preview | 1 | OpenAI Services Agreement | conditions |" in body
    assert "**Not all terms allow to train on these answers** (rows: conditions 1)" in body
    assert "Trained on: `double`, `triple` (2 test cases)." in body
    assert "Held out: `halve` (1 test case)." in body


def test_the_training_and_its_cost_are_told(body):
    for words in ("`lora_r: 4`", "`num_epochs: 2.0`", "`seed: 42`", "| rows | 7 |", "| steps | 6 |"):
        assert words in body
    for words in (
        "| first loss | 2.500 |",
        "| final loss | 0.250 |",
        "| peak memory | 1.0 GiB |",
        "(a guess)",
    ):
        assert words in body


def test_the_files_are_told_apart_by_what_was_measured(body, finished):
    row = r"\| `{}` \| {} \| [\d.]+ MB \| {} \| {} \| `[0-9a-f]{{64}}` \|"
    assert re.search(row.format("small.Q8_0.gguf", "Q8_0", r"8\.\d\d", "yes"), body)
    assert re.search(row.format("small.f16.gguf", "f16", r"16\.\d\d", "no"), body)
    assert "The verdict is about the measured file alone" in body
    assert "another than its name says, because their width does not fit: 1 (1 q8_0 as f16)" in body


def test_the_base_its_licence_and_where_it_is_said_are_told(body):
    assert "`tiny-base`. Its licence is `mit` (stated in the base's model card)." in body
    assert "model.safetensors" in body


def test_what_is_unknown_is_said_to_be_unknown(run, finished):
    for file in ("manifests/base.json", "manifests/judge.json", "dataset/dataset.json"):
        content = json.loads((run / file).read_text())
        if file == "dataset/dataset.json":
            content.pop("overlap")
        elif "base" in file:
            content["facts"]["folder"] = "/gone"
        else:
            content["inputs"] = {}
        (run / file).write_text(json.dumps(content))
    publication = prepare_publication(run)
    head, body = head_and_body(publication)
    assert "license" not in head
    assert "Its licence is not stated in its files" in body
    assert "in Julia (version not recorded)" in body
    assert "What training rows share with held-out test cases was not measured." in body
    assert "say the same was not measured." in body
    assert any("do not state its licence" in note for note in publication.notes)


def test_a_licence_that_the_hub_does_not_know_goes_by_its_name(run, tmp_path):
    base = tmp_path / "base"
    base.mkdir()
    (base / "README.md").write_text("---\nlicense: other\nlicense_name: house-rules\n---\n")
    path = run / "manifests" / "base.json"
    path.write_text(path.read_text().replace(json.loads(path.read_text())["facts"]["folder"], str(base)))
    head, body = head_and_body(prepare_publication(run))
    assert (head["license"], head["license_name"]) == ("other", "house-rules")
    assert "Its licence is `house-rules`" in body


def test_parity_is_told_where_it_was_measured_and_faults_come_first(run):
    seen = Measured(8, 400, Interval(0.995, 0.99, 1.0), Interval(0.00012, 0.0, 0.001), 0.01, 1.0)
    strict = Thresholds(greedy=0.999, kl=0.1, ends=1)
    found = Agreement("Q8_0", "merged", {"all": seen, "seen": seen}, 8, 2, 0, None, None, strict, 1.5)
    report = ParityReport(ParityConfig(), [], [], {}, [found])
    (run / "parity.json").write_text(json.dumps(report.to_json()))
    body = as_read(head_and_body(prepare_publication(run))[1])
    assert "| Q8_0 | merged | 8 seen | 99.50% [99.0%, 100.0%] | 0.00012 | 100 % |" in body
    fault = f"- Q8_0 against merged: {found.faults[0]}"
    assert f"**Not all forms say the same**, beyond what was allowed:\n\n{fault}\n\n| form |" in body


def test_what_parity_did_not_measure_is_said_not_to_be(run):
    (run / "parity.json").write_text(
        '{"agreements": [{"form": "Q8_0", "reference": "merged", "on": {"all": {}}}]}'
    )
    body = head_and_body(prepare_publication(run))[1]
    assert "merged | – all | not measured | not measured | not measured |" in body


def test_a_way_to_run_every_part_is_shown_as_it_was_asked(body):
    assert (
        "llama-server -m small.Q8_0.gguf --jinja --port 8080 --temp 0.5 --top-p 0.95 --top-k 0 --min-p 0"
        in body
    )
    assert "ollama create small -f Modelfile" in body
    assert "lms import small.Q8_0.gguf" in body
    assert "slingshot serve small.Q8_0.gguf --port 8080" in body
    assert "temperature=0.5," in body
    for program in re.findall(r"```python\n(.*?)```", body, re.DOTALL):
        compile(program, "card", "exec")


def test_no_text_names_a_path_of_the_machine_that_trained(publication, finished):
    for name, text in publication.texts.items():
        assert str(finished.parents[1]) not in text, name
        assert not re.search(r"(?<![\w.:/~])/(tmp|home|root)/", text), name
    assert (
        json.loads(publication.texts["adapter/adapter_config.json"])["base_model_name_or_path"] == "tiny-base"
    )
