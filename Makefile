# make run    start the app          make check   lint and types
# make test   every test             make bench   speed against the peers
# make install / install-dev         what they stand on: .venv, once
#
# PORT=8501                                              address of the app
# PYTHON=python3.12                                      another Python, 3.11 or later
# TORCH_INDEX=https://download.pytorch.org/whl/cpu       another build of torch (see README)

PORT ?= 8501
PYTHON ?= python3
TORCH_INDEX ?=
BIN := .venv/bin
RUN_STAMP := .venv/installed
DEV_STAMP := .venv/installed-dev

.PHONY: run test check bench install install-dev browser

run: $(RUN_STAMP)
	@exec $(BIN)/python -m bert_explorer serve --port $(PORT)

test: $(DEV_STAMP) browser
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile -m "not e2e"
	$(BIN)/python -m pytest -n 2 --dist loadfile --reruns 1 -m "e2e and not slow"

check: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(DEV_STAMP) browser
	@for script in benchmarks/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

install: $(RUN_STAMP)

install-dev: $(DEV_STAMP)

browser: $(DEV_STAMP)
	@$(BIN)/python -m tests.e2e.chromium

$(RUN_STAMP): requirements.txt constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "BERT Explorer needs Python 3.11 or later; $(PYTHON) is older or missing. Give one: make run PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || \
		{ echo "Could not create .venv. On Debian and Ubuntu: apt install python3-venv"; rm -rf .venv; exit 1; }
	@echo "Installing into .venv: once, some minutes"
	@test -z "$(TORCH_INDEX)" || $(BIN)/pip install --quiet -c constraints.txt --index-url $(TORCH_INDEX) torch
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(DEV_STAMP): $(RUN_STAMP) requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
