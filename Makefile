.DEFAULT_GOAL := help
.PHONY: help setup demo dev test chaos bench containers newcomer record check format lock sbom clean
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE :=

help: ## List the targets.
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

setup: .venv/installed ## Make .venv and install the pinned, hashed requirements into it.

.venv/installed: requirements-dev.txt
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; python3 is $$(python3 --version 2>&1)." >&2; exit 1; }
	@echo "Setting up .venv (the first time takes a moment)"
	@test -x $(BIN)/python || python3 -m venv --without-pip .venv
	@test -x $(BIN)/uv || python3 -m pip --python $(BIN)/python install --quiet --disable-pip-version-check "$$(grep -oE '^uv==[0-9.]+' $<)"
	@$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements-dev.txt
	@touch $@

demo: setup ## Watch orders arrive: Temporal, sandbox marketplace, database and workers on this machine.
	@$(BIN)/python -m ops demo $(ARGS)

dev: setup ## The same for your own accounts, without the sandbox.
	@$(BIN)/python -m ops dev $(ARGS)

test: setup ## Install what the tests need (MariaDB, Chromium, Prism) and run them all.
	@tests/install_servers.sh
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

chaos: setup ## Faults for the better part of an hour: the whole crash matrix, 200 random programs, hostile bytes, bad answers, 50,000 orders, 1,000 accounts, 200 verbs, a soak.
	@tests/install_servers.sh
	@$(BIN)/python -m pytest --hypothesis-profile=chaos tests/model tests/fuzz tests/chaos/chaos_*.py $(ARGS)

bench: setup ## Measure against no queue and plain Temporal; a table, and JSON in var/bench/ (ARGS=--record: into docs/).
	@tests/install_servers.sh
	@$(BIN)/python -m bench $(ARGS)

containers: setup ## Build the image, run the dev compose file and systemd in containers (root, minutes).
	@tests/docker/install_tools.sh
	@tests/docker/install_containers.sh
	@$(BIN)/python -m pytest -q -p no:xdist tests/docker/containers.py $(ARGS)

newcomer: ## Type the README's two commands on a minimal Debian with nothing but what it asks for (root, half an hour).
	@tests/newcomer.sh $(ARGS)

record: setup ## Record today's histories of the workflows for the replay test.
	@$(BIN)/python -m pytest -q tests/replay/record*.py

check: setup ## Lint, types, import contracts, dependencies, workflow rules, sizes.
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy .
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/deptry .
	@$(BIN)/temporalint workflows activities
	@$(BIN)/python -m pytest -q --noconftest --durations=0 tests/test_shape.py

format: setup ## Rewrite the sources as the formatter wants them.
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format --quiet .

lock: ## Renew requirements.txt and requirements-dev.txt (nothing younger than a week).
	@test -x $(BIN)/uv || $(MAKE) setup
	@$(BIN)/uv lock --quiet --upgrade
	@$(BIN)/uv export --quiet --format requirements.txt --no-header --no-annotate --no-default-groups -o requirements.txt
	@$(BIN)/uv export --quiet --format requirements.txt --no-header --no-annotate --all-groups -o requirements-dev.txt

sbom: setup ## Write the bill of materials of what is shipped to var/sbom.json (CycloneDX).
	@mkdir -p var
	@$(BIN)/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml --output-reproducible -o var/sbom.json

clean: ## Remove what running left behind (var/), not .venv.
	@rm -rf var
