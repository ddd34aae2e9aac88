# Everything a newcomer needs: `make demo` shows a film being made, `make test` runs every test.
# Each target builds .venv on first use, from pinned versions with hashes: requirements.lock is what a film needs,
# requirements-dev.lock what tests and checks need on top, installed when one of them is first asked for.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV := $(VENV)/.ready-dev

.DEFAULT_GOAL := help
# File by file, in order: sorted by how many tests they have, the longest would come last and be waited for.
BY_FILE := --dist loadfile --no-loadscope-reorder
# One more at once than there are cores: a fifth of their time, and half of that of killed processes, tests wait.
BESIDE := -n $$(($$(getconf _NPROCESSORS_ONLN) + 1)) $(BY_FILE)
# Of those that start Ray, whose workers give way to all else, two at once: they wait for half of their time, too.
# Those that hold processes to seconds, one by one.
PAIRED := -n 2 $(BY_FILE)
RAY := (ray or cluster) and not alone
# Tests of half a second of a processor at most, which start no servers.
FAST := not slow and not crash and not cluster and not browser

.PHONY: help install demo serve test test-fast check format bench bench-peers screenshots lock clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-11s %s\n", $$1, $$2}'

$(READY): requirements.lock pyproject.toml api/client/pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 15))' || \
		{ echo "Reelog needs Python 3.11 to 3.14; $(PYTHON) is $$($(PYTHON) --version 2>&1). Set PYTHON=python3.12, say."; exit 2; }
	@echo "Setting up $(VENV) (1.2 GB) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e api/client -e .
	@touch $@

$(DEV): $(READY) requirements-dev.lock
	@echo "Adding what tests and checks need to $(VENV) (0.4 GB) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

install: $(READY) ## Build .venv with the reelog command in it

demo: $(READY) ## Make one film from a sample script on the emulator; no key needed
	@$(BIN)/reelog demo

serve: $(READY) ## Serve the API and the page at http://127.0.0.1:8080
	@$(BIN)/reelog serve

test: $(DEV) ## Run every test that this machine can run
	@status=0; $(BIN)/python -m tests.rerun $(BESIDE) -m "not (ray or cluster or alone)" || status=$$?; \
		$(BIN)/python -m tests.rerun $(PAIRED) -m "$(RAY)" || status=$$?; \
		$(BIN)/python -m tests.rerun -m "alone" || status=$$?; exit $$status

test-fast: $(DEV) ## Run the fast tests, on all cores
	@$(BIN)/python -m pytest -n auto $(BY_FILE) -m "$(FAST)"

check: $(DEV) ## Lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@cd api/client && $(CURDIR)/$(BIN)/mypy

format: $(DEV) ## Apply the format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(DEV) ## Measure, side by side in one run; prints ratios, and writes build/bench.json
	@$(BIN)/python -m tests.bench --json build/bench.json

bench-peers: ## Install the programs that the bench sets beside Reelog, into an environment of their own
	@$(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r tests/bench/peers/requirements.txt

screenshots: $(DEV) ## Make the README's two pictures of the page anew (needs Chromium)
	@$(BIN)/python -m tests.api.web.page.screenshots

lock: ## Resolve the newest allowed versions into both locks (needs uv)
	@mkdir -p build
	@uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --strip-extras --no-header \
		--python-version 3.11 --extra emulator --extra otel --extra dev pyproject.toml -o build/all.lock
	@$(PYTHON) -m tests.locks build/all.lock requirements.lock requirements-dev.lock

clean: ## Remove .venv and caches; keeps your data folders
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
