"""The judge against what is known: the leaderboard's recorded verdicts, and Julia started afresh for every answer.

How many answers are looked at can be raised: `SLINGSHOT_RECORDINGS` (1,000 of the leaderboard's 18,497), and
`SLINGSHOT_COLD` (40 judged again by processes of their own, which take a second each).
"""

import os
import random
from dataclasses import replace

import pytest

from slingshot.judge import Submission, judge_many
from slingshot.recordings.answers import read_answers, recorded_suite
from slingshot.recordings.compare import compare_recordings
from slingshot.recordings.files import conversation_files

RECORDINGS = int(os.environ.get("SLINGSHOT_RECORDINGS", "1000"))
COLD = int(os.environ.get("SLINGSHOT_COLD", "40"))


@pytest.fixture(scope="module")
def recorded(all_recordings):
    """The leaderboard's recordings of the 11 test cases that need no package, and these test cases."""
    return all_recordings, recorded_suite(all_recordings)


def test_the_leaderboards_verdicts_are_reproduced(recorded, by):
    folder, suite = recorded
    found = compare_recordings(folder, suite, replace(by, mode="leaderboard"), sample=RECORDINGS, seed=7)
    assert len(found.pairs) == RECORDINGS
    assert found.identical >= 0.996, found.causes
    assert found.fields["parsed"] >= 0.999, found.causes
    assert len(found.per_task) == 11
    assert not found.failed


def test_a_forked_child_judges_as_a_process_of_its_own_does(recorded, by):
    folder, suite = recorded
    paths = sorted(random.Random(11).sample(sorted(conversation_files(folder)), COLD))
    work = [Submission(a.conversation.answer, a.test_case) for a in read_answers(paths, folder, suite)]
    forked = dict(judge_many(work, replace(by, way="tiered")))
    cold = dict(judge_many(work, replace(by, way="compiled")))
    unlike = [
        (paths[index], forked[index], cold[index])
        for index in range(len(work))
        if replace(forked[index], seconds=0, line=None) != replace(cold[index], seconds=0, line=None)
    ]
    assert unlike == []
