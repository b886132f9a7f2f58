"""The table of licences: dated, sourced, and honest about what it does not know."""

from datetime import date

import pytest

from slingshot.dataset.licences import known_licences, licence_of, read_licences
from slingshot.errors import RequestError

OWN = """licences:
- models: ["my-*"]
  name: Ours
  training: allowed
  source: our own weights
  date: 2026-01-01
- models: [gpt-4o]
  name: Contract
  training: conditions
  note: for our house only
  source: contract 7
  date: 2026-02-01
"""


def test_every_entry_that_decides_names_its_document_and_a_day_that_has_come():
    for licence in known_licences():
        assert licence.training == "unknown" or (licence.source and licence.date <= date(2026, 11, 24))
        assert licence.training in ("allowed", "unknown") or licence.note


@pytest.mark.parametrize(
    ("model", "training"),
    [
        ("gpt-4o-2024-05-13", "conditions"),
        ("claude-3-opus-20240229", "forbidden"),
        ("mistral-medium", "conditions"),  # served under terms that ruled it out, and under later ones
        ("mistral-large-2402", "allowed"),
        ("mistral:7b-instruct-v0.2-q4_0", "allowed"),
        ("accounts/fireworks/models/dbrx-instruct", "forbidden"),
        ("meta-llama/Llama-3-70b-chat-hf", "forbidden"),
        ("meta-llama/Llama-3.1-70B-Instruct", "conditions"),
        ("llama3.1:8b", "conditions"),
        ("deepseek-coder:33b-instruct-q4_K_M", "conditions"),
        ("suite-authors", "allowed"),
    ],
)
def test_a_model_is_found_by_its_name_whatever_the_case_and_its_host(model, training):
    assert licence_of(model).training == training
    assert licence_of(f"somewhere/{model}".upper()).training == training


@pytest.mark.parametrize("model", ["", "some-model", "my-gpt-4", "qwen3-8b"])
def test_a_model_without_an_entry_is_unknown_and_not_allowed(model):
    licence = licence_of(model)
    assert (licence.training, licence.source, licence.date) == ("unknown", "", None)


def test_entries_of_your_own_come_before_the_bundled_ones(tmp_path):
    path = tmp_path / "licences.yml"
    path.write_text(OWN)
    own = read_licences(path)
    assert licence_of("my-gpt-4", own).name == "Ours"
    assert licence_of("gpt-4o", own).note == "for our house only"
    assert licence_of("gpt-4o").name == "OpenAI Services Agreement"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "  source: contract 7\n",
            "",
            "7: licences.1: an entry that is not unknown needs the keys source and date",
        ),
        ("training: allowed", "training: yes", "4: licences.0.training: input should be 'allowed'"),
        ("  note:", "  notes:", "10: unknown key licences.1.notes; did you mean note?"),
        ('["my-*"]', "[]", "2: licences.0.models: "),
    ],
)
def test_what_is_wrong_with_an_entry_is_said_with_its_line(tmp_path, old, new, message):
    path = tmp_path / "licences.yml"
    path.write_text(OWN.replace(old, new))
    with pytest.raises(RequestError) as caught:
        read_licences(path)
    assert f"{path}:{message}" in str(caught.value)


def test_of_two_entries_the_first_that_fits_counts(tmp_path):
    path = tmp_path / "licences.yml"
    path.write_text(OWN.replace("[gpt-4o]", '["*"]'))
    assert [licence_of(name, read_licences(path)).name for name in ("my-model", "another")] == [
        "Ours",
        "Contract",
    ]
