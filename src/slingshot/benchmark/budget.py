"""A budget that is not overrun: before a question is asked, the most that it can cost is set aside."""

from slingshot.benchmark.plan import Question
from slingshot.models.prices import Price, cost_usd

# A token has at least so many characters of a prompt, in any tokenizer for code or prose in Latin letters.
_CHARACTERS_A_TOKEN = 2
# The longest answer that is reckoned with where nothing limits it.
_TOKENS_WITHOUT_LIMIT = 4096


class Budget:
    """US dollars that may be spent, of which some are spent and some set aside for questions under way."""

    def __init__(self, limit: float | None) -> None:
        self.limit = limit
        self._spent = 0.0
        self._set_aside = 0.0
        self._under_way = 0

    @property
    def idle(self) -> bool:
        """Whether no question is under way that could turn out cheaper than feared."""
        return self._under_way == 0

    def reserve(self, price: Price | None, question: Question) -> float | None:
        """Set aside the most that a question can cost, 0 where it costs nothing per token; None: it is too much."""
        most = 0.0
        if price is not None:
            characters = sum(len(message["content"]) for message in question.messages)
            longest = question.sampling.max_tokens or _TOKENS_WITHOUT_LIMIT
            most = cost_usd(characters // _CHARACTERS_A_TOKEN + 1, longest, price)
        if self.limit is not None and self._spent + self._set_aside + most > self.limit:
            return None
        self._set_aside += most
        self._under_way += 1
        return most

    def release(self, reserved: float, spent: float) -> None:
        """A question is over, and cost `spent`."""
        self._set_aside -= reserved
        self._under_way -= 1
        self._spent += spent
