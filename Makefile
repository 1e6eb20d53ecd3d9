# Every target works from a clean clone with Python 3.11+ and make.
#   make demo     a light environment, the worked example, a report (about two minutes)
#   make test     the full environment, every check and every test
#   make check    the same checks and the fast tests only
#   make fuzz     parsers of untrusted files against mutated ones, for a long time (ROUNDS=100000)
# System packages (a browser, poppler) are no business of this file: see .ci/run.

PYTHON ?= python3
VENV ?= .venv
DEMO_VENV ?= .venv-demo
EXTRAS = archives,boost,convert,frames,pandera,evm,timestamp,docs,e2e,dev,oracle,torch
# The tests are meant for a laptop with two cores; one process more, as many wait for a command or
# for the disk.
WORKERS ?= 3

ifneq ($(wildcard ../shared/data),)
export BARTIZAN_DATA ?= $(abspath ../shared/data)
endif

export PIP_DISABLE_PIP_VERSION_CHECK = 1

BIN = $(VENV)/bin
PIP_INSTALL = -m pip install --quiet --constraint constraints.txt
# One thread for each library, or two test processes would fight over two cores.
ONE_THREAD = OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 POLARS_MAX_THREADS=1

.DEFAULT_GOAL = help
.PHONY: help demo test check lint format docs compiled fuzz bench clean

help:
	@sed -n 's/^#   \(make .*\)/\1/p' Makefile

# A stamp is newer than what decides the contents of its environment.
$(DEMO_VENV)/.stamp: pyproject.toml constraints.txt
	@echo "Setting up $(DEMO_VENV) (light: no torch); once, 1-2 minutes"
	@$(PYTHON) -c 'import sys; sys.exit("Bartizan needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv --clear $(DEMO_VENV)
	$(DEMO_VENV)/bin/python $(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.stamp: pyproject.toml constraints.txt
	@echo "Setting up $(VENV) (full: torch, peers, linters); once, 3-5 minutes"
	@$(PYTHON) -c 'import sys; sys.exit("Bartizan needs Python 3.11 or newer; set PYTHON=...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python $(PIP_INSTALL) torch==2.13.0
	$(BIN)/python $(PIP_INSTALL) --editable '.[$(EXTRAS)]'
	@touch $@

demo: $(DEMO_VENV)/.stamp
	$(DEMO_VENV)/bin/bartizan demo

lint: $(VENV)/.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(ONE_THREAD) $(BIN)/python -m pytest -q tests/contract/test_sizes.py tests/contract/test_words.py

docs: $(VENV)/.stamp
	$(BIN)/mkdocs build --strict --quiet

# Tests start many processes: where Python is told to keep no bytecode, as in most containers, each
# would compile the package anew, for 3 s of CPU.
compiled: $(VENV)/.stamp
	$(BIN)/python -m compileall -q src

# pytest comes last in both, so that the last line printed is its own.
test: lint docs compiled
	$(ONE_THREAD) $(BIN)/python -m pytest -n $(WORKERS)

check: lint compiled
	$(ONE_THREAD) $(BIN)/python -m pytest -n $(WORKERS) -m 'not slow'

# Mutated files in all for each parser; the tests run a few hundred of each.
ROUNDS ?= 100000
fuzz: compiled
	BARTIZAN_FUZZ_ROUNDS=$(ROUNDS) $(ONE_THREAD) $(BIN)/python -m pytest -n $(WORKERS) tests/fuzz

format: $(VENV)/.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(VENV)/.stamp
	@test -d benchmarks || { echo "there are no benchmarks yet"; exit 2; }
	@for script in benchmarks/bench_*.py; do echo "== $$script"; $(BIN)/python "$$script" || exit 1; done

clean:
	rm -rf $(VENV) $(DEMO_VENV) site dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
