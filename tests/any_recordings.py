"""Any recording that somebody could have written, for property tests."""

from pathlib import PurePosixPath

from hypothesis import strategies as st

from slingshot.recordings.recording import Recording, parse_exactly

texts = st.text(max_size=20) | st.sampled_from(
    ["", "a\r\nb", '"""\\"', "ü 😀 \u2028 \x00", "\ud83d", "\\ud83d"]
)
whole = st.integers(-(2**63) + 1, 2**63 - 1)
counts = st.integers(0, 9)
names = st.text(
    st.characters(categories=("L", "N"), include_characters=" .:_-"), min_size=1, max_size=12
).filter(
    lambda name: name.strip(".") and not name.startswith("_") and not name.endswith("_") and "__" not in name
)
# Numbers as others write them, which no float gives back.
odd_numbers = st.sampled_from(
    [
        "0",
        "0.0",
        "-0.0",
        "1E5",
        "1e-7",
        "9.5e-5",
        "1.10",
        "0.1000000000000000055511151231257827",
        "1e400",
        "-1e-999",
    ]
) | st.integers().map(str)
literals = odd_numbers | st.floats(allow_nan=False, allow_infinity=False).map(repr)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | literals.map(parse_exactly) | texts,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(texts, inside, max_size=3),
    max_leaves=8,
)
finite = st.floats(0, 1e300).map(repr) | st.sampled_from(
    ["0", "3", "9.5e-5", "1E2", "0.30000000000000004000"]
)
unknown = st.dictionaries(texts.map("x{}".format), anything, max_size=3)


@st.composite
def recordings(draw) -> Recording:
    """Any recording that the leaderboard could have written, with keys that nobody knows."""
    tests, examples = draw(counts), draw(counts)
    evaluation = {
        "name": draw(names),
        "parsed": draw(st.booleans()),
        "executed": draw(st.booleans()),
        "unit_tests_count": tests,
        "examples_count": examples,
        "unit_tests_passed": draw(st.integers(0, tests)),
        "examples_executed": draw(st.integers(0, examples)),
        "tokens": [draw(whole), draw(whole)],
        "elapsed_seconds": parse_exactly(draw(finite)),
        "cost": parse_exactly(draw(finite)),
        "model": "/".join(draw(st.lists(names, min_size=1, max_size=3))),
        "timestamp": draw(st.sampled_from(["20240131_235959__100", "20240131_235959"])),
        "prompt_strategy": draw(st.sampled_from(["1SHOT", "1CODEFIXER__CodeFixerTiny"])),
        "prompt_label": draw(names),
        "device": draw(texts),
        "version_prompt": draw(texts),
        "schema": draw(texts),
        "version_pt": draw(texts),
        "parameters": draw(st.dictionaries(texts, anything, max_size=3)),
        "experiment": draw(texts),
    }
    order = draw(st.permutations(list(evaluation)))
    answer = {"content": draw(texts), "_type": "aimessage", **draw(unknown)}
    asked = [
        {"content": draw(texts), "_type": "usermessage", **draw(unknown)}
        for _ in range(draw(st.integers(0, 2)))
    ]
    others = draw(st.lists(unknown.map(lambda keys: {"_type": "toolmessage", **keys}), max_size=1))
    category = draw(st.sampled_from(["", "utility_functions"]))
    return Recording(
        {key: evaluation[key] for key in order} | draw(unknown),
        [*asked, *others, answer],
        PurePosixPath(category, evaluation["name"], evaluation["model"]),
    )
