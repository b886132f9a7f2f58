"""An answer's text is handed out while it grows, and together the pieces are the whole text before its stop."""

from hypothesis import example, given
from hypothesis import strategies as st

from slingshot.models.growing_text import GrowingText


def decoded(tokens):
    """Each token is a byte, as in byte-level vocabularies."""
    return bytes(tokens).decode(errors="replace")


def pieces_of(text, stops=()):
    growing, found = GrowingText(decoded, stops), []
    for byte in text.encode():
        found.append(growing.add(byte))
        if growing.stopped:
            break
    assert growing.length == len("".join(found))
    return found, growing.stopped


def test_a_character_of_several_tokens_comes_whole():
    found, _ = pieces_of("a€😀")
    assert [piece for piece in found if piece] == ["a", "€", "😀"]


def test_the_beginning_of_a_stop_text_is_held_until_it_is_known():
    assert pieces_of("ends. end", ["end;"])[0] == ["", "", "", "ends", ".", " ", "", "", ""]
    assert pieces_of("ab end; cd", ["end;"]) == (["a", "b", " ", "", "", "", ""], True)


@given(text=st.text(), stops=st.lists(st.text("ab€ ", min_size=1, max_size=4), max_size=3))
@example(text="aab", stops=["ab"])
@example(text="ab€", stops=["b", "ab€"])  # the one that is there first ends it
def test_pieces_are_the_text_as_far_as_no_stop_may_begin(text, stops):
    found, stopped = pieces_of(text, stops)
    end = next((n for n in range(len(text) + 1) if any(stop in text[:n] for stop in stops)), None)
    cut = min((at for stop in stops if (at := text[:end].find(stop)) >= 0), default=None)
    assert text[:cut].startswith("".join(found))
    assert stopped == (cut is not None)
    if not stops and not text.endswith("\ufffd"):
        assert "".join(found) == text


def test_spaces_that_depend_on_what_is_before_them_are_kept():
    """SentencePiece drops the space before the first word of what it decodes."""
    words = ["▁Hello", "▁world", "▁", "▁again"]

    def text(tokens):
        return "".join(words[token] for token in tokens).replace("▁", " ").removeprefix(" ")

    growing = GrowingText(text, ())
    assert "".join(growing.add(token) for token in range(4)) == text(range(4)) == "Hello world  again"
