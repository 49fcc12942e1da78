# Tirek. `make help` lists what there is; `make demo` and `make test` need nothing before them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.locked
DATA ?=

ifneq ($(DATA),)
export TIREK_DATA := $(abspath $(DATA))
endif

.PHONY: help setup demo up gateway production secrets server test test-browser test-operators test-long test-faults test-production \
	check measure measure-sla measure-board measure-production restore-drill test-exits test-compose test-pdfa replay histories \
	docs forms calendar lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 18

setup: $(STAMP) ## set up Python (.venv), from the lock file

$(STAMP): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Tirek needs Python 3.11 or newer; say which: make setup PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $(STAMP)

demo: setup ## the main job: applications live through their terms on a real Temporal server
	@$(BIN)/python starter.py demo

up: setup ## server, UI, worker and board until Ctrl-C; the data stays (DATA=.tirek/demo: the demo's)
	@$(BIN)/python starter.py up

gateway: setup ## a stand-in for the e-government gateway until Ctrl-C; `make up` starts one by itself
	@$(BIN)/python starter.py gateway

production: setup ## PostgreSQL, Temporal on it, its UI, two workers, board until Ctrl-C (needs Debian's postgresql, Go)
	@$(BIN)/python -m production.up

secrets: setup ## the secrets of docker-compose.yml, into the folder SECRETS; what is there stays
	@test -n "$(SECRETS)" || { echo "say where: make secrets SECRETS=/etc/tirek/secrets"; exit 1; }
	@$(BIN)/python -m production.secret_files $(SECRETS)

server: setup ## have a Temporal server program at hand: found, downloaded or built
	@$(BIN)/python -m cli.server

test: server ## the tests, on a real Temporal server of their own
	@$(BIN)/python -m pytest -n 3 --dist loadgroup

test-browser: setup ## the board in a real browser (needs chromium: apt-get install chromium)
	@command -v chromium >/dev/null \
		|| { echo "make test-browser needs chromium; on Debian: apt-get install chromium"; exit 1; }
	@$(BIN)/python -m pytest tests/browser

test-operators: server ## what operators see and do: stuck, revive, repair, keys, anchors, TLS, metrics
	@$(BIN)/python -m pytest tests/operators -n 3 --dist loadgroup

test-long: server ## what takes a minute by itself: `make up` in a terminal, deaths, many short starts
	@$(BIN)/python -m pytest tests/long

test-faults: server ## crashes at every point, outages, a thousand terms at one instant; takes long
	@$(BIN)/python -m pytest tests/faults tests/test_one_child.py --rounds 100 -s

test-production: setup ## an application of each kind on the parts of `make production`, across a restart
	@$(BIN)/python -m pytest tests/production -s

check: setup ## lint, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/pyright

measure: server ## measure events, commands and starts; writes docs/measurements.md
	@$(BIN)/python -m measure.run

measure-sla: setup ## a million seeded applications, and supervisors' questions over them; takes half an hour
	@$(BIN)/python -m measure.sla

measure-board: setup ## measure the board under fifty users at once, over a seeded record; prints it
	@$(BIN)/python -m measure.board

measure-production: setup ## what an application costs on the parts of `make production`; prints it, takes 15 minutes
	@$(BIN)/python -m production.measure

restore-drill: server ## lose the record's newest hour, then Temporal's database, and get both back (ON=production: on its parts)
	@$(BIN)/python -m production.drill --on $(or $(ON),development)

test-exits: server ## 200 short worker starts, half of them on each database; none may abort
	@$(BIN)/python -m pytest tests/long/test_exits.py --exits 100 -s

test-compose: ## check docker-compose.yml (needs docker-compose: apt-get install docker-compose)
	@command -v docker-compose >/dev/null \
		|| { echo "make test-compose needs docker-compose; on Debian: apt-get install docker-compose"; exit 1; }
	@for files in "docker-compose.yml" "docker-compose.yml -f docker-compose.trial.yml"; do \
		TIREK_SECRETS=/run/tirek/secrets TIREK_OFFICE=/run/tirek/office docker-compose -f $$files config --quiet || exit 1; \
	done

test-pdfa: setup ## veraPDF over every printed form (needs Java and Maven, which fetches org.verapdf:validation-model)
	@for program in java mvn; do command -v $$program >/dev/null \
		|| { echo "make test-pdfa needs Java and Maven; on Debian: apt-get install maven"; exit 1; }; done
	@$(BIN)/python -m tests.pdfa

replay: setup ## replay every stored history with the code that is here
	@$(BIN)/python starter.py replay

histories: server ## record a history of every path into a new folder: make histories NAME=what-changed
	@$(BIN)/python -m tests.record_histories $(NAME)

docs: setup ## write docs/lifecycle.md from the chart
	@$(BIN)/python -m cli.lifecycle_page > docs/lifecycle.md

forms: setup ## draw the printed forms anew, into docs/forms
	@$(BIN)/python -m tests.forms.pictures

calendar: setup ## print the calendar file that the installed `holidays` package makes
	@$(BIN)/python -m adapters.calendars

lock: setup ## write requirements.lock anew from pyproject.toml, and the part of it that the image needs
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --group dev pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header -c requirements.lock pyproject.toml \
		-o requirements.runtime.lock

clean: ## remove .venv and all local data
	rm -rf $(VENV) .tirek
