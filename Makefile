# Two commands matter: make demo, make test. The others are for people who change the code.

# The first interpreter at hand that is new enough; choose another with PYTHON=...
PYTHON ?= $(shell for one in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$one -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$one && break; done)
# Installed before the package. To take another build of torch, set it: make demo TORCH="torch --index-url ..."
TORCH ?= torch==2.13.0
BROWSER ?= open
BROWSERS := chromium chromium-browser google-chrome google-chrome-stable

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
NODE_MODULES := js/node_modules/.package-lock.json
NOTEBOOK := notebooks/01_first_look.ipynb
SUDO := $(if $(filter 0,$(shell id -u)),,sudo -n)
LAB_FLAGS := --LabApp.default_url=/lab/tree/$(NOTEBOOK) --LabApp.news_url=None --LabApp.extension_manager=readonly \
	--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
	$(if $(filter none,$(BROWSER)),--no-browser) $(if $(filter 0,$(shell id -u)),--allow-root)

.DELETE_ON_ERROR:
.PHONY: help demo test check assets bench bench-gpu format build nightly clean

help:
	@echo 'make demo   create an environment and open JupyterLab on the first notebook (BROWSER=none prints the URL)'
	@echo 'make test   set everything up from nothing and run every test'

demo: .venv/.demo
	$(BIN)/jupyter lab $(LAB_FLAGS)

# Two processes of one BLAS thread each: with more, they would wait for each other's threads on two cores.
test: check .venv/.browser
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1 \
		$(BIN)/python -m pytest -m 'not slow' -n 2 --no-loadscope-reorder

check: .venv/.test $(NODE_MODULES)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd js && npm run --silent check && npm test --silent && npm run --silent build:check

nightly: .venv/.test $(NODE_MODULES) .venv/.browser
	$(BIN)/python -m pytest -m slow

# QUICK=1 for small sizes, CHECK=1 to fail where a ratio fell, KEEP=1 to keep the numbers, NAMES="traps tail" for some.
bench: .venv/.test
	$(BIN)/python -m tests.benchmark $(NAMES) $(if $(QUICK),--quick) $(if $(CHECK),--check) $(if $(KEEP),--keep) \
		$(if $(DEVICE),--device $(DEVICE))

# Whatever GPU there is, with its table written to notebooks/.
bench-gpu:
	$(MAKE) bench DEVICE=$(or $(DEVICE),gpu)

assets: .venv/.assets $(NODE_MODULES)

format: .venv/.test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

build: $(NODE_MODULES)
	cd js && npm run --silent build

clean:
	rm -rf .venv js/node_modules build dist test-results .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.torch:
	@test -n "$(PYTHON)" || { echo 'Python 3.11 or newer is needed: install it, or name it with PYTHON=...'; exit 1; }
	@$(PYTHON) -m venv .venv || { echo 'The module venv is needed; on Debian: apt-get install python3-venv'; exit 1; }
	$(PIP) $(TORCH)
	@touch $@

.venv/.demo: pyproject.toml .venv/.torch
	$(PIP) --editable '.[lab]'
	@touch $@

.venv/.assets: pyproject.toml .venv/.torch
	$(PIP) --editable '.[lab,assets]'
	@touch $@

.venv/.test: pyproject.toml .venv/.torch
	$(PIP) --editable '.[test]'
	@touch $@

# A browser on PATH is used as it is. Debian's own package is tried next, playwright's build last.
.venv/.browser: .venv/.test
	@for one in $(BROWSERS); do command -v $$one && exit 0; done; \
	if command -v apt-get && $(SUDO) true; then \
		$(SUDO) apt-get update -qq && $(SUDO) env DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq --no-install-recommends chromium fonts-liberation && exit 0; \
	fi; $(BIN)/playwright install chromium
	@touch $@

$(NODE_MODULES): js/package-lock.json js/package.json
	@command -v npm >/dev/null || { echo 'npm is needed: install Node 20 or newer'; exit 1; }
	cd js && npm ci --no-audit --no-fund
	@touch $@
