# Everything a person does with this repository; `make help` lists it.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
MODEL := models/assistant.tar.gz
MODEL_SOURCES := config.yml domain.yml $(shell find bot data/nlu data/rules data/responses data/languages -type f -not -name '*.pyc') \
	$(shell find data/nlu data/rules data/responses data/languages -type d)
EMERGENCIES := models/emergency/model.npz
EMERGENCY_SOURCES := hub/emergency.py hub/emergency_training.py bot/text_model.py bot/language.py data/emergency $(wildcard data/emergency/*.tsv) \
	$(shell find bot/scripts data/nlu data/languages -type f -not -name '*.pyc')
export RASA_TELEMETRY_ENABLED := false
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL := 3
# a company's own certificate authority is in the system's store
export UV_SYSTEM_CERTS := true
# Rasa's own warnings are UserWarnings; these are of its aging dependencies
export PYTHONWARNINGS := ignore::DeprecationWarning

help:  ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: $(VENV)/.runtime $(MODEL) $(EMERGENCIES)  ## set up, train when needed, start all, print the page's address
	@$(BIN)/python -m deploy.start

test: $(VENV)/.development $(MODEL) $(EMERGENCIES)  ## set up and run all tests
	@deploy/chromium.sh $(BIN)/python
	$(BIN)/python -m pytest

train: $(VENV)/.runtime  ## train the models, whether it is needed or not
	$(BIN)/rasa train --fixed-model-name assistant
	@touch $(MODEL)
	$(BIN)/python -m hub.emergency_training

shell: $(VENV)/.runtime $(MODEL)  ## talk to the assistant in the terminal (start actions first: make actions)
	$(BIN)/rasa shell --model $(MODEL)

actions: $(VENV)/.runtime  ## the action server alone, for make shell
	SANIC_HOST=127.0.0.1 $(BIN)/python -m rasa_sdk --actions actions

lint: $(VENV)/.development  ## style, types, imports, data
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m bot.policies check

validate: $(VENV)/.runtime  ## Rasa's own check of the training data
	$(BIN)/rasa data validate

evaluate: $(VENV)/.development $(MODEL) $(EMERGENCIES)  ## how well it understands: make evaluate MESSAGES=file.tsv REPORT=file.json
	$(BIN)/python -m bench.evaluate $(or $(MESSAGES),tests/data/messages.tsv) $(if $(REPORT),--report $(REPORT))

bench: $(VENV)/.development $(MODEL) bench-desk bench-channels  ## the full desk; a turn's time, start and memory beside Rasa's stock configuration
	$(BIN)/python -m bench.turns

bench-desk: $(VENV)/.development  ## 200 conversations with officers and 2,000 open pages: an officer's words on their way
	$(BIN)/python -m bench.desk

posters: $(VENV)/.development  ## print a poster with the page's QR code in every language: make posters PUBLIC_URL=https://…/
	@deploy/chromium.sh $(BIN)/python
	@$(BIN)/python -m deploy.posters

bench-channels: $(VENV)/.development  ## 500 chats, 50 messages a second: what a messaging network adds beside the page
	$(BIN)/python -m bench.channels

bench-page: $(VENV)/.development  ## the page: work to the first paint, an own message, a long conversation
	@deploy/chromium.sh $(BIN)/python
	$(BIN)/python -m bench.page

hooks: $(VENV)/.development  ## run the quick checks before every commit
	$(BIN)/pre-commit install

lock:  ## write the lock files anew from pyproject.toml
	$(VENV)/uv/bin/uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet -o requirements.lock
	$(VENV)/uv/bin/uv pip compile pyproject.toml --group dev -c requirements.lock --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --quiet -o requirements-dev.lock

clean:  ## remove the environment and the model; data in var/ stays
	rm -rf $(VENV) models .rasa

$(MODEL): $(MODEL_SOURCES) | $(VENV)/.runtime
	@echo "Training the model: some two minutes."
	@mkdir -p models
	$(BIN)/rasa train --fixed-model-name assistant
	@touch $@

$(EMERGENCIES): $(EMERGENCY_SOURCES) | $(VENV)/.runtime
	@$(BIN)/python -m hub.emergency_training

# uv installs in seconds; pip does the same in minutes where uv is not to be had
define install
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@test -x $(VENV)/uv/bin/uv || ( $(PYTHON) -m venv $(VENV)/uv && $(VENV)/uv/bin/pip install --quiet --require-hashes -r requirements-uv.lock ) || rm -rf $(VENV)/uv
	@$(VENV)/uv/bin/uv pip install --python $(BIN)/python --no-deps --require-hashes -r $(1) \
		|| $(BIN)/pip install --no-deps --ignore-requires-python --require-hashes -r $(1)
endef

$(VENV)/.runtime: requirements.lock requirements-uv.lock
	$(call install,requirements.lock)
	@touch $@

$(VENV)/.development: requirements-dev.lock requirements-uv.lock | $(VENV)/.runtime
	$(call install,requirements-dev.lock)
	@touch $@

.PHONY: help run test train shell actions lint validate evaluate bench bench-desk bench-channels bench-page posters hooks lock clean
