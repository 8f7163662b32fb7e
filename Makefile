# PayAgency. `make help` names every target.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
CODE := $(wildcard app sandbox config.py run.py scripts tests migrations benchmarks examples)
TYPED := $(wildcard app sandbox config.py run.py tests migrations/env.py benchmarks examples)
SCANNED := $(wildcard app sandbox config.py run.py migrations)
TEMPLATES := $(shell find app sandbox -name '*.html' 2>/dev/null)

# What may be given: make run PORT=9090, make test T=tests/domain SCALE=full
# Packages are installed without bytecode: the first import writes it, or each process would
# compile everything again.
unexport PYTHONDONTWRITEBYTECODE
T ?=
SCALE ?= small
export SCALE
ifdef PORT
export PORT
endif
ifdef PAYAGENCY_HOME
export PAYAGENCY_HOME
endif
ifdef PYTHON
export PYTHON
endif

.PHONY: help
help: ## Every target, a line each
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-22s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: venv ## Install, migrate, seed the demo and start everything; Ctrl-C stops it (PORT=8080)
	@exec $(BIN)/python run.py up

.PHONY: test
test: system-test-packages venv-dev ## Checks, then all tests with coverage (T=tests/domain narrows, SCALE=full)
ifeq ($(T),)
	@$(MAKE) check
	@$(BIN)/python -m slipcover -m pytest -n 3 --dist loadgroup --durations=25
	@$(BIN)/python -m tests.infra.coverage_gate .cache/coverage.json
else
	@$(BIN)/pytest $(T)
endif

.PHONY: check
check: venv-dev ## Formatting, lint, types, layers, templates, spelling, dependencies, secrets
	@$(MAKE) -j 2 --keep-going $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) lint types imports templates spelling audit-deps audit-code

.PHONY: lint
lint: ## ruff: rules and formatting
	@echo "ruff"; $(BIN)/ruff check --quiet $(CODE); $(BIN)/ruff format --quiet --check $(CODE)

.PHONY: types
types: ## mypy, strict
	@echo "mypy"; $(BIN)/mypy --no-error-summary $(TYPED)

.PHONY: imports
imports: ## import-linter: layers and forbidden imports
	@echo "import-linter"; $(BIN)/lint-imports --no-logo --cache-dir .cache/import_linter >.cache/imports.txt \
		|| { cat .cache/imports.txt; exit 1; }

.PHONY: templates
templates: ## djlint over the templates
	@echo "djlint"; if [[ -n "$(TEMPLATES)" ]]; then $(BIN)/djlint --lint --quiet $(TEMPLATES); fi

.PHONY: spelling
spelling: ## codespell over everything that is written
	@echo "codespell"; $(BIN)/codespell

.PHONY: audit-deps
audit-deps: ## deptry: what is imported is required, what is required is used
	@echo "deptry"; $(BIN)/deptry --no-ansi . >.cache/deptry.txt 2>&1 || { cat .cache/deptry.txt; exit 1; }

.PHONY: audit-code
audit-code: ## bandit over the code, and no secret in any file
	@echo "bandit, secrets"; $(BIN)/bandit --quiet --severity-level medium --configfile pyproject.toml --recursive $(SCANNED)
	@$(BIN)/pytest --quiet --no-header --no-summary -p no:randomly tests/architecture/test_secrets.py >.cache/secrets.txt \
		|| { cat .cache/secrets.txt; exit 1; }

.PHONY: test-architecture
test-architecture: venv-dev ## Only the rules of the house
	@$(BIN)/pytest tests/architecture

.PHONY: bench
bench: system-test-packages venv-dev ## Speed beside the raw floor and peers (SCALE=full: 1 M payments)
	@$(BIN)/python -m benchmarks

.PHONY: screens
screens: system-test-packages venv-dev ## Take the pictures of docs/screens anew: every role, both widths and themes, and the journeys
	@$(BIN)/python -m tests.screens.pictures
	@PAYAGENCY_SCREENSHOTS=1 $(BIN)/pytest -p no:randomly tests/journeys

.PHONY: format
format: venv-dev ## Let ruff format the code and mend what it can
	@$(BIN)/ruff check --fix --quiet $(CODE); $(BIN)/ruff format $(CODE)

.PHONY: venv
venv: ## .venv with the pinned requirements
	@scripts/venv.sh run

.PHONY: venv-dev
venv-dev: ## .venv with the requirements of tests and checks too
	@scripts/venv.sh dev
	@mkdir -p .cache

.PHONY: system-test-packages
system-test-packages: ## Debian packages that the tests start by themselves
	@scripts/test-packages.sh

.PHONY: lock
lock: venv ## Compile the pins again from requirements*.in (UPGRADE=1 takes newer ones)
	@for name in requirements requirements-dev scripts/uv-requirements; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
			--no-header $(if $(UPGRADE),--upgrade) $$name.in --output-file $$name.txt; \
	done

.PHONY: vendor
vendor: venv-dev ## Copy the front-end files of scripts/vendor/package.json into the repository (npm)
	@cd scripts/vendor && npm ci --silent
	@$(BIN)/python scripts/vendor/vendor.py

.PHONY: messages
messages: venv ## Collect what is said to people into app/translations and compile it
	@$(BIN)/python scripts/messages.py

.PHONY: openapi
openapi: venv ## Write the description of the API to docs/api/openapi.json
	@$(BIN)/python -m scripts.openapi

.PHONY: bare-root
bare-root: ## Prove `make run` in a bare Debian 12 (root, mmdebstrap)
	@scripts/bare-root.sh

.PHONY: clean
clean: ## Remove caches and the virtual environment; never var/
	@rm -rf .cache .venv
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
