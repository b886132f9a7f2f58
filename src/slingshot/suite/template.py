"""A new test case: a definition.toml that works as it is, with what each key means beside it."""

import re
from pathlib import Path

from slingshot.errors import RequestError
from slingshot.files import write_text

# The example is real: it loads, and its reference solution passes. Who writes a test case changes it piece
# by piece and can validate it after each.
_TEMPLATE = """\
# A test case: one programming problem, and how to tell whether an answer solves it.
# It works as it stands. Replace the example below by your problem, then run: slingshot suite validate {folder}
[code_generation]

# The function that an answer must define. The folder has the same name.
name = "{name}"

# Who wrote the test case, and its version: raise it when you change what is asked or tested.
contributor = ""
version = "1.0"

# What an answer gets points for, 25 each. This is the usual list; scores do not depend on it.
criteria = ["parsed", "executed", "passed_unit_tests", "executed_examples"]

# Packages that examples and unit tests need, such as ["Dates"]. They are loaded before the answer is.
imports = []

# What the model is asked. Name the function and its arguments, say what is returned in the odd cases too
# (an empty list, a negative number, a letter with an accent), and show one call with its result.
prompt = '''
Write a function `{name}(numbers)` that returns the sum of all positive numbers in the vector `numbers`. \
If there is none, it returns 0. For example, `{name}([1, -2, 3])` returns `4`.'''

# Calls that must run without an exception; what they return does not matter.
examples = [
    '''{name}([1, -2, 3])''',
    '''{name}(Int[])''',
]

# Each must hold. Give no result away that the prompt does not show, and test what a hasty answer gets wrong.
# Several lines are fine: each entry is a piece of Julia code of its own, with Test loaded.
unit_tests = [
    '''@test {name}([1, -2, 3]) == 4''',
    '''@test {name}(Int[]) == 0''',
    '''@test {name}([-1, -2]) == 0''',
    '''@test {name}([0.5, -0.5, 1.5]) == 2.0''',
]

# Julia code to run before and after every example and every unit test, if they need some.
# examples_setup = ""
# examples_teardown = ""
# unit_tests_setup = ""
# unit_tests_teardown = ""

# A program that scores 100. Other correct programs may lie beside this file, in solutions/ANY_NAME.jl: they
# are checked too, and can be trained on. Programs in wrong/ANY_NAME.jl must score less.
reference_solution = '''
function {name}(numbers)
    return reduce(+, filter(>(0), numbers); init = 0)
end
'''

# Variants are changed forms that tell a skill from a memory: "paraphrase" has a prompt in other words; "renamed"
# (other names) and "respecified" (one rule changed) have examples, unit_tests and a reference_solution too.
# [[code_generation.variants]]
# name = "{name}_paraphrase"
# kind = "paraphrase"
# prompt = "The same in other words, with another example."
"""
_NAME = re.compile(r"[A-Za-z_]\w*!?", re.ASCII)


def new_test_case(folder: Path) -> Path:
    """Write a definition.toml into `folder`, SUITE/CATEGORY/NAME, and return its path.

    It is a small working example named after the folder, with comments that explain every key.

    Raises:
        RequestError: see `new_definition_path`.
    """
    path = new_definition_path(folder)
    write_text(path, _TEMPLATE.format(name=folder.name, folder=folder))
    return path


def new_definition_path(folder: Path) -> Path:
    """Where the definition of a new test case is to be written.

    Raises:
        RequestError: the folder's name cannot be a function's, or there is a definition already.
    """
    name, path = folder.name, folder / "definition.toml"
    if not _NAME.fullmatch(name):
        raise RequestError(
            f"{folder}: {name!r} cannot be the name of a Julia function; name the folder with letters, digits and _"
        )
    if path.exists():
        raise RequestError(f"{path}: there is a test case already; change it, or choose another name")
    return path
