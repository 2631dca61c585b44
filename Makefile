# What can be made of this tree. All that is needed is Go 1.26; what a target
# needs besides, it says.
GO        ?= go
SCENARIO  ?= flash-crowd
FUZZTIME  ?= 30s
BENCHTIME ?= 1s
BENCHFLAGS ?=

.DEFAULT_GOAL := help
.PHONY: help run build test skips bench lint fuzz contracts docs gallery verdicts clean

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
	@for p in git tshark; do command -v $$p >/dev/null || \
		echo "make test: SKIPPED: no $$p on this machine: lines of cmd/kscope's scripts are left out (Debian: apt-get install $$p)"; done
	@[ -n "$$KSCOPE_DATASETS" ] || echo "make test: KSCOPE_DATASETS names no folder of real files: datasets reads made-up ones, protocol/demux the clip"

bench: ## measure: events/s and virtual s/s of the engine at 1k, 10k and 100k viewers, and the parts (BENCHTIME=1s)
	$(GO) test -run '^$$' -bench . -benchtime $(BENCHTIME) $(BENCHFLAGS) ./...

lint: ## check format, go vet and the house rules
	@bad=$$(gofmt -l cmd datasets internal netem protocol reports scenarios sim); [ -z "$$bad" ] || { echo "gofmt would change:"; echo "$$bad"; exit 1; }
	$(GO) vet ./...
	$(GO) test ./internal/tidy

fuzz: ## fuzz every parser for a while (FUZZTIME=30s each)
	GO=$(GO) .ci/fuzz $(FUZZTIME)

contracts: ## compile the contracts again, compare with what is embedded, lint and fuzz them (needs Node.js and npm)
	@command -v npm >/dev/null || { echo "make contracts: SKIPPED: no npm on this machine (Debian: apt-get install npm)"; exit 0; }; \
	cd protocol/ledger/contracts && npm ci --ignore-scripts --no-audit --no-fund && npm run check && $(GO) run generate.go --check

docs: ## write the generated pages and recorded outputs anew
	$(GO) test ./cmd/kscope ./scenarios ./sim/result ./protocol/ledger/contracts -update
	$(GO) test ./protocol/ledger -run GasTable -rewrite

gallery: build ## run what docs/reference/figures.md shows, and take its figures from there (minutes)
	@set -e; out=$$(mktemp -d); to=docs/images/figures; mkdir -p $$to; \
	bin/kscope run -q flash-crowd --out $$out/crowd || test $$? = 1; \
	bin/kscope run -q hello --set population.session.law=exponential --set population.session.scale=20s --set population.viewers=60 --out $$out/hello || test $$? = 1; \
	bin/kscope run -q deposit-grief --out $$out/grief || test $$? = 1; \
	bin/kscope run -q messy-world --out $$out/messy || test $$? = 1; \
	bin/kscope run -q dc-blackout --out $$out/dark || test $$? = 1; \
	bin/kscope run -q settle-days --set population.viewers=300 --set economy.creators=40 --set duration=240h --out $$out/settle || test $$? = 1; \
	bin/kscope run -q ghost-tokens --set archive.assets=5000 --out $$out/ghosts || test $$? = 1; \
	bin/kscope sweep run -q hello --set duration=40s --set seeds=6 --set population.viewers=40 --set payment.method=central \
		--set 'sweep.axes=[{key: edges.up, values: [6Mbit/s, 20Mbit/s]}, {key: swarm.neighbours, values: [0, 6]}]' --out $$out/grid; \
	bin/kscope sweep run -q worth-your-hours --out $$out/worth; \
	for f in startup timeline waterfall quality viewers parity sources carriers money costs tradeoff; do cp $$out/crowd/plots/$$f.svg $$to; done; \
	cp $$out/hello/plots/staying.svg $$out/grief/plots/attacks.svg $$out/messy/plots/tornado.svg $$out/dark/plots/grid.svg $$out/settle/plots/spendable.svg $$out/ghosts/plots/assets.svg $$out/ghosts/plots/unseen.svg $$out/grid/plots/effects.svg $$to; \
	cp $$out/grid/plots/map-rebuffer-ratio.svg $$to/map.svg; \
	cp $$out/worth/plots/along-rebuffer-ratio.svg $$to/along.svg; \
	cp $$out/worth/plots/plane-cost-per-viewer-hour-rebuffer-ratio.svg $$to/plane.svg; \
	bin/kscope run -q hello --set seeds=6 --out $$out/before; \
	bin/kscope run -q hello --set seeds=6 --set edges.up=2Mbit/s --out $$out/after; \
	bin/kscope compare -q $$out/before $$out/after --plots $$to || test $$? = 1; rm $$to/changes.csv $$to/seeds.csv; \
	bin/kscope trace flash-crowd --variant swarm --viewer 17 --from 40s --to 60s --svg $$to/life.svg; \
	rm -r $$out

verdicts: build ## run every built-in scenario but the slowest and write docs/explanation/verdicts.md (a quarter of an hour; needs Node.js)
	node .ci/verdicts.mjs

clean: ## remove what was built and run
	rm -rf bin kscope-out protocol/ledger/contracts/node_modules
	find . -type f \( -name '*.test' -o -name '*.prof' \) -delete
