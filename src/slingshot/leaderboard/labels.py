"""Where the names of points go, so that they cover neither each other nor a point."""

from collections.abc import Sequence
from typing import NamedTuple

LINE = 13.0  # a line's height, in points of the drawing
GAP = 9.0
NEAR = 6.0
# How far above its point a name may stand, and what that costs in square points of something covered.
LIFTS = {GAP: 0.0, -GAP: 5.0, 0.0: 10.0, 2 * GAP: 120.0, -2 * GAP: 120.0, 3 * GAP: 300.0, -3 * GAP: 300.0}
OUTSIDE = 1000.0


class Label(NamedTuple):
    """A name at a place in the drawing, in points from its lower left corner."""

    x: float
    y: float
    text: str
    align: str


class _Box(NamedTuple):
    left: float
    bottom: float
    right: float
    top: float

    def covers(self, other: "_Box") -> float:
        """How much of another box this one covers, in square points."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.top, other.top) - max(self.bottom, other.bottom)
        return max(0.0, width) * max(0.0, height)


def place_labels(
    named: Sequence[tuple[float, float, str]],
    points: Sequence[tuple[float, float]],
    width: float,
    height: float,
) -> list[Label]:
    """A place for each name, right or left of its point, above, below or beside it.

    Names are placed one after another, each where it covers least of what is there, the first such place.

    Args:
        named: x, y and name of the points with a name, in points of the drawing.
        points: x and y of all points.
        width: of the drawing.
        height: of the drawing.
    """
    taken = [_Box(x - NEAR, y - NEAR, x + NEAR, y + NEAR) for x, y in points]
    labels = []
    for x, y, text in sorted(named, key=lambda name: (-name[1], name[0])):
        long = _width(text)
        best: tuple[float, Label, _Box] | None = None
        for lift, price in LIFTS.items():
            for align in ("left", "right"):
                start = x + GAP if align == "left" else x - GAP - long
                box = _Box(start, y + lift - LINE / 2, start + long, y + lift + LINE / 2)
                outside = max(0.0, -box.left, box.right - width, -box.bottom, box.top - height)
                cost = price + sum(box.covers(other) for other in taken) + OUTSIDE * outside
                if best is None or cost < best[0] - 1e-9:
                    best = cost, Label(x + GAP if align == "left" else x - GAP, y + lift, text, align), box
        assert best
        labels.append(best[1])
        taken.append(best[2])
    return labels


def _width(text: str) -> float:
    """About how wide a name is, in points: capitals and figures are wider than small letters."""
    return sum(9.0 if letter.isupper() else 7.6 if letter.isdigit() else 6.8 for letter in text)
