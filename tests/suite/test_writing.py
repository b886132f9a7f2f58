"""A test case that is written down reads back as itself, whatever its texts hold."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from slingshot.suite import TestCase, Variant, load_test_case
from slingshot.suite.writing import definition_toml

# Characters that TOML treats in a way of its own stand next to each other more often than by chance.
TEXT = st.one_of(st.text(), st.text(alphabet="'\"\\\n\r\t\x00\x7f#=é𝔸 a", max_size=12))
FULL = st.one_of(st.text(min_size=1), st.text(alphabet="'\"\\\n\r\t", min_size=1, max_size=8))
TEXTS = st.lists(TEXT, min_size=1, max_size=3)
VARIANTS = st.one_of(
    st.builds(Variant, name=FULL, kind=st.just("paraphrase"), prompt=FULL),
    st.builds(
        Variant,
        name=FULL,
        kind=st.sampled_from(["renamed", "respecified"]),
        prompt=FULL,
        examples=TEXTS,
        unit_tests=TEXTS,
        reference_solution=FULL,
        imports=st.none() | st.lists(TEXT, max_size=2),
    ),
)
TEST_CASES = st.builds(
    TestCase,
    name=FULL,
    prompt=FULL,
    examples=TEXTS,
    unit_tests=TEXTS,
    reference_solution=TEXT,
    imports=st.lists(TEXT, max_size=2),
    criteria=st.lists(TEXT, max_size=4),
    contributor=TEXT,
    version=TEXT,
    examples_setup=TEXT,
    examples_teardown=TEXT,
    unit_tests_setup=TEXT,
    unit_tests_teardown=TEXT,
    variants=st.lists(VARIANTS, max_size=2),
)


def read_back(test_case):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "definition.toml"
        path.write_text(definition_toml(test_case), encoding="utf-8", newline="")
        return load_test_case(path).model_copy(update={"folder": test_case.folder})


@settings(deadline=None)
@given(TEST_CASES)
def test_any_test_case_reads_back_as_itself(test_case):
    assert read_back(test_case) == test_case


def test_bundled_test_cases_read_back_as_themselves(suite):
    for case in suite:
        stated = case.model_copy(update={"difficulty": None, "held_out": False})
        assert read_back(stated) == stated, case.name


def test_programs_stand_in_the_file_as_a_person_would_write_them():
    program = 'function shout(text)\n    return "$(uppercase(text))\\n!"\nend\n'
    case = TestCase(
        name="shout",
        prompt="Shout.",
        examples=['shout("a")'],
        unit_tests=["true"],
        reference_solution=program,
    )
    text = definition_toml(case)
    assert f"reference_solution = '''\n{program}'''" in text
    assert "    '''shout(\"a\")'''," in text
