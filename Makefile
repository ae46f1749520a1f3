# Everything happens in .venv beside this file; each target sets up what it needs.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: run test lint bench screenshots clean

run: $(STAMP)
	@$(BIN)/python main.py $(ARGS)

test: lint
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest $(ARGS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP) .venv/.installed-bench
	$(BIN)/python -m benchmarks $(ARGS)

screenshots: $(STAMP)
	$(BIN)/python -m benchmarks.screenshots $(ARGS)

# The stamp comes last, so that an installation that failed is tried again.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Retrograd needs Python 3.11 or newer, and $(PYTHON) is not that: install one," \
	       "or name it, as in 'make run PYTHON=python3.12'." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module to set up Retrograd with:" \
	       "on Debian and Ubuntu, 'sudo apt-get install python3-venv' gives it one." >&2; exit 1; }
	@echo "Setting up Retrograd in .venv; this takes a minute, once." >&2
	@rm -f $@
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	@touch $@

# What the figures are compared with, which nothing else needs.
.venv/.installed-bench: $(STAMP)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[bench]"
	@touch $@

clean:
	rm -rf .venv build dist *.egg-info
