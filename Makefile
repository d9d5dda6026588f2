PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
STORY  := fixtures/dam-inquiry

.DEFAULT_GOAL := help
.PHONY: help demo test test-spark check accept docs wheel-check clean dot

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(STAMP) dot  ## set everything up and draw the lineage of a shipped story
	@$(BIN)/derive scan $(STORY) --metadata $(STORY)/metadata.csv --out derive-out

test: $(STAMP)  ## set everything up, then lint, types and tests
	@$(BIN)/ruff check derive tests examples tools docs benchmarks
	@$(BIN)/ruff format --check derive tests examples
	@$(BIN)/mypy
	@$(BIN)/python -m pytest

test-spark: $(STAMP)  ## the stages on Spark, with executors of their own (needs Java 17)
	@$(BIN)/python -c 'import pyspark' 2>/dev/null || $(BIN)/python -m pip install --quiet --editable '.[formats,serve,spark]' --group dev
	@$(BIN)/python -m pytest tests/test_spark.py

check: $(STAMP)  ## lint and types alone
	@$(BIN)/ruff check derive tests examples tools docs benchmarks
	@$(BIN)/mypy

accept: $(STAMP)  ## accept this run's outputs as the golden ones (look at the diff first)
	@DERIVE_ACCEPT=1 $(BIN)/python -m pytest -q tests/test_gold.py
	@$(BIN)/python tools/reference.py > docs/reference.md

docs: $(STAMP)  ## build the documentation as a site; every warning is an error
	@$(BIN)/python -m sphinx -q -W --keep-going docs docs/_build/html
	@echo docs/_build/html/index.html

wheel-check:  ## build the release and test it with the newest, the oldest and no compiled dependencies (an hour)
	@$(PYTHON) tools/wheel_check.py

clean:  ## remove what make made
	rm -rf $(VENV) build docs/_build derive-out tests/actual *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The picture needs Graphviz's dot. It is installed only where that needs no question: as root, with apt-get.
dot:
	@command -v dot >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
	    (apt-get update -qq && apt-get install -y -qq --no-install-recommends graphviz) >/dev/null 2>&1 || true; \
	  fi; \
	  command -v dot >/dev/null 2>&1 || echo "For the SVG install Graphviz: apt install graphviz | brew install graphviz | winget install Graphviz.Graphviz"; }

$(STAMP): pyproject.toml setup.py $(wildcard derive/kernel/*.pyx derive/kernel/*.h)
	@test -x $(BIN)/python || $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "derive needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --upgrade pip
	@$(BIN)/python -m pip install --quiet --editable '.[formats,serve]' --group dev
	@touch $@
