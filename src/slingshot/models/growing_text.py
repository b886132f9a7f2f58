"""The text of an answer while its tokens come, in pieces that no later token can change."""

from collections.abc import Callable, Sequence


class GrowingText:
    """Turns tokens into text one by one.

    A character may take several tokens, and what looks like the beginning of a stop text may become one: both are
    held back until it is known. Each token costs the same, however long the answer: only the tokens since the last
    whole character, and those before them that decide about spaces, are decoded anew.
    """

    def __init__(self, text: Callable[[Sequence[int]], str], stops: Sequence[str]) -> None:
        """Start with nothing.

        Args:
            text: the text of token ids.
            stops: texts before which the answer ends.
        """
        self._text, self._stops = text, stops
        self._tokens: list[int] = []
        self._told = 0  # of `_tokens`, how many are part of the text already
        self._held = ""
        self.length = 0  # of all pieces
        self.stopped = False

    def add(self, token: int) -> str:
        """What is certain now and was not before; empty where nothing is."""
        self._tokens.append(token)
        grown = self._text(self._tokens)
        if grown.endswith("\ufffd"):  # the beginning of a character, as far as one can tell
            return ""
        new = grown[len(self._text(self._tokens[: self._told])) :]
        self._tokens, self._told = self._tokens[self._told :], len(self._tokens) - self._told
        piece = self._before_a_stop(self._held + new)
        self.length += len(piece)
        return piece

    def _before_a_stop(self, text: str) -> str:
        """The part of a text in which no stop begins; the rest is held."""
        found = [at for stop in self._stops if (at := text.find(stop)) >= 0]
        if found:
            self.stopped = True
            return text[: min(found)]
        ends = (size for stop in self._stops for size in range(1, len(stop)) if text.endswith(stop[:size]))
        sure = len(text) - max(ends, default=0)
        self._held = text[sure:]
        return text[:sure]
