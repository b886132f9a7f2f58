"""What a person is told of an error that another library made."""

from slingshot.errors import first_line


def test_of_a_long_story_the_first_line_is_told():
    assert first_line(ValueError("no such layer\n  in this file\n")) == "no such layer"


def test_an_error_without_words_is_told_by_its_kind():
    assert first_line(TimeoutError()) == "TimeoutError"
    assert first_line(ValueError("\n")) == "ValueError"
