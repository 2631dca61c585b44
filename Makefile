# What can be made of this tree. All that is needed is Go 1.26; what a target
# needs besides, it says.
GO        ?= go
SCENARIO  ?= flash-crowd
FUZZTIME  ?= 30s
BENCHTIME ?= 1s
BENCHFLAGS ?=

.DEFAULT_GOAL := help
.PHONY: help run build test skips bench lint fuzz contracts docs clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

run: ## run a scenario and leave its report in kscope-out/latest (SCENARIO=flash-crowd)
	$(GO) run ./cmd/kscope run $(SCENARIO)

build: ## build bin/kscope
	$(GO) build -o bin/kscope ./cmd/kscope

test: skips ## run all tests
	$(GO) test ./...

# Tests that want something from outside skip without it. A test in
# internal/tidy holds that everything so wanted is named here.
skips:
	@for p in ffmpeg ffprobe; do command -v $$p >/dev/null || \
		echo "make test: SKIPPED: no $$p on this machine: protocol/demux and protocol/media do without a second opinion on the clip and without a corpus of others (Debian: apt-get install ffmpeg)"; done
	@command -v chromium >/dev/null || \
		echo "make test: SKIPPED: no chromium on this machine: the page is not tried in a browser (Debian: apt-get install chromium)"
	@[ -n "$$KSCOPE_DATASETS" ] || echo "make test: KSCOPE_DATASETS names no folder of real files: datasets reads made-up ones, protocol/demux the clip"

bench: ## measure: events/s and virtual s/s of the engine at 1k, 10k and 100k viewers, and the parts (BENCHTIME=1s)
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) $(BENCHFLAGS) ./...

lint: ## check format, go vet and the house rules
	@bad=$$(gofmt -l cmd datasets internal netem protocol reports scenarios sim); [ -z "$$bad" ] || { echo "gofmt would change:"; echo "$$bad"; exit 1; }
	$(GO) vet ./...
	$(GO) test ./internal/tidy

fuzz: ## fuzz every parser for a while (FUZZTIME=30s each)
	@set -e; for file in $$(grep -rl '^func Fuzz' --include='*_test.go' .); do \
		for target in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' $$file); do \
			echo "$(GO) test -run '^$$' -fuzz '^$$target\$$' -fuzztime $(FUZZTIME) $$(dirname $$file)"; \
			log=$$(mktemp); \
			if ! $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x $$(dirname $$file) >$$log 2>&1; then \
				cat $$log; \
				: 'Go stops a fuzz run by a deadline and at times calls that a failure; one that has an input is real.'; \
				grep -q 'context deadline exceeded' $$log && ! grep -q 'Failing input' $$log || { rm -f $$log; exit 1; }; \
			fi; \
			tail -n 2 $$log; rm -f $$log; \
		done; \
	done

contracts: ## compile the contracts again, compare with what is embedded, lint and fuzz them (needs Node.js and npm)
	@command -v npm >/dev/null || { echo "make contracts: SKIPPED: no npm on this machine (Debian: apt-get install npm)"; exit 0; }; \
	cd protocol/ledger/contracts && npm ci --ignore-scripts --no-audit --no-fund && npm run check && $(GO) run generate.go --check

docs: ## write the generated pages and recorded outputs anew
	$(GO) test ./cmd/kscope ./scenarios ./sim/result ./protocol/ledger/contracts -update
	$(GO) test ./protocol/ledger -run GasTable -rewrite

clean: ## remove what was built and run
	rm -rf bin kscope-out protocol/ledger/contracts/node_modules
	find . -type f \( -name '*.test' -o -name '*.prof' \) -delete
