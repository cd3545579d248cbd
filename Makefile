# Two commands matter: `make demo` and `make test`. Both need python3 (3.11+) and nothing else.
PYTHON ?= python3
BIN := .venv/bin
UV_VERSION := 0.13.9
FAST := not judge and not journey and not slow
ELMO ?=
# The tests start hundreds of processes; without bytecode each would compile everything again.
unexport PYTHONDONTWRITEBYTECODE
# Memory of the tests in few, large pieces that are kept: on a guest of a guest each new page is
# dear, and reading the program takes a third of the time (glibc only; elsewhere this says nothing).
test check: export PYTHONMALLOC = malloc
test check: export GLIBC_TUNABLES = glibc.malloc.hugetlb=1
test check: export MALLOC_TOP_PAD_ = 16777216
test check: export MALLOC_MMAP_THRESHOLD_ = 33554432
test check: export MALLOC_TRIM_THRESHOLD_ = 268435456

.PHONY: demo test thorough check setup lint judges cohort mutations kit bench clean

demo: setup ## a whole service on this machine, with made-up people
	$(BIN)/echt demo $(if $(ELMO),--elmo "$(ELMO)")

test: setup lint ## everything; says at the end which outside programs were missing
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder

thorough: export ECHT_THOROUGH = yes
thorough: test ## every combination where `make test` looks at every value (hours)

check: setup lint ## about a minute: lint, types, contracts, unit and property tests
	$(BIN)/pytest -n 2 -m "$(FAST)" -q

setup: .venv/.done ## the environment, from a bare python3

.venv/.done: pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Echt needs Python 3.11 or newer (set PYTHON=...)"; exit 1; }
	@test -x $(BIN)/uv || { $(PYTHON) -m venv .venv && $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION); }
	$(BIN)/uv sync --locked --inexact --quiet --compile-bytecode
	@touch $@

lint:
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports

judges: setup ## programs from outside that the tests ask for a second opinion (Debian)
	./.ci/judges

cohort: setup ## ten thousand real documents, workers killed at every step (long)
	ECHT_COHORT=10000 $(BIN)/pytest tests/faults/test_cohort.py -k killed

mutations: setup ## two hundred thousand single bytes of sealed files changed; none may stay genuine (long)
	$(BIN)/python tests/verifier/mutating.py 200000 1

kit: ## the check kit as a folder that needs nothing else of ours: make kit OUT=folder
	@test -n "$(OUT)" || { echo "make kit OUT=folder"; exit 1; }
	mkdir -p "$(OUT)"
	tar -c LICENSE docs/*.md docs/*.json docs/decisions docs/verify tests/attacks/KIT.md verifier/static | tar -x -C "$(OUT)"

bench: $(patsubst bench/%.py,bench-%,$(wildcard bench/*.py)) ## every benchmark

bench-%: setup
	$(BIN)/python bench/$*.py

clean: ## environment and demo state; nothing else
	rm -rf .venv var build dist
