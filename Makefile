# Everything here is thin: what it does stands in webstack/cli/, and `.venv/bin/webstack` does it as well.

PYTHON ?= python3
STACK ?= dev

# Python would otherwise compile this project anew at every start where this is set.
unexport PYTHONDONTWRITEBYTECODE

ENV := .venv/webstack.json
RUN := .venv/bin/python -m

.DEFAULT_GOAL := help
.PHONY: up down test test-unit test-docker lint format lock help FORCE

up: $(ENV) ## Start the stack or bring it up to date: make up [STACK=dev] [BUNDLE=FILE]
	@.venv/bin/webstack up $(STACK) $(if $(filter dev,$(STACK)),--yes) $(if $(BUNDLE),--bundle $(BUNDLE))

down: $(ENV) ## Take the stack away, its data only when asked: make down [STACK=dev] [DATA=1]
	@.venv/bin/webstack down $(STACK) --yes $(if $(DATA),--data)

# mypy runs beside the unit tests, which leave a part of two cores idle.
test: dev-machine ## Prove everything: lint, types, unit tests, tests on a real daemon
	@$(MAKE) --no-print-directory -j 2 lint test-unit
	@$(MAKE) --no-print-directory test-docker

# Stacks are waited for more than they are computed: three processes keep two cores busy.
# Many tests race a clock against real processes and containers, and a busy machine may miss one:
# what failed is named, tried once more alone, and then has to pass. A run that ended before all
# tests were through (exit codes above 1) stays a failure.
define tested
@$(RUN) pytest $(1) || { [ $$? -eq 1 ] && echo "Once more, alone, what failed above:" && \
	$(RUN) pytest -v --last-failed --last-failed-no-failures none $(2); }
endef

UNIT := -m "not docker and not browser and not cli"
REAL := -m "docker or browser or cli"

test-unit: dev-env ## Only the tests that need neither Docker nor a browser
	$(call tested,-q -n 2 $(UNIT),$(UNIT))

test-docker: dev-machine ## Only the tests that start real containers and browsers
	$(call tested,-v -n 3 --dist loadscope --no-loadscope-reorder $(REAL) --durations=10,$(REAL))

lint: dev-env ## Lint, format check and types
	@$(RUN) ruff check
	@$(RUN) ruff format --check
	@$(RUN) mypy

format: dev-env ## Format the code and mend what lint can mend
	@$(RUN) ruff check --fix
	@$(RUN) ruff format

LOCK := .venv/bin/uv pip compile -q --upgrade --exclude-newer "1 week" --generate-hashes \
	--no-header --no-annotate --no-emit-index-url
# The host may have any Python; the services have that of their base image.
ON_HOST := --universal --python-version 3.10
IN_IMAGE := --python-platform linux --python-version 3.13
KEEPER := proxy/certificates
STARTER := webstack/template/services/web

lock: dev-env ## Lock the newest packages, but none younger than a week
	@for name in requirements "requirements-dev -c requirements.txt" requirements-setup \
		"requirements-tests -c requirements-dev.txt" infra/policies/requirements; do \
		set -- $$name; $(LOCK) $(ON_HOST) $$1.in $$2 $$3 -o $$1.txt || exit 1; \
	done
	@for name in $(basename $(wildcard services/*/requirements.in)); do \
		$(LOCK) $(IN_IMAGE) $$name.in -o $$name.txt \
		&& $(LOCK) $(IN_IMAGE) $$name-dev.in -c $$name.txt -o $$name-dev.txt || exit 1; \
	done
	@$(LOCK) $(IN_IMAGE) $(STARTER)/requirements.in -o $(STARTER)/requirements.txt
	@$(LOCK) $(IN_IMAGE) $(KEEPER)/requirements.in -o $(KEEPER)/requirements.txt

help: ## Show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# Made again when a lock or what makes it is newer, or when its Python is gone.
$(ENV): requirements.txt requirements-setup.txt webstack/cli/machine/virtualenv.py $(if $(wildcard .venv/bin/python),,FORCE)
	@$(PYTHON) -m webstack.cli.machine.bootstrap --daemon --stack $(STACK)

.PHONY: env dev-env dev-machine
env: ## Only .venv, without a Docker daemon
	@$(PYTHON) -m webstack.cli.machine.bootstrap

dev-env:
	@$(PYTHON) -m webstack.cli.machine.bootstrap --dev

dev-machine:
	@$(PYTHON) -m webstack.cli.machine.bootstrap --dev --daemon

FORCE:
