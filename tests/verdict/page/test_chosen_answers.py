"""Which answers of many the page shows."""

from made_up_recordings import BASE, TUNED, answers, frame, row, verdict_of

from slingshot.verdict.page.chosen import choose_answers


def chosen(rows):
    made = frame(rows)
    return choose_answers(verdict_of(made.to_dicts(), seen=[], held_out=[]), made)


def scores(group):
    return [one["score"] for one in group.rows]


def of_base(values, **own):
    """Answers of the base model to one test case with these scores, and one of the tuned model."""
    given = list(values)
    rows = answers(BASE.name, ["f"], lambda _, sample: given[sample], samples=len(given), **own)
    return [*rows, row(TUNED.name, "f", 50.0, "x")]


def test_of_many_the_lowest_the_median_and_the_highest_score_are_shown():
    group = chosen(of_base([70.0, 10.0, 30.0, 90.0, 20.0])).by_test_case[BASE.name, "f"]
    assert scores(group) == [10.0, 30.0, 90.0]
    assert group.count == 5


def test_three_or_fewer_are_all_shown_those_that_could_not_be_judged_last():
    assert scores(chosen(of_base([70.0, None, 10.0])).by_test_case[BASE.name, "f"]) == [10.0, 70.0, None]


def test_of_equal_scores_different_texts_are_shown():
    rows = of_base([50.0] * 6)
    for made in rows[:4]:
        made["answer"] = "the same"
    group = chosen(rows).by_test_case[BASE.name, "f"]
    assert len({one["answer"] for one in group.rows}) == 3


def test_the_answers_under_a_label_stand_with_their_test_case_and_need_few_more():
    first, second = of_base([10.0, 50.0, 90.0]), of_base([20.0, 50.0, 80.0], prompt_label="AsIs")
    found = chosen([*first, *second])
    under = found.by_label[BASE.name, "AsIs"]
    assert scores(under) == [20.0, 50.0, 80.0]
    shown = {one["number"] for one in found.by_test_case[BASE.name, "f"].rows}
    assert {one["number"] for one in under.rows} <= shown
    assert found.by_test_case[BASE.name, "f"].count == 6


def test_without_several_labels_none_has_a_group_and_what_is_not_there_has_no_place():
    found = chosen(of_base([50.0]))
    assert not found.by_label
    assert found.test_case(BASE.name, "g") == found.label(BASE.name, "InJulia") == found.model("nobody") == ""
    assert found.test_case(BASE.name, "f") == f"{found.model(BASE.name)}-t0"
