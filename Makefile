# The verbs of the house. On a fresh machine: `make demo` shows it, `make test` proves it.
# Needs Python 3.11+, make and git; everything else is fetched into .venv from the locks in requirements/.

PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/runtime.stamp
DEV := .venv/dev.stamp
N ?= 50
REGISTER ?= greenenergy
URL ?= ws://127.0.0.1:9000/ocpp
TESTS ?= tests
JOBS ?= --numprocesses auto --dist loadfile
# The inner loop: units, services and pages on SQLite. Left out are whole platforms (certification, flows), browsers,
# and what is marked slow: fuzzing, simulated days.
FAST := $(addprefix --ignore=tests/,certification flows browser components/test_gallery.py) \
	-m "not browser and not slow" -k "not postgresql"

# Containers often forbid Python to keep what it compiled. Every worker and every server of the tests would compile
# all it imports once more: 8 seconds each.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo run test suite test-fast lint format bench conformance simulate services lock clean

demo: $(RUNTIME)  ## Two tenants, 24 simulated stations, live in the browser
	@$(BIN)/python main.py demo

run: $(RUNTIME)  ## The platform without demo data
	@$(BIN)/python main.py serve

simulate: $(RUNTIME)  ## N more stations for the tenant REGISTER, against URL
	@$(BIN)/python main.py simulate --url $(URL) --stations $(N) --register $(REGISTER)

test: $(DEV) services  ## Everything: lint, types, contracts, unit, flow, certification and browser tests
	@$(MAKE) --no-print-directory --jobs=2 suite lint

suite: $(DEV)
	@$(BIN)/python -m pytest $(TESTS) $(JOBS)

test-fast: $(DEV)  ## The inner loop, in less than a minute
	@$(BIN)/python -m pytest $(TESTS) $(JOBS) $(FAST) -q --durations=0 --durations-min=2

lint: $(DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright
	@$(BIN)/lint-imports

format: $(DEV)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

bench: $(DEV)  ## Measures, and writes docs/benchmarks.md
	@$(BIN)/python -m tests.benchmarks

conformance: $(DEV) services  ## Plays every certification case, and writes docs/conformance.md
	@$(BIN)/python -m tests.certification

fuzz: $(DEV)  ## 100,000 mutated frames per OCPP version against a gateway of its own
	@$(BIN)/python -m tests.fuzz

services: $(DEV)  ## Chromium, Caddy, clients of npm, PostgreSQL, Redis and RabbitMQ for the tests, where they can be had
	@deploy/dev/services.sh

lock:  ## Renew the locks in requirements/
	@for part in uv runtime dev; do $(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url \
		--no-header --python-version 3.11 requirements/$$part.in -o requirements/$$part.txt; done

clean:
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis test-results

$(RUNTIME): requirements/runtime.txt requirements/uv.txt
	@deploy/dev/setup.sh "$(PYTHON)" requirements/runtime.txt
	@touch $@

$(DEV): requirements/dev.txt requirements/uv.txt
	@deploy/dev/setup.sh "$(PYTHON)" requirements/dev.txt
	@touch $@ $(RUNTIME)
