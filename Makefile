# Shortcuts for the commands of the README; Windows users type those instead.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
READY := $(VENV)/ready

.PHONY: report test attack bench clean

report: $(READY)  ## set up, then build the sample board report
	$(BIN)/pace report --authority exampleshire --quarter 2015Q2 --quiet
	$(BIN)/pace report --authority exampleshire --quarter 2015Q3

test: $(READY)  ## set up, then pass the tests
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

attack: $(READY)  ## attack the reports of fifty simulated councils; about half an hour
	$(BIN)/python -m tests.attack --councils 50 --quarters 12 --jobs 2 --write docs/disclosure.md

bench: $(READY)  ## time the estimates and the report
	$(BIN)/python benchmarks/estimates.py
	$(BIN)/python benchmarks/report.py
	$(BIN)/python benchmarks/disclosure.py

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@echo ready > $(READY)

clean:  ## remove the environment
	rm -rf $(VENV)
