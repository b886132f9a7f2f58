"""How models compare: tables, warnings and charts from recordings."""

from slingshot.leaderboard.board import Leaderboard, Pivot, build_leaderboard
from slingshot.leaderboard.caveats import Caveat
from slingshot.leaderboard.rows import Row
from slingshot.leaderboard.selection import COLUMNS, Question

__all__ = ["COLUMNS", "Caveat", "Leaderboard", "Pivot", "Question", "Row", "build_leaderboard"]
