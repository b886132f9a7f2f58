# The few commands of this project. Each says what it runs.
.DEFAULT_GOAL := help
.PHONY: help quickstart setup setup-dev test lint

help:  ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

quickstart: setup  ## set up, then the whole loop on the bundled suite: fine-tune, judge, verdict
	.venv/bin/slingshot quickstart

setup:  ## .venv with the pinned packages, Julia, bubblewrap and the base model
	./scripts/setup.sh demo

setup-dev:  ## the same and the tools of the tests
	./scripts/setup.sh dev
	./scripts/browser.sh

test: setup-dev  ## set up with the tools of the tests, then run every test
	.venv/bin/python -m pytest

lint: setup-dev  ## style, formatting and types
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
