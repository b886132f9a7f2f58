"""What is asked: test cases in the Julia LLM Leaderboard's format, and the templates that put them to a model."""

from slingshot.suite.categories import DIFFICULTIES, Category, Difficulty, load_category
from slingshot.suite.prompting_tools import load_fix_templates, load_templates
from slingshot.suite.prompts import (
    BUILT_IN_FIX_TEMPLATES,
    PROMPT_TEMPLATES,
    FixTemplate,
    PromptTemplate,
    find_fix_template,
    find_template,
    prompt_template,
    render_fix,
    render_prompt,
)
from slingshot.suite.test_case import (
    BUNDLED,
    TestCase,
    as_answer,
    bundled_suite,
    load_suite,
    load_test_case,
    suite_folder,
    with_variants,
)
from slingshot.suite.variants import Variant, VariantKind

__all__ = [
    "BUILT_IN_FIX_TEMPLATES",
    "BUNDLED",
    "DIFFICULTIES",
    "PROMPT_TEMPLATES",
    "Category",
    "Difficulty",
    "FixTemplate",
    "PromptTemplate",
    "TestCase",
    "Variant",
    "VariantKind",
    "as_answer",
    "bundled_suite",
    "find_fix_template",
    "find_template",
    "load_category",
    "load_fix_templates",
    "load_suite",
    "load_templates",
    "load_test_case",
    "prompt_template",
    "render_fix",
    "render_prompt",
    "suite_folder",
    "with_variants",
]
