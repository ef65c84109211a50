# make run      build everything and serve on SQLite, with nothing else needed
# make test     all tests, installing what they lack; stops at the first failure
# make check    formatting and lints alone
# make contract writes what the web pages know of the contract, after it changed
# make bench    what the gateway costs, and its pages in a browser
# make soak     faults under load again and again, and what memory does over ten thousand streams and many requests
.NOTPARALLEL:
.PHONY: run build web test check contract bench soak fmt \
	rust node venv postgres browser fmt-check clippy lint-proto check-web test-rust test-postgres test-clients test-web faults \
	conformance

SHELL := /bin/bash
TARGET := $(or $(CARGO_TARGET_DIR),target)
BINARY := $(abspath $(TARGET))/release/generative-gateway
# Recordings and measuring tools, which are no part of this repository; what needs them is skipped without them.
SHARED ?= ../shared
PYTHON := .venv/bin/python
WEB_SOURCES := $(shell find web/src web/public web/scripts -type f) \
	$(filter-out web/next-env.d.ts,$(wildcard web/*.ts web/*.mjs web/*.json))

export NEXT_TELEMETRY_DISABLED := 1

step = @printf '\n== %s\n' '$(1)'

run: build
	$(BINARY) serve

build: rust web
	$(call step,Build the gateway)
	cargo build --release --locked

web: node web/out/index.html

test: fmt-check lint-proto check-web clippy test-rust test-postgres test-clients faults test-web conformance
	$(call step,All tests passed)

check: fmt-check clippy lint-proto check-web

fmt: rust web/node_modules/.package-lock.json
	cargo fmt --all
	cd web && npx eslint . --fix

contract: rust web/node_modules/.package-lock.json
	@mkdir -p $(TARGET)
	cargo run --locked --quiet -- openapi > $(TARGET)/openapi.json
	mv $(TARGET)/openapi.json web/openapi.json
	cd web && npm run --silent contract

bench: build browser
	$(call step,Benchmarks of the pure parts)
	cargo bench --locked
	$(call step,The gateway beside a bare pass-through)
	@if [ -f $(SHARED)/perf/bench.py ]; then \
		GATEWAY=$(BINARY) python3 $(SHARED)/perf/bench.py --only floor,ours --out $(abspath $(TARGET))/perf; \
	else echo "skipped: $(SHARED)/perf is not there"; fi
	$(call step,The pages in a browser)
	cd web && GATEWAY_BINARY=$(BINARY) npm run --silent figures

# `make soak ROUNDS=50 REQUESTS=1000000` takes hours.
ROUNDS ?= 5
STREAMS ?= 10000
REQUESTS ?= 100000
soak: build
	$(call step,Faults under load and memory)
	GATEWAY_BINARY=$(BINARY) python3 tests/soak/run --rounds $(ROUNDS) --streams $(STREAMS) --requests $(REQUESTS)

# ---- steps of test

fmt-check: rust
	$(call step,Formatting)
	cargo fmt --all --check

# The pages are embedded when the gateway is compiled, so they are built before any of its code is.
clippy: rust web
	$(call step,Lints)
	cargo clippy --locked --workspace --all-targets -- -D warnings

lint-proto: web/node_modules/.package-lock.json
	$(call step,Contract)
	cd proto && ../web/node_modules/.bin/buf lint

check-web: web/node_modules/.package-lock.json
	$(call step,Web)
	cd web && npm run --silent contract -- --check && npm run --silent lint && npm run --silent typecheck && npm test --silent

test-rust: rust web
	$(call step,Unit and integration tests on SQLite)
	cargo test --locked --workspace

test-postgres: rust web postgres
	$(call step,Integration tests on PostgreSQL)
	GATEWAY_TEST_DATABASE=postgres cargo test --locked --test it

test-clients: build venv
	$(call step,Clients against the release binary)
	GATEWAY_BINARY=$(BINARY) $(PYTHON) -m pytest -q tests/clients

faults: build
	$(call step,Faults under load)
	GATEWAY_BINARY=$(BINARY) python3 tests/soak/run

# In the system's Chromium where there is one (CHROMIUM=…), else in the one that Playwright installs.
test-web: build browser venv
	$(call step,The web pages in a browser against the release binary)
	cd web && GATEWAY_BINARY=$(BINARY) npm run --silent e2e

conformance: build
	$(call step,Conformance with recorded exchanges)
	GATEWAY_BINARY=$(BINARY) python3 tests/conformance/run --shared $(SHARED)

# ---- what they need

rust:
	@wanted=$$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml); \
	found=$$(cargo --version 2>/dev/null | cut -d' ' -f2); \
	[ -n "$$found" ] && printf '%s\n' "$$wanted" "$$found" | sort -VC || \
		{ echo "Rust $$wanted or later is needed, $${found:-none} was found: install it with rustup"; exit 1; }

node:
	@wanted=20.9; found=$$(node --version 2>/dev/null | tr -d v); \
	[ -n "$$found" ] && printf '%s\n' "$$wanted" "$$found" | sort -VC || \
		{ echo "Node.js $$wanted or later is needed, $${found:-none} was found: install it and npm"; exit 1; }

web/node_modules/.package-lock.json: web/package.json web/package-lock.json | node
	$(call step,Install packages of the web pages)
	cd web && npm ci --no-fund --no-audit
	@touch $@

web/out/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	$(call step,Build the web pages)
	cd web && npm run --silent build
	@touch $@

venv: .venv/.installed

.venv/.installed: tests/clients/requirements.txt
	$(call step,Install packages of the client tests)
	python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

postgres:
	@tests/postgres-installed

browser: web/node_modules/.package-lock.json
	@tests/browser-installed
