# Needs Python 3.11–3.13 and make, nothing else. `make run` first; `make test` passes all tests.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps

.PHONY: run setup test check soak bench lock clean
.DEFAULT_GOAL := run

run: $(STAMPS)/installed
	@exec $(BIN)/python -m infra.cli up $(UP)

setup: $(STAMPS)/installed
	@$(BIN)/python -m infra.cli setup

# Everything that a change must pass. TESTS=tests/rules narrows it.
test: $(STAMPS)/installed check
	@$(BIN)/python -m infra.cli setup --browser
	$(BIN)/python -m pytest $(TESTS)

check: $(STAMPS)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# An hour of the town with processes killed at random. SOAK="--minutes 5" shortens it.
soak: $(STAMPS)/installed
	$(BIN)/python -m infra.soak $(SOAK)

# One insertion beside numpy and OR-Tools; how far plans of the public days are from the best known; made-up
# days beside peers; three days in virtual time. BENCH="--limit 10" shortens the second,
# DAYS="home zones city vrptw prizes" plans all that the third can, which takes hours.
DAYS ?= home:200/30 zones:1000/150 city:1000/150 --limits 10 --seeds 1
bench: $(STAMPS)/peers
	$(BIN)/python -m tests.benchmarks.one_insertion
	$(BIN)/python -m tests.benchmarks.plan_public_days $(BENCH)
	$(BIN)/python -m tests.benchmarks.plan_days $(DAYS)
	$(BIN)/python -m tests.benchmarks.virtual.fourteen_days --days 3 --requests 60 --carers 10

# Remake the lock file after a change of dependencies in pyproject.toml.
lock: $(STAMPS)/installed
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --universal --python-version 3.11 \
		-o requirements.lock

# The environment only; data stays in .liuzhu.
clean:
	rm -rf $(VENV) infra/browser/node_modules

$(STAMPS)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { \
		echo "[PYTHON_TOO_OLD] 需要 Python 3.11–3.13。请安装后重试，或用 PYTHON=python3.12 make $(MAKECMDGOALS) 指定。"; \
		echo "[PYTHON_TOO_OLD] Python 3.11–3.13 is needed. Install one, or name it: PYTHON=python3.12 make $(MAKECMDGOALS)"; \
		exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "[VENV_MISSING] 这个 Python 不能建立虚拟环境。Debian/Ubuntu：sudo apt-get install python3-venv，然后重试。"; \
		echo "[VENV_MISSING] This Python cannot make environments. On Debian/Ubuntu: sudo apt-get install python3-venv, then again."; \
		exit 2; }
	@echo "准备 Python 环境（首次约一分钟） / preparing the Python environment (a minute the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@mkdir -p $(STAMPS) && touch $@

# Planners to be measured beside; one that cannot be had is named as absent in the table.
$(STAMPS)/peers: $(STAMPS)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -e '.[peers]' \
		&& touch $@ || echo "没有安装对比程序，表中记为缺席 / peers could not be installed; the table names them as absent"
