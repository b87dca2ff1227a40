# `make` alone tells what there is. Everything runs in an environment of its own, .venv, made on demand.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help lines conformance kills memory test check lint types tests walks pages schemas docs stale bench proof protocol-cases roundtrip roundtrip-js suites mutants matrix planted twice causes clean locks floors

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1 - /p' $(MAKEFILE_LIST) | awk -F ' - ' '{ printf "  make %-13s %s\n", $$1, $$2 }'

PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Versions and hashes come from the lock files; the package itself declares floors only. It is built with what
# is locked, too.
$(VENV)/.run: pyproject.toml requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements-test.lock
	$(PIP) --require-hashes -r requirements-test.lock
	@touch $@

conformance: $(VENV)/.run ## the main job from nothing: install, check the embedded reference, show the verdict
	$(BIN)/aws-conformance run --phase enumerated,random,stateful

test: tests ## install and run the tests

tests: $(VENV)/.test walks
	AWS_CONFORMANCE_AWSCLI_PYTHON=$(CURDIR)/.walks/awscli/bin/python $(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -q

walks: $(VENV)/.run ## install the real clients that tests run on the reference, into .walks
	$(BIN)/python tools/make_walks.py

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.test
	$(BIN)/mypy

docs: $(VENV)/.test ## write the pages that are made of code, and build docs/ as a site into site/; a broken link fails
	$(BIN)/python tools/make_docs.py
	$(BIN)/zensical build --clean --strict

stale: $(VENV)/.test
	$(BIN)/python tools/make_schemas.py --check
	$(BIN)/python tools/make_docs.py --check

check: lint types stale tests ## all that CI runs: lint, types, stale schemas, tests

# 18,000 pages: some minutes. PAGES may name services of the `aws` command, such as PAGES='s3api sqs'.
pages: $(VENV)/.test walks ## generate every reference page of the aws command and compare each with its model
	rm -rf .walks/pages
	$(BIN)/python tools/make_pages.py .walks/awscli/bin/python .walks/pages $(PAGES) --processes $(WORKERS)
	$(BIN)/python tools/compare_pages.py .walks/awscli/bin/python .walks/pages --processes $(WORKERS)

locks: $(VENV)/.test ## write the lock files anew, with what they hold where that still fits
	$(BIN)/python tools/make_locks.py

floors: $(VENV)/.test ## the tests of what lies below the command line, on the lowest versions that pyproject.toml names
	$(BIN)/python tools/run_floors.py --workers $(WORKERS)

schemas: $(VENV)/.run ## write the committed schemas anew
	$(BIN)/python tools/make_schemas.py

bench: $(VENV)/.test ## the benchmarks, as ratios within one run, written into docs/performance.md
	$(BIN)/python benchmarks/write_table.py

proof: $(VENV)/.test ## the longer proofs: 1,000 cases per import operation with three seeds, and the same seed twice
	$(BIN)/python tools/prove.py

# Half an hour. KILLS may say how many, such as KILLS='--campaigns 3 --workers 3 --targets 3'.
kills: $(VENV)/.test ## kill runs, installations, updates, campaigns, workers and targets at random moments: nothing may be lost or counted twice
	$(BIN)/python -m tools.kill_runs
	$(BIN)/python -m tools.kill_campaign $(KILLS)

memory: $(VENV)/.test ## the memory of a campaign of a million cases on the stub: an hour and more
	$(BIN)/python -m tools.campaign_memory

# REPORT is the NDJSON of a run.
lines: $(VENV)/.test walks ## execute every aws, boto3 and curl line of REPORT=FILE against an echo, and compare what is sent
	$(BIN)/python -m tools.printed_lines $(REPORT) --awscli .walks/awscli/bin/python

CASES ?= ../shared/protocol-cases

protocol-cases: $(VENV)/.test ## run a folder of AWS protocol cases over all protocols: CASES=DIR
	$(BIN)/python -m tools.protocol_cases $(CASES)

# An hour. SERVICES may name some, such as SERVICES='s3 sqs'.
roundtrip: $(VENV)/.test ## every operation over every protocol: botocore's client, our server side, and back
	$(BIN)/python -m tools.roundtrip $(SERVICES) --processes $(WORKERS)

# Half an hour. SUITES may name projects, such as SUITES='moto s3fs'.
suites: $(VENV)/.run ## run parts of other projects' suites without and with --conformance-observe, and compare
	$(BIN)/python tools/run_suites.py $(SUITES)

mutants: $(VENV)/.test ## 100 random mutants, each tried on the tests that concern it: an hour
	$(BIN)/python tools/mutants.py 100 --workers $(WORKERS)

# Ten minutes; TARGET may name another emulator.
planted: $(VENV)/.test ## plant each fault of tests/planted before ministack, and see that it is found
	$(BIN)/python -m tools.plant_faults $(TARGET)

roundtrip-js: $(VENV)/.test ## six services, one for each protocol: the AWS SDK for JavaScript, our server side, and back
	$(BIN)/python -m tools.roundtrip_js $(SERVICES)

# TARGETS may name some of reference, moto, ministack and cognito-local.
twice: $(VENV)/.run ## run the same seed twice on each target: the same cases, findings and causes, in order
	$(BIN)/python tools/run_twice.py $(TARGETS)

causes: $(VENV)/.run ## run the script of each grave cause of REPORT=FILE on a TARGET=NAME that starts afresh
	$(BIN)/python tools/confirm_causes.py $(REPORT) $(TARGET)

matrix: $(VENV)/.run ## record the reference and emulators on cognito-idp anew, and render them: an hour; TARGETS='moto'
	$(BIN)/aws-conformance targets install moto ministack cognito-local
	$(BIN)/python tools/make_matrix.py $(TARGETS)

clean: ## remove the environment and all caches
	rm -rf $(VENV) .walks .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
