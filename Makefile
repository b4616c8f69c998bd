# Every target is one line of tools/nd.mjs or package.json; 'make help' lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
NODE := node_modules/.bin/node
ND := $(NODE) tools/nd.mjs
REGION ?= $(or $(NEURODEFENDER_REGION),local)
export NEURODEFENDER_REGION := $(REGION)
# Of the cloud there is no default region.
CLOUD = $(if $(ALL),--all,$(if $(filter command environment,$(firstword $(origin REGION))),--region '$(REGION)'))
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)
# As .npmrc says, for an npm that passes no keys on that it does not know.
export ONNXRUNTIME_NODE_INSTALL := skip

# Not 'npm ci': it refuses a lock whose optional packages for other systems a mirror does not carry. '--no-save' keeps to the lock all the same.
node_modules/.installed: package-lock.json
	@echo "Installing the npm packages (about half a minute) …" >&2
	@npm install --no-save --no-fund --no-audit --loglevel=error >&2
	@touch $@

.PHONY: help up down status send query why shards preview preview-change env deploy engine test test-unit test-e2e test-full lint types format bench-ingest bench-pipeline clean
help: ## Show this list
	@echo "make TARGET [REGION=name]   (REGION: the local region's name, default 'local'; for deploy a region of the cloud)"; echo
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: node_modules/.installed ## Bring a whole region up on this machine (Linux, root); again after an edit: apply it; PROFILE=full: the mesh and the autoscaler too
	@$(ND) up $(if $(PROFILE),--profile '$(PROFILE)')
down: node_modules/.installed ## Take the region away and leave the machine as it was; KEEP=1 keeps its data
	@$(ND) down $(if $(KEEP),--keep)
status: node_modules/.installed ## Show what runs in the region, and where
	@$(ND) status
send: node_modules/.installed ## Send events: FILE=events.ndjson[.gz] (default: a sample), TENANT=acme, BATCH=1000, FRESH=1
	@$(ND) send $(if $(FILE),--file '$(FILE)') $(if $(TENANT),--tenant '$(TENANT)') $(if $(BATCH),--batch $(BATCH)) $(if $(FRESH),--fresh)
query: node_modules/.installed ## Show what arrived: TENANT=acme, Q='{"groupBy":["channel"]}'
	@$(ND) query $(if $(TENANT),--tenant '$(TENANT)') $(if $(Q),--query '$(Q)')
why: node_modules/.installed ## Say why a service has as many pods as it has: SERVICE=ml-inference, AGO=10m or AT=2026-11-28T18:00:00Z, JSON=1
	@$(ND) why '$(SERVICE)' $(if $(AT),--at '$(AT)') $(if $(AGO),--ago '$(AGO)') $(if $(JSON),--json)
preview: node_modules/.installed ## Show what an edit of policies/ or infra/ would change in the region (pulumi preview of both stacks)
	@$(ND) preview
preview-change: node_modules/.installed ## Say what this checkout would change in the cloud, without credentials: BASE=main OUT=folder TRACE=file
	@$(NODE) tools/preview/main.ts --base '$(or $(BASE),main)' --out '$(or $(OUT),/tmp/neurodefender-preview)' $(if $(TRACE),--trace '$(TRACE)')
shards: node_modules/.installed ## Show or change who owns which slots: DO='show', DO='plan --weight 1=2', DO='isolate acme' (docs/sharding.md)
	@npm run --silent shards -- $(or $(DO),show)
env: node_modules/.installed ## Print the environment for plain pulumi and kubectl: eval "$(make -s env)"
	@$(ND) env
deploy: node_modules/.installed ## Bring stacks of the cloud up: ENV=prod REGION=us-east-2 or ALL=1; PREVIEW=1, YES=1 (docs/delivery.md)
	@$(ND) deploy --env '$(ENV)' $(CLOUD) $(if $(PREVIEW),--preview) $(if $(YES),--yes)
engine: node_modules/.installed ## Get the tools that the region needs, without starting it; PROFILE=full: those of that profile too
	@$(ND) engine $(if $(PROFILE),--profile '$(PROFILE)')
test: node_modules/.installed ## Everything: types, lint, unit, property and end-to-end tests (Linux, root)
	@npm run --silent test
test-unit: node_modules/.installed ## Types, lint, unit and property tests: no region, no root, five minutes
	@npm run --silent test:unit
test-e2e: node_modules/.installed ## End-to-end tests: each makes and removes a region of its own
	@npm run --silent test:e2e
test-full: node_modules/.installed ## End-to-end tests of the profile 'full', whose tools take twenty minutes more the first time; 'make test' is without
	@npm run --silent test:full
lint: node_modules/.installed ## Biome, the direction of imports, the size of files
	@npm run --silent lint
types: node_modules/.installed ## Check the types
	@npm run --silent types
format: node_modules/.installed ## Format the code
	@npm run --silent format
bench-ingest: node_modules/.installed ## Measure collector → Kafka → hot tier in the running region
	@npm run --silent bench:ingest
bench-pipeline: node_modules/.installed ## Climb a ladder of rates through the whole running region, everything checked (docs/load.md)
	@npm run --silent bench:pipeline
clean: ## Remove the npm packages of this checkout (old tools: node_modules/.bin/node tools/nd.mjs engine --clean; all: rm -rf ~/.cache/neurodefender)
	rm -rf node_modules
