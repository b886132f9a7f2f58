"""What is asked: test cases in the Julia LLM Leaderboard's format, and the templates that put them to a model."""

from slingshot.suite.prompts import PROMPT_TEMPLATES, PromptTemplate, prompt_template, render_prompt
from slingshot.suite.test_case import TestCase, as_answer, bundled_suite, load_suite, load_test_case

__all__ = [
    "PROMPT_TEMPLATES",
    "PromptTemplate",
    "TestCase",
    "as_answer",
    "bundled_suite",
    "load_suite",
    "load_test_case",
    "prompt_template",
    "render_prompt",
]
