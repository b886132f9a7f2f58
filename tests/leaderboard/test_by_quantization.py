"""Forms of one model compared: each with the largest, on common cells, and nothing claimed that noise could do."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_up_answers import CASES, answers, frame

from slingshot.drawing import to_png, to_svg
from slingshot.errors import RequestError
from slingshot.gguf.file_types import FILE_TYPES
from slingshot.leaderboard import Question, build_leaderboard
from slingshot.leaderboard.charts import draw_charts
from slingshot.leaderboard.forms import name_in_parts
from slingshot.leaderboard.page import render_page
from slingshot.leaderboard.tables import to_csv, to_markdown

BY = Question("quantization")
BITS = {"f16": 16.0, "Q8_0": 8.5, "Q5_K_M": 6.6, "Q2_K": 4.1}
TEN = [f"case_{index}" for index in range(10)]


def form(kind, model="small", bits=None, **own):
    """Answers of one form of a model, asked four at a time: five different ones to ten test cases."""
    bits = bits or BITS[kind]
    known = {"quantization": kind, "file_bytes": int(bits * 16e6), "bits_per_weight": bits, "concurrency": 4}
    asked = {"test_cases": TEN, "samples": 5, "served": "local", **own}
    about = json.dumps(known | asked.pop("about", {}))
    return answers(f"{model}.{kind}", form=about, **asked)


def board(*groups, question=BY):
    return build_leaderboard(frame(*groups), question)


def codes(found):
    return {warning.code: warning for warning in found.warnings}


def test_a_row_is_a_form_of_a_model_with_its_size_bits_and_speed_the_largest_first():
    found = board(form("Q2_K", score=60.0), form("f16"), form("Q8_0"))
    assert [row.name for row in found.rows] == ["small · f16", "small · Q8_0", "small · Q2_K"]
    about = found.rows[1].about
    assert (about["model"], about["quantization"]) == ("small", "Q8_0")
    assert (about["file_bytes"], about["bits_per_weight"], about["concurrency"]) == (136_000_000, 8.5, 4)


@pytest.mark.parametrize(
    ("lower", "claim"),
    [(20.0, "worse"), (0.0, "no measurable difference"), (-20.0, "better")],
)
def test_every_form_is_compared_with_the_largest_and_the_claim_follows_from_the_interval(lower, claim):
    noisy = form("Q2_K", score=lambda place: 50.0 - lower + (-1) ** place)
    whole, row = board(form("f16"), noisy).rows
    assert row.about["difference"] == pytest.approx(-lower)
    assert row.about["difference_low"] < row.about["difference"] < row.about["difference_high"]
    assert (row.about["reference"], row.about["claim"]) == ("f16", claim)
    assert row.about["common_test_cases"] == 10
    assert row.about["smallest_detectable_difference"] > 0
    assert whole.about["reference"] is whole.about["difference"] is whole.about["claim"] is None


def test_a_difference_that_one_comparison_would_show_is_not_claimed_among_many():
    def small(place):
        return 51.0 if place < 2 else 47.0

    alone = board(form("f16"), form("Q2_K", score=small)).rows[-1].about
    many = (form(f"Q{bits}_0", bits=bits, score=lambda place: 50.0 + (-1) ** place) for bits in range(3, 9))
    among = board(form("f16"), form("Q2_K", bits=2.0, score=small), *many).rows[-1].about
    assert alone["p_value"] == alone["p_adjusted"] == among["p_value"] < 0.05 < among["p_adjusted"]
    assert alone["difference_high"] == among["difference_high"] < 0
    assert (alone["claim"], among["claim"]) == ("worse", "no measurable difference")


def test_the_difference_is_that_of_the_cells_that_both_have():
    found = board(
        form("f16", score=lambda place: 90.0 if place == 9 else 50.0),
        form("Q8_0", test_cases=TEN[:9], score=50.0),
    )
    assert [row.score for row in found.rows] == [54.0, 50.0]
    assert found.rows[1].about["difference"] == 0
    assert found.rows[1].about["common_test_cases"] == 9
    assert {"unlike-cells", "missing-cells"} <= codes(found).keys()


def test_models_are_compared_with_their_own_largest_form_only():
    found = board(form("f16"), form("Q8_0"), form("Q8_0", "other", score=70.0), form("Q2_K", "other"))
    assert [(row.name, row.about["reference"]) for row in found.rows] == [
        ("other · Q8_0", None),
        ("other · Q2_K", "Q8_0"),
        ("small · f16", None),
        ("small · Q8_0", "f16"),
    ]
    assert (
        "other is compared with Q8_0, the largest form there is; what quantizing to that cost is unknown."
        in (found.notes)
    )


def test_a_form_above_the_full_one_is_called_noise_unless_its_interval_says_otherwise():
    noise = form("Q5_K_M", score=lambda place: 50.8 if place % 2 else 50.4)
    clear = form("Q8_0", score=lambda place: 60.0 + place % 2)
    found = codes(board(form("f16", score=lambda place: 50.0 + place % 2), noise))
    message = found["quantized-better-than-full"].message
    assert message.startswith("Above the largest form: small · Q5_K_M by +0.1 [")
    assert message.endswith("]. Noise, no gain.")
    found = codes(board(form("f16"), clear))["quantized-better-than-full"]
    assert "oise" not in found.message
    assert "Rounding weights adds no knowledge" in found.message
    assert found.models == ["small · Q8_0"]
    assert "quantized-better-than-full" not in codes(board(form("f16"), form("Q8_0", score=49.0)))


def test_few_test_cases_and_copies_are_said_with_what_they_could_not_show():
    few = {"test_cases": CASES[:4], "samples": 2}
    uneven = form("Q8_0", score=lambda place: 50.0 + 10 * place, **few)
    message = codes(board(form("f16", **few), uneven))["few-answers"].message
    assert message.startswith(
        "Compared on 4 test cases with 2.0 distinct answers to a cell (the fewest): a true"
    )
    assert "difference below about 27 points would often go unseen" in message
    copies = board(form("f16"), form("Q8_0", answer="always the same"))
    assert "with 1.0 distinct answers to a cell" in codes(copies)["few-answers"].message
    assert not codes(board(form("f16"), form("Q8_0", score=lambda place: 50.0 - place)))


def timed(kind, *ends, seconds=20.0, **own):
    """Answers of 200 tokens to one question that came in at these seconds of a minute."""
    return [
        {**made, "timestamp": f"20240110_00{end // 60:02}{end % 60:02}__100", "elapsed_seconds": seconds}
        for made, end in zip(form(kind, test_cases=["x"], samples=len(ends), **own), ends, strict=True)
    ]


@pytest.mark.parametrize(
    ("ends", "seconds", "speed"),
    [
        ((30, 30, 50, 50), 20.0, 20.0),  # two at a time: 800 tokens in 40 seconds
        ((30, 30, 530, 530), 20.0, 20.0),  # a pause between two runs is not counted
        ((30, 40, 50), 20.0, 15.0),  # overlapping: 600 tokens in 40 seconds
        ((1, 2, 3), 0.5, None),  # too short for times in whole seconds
    ],
)
def test_speed_is_of_all_answers_under_way_together_while_any_was(ends, seconds, speed):
    (row,) = board(timed("Q8_0", *ends, seconds=seconds)).rows
    assert row.about["tokens_per_second"] == speed


def test_speeds_under_unlike_loads_are_told_apart_and_of_a_mixed_row_unknown():
    eight = {"about": {"concurrency": 8}}
    found = board(timed("f16", 30, 50), timed("Q8_0", 30, 50, **eight))
    assert codes(found)["unlike-loads"].message.startswith(
        "Answers under way at once: 4 (small · f16) and 8 (small · Q8_0)."
    )
    (row,) = board(timed("f16", 30, 50), timed("f16", 80, **eight)).rows
    assert row.about["tokens_per_second"] is row.about["concurrency"] is None
    (row,) = board(timed("f16", 30), timed("f16", 80, device="another machine")).rows
    assert row.about["tokens_per_second"] is None
    (row,) = board(timed("f16", 30, 50), timed("f16", 80, strategy="1CODEFIXER__CodeFixerTiny")).rows
    assert row.about["tokens_per_second"] is None, "a correction's seconds are those of all its rounds"
    (row,) = board(timed("f16", 30, 50, about={"concurrency": None})).rows
    assert row.about["tokens_per_second"] is None, "how many were under way is not known"


def test_answers_that_the_table_leaves_out_took_their_share_of_the_time():
    made = timed("f16", 30, 50), timed("f16", 30, 50, labels=("AsIs",))
    (row,) = board(*made, question=Question("quantization", prompts=("InJulia",))).rows
    assert (row.samples, row.about["tokens_per_second"]) == (2, 20.0)


def test_several_files_behind_one_form_are_told():
    one, other = ({"about": {"model_sha256": letter * 64}} for letter in "ab")
    found = board(form("f16", **one), form("f16", **other))
    assert codes(found)["mixed-files"].models == ["small · f16"]


def test_without_a_recorded_type_the_end_of_the_name_tells_it_and_the_table_has_no_empty_columns():
    found = board(answers("mistral:7b-q6_K"), answers("mistral:7b-q4_K_M"), answers("phi"), answers("gpt-4"))
    assert [row.name for row in found.rows] == ["mistral:7b · Q6_K", "mistral:7b · Q4_K_M"]
    assert found.rows[1].about["reference"] == "Q6_K"
    assert "32 answers of 2 models left out: how they were quantized is not known." in found.notes
    assert "The type of 2 models is the one that the model's name ends with." in found.notes
    heading = to_markdown(found).splitlines()[0]
    assert heading == (
        "| model · type | score | 95 % | solved | 95 % | difference | claim | samples | distinct |"
    )
    with pytest.raises(RequestError, match="--by quantization: of no model here"):
        board(answers("gpt-4"))


@given(
    st.from_regex(r"[A-Za-z0-9]{1,8}([-.:_ ][A-Za-z0-9]{1,6}){0,3}", fullmatch=True),
    st.sampled_from(".:-_"),
    st.sampled_from(list(FILE_TYPES)),
    st.booleans(),
)
def test_a_name_comes_apart_into_model_and_type(base, mark, kind, lower):
    written = kind.lower() if lower else kind.upper()
    assert name_in_parts(f"{base}{mark}{written}") == (base, kind)


@pytest.mark.parametrize(
    ("name", "recorded", "parts"),
    [
        ("tuned.Q5_K_M", "Q5_K_M", ("tuned", "Q5_K_M")),
        ("tuned.Q5_K_M", "Q4_0", ("tuned.Q5_K_M", "Q4_0")),
        ("tuned", "Q4_0", ("tuned", "Q4_0")),
        ("gpt-4", "", ("gpt-4", "")),
        ("x.Q4_1.f16", "", ("x.Q4_1", "f16")),
        ("small.MXFP4_MOE", "MXFP4_MOE", ("small", "MXFP4_MOE")),
    ],
)
def test_what_is_recorded_wins_over_the_name(name, recorded, parts):
    assert name_in_parts(name, recorded) == parts


def test_json_and_csv_name_every_figure_and_the_table_says_what_it_compares():
    found = board(form("f16"), form("Q8_0", score=lambda place: 45.0 - place))
    _, row = found.to_json()["rows"]
    expected = {
        *("model", "quantization", "file_bytes", "bits_per_weight", "concurrency", "tokens_per_second"),
        *("reference", "difference", "difference_low", "difference_high", "solved_difference"),
        *("solved_difference_low", "solved_difference_high", "common_test_cases", "claim"),
        *("smallest_detectable_difference", "p_value", "p_adjusted"),
    }
    assert expected <= row.keys()
    assert row["difference"] == pytest.approx(-9.5)
    assert row["claim"] == "worse"
    (_, written) = csv.DictReader(io.StringIO(to_csv(found)))
    assert (written["quantization"], written["claim"]) == ("Q8_0", "worse")
    lines = to_markdown(found).splitlines()
    assert lines[3].startswith("| small · Q8_0 | 40.5 |")
    interval = f"[{row['difference_low']:.1f}, {row['difference_high']:.1f}]"
    assert f"| -9.5 {interval} | worse | 136 | 8.50 |" in lines[3]


def test_the_charts_show_every_form_by_its_bits_with_size_and_speed():
    made = frame(*(timed(kind, 30, 50, 90) for kind in BITS), form("Q8_0", "other"), answers("third-q4_0"))
    found = build_leaderboard(made, BY)
    charts = draw_charts(found, made)
    assert list(charts) == ["quantizations", "bits"]
    drawn = to_svg(charts["bits"])
    assert all(f">{kind}<" in drawn for kind in BITS)
    assert all(
        words in drawn
        for words in ("256 MB", "with 4 answers under way at once", ">other<", "1 left out, whose bits")
    )
    assert to_png(charts["bits"]).startswith(b"\x89PNG")
    page = render_page(found, charts)
    assert "Leaderboard by model · type" in page
    assert "<script" not in page


def test_without_known_bits_there_is_still_a_chart_of_the_forms():
    made = frame(answers("m-q6_K"), answers("m-q4_0"))
    assert list(draw_charts(build_leaderboard(made, BY), made)) == ["quantizations"]


def test_like_for_like_and_chosen_labels_hold_for_forms_too():
    both = {"labels": ("InJulia", "AsIs")}
    groups = form("f16", **both), form("Q8_0")
    assert board(*groups, question=Question("quantization", like_for_like=True)).rows[0].cells == 10
    assert not codes(board(*groups, question=Question("quantization", prompts=("InJulia",))))
