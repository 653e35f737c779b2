# `make serve`, `make demo` and `make test` work in a fresh checkout with nothing but Python 3.11 and make.
# ARGS goes to the command (make serve ARGS="--port 8001"), TEST_ARGS to pytest (make test TEST_ARGS="-k paper").

bin := .venv/bin
# What another environment left behind must not decide what runs here
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
# Root by a plain `su` lacks these; apt needs them, and so does the PostgreSQL in a wheel
export PATH := $(PATH):/usr/sbin:/sbin

# Any Python that starts: portal/set_up.py finds one that is new enough, or says what to install
python := $(shell for p in $(bin)/python python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -IS -c "" 2>/dev/null && echo $$p && break; done)
set_up = $(or $(python),$(error The portal needs Python 3.11 or later. On Debian or Ubuntu: \
	apt install python3 python3-venv)) -IS portal/set_up.py

.PHONY: help serve demo test bench faults assets words lock clean packages test-packages

help: ## These lines
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

serve: packages ## The portal on this machine
	@$(bin)/portal serve $(ARGS)

demo: packages ## The same with synthetic data, plainly marked
	@$(bin)/portal demo $(ARGS)

test: test-packages ## Everything that decides whether it is correct
	@$(bin)/python -m tests.machine
	@echo "--- style: ruff"
	@$(bin)/ruff check .
	@$(bin)/ruff format --check .
	@echo "--- types: mypy --strict"
	@$(bin)/mypy
	@echo "--- which part may import which: import-linter"
	@$(bin)/lint-imports --no-logo
	@echo "--- the tests: pytest"
	@$(bin)/python -m pytest -n 2 $(TEST_ARGS)

bench: test-packages ## Speed and weight, each figure beside its goal
	@$(bin)/python -m tests.bench $(ARGS)

faults: test-packages ## The long runs: faults, fuzz, soak
	@$(bin)/python -m tests.faults $(ARGS)

assets: test-packages ## Builds portal/static from portal/assets; needs Node.js
	@sh portal/assets/build.sh

words: test-packages ## Brings template and translations in line with the texts in the code
	@$(bin)/python -m tests.catalogues

lock: ## Brings uv.lock in line with pyproject.toml (ARGS=--upgrade takes newer versions)
	@$(set_up) lock $(ARGS)

clean: ## Removes what make made; keeps the database
	rm -rf .venv dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

packages:
	@$(set_up) run

test-packages:
	@$(set_up) test
