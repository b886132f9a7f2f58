"""What looks like a secret or an address is seen, and what only resembles one is not."""

import time

import pytest

from slingshot.dataset.collection.private_texts import private_texts


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("sk-" + "abcdefghijklmnop1234", "an API key"),
        ("key=sk-ant-api03-" + "Ab1_" * 8, "an API key"),
        ("sk_live_" + "51Habcdefgh12345", "an API key"),
        ("ghp_" + "a1B2" * 9, "a GitHub token"),
        ("github_pat_" + "11AB_" * 6, "a GitHub token"),
        ("hf_" + "aBcD" * 8, "a Hugging Face token"),
        ("AKIA" + "ABCDEFGH12345678", "an AWS access key"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("Write to jane.doe+x@mail.company.org.", "an e-mail address"),
    ],
)
def test_secrets_and_addresses_are_found_with_their_line_and_not_repeated(text, kind):
    (found,) = private_texts(f"first\n\n{text}\nlast")
    assert (found.kind, found.line) == (kind, 3)
    assert found.hint[:-1] in text and len(found.hint) == 5


@pytest.mark.parametrize(
    "text",
    [
        'isvalid("user@example.com") && isvalid("a@mail.example.org") && !isvalid("a@b.test")',
        "git clone git@github.com:JuliaLang/julia.git",
        "Base.@kwdef struct A end; @time f(x)",
        "a sk-learn-compatible-estimator and a risk-averse-decision-1",
        'Pkg.add(name = "DataFrames", version = "1.6.1") # DataFrames@1.6.1',
        "ghp_short, hf_hub_download, AKIA",
    ],
)
def test_what_is_nobody_s_or_only_looks_alike_is_passed_over(text):
    assert list(private_texts(text)) == []


@pytest.mark.parametrize("piece", ["a@", "a.", "sk-", "eyJ", "a@b.", "-----BEGIN "])
def test_a_hostile_text_is_searched_in_linear_time(piece):
    started = time.perf_counter()
    list(private_texts(piece * 100_000))
    assert time.perf_counter() - started < 5
