# make run         serve on http://127.0.0.1:5000 (PORT=5001 make run: another port)
# make test        run every test; those of training/ only where torch is installed
# make test-training   install torch, then run the tests of training/ too
# make lint        check style, formatting and types
# make fuzz, soak  the long versions of the tests for hostile files and for heavy load
# make soak-archive    20,000 photos on a cluster whose workers are killed, some 15 minutes
# make test-container   build the Containerfile and colour a photo inside (root, buildah, mmdebstrap)
# make release     make wheel and sdist, their SBOM, and requirements.lock
# make clean       remove what the commands above made

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

LOCKED := server store jobs video metrics limits

.PHONY: run test test-training lint fuzz soak soak-archive clean

run: .venv/.run
	@$(BIN)/image-colorizer serve

test: .venv/.test
	$(BIN)/pytest

test-training: .venv/.test-training
	TRAINING_TESTS=required $(BIN)/pytest tests/training

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

fuzz: .venv/.test
	FUZZ_SECONDS=$${FUZZ_SECONDS:-600} $(BIN)/pytest tests/test_fuzz.py tests/video/test_fuzz.py

soak: .venv/.test
	SOAK=1 $(BIN)/pytest tests/http/test_soak.py tests/jobs/test_soak.py

soak-archive: .venv/.test
	SOAK=1 $(BIN)/pytest tests/archive/test_soak.py

test-container: .venv/.test
	CONTAINER=1 $(BIN)/pytest tests/container

# The lock keeps the versions that it has, as long as pyproject.toml allows them; delete it to take the newest.
release: .venv/.release
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --python-version 3.11 \
	    $(addprefix --extra ,$(LOCKED)) --output-file requirements.lock pyproject.toml
	rm -rf dist
	$(BIN)/python -m build --no-isolation
	$(BIN)/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible \
	    --output-file dist/image-colorizer.cdx.json requirements.lock

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A stamp file per set of packages: a second run installs nothing.
.venv/.run: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo 'Image Colorizer needs Python 3.11 or newer. Name one: make run PYTHON=python3.12'; exit 1; }
	@echo 'Installing into .venv ...'
	@$(PYTHON) -m venv .venv
	@$(PIP) install --requirement requirements.txt --editable .
	@touch $@

.venv/.test: .venv/.run requirements-dev.txt
	@$(PIP) install --requirement requirements-dev.txt
	@touch $@

.venv/.release: .venv/.run requirements-release.txt
	@$(PIP) install --requirement requirements-release.txt
	@touch $@

.venv/.test-training: .venv/.test requirements-training.txt
	@$(PIP) install --requirement requirements-training.txt
	@touch $@
