# Everything happens in .venv beside this file; each target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Minor versions of Python 3: the oldest, and the first that is too new.
OLDEST := $(shell sed -n 's/^requires-python = ">=3\.\([0-9]*\),.*/\1/p' pyproject.toml)
TOO_NEW := $(shell sed -n 's/^requires-python = .*,<3\.\([0-9]*\)".*/\1/p' pyproject.toml)

.PHONY: run test test-fast test-lowest lint bench profile screenshots clean stale
.DELETE_ON_ERROR:

run: $(STAMP)
	@$(BIN)/python main.py $(ARGS)

# Tests run on all cores, but on few: windows and processes of many tests at a time hold each other
# up. Neighbours stay together, since those of a module may share a window. ARGS=-n0: on one.
PYTEST = QT_QPA_PLATFORM=offscreen $(BIN)/python -m pytest \
  --numprocesses=auto --maxprocesses=4 --dist=worksteal

test: lint
	$(PYTEST) $(ARGS)

# While one works: without lint, without the slow tests, and few examples of each property.
test-fast: $(STAMP)
	$(PYTEST) -m "not slow" --hypothesis-profile=fast $(ARGS)

# With the lowest versions that pyproject.toml allows, in a venv of their own.
test-lowest:
	@$(MAKE) test VENV=.venv-lowest LOWEST=.venv-lowest/lowest.txt

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP) $(VENV)/.installed-bench
	$(BIN)/python -m benchmarks $(ARGS)

# Where the time of a group of figures goes: make profile ARGS=breakpoints
profile: $(STAMP)
	$(BIN)/python -c 'import cProfile, importlib; \
	  group = importlib.import_module("benchmarks.$(or $(ARGS),time_travel)"); \
	  cProfile.run("group.measure()", sort="tottime")' | head -70

screenshots: $(STAMP)
	$(BIN)/python -m benchmarks.screenshots $(ARGS)

# The stamp comes last, so that an installation that failed is tried again.
$(STAMP): pyproject.toml $(VENV)/pyvenv.cfg $(LOWEST)
	@echo "Setting up Retrograd in $(VENV); this takes a minute, once." >&2
	@rm -f $@
	@$(PIP) --editable ".[dev]" $(if $(LOWEST),--constraint $(LOWEST))
	@touch $@

# What the figures are compared with, which nothing else needs; PyTorch is not to be had everywhere.
$(VENV)/.installed-bench: $(STAMP)
	@$(PIP) --editable ".[bench]" || { echo "Without PyTorch, which cannot be installed here." >&2; \
	  $(PIP) scipy; }
	@touch $@

# A venv is made anew where its Python is gone, and where PYTHON=... asks for another; without that
# it stays, whatever python3 has become. One whose Python was replaced by a newer one, as the
# system's may be, has no folder for the packages of that.
SOUND := import os, sysconfig; os.stat(sysconfig.get_path("purelib"))
WHICH := import sys; print(sys.base_prefix, sys.version)
STALE := $(shell $(BIN)/python -c '$(SOUND)' 2>/dev/null || echo stale)
ifneq ($(origin PYTHON),file)
STALE += $(shell [ "$$($(BIN)/python -c '$(WHICH)' 2>/dev/null)" = \
  "$$($(PYTHON) -c '$(WHICH)' 2>/dev/null)" ] || echo stale)
endif

$(VENV)/pyvenv.cfg: $(STALE)
	@$(PYTHON) -c 'import sys; sys.exit(not (3, $(OLDEST)) <= sys.version_info < (3, $(TOO_NEW)))' \
	  2>/dev/null || { \
	  newest=$$(($(TOO_NEW) - 1)); found=$$($(PYTHON) --version 2>&1) || found="no Python"; \
	  echo "Retrograd needs Python 3.$(OLDEST) to 3.$$newest (what it is built on has nothing for a" \
	       "newer one), and $(PYTHON) is $$found: install one of these, or name it, as in" \
	       "'make run PYTHON=python3.$$newest'." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) has no venv module to set up Retrograd with:" \
	       "on Debian and Ubuntu, 'sudo apt-get install python3-venv' gives it one." >&2; exit 1; }
	@$(PYTHON) -m venv --clear $(VENV)

$(VENV)/lowest.txt: pyproject.toml $(VENV)/pyvenv.cfg
	@sed -n 's/^  "\([A-Za-z0-9-]*\)>=\([0-9.]*\).*/\1==\2/p' pyproject.toml > $@

clean:
	rm -rf .venv .venv-lowest build dist *.egg-info
