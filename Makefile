# `make demo` and `make test` set up all they need; both can be run again at any time.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
DEMO   := demo
DEMO_DB := sqlite:///$(DEMO)/catalogue.sqlite3

.PHONY: demo test lint bench bench-site train system lock clean help

help:
	@echo "make demo   classify a real server, write its policy.json and the site"
	@echo "make test   the whole test suite, with real servers and a real browser"
	@echo "make lint   ruff and mypy"
	@echo "make bench  speed and memory as ratios against baselines in the same run"
	@echo "make bench-site   the site at growing size, beside Hugo"
	@echo "make train DEFINITIONS=file.jsonl   retrain the model"
	@echo "make lock   pin the dependencies anew"

$(READY): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || \
	  { $(PYTHON) -m pip install --quiet --user virtualenv && $(PYTHON) -m virtualenv --quiet $(VENV); }
	@echo "installing the pinned dependencies (about 30 s the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)
	@mkdir -p $(DEMO)
	$(BIN)/catalog classify workflows-mcp --db $(DEMO_DB)
	$(BIN)/catalog policy export workflows-mcp --db $(DEMO_DB) -o $(DEMO)/policy.json
	$(BIN)/catalog policy check $(DEMO)/policy.json --server workflows-mcp --db $(DEMO_DB)
	$(BIN)/catalog build --db $(DEMO_DB) --out $(DEMO)/site
	@echo
	@echo "The policy: $(DEMO)/policy.json"
	@echo "The site:   $(DEMO)/site/index.html"

system:
	@.ci/system-packages

test: $(READY) system
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY) system
	$(BIN)/python -m tests.bench

bench-site: $(READY) system
	@command -v hugo >/dev/null || { echo "it is measured beside Hugo: apt-get install hugo"; exit 2; }
	$(BIN)/python -m tests.bench.site_scale 1000 10000

train: $(READY)
	@test -n "$(DEFINITIONS)" || { echo "name the labelled definitions: make train DEFINITIONS=file.jsonl"; exit 2; }
	$(BIN)/catalog train $(DEFINITIONS) --out data/models/3 --version-name 3

lock: $(READY)
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev --extra postgres \
	  --no-emit-index-url --no-header --no-annotate --output-file constraints.txt pyproject.toml

clean:
	rm -rf $(VENV) $(DEMO) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
