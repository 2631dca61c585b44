package sim

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"kinetoscope/scenarios"
)

// files are keys that stand for others: what a file says is turned key by key, or,
// of a contract, by a test of its own.
var files = []string{"video.file", "video.dataset", "population.dataset", "population.session.dataset", "population.off.dataset", "population.gaps.dataset", "habits.endures.dataset", "habits.pause.dataset", "habits.seeks.dataset", "habits.zaps.dataset",
	"network.classes.N.trace.dataset", "network.latency.dataset", "ledger.fees.dataset", "network.classes.N.trace.file", "ledger.fees.file", "cpu.file", "prices.file", "ledger.artefact"}

// described are the keys that say what a run is for and change nothing in it,
// and which engine plays it, of which this is one.
var described = []string{"engine", "name", "title", "grid.rows", "grid.columns", "claim", "refuted_if", "thresholds", "seeds", "baseline", "variants"}

// knobs is one change for each key of a scenario, after what must be set first
// for the key to be read at all.
var knobs = []struct{ key, value, first string }{
	{"duration", "20s", ""},
	{"measure.warm_up", "9s", ""},
	{"measure.cool_down", "5s", ""},
	{"video.segment", "4s", ""},
	{"video.rungs", "thinned", ""},
	{"video.rates", "[100kbit/s, 400kbit/s]", "video.rungs=synthetic"},
	{"video.pattern", "[0.5, 1.5]", "video.rungs=synthetic"},
	{"video.pattern", "[1, 1, 3]", "video.rungs=synthetic"},
	{"inputs", "[somebody has measured this]", ""},
	{"network.latency.places.0.rtt", "[1ms, 900ms]", stations},
	{"network.latency.places.0.rtt.0", "300ms", stations},
	{"video.fallback", "opaque", "faults=[{kind: drm, at: 10s, for: 4s}]"},
	{"video.damage.kind", "hole", ""},
	{"video.damage.share", "30%", "video.damage.kind=hole"},
	{"video.damage.seed", "2", "video.damage.kind=hole"},
	{"video.sizes", "constant", ""},
	{"live.delay", "5s", ""},
	{"live.behind", "7s", "edges.up=1Mbit/s"},
	{"live.ready", "0s", ""},
	{"live.catchup", "5%", ""},
	{"population.viewers", "23", ""},
	{"population.initial", "30%", ""},
	{"population.at", "7s", ""},
	{"population.over", "7s", ""},
	{"population.arrival", "exponential", ""},
	{"population.arrival", "ramp", ""},
	{"population.arrival", "step", ""},
	{"population.arrival", "poisson", ""},
	{"population.trace.0.for", "9s", waves},
	{"population.trace.0.weight", "9", waves},
	{"population.session.law", "constant", ""},
	{"population.session.shape", "0.9", "population.session={law: weibull, shape: 0.6}"},
	{"population.session.scale", "20s", ""},
	{"population.session.quantiles.1.share", "80%", "population.session={law: quantiles, scale: 0s, quantiles: [{share: 0%, time: 1s}, {share: 50%, time: 2s}, {share: 100%, time: 9s}]}"},
	{"population.session.quantiles.1.time", "5s", "population.session={law: quantiles, scale: 0s, quantiles: [{share: 0%, time: 1s}, {share: 50%, time: 2s}, {share: 100%, time: 9s}]}"},
	{"population.gaps.quantiles.1.share", "80%", "population.arrival=gaps; population.gaps={law: quantiles, quantiles: [{share: 0%, time: 1s}, {share: 50%, time: 2s}, {share: 100%, time: 9s}]}"},
	{"population.gaps.quantiles.1.time", "5s", "population.arrival=gaps; population.gaps={law: quantiles, quantiles: [{share: 0%, time: 1s}, {share: 50%, time: 2s}, {share: 100%, time: 9s}]}"},
	{"population.gaps.law", "lognormal", "population.arrival=gaps; population.gaps={law: weibull, shape: 0.6, scale: 1s}"},
	{"population.gaps.shape", "2", "population.arrival=gaps; population.gaps={law: weibull, shape: 0.6, scale: 1s}"},
	{"population.gaps.scale", "500ms", "population.arrival=gaps; population.gaps={law: weibull, shape: 0.6, scale: 1s}"},
	{"population.abrupt", "0%", ""},
	{"population.pollutes", "40%", ""},
	{"population.defaults", "40%", ""},
	{"population.lingers", "40%", ""},
	{"population.doubles", "40%", ""}, {"population.griefs", "40%", ""}, {"population.forges", "40%", ""},
	{"population.withholds", "40%", ""}, {"population.freeloads", "40%", ""}, {"population.sybils", "40%", ""},
	{"population.liars", "60%", "swarm.selection=least-load"}, {"population.liars", "60%", "swarm.selection=price"},
	{"population.eclipse", "true", "population.sybils=40%"},
	{"protection.check", "hash", ""},
	{"protection.check", "none", ""},
	{"protection.reputation", "true", "population.withholds=40%"},
	{"population.no_decoder", "60%", "faults=[{kind: codec, at: 10s, for: 4s}]"},
	{"population.regions.0.name", "australia", ""},
	{"population.regions.0.weight", "1", ""},
	{"population.classes.0.name", "home", ""},
	{"population.classes.0.weight", "1", ""},
	{"network.jitter", "0", ""},
	{"network.jitter_shape", "lognormal", ""},
	{"network.loss", "none", ""},
	{"network.loss", "bursty", ""},
	{"network.burst", "3", "network.loss=bursty"},
	{"network.late_loss", "100%", "network.classes=" + class},
	{"network.queue", "0s", ""},
	{"network.nat.share", "60%", ""},
	{"network.nat.classes", "[cable]", "network.nat.share=60%"},
	{"network.nat.symmetric", "50%", "network.nat.share=60%"},
	{"network.nat.punch", "20%", "network.nat.share=60%"},
	{"network.nat.relays.0", "australia", "network.nat.share=60%"},
	{"network.startup", "false", ""},
	{"network.spread", "20%", ""},
	{"network.sharing", "lazy", "edges.up=3Mbit/s"},
	{"network.backbone.0.from", "na_west", backbone},
	{"network.backbone.0.to", "na_east", backbone},
	{"network.backbone.0.rate", "2Mbit/s", backbone},
	{"network.classes.0.name", "5g", "network.classes=" + class},
	{"network.classes.0.down", "3Mbit/s", "network.classes=" + class},
	{"network.classes.0.up", "3Mbit/s", "network.classes=" + class},
	{"network.classes.0.latency", "9ms", "network.classes=" + class},
	{"network.classes.0.loss", "2%", "network.classes=" + class},
	{"network.classes.0.jitter", "9ms", "network.classes=" + class},
	{"network.classes", "[{name: cable, trace: {file: testdata/tram.csv}}]", traced},
	{"network.classes.0.trace.steps.0.for", "1s", traced},
	{"network.classes.0.trace.steps.0.down", "2Mbit/s", traced},
	{"network.classes.0.trace.steps.0.up", "1Mbit/s", traced},
	{"network.classes.0.trace.loop", "mirror", traced},
	{"network.classes.0.trace.offset", "true", traced},
	{"publisher.region", "na_west", ""},
	{"publisher.up", "2Mbit/s", ""},
	{"publisher.to", "edges", "faults=[]"},
	{"publisher.cpu", "0.25", ""},
	{"publisher.streams", "2", ""},
	{"publisher.cuts", "together", "publisher.streams=3"},
	{"token.fragment", "64KiB", ""},
	{"token.header", "32B", ""},
	{"token.encoding", "cbor", ""},
	{"token.encoding", "protobuf", ""},
	{"token.encoding", "json", ""},
	{"token.proof", "list", "token.fragment=4KiB"},
	{"token.proof", "signature", ""},
	{"token.delay", "5ms", ""},
	{"providers.count", "13", ""},
	{"providers.sites", "7", ""},
	{"providers.unequal", "1.2", ""},
	{"providers.up", "20Mbit/s", ""},
	{"providers.regions.0", "na_west", ""},
	{"edges.count", "4", ""},
	{"edges.sites", "2", "faults.0.of=edges"},
	{"edges.up", "10Mbit/s", ""},
	{"edges.regions.0", "na_west", ""},
	{"edges.liars", "100%", reported},
	{"swarm.selection", "random", ""},
	{"swarm.selection", "least-load", ""},
	{"swarm.selection", "throughput", ""},
	{"swarm.discovery", "gossip", ""},
	{"swarm.discovery", "dht", ""},
	{"swarm.servers", "storage", ""},
	{"swarm.ahead", "2", ""},
	{"swarm.delivery", "push", ""},
	{"swarm.schedule", "rarest", ahead + "}"},
	{"swarm.schedule", "mixed", ahead + ", high_demand: 2s}"},
	{"swarm.high_demand", "2s", ahead + ", schedule: mixed}"},
	{"swarm.edges", "1", "swarm.selection=random"},
	{"swarm.sense", "4s", reported},
	{"swarm.jitter", "3s", reported},
	{"catalogue.titles", "9", onDemand},
	{"catalogue.exponent", "2", onDemand},
	{"catalogue.length", "20s", onDemand},
	{"edges.cache", "lru", "edges.capacity=300kB"},
	{"edges.cache", "w-tinylfu", onDemand},
	{"edges.capacity", "1MB", onDemand},
	{"edges.admission", "floor", "edges.up=1Mbit/s"},
	{"storage.scheme", "replication", ""},
	{"storage.k", "3", ""},
	{"storage.n", "5", ""},
	{"storage.placement", "ring", ""},
	{"storage.extra", "1", ""},
	{"storage.repair", "eager", watched},
	{"storage.threshold", "1", "storage={repair: lazy, audit: 1s}"},
	{"storage.audit", "1s", ""},
	{"storage.detect", "1s", watched},
	{"swarm.neighbours", "3", ""},
	{"swarm.uploads", "1", ""},
	{"swarm.peer_wait", "200ms", ""},
	{"swarm.seed_share", "60%", ""},
	{"swarm.urgent", "4s", ""},
	{"swarm.silence", "300ms", "faults.0.of=edges"},
	{"swarm.patience", "2s", "edges.up=1Mbit/s"},
	{"swarm.hedge", "300ms", ""},
	{"swarm.reach", "0s", ""},
	{"swarm.local", "0%", ""},
	{"player.replace", "left", replacing},
	{"player.replace", "right", replacing},
	{"player.algorithm", "throughput", ""},
	{"player.safety", "30%", "player.algorithm=throughput"},
	{"player.rendition", "2", "player.algorithm=fixed"},
	{"player.buffer", "5s", ""},
	{"player.start", "4s", ""},
	{"player.resume", "4s", "edges.up=1Mbit/s"},
	{"payment.method", "central", ""},
	{"payment.price_per_hour", "$0.50", ""},
	{"payment.payout_delay", "720h", "payment.method=central"},
	{"payment.deposit", "0.00001ETH", ""},
	{"payment.credit", "2", ""},
	{"payment.optimistic", "0s", ""},
	{"payment.preopened", "true", ""},
	{"payment.interval", "20s", "payment.method=l1"},
	{"payment.growth", "9s", "payment={method: interval, interval: 2s}"},
	{"payment.refresh", "50%", "payment.method=credit"},
	{"payment.hub.hops", "3", hubs},
	{"payment.hub.count", "1", hubs},
	{"payment.hub.regions.0", "east_asia", hubs},
	{"payment.hub.fee", "2%", hubs},
	{"payment.hub.fixed", "1gwei", hubs},
	{"payment.hub.capacity", "0.01ETH", hubs},
	{"payment.hub.redeem", "0%", hubs},
	{"payment.collateral", "2", "payment.method=pool"},
	{"payment.one_in", "3", "payment.method=tickets"},
	{"payment.face", "100", "payment.method=tickets"},
	{"payment.platform_cut", "10%", "payment.method=central"},
	{"payment.rounding", "percent", "payment={method: central, split: [{payee: creator, share: 69.5%}, {payee: performer, share: 30.5%}]}"},
	{"payment.signatures", "modelled", ""},
	{"payment.real_payers", "3", ""},
	{"payment.sample", "2", "payment.signatures=modelled"},
	{"payment.split", "[{payee: creator, share: 90%}, {payee: edges, share: 10%}]", ""},
	{"payment.licence.period", "10s", ""},
	{"payment.licence.ttl", "6s", "payment.licence.period=10s"},
	{"payment.licence.read", "200ms", "payment.licence.period=10s"},
	{"payment.licence.held", "true", "payment.licence.period=10s"},
	{"payment.licence.proof", "light", "payment.licence={period: 10s, ttl: 4s}"},
	{"payment.licence.proof", "capability", "payment.licence={period: 10s, ttl: 4s}"},
	{"payment.licence.ttl", "9s", "payment.licence={period: 20s, ttl: 1s, proof: light}"},
	{"payment.licence.ttl", "9s", "payment.licence={period: 20s, ttl: 1s, proof: capability}"},
	{"payment.licence.read", "200ms", "payment.licence={period: 20s, proof: light}"},
	{"payment.licence.revoked", "50%", "payment.licence.period=10s"},
	{"payment.licence.after", "3s", "payment.licence={period: 10s, revoked: 50%}"},
	{"payment.sales", "[]", sale},
	{"payment.sales.0.at", "15s", sale},
	{"payment.sales.0.of", "performer", sale},
	{"payment.sales.0.to", "edges", sale},
	{"payment.sales.0.royalty", "1gwei", sale},
	{"storage.deals.bond", "0.02ETH", deals},
	{"storage.deals.price", "0.003ETH", deals},
	{"storage.deals.period", "20s", deals},
	{"storage.deals.window", "3s", deals},
	{"ledger.fork", "amsterdam", ""},
	{"ledger.missed", "30%", ""},
	{"ledger.bump_after", "2s", ""},
	{"ledger.gossip", "3s", ""},
	{"ledger.elasticity", "3", "ledger.background=90%"},
	{"ledger.fees.steps.0.for", "3s", "ledger.fees.steps=" + fees},
	{"ledger.fees.steps.0.base_fee", "0.2gwei", "ledger.fees.steps=" + fees},
	{"ledger.fees.loop", "hold", "ledger.fees.steps=" + fees},
	{"ledger.blob_fee", "1gwei", ""},
	{"ledger.blob_background", "90%", ""},
	{"ledger.reorgs.rate", "50%", ""},
	{"ledger.reorgs.depth", "5", "ledger.reorgs.rate=30%"},
	{"ledger.finality", "1m", ""},
	{"ledger.rollup.on", "true", ""},
	{"ledger.rollup.block_time", "250ms", rollup},
	{"ledger.rollup.gas_limit", "10000000", rollup},
	{"ledger.rollup.base_fee", "0.02gwei", rollup},
	{"ledger.rollup.tip", "0.002gwei", rollup},
	{"ledger.rollup.receipt", "posted", rollup},
	{"ledger.rollup.data", "calldata", rollup},
	{"ledger.rollup.batch_size", "1kB", rollup},
	{"ledger.rollup.batch_every", "2s", rollup},
	{"ledger.rollup.compression", "90%", rollup},
	{"ledger.rollup.outage.at", "9s", outage},
	{"ledger.rollup.outage.for", "9s", outage},
	{"ledger.rollup.force_after", "5s", outage},
	{"ledger.rollup.lies", "30%", "payment.method=rollup"},
	{"ledger.rollup.withdraw_delay", "0s", rollup},
	{"ledger.block_time", "3s", ""},
	{"ledger.gas_limit", "30000000", ""},
	{"ledger.base_fee", "0.02gwei", ""},
	{"ledger.tip", "0.002gwei", ""},
	{"ledger.fee_cap", "0.0102gwei", "ledger.tip=0.002gwei"},
	{"ledger.background", "90%", ""},
	{"ledger.confirmations", "3", ""},
	{"ledger.pool", "2", ""},
	{"ledger.eth_price", "$2000", ""},
	{"cpu.parse", "1Gbit/s", ""},
	{"cpu.cut", "1Gbit/s", ""},
	{"cpu.hash", "1Gbit/s", ""},
	{"cpu.node", "1us", ""},
	{"cpu.header", "1Mbit/s", ""},
	{"token.sealed", "true", ""},
	{"cpu.cipher", "1Gbit/s", "token.sealed=true"},
	{"cpu.erasure", "1Gbit/s", ""},
	{"cpu.seal", "2ms", ""},
	{"cpu.check", "2ms", ""},
	{"cpu.voucher_sign", "2ms", ""},
	{"cpu.voucher_verify", "2ms", ""},
	{"cpu.proof", "2ms", "payment.licence={period: 10s, proof: light}"},
	{"prices.publisher.price", "$1/GB", ""},
	{"prices.provider.price", "$1/GB", ""},
	{"prices.edge.price", "$1/GB", ""},
	{"prices.viewer.price", "$1/GB", ""},
	{"prices.relay.price", "$1/GB", "network.nat.share=60%"},
	{"prices.storage.price", "$100/GB-month", ""},
	{"prices.compute.price", "$10/core-hour", ""},
	{"prices.device.price", "$10/core-hour", ""},
	{"prices.capital.price", "50%/year", ""},
	{"prices.card.price", "9%", "payment.method=central"},
	{"prices.card_fixed.price", "$1/payment", "payment.method=central"},
	{"prices.top_up.price", "$1", "payment.method=central"},
	{"prices.exchange.price", "9%", ""},
	{"prices.edge.source", "a friend", ""},
	{"prices.edge.date", "2020-01-01", ""},
	{"faults", "[]", ""},
	{"faults.0.of", "edges", ""},
	{"faults.0.sites", "2", ""},
	{"providers.operators", "3", "faults=[{kind: blackout, of: providers, operators: 1, chosen: [0], at: 14s, for: 6s}]"},
	{"providers.racks", "2", "faults=[{kind: blackout, of: providers, racks: 1, chosen: [0], at: 14s, for: 6s}]"},
	{"edges.operators", "3", "faults=[{kind: blackout, of: edges, operators: 1, chosen: [0], at: 14s, for: 6s}]"},
	{"edges.racks", "2", "edges.count=6; faults=[{kind: blackout, of: edges, racks: 1, chosen: [0], at: 14s, for: 6s}]"},
	{"population.operators", "2", "faults=[{kind: partition, of: viewers, operators: 1, at: 10s, for: 6s}]"},
	{"faults.0.operators", "3", "faults=[{kind: partition, of: viewers, operators: 1, at: 10s, for: 6s}]"},
	{"faults.0.operators", "2", "providers.operators=3; faults=[{kind: blackout, of: providers, operators: 1, at: 14s, for: 6s}]"},
	{"faults.0.racks", "4", "providers.racks=2; faults=[{kind: blackout, of: providers, racks: 1, at: 14s, for: 6s}]"},
	{"faults.0.chosen", "[2]", "faults=[{kind: blackout, of: providers, sites: 1, chosen: [0], at: 14s, for: 6s}]"},
	{"faults.0.titles", "[1]", onDemand + "; faults=[{kind: censorship, of: edges, share: 60%, titles: [0], at: 10s, for: 6s}]"},
	{"faults.0.regions", "[europe]", "faults=[{kind: censorship, of: edges, share: 60%, at: 10s, for: 6s}]"},
	{"faults.0.share", "90%", "faults=[{kind: censorship, of: providers, share: 30%, at: 10s, for: 6s}]"},
	{"faults.0.wiped", "true", "faults=[{kind: blackout, of: providers, sites: 2, at: 14s, for: 4s}]"},
	{"faults.0.of", "directory", "faults=[{kind: crash, of: viewers, at: 8s, for: 6s}]"},
	{"faults.0.share", "90%", "faults=[{kind: errors, of: providers, share: 30%, at: 14s, for: 6s}]"},
	{"faults.0.nodes", "3", "faults=[{kind: removal, of: providers, nodes: 2, at: 14s, for: 6s}]"},
	{"faults.0.regions", "[europe]", "faults=[{kind: partition, of: viewers, at: 10s, for: 6s}]"},
	{"faults.0.classes", "[dsl]", "faults=[{kind: degrade, of: viewers, rate: 10%, at: 10s, for: 6s}]"},
	{"faults.0.sites", "1", "faults=[{kind: freeze, of: edges, at: 10s, for: 6s}]"},
	{"faults.0.share", "50%", "faults=[{kind: crash, of: viewers, at: 10s, for: 6s}]"},
	{"faults.0.way", "in", "faults=[{kind: partition, of: publisher, way: out, at: 10s, for: 6s}]"},
	{"faults.0.rate", "1%", "faults=[{kind: degrade, of: edges, rate: 90%, at: 10s, for: 6s}]"},
	{"faults.0.latency", "1s", "faults=[{kind: degrade, of: edges, rate: 90%, at: 10s, for: 6s}]"},
	{"faults.0.loss", "20%", "faults=[{kind: degrade, of: edges, rate: 90%, at: 10s, for: 6s}]"},
	{"faults.0.to", "dsl", "faults=[{kind: move, of: viewers, to: 4g, at: 10s, for: 6s}]"},
	{"faults.0.gap", "3s", "faults=[{kind: move, of: viewers, to: 4g, at: 10s, for: 6s}]"},
	{"faults.0.renditions", "[1]", "faults=[{kind: drm, renditions: [0, 3], at: 10s, for: 4s}]"},
	{"faults.0.at", "12s", ""},
	{"faults.0.for", "3s", ""},
	{"attacks", "[]", griefed},
	{"attacks.0.at", "40s", griefed},
	{"attacks.0.for", "80s", titled},
	{"attacks.0.window", "20s", griefed},
	{"attacks.0.count", "2", stale},
	{"attacks.0.value", "0.002ETH", stale},
	{"attacks.0.offline", "10s", stale},
	{"attacks.0.towers", "100%", stale},
	{"attacks.0.tower_delay", "20s", towered},
	{"attacks.0.tower_fee", "1gwei", towered},
	{"attacks.0.fee_cap", "0.5gwei", stuffed},
	{"attacks.0.stuffing", "2gwei", stuffed},
	{"attacks.0.visibility", "100%", fronted},
	{"attacks.0.recipients", "2", fronted},
	{"attacks.0.deposit", "2", fronted},
	{"attacks.0.reserve", "5", fronted},
	{"attacks.0.refill", "1", dusted},
	{"attacks.0.collateral", "1.5", overspent},
	{"attacks.0.rate", "9", titled},
	{"attacks.1.share", "100%", censored},
	{"ledger.contracts", "TicketsStranger", griefed},
}

const waves = "population={arrival: trace, trace: [{for: 3s, weight: 1}, {for: 4s, weight: 5}]}"

// replacing is a world whose viewers watch a catalogue over links that rise.
const replacing = "catalogue={titles: 2, length: 20s}; edges.cache=lru; swarm.neighbours=0; player.algorithm=throughput; network.classes=[{name: 4g, trace: {steps: [{for: 8s, down: 900kbit/s, up: 1Mbit/s}, {for: 48s, down: 30Mbit/s, up: 5Mbit/s}]}}]; population.classes=[{name: 4g, weight: 1}]"

const fees = "[{for: 6s, base_fee: 0.01gwei}, {for: 5s, base_fee: 0.03gwei}]"

const stations = "network.latency.places=[{rtt: [5ms, 80ms]}, {rtt: [80ms, 5ms]}]"

const sale = "payment.sales=[{at: 8s, of: creator, to: label}]"
const rollup = "ledger.rollup.on=true"
const outage = "ledger.rollup={on: true, outage: {at: 6s, for: 30s}}"
const hubs = "payment={method: hub, preopened: true}"
const onDemand = "catalogue={titles: 30, length: 10s}; swarm.neighbours=0; edges={cache: lru, capacity: 400kB}; population.viewers=60"

const reported = "swarm={selection: least-load, neighbours: 2}; edges.up=2Mbit/s"
const deals = "storage={audit: 1s, detect: 1s, deals: {bond: 0.01ETH, price: 0.001ETH, period: 12s, window: 6s}}; faults=[{kind: lies, of: providers, share: 50%, at: 9s, for: 1h}]"
const watched = "storage.audit=1s"
const backbone = "network.backbone=[{from: europe, to: europe, rate: 1Mbit/s}]"
const class = "[{name: cable, down: 9Mbit/s, up: 2Mbit/s, latency: 4ms, loss: 1%, jitter: 1ms}]"
const traced = "network.classes=[{name: cable, trace: {steps: [{for: 2s, down: 9Mbit/s, up: 5Mbit/s}, {for: 3s, down: 700kbit/s, up: 100kbit/s}, {for: 5s, down: 3Mbit/s, up: 2Mbit/s}]}}]"

// together are keys that cannot change alone: each kind of fault has a key of its own, and
// the shares of a split make 100% (the split as a whole is turned above).
var together = []string{"attacks.N.kind", "faults.N.kind", "payment.split.N.payee", "payment.split.N.share"}

// onHosts are the keys that real hosts read alone: TestKnobs of
// package netem/packet turns each of packets, tests of package sim/hosts one of
// those and hosts.transport.
var onHosts = map[string]string{"packets.aqm": "fq_codel", "packets.buffer": "20kB", "packets.receive_buffer": "9kB", "packets.mtu": "1400",
	"packets.reorder": "true", "packets.duplicate": "1%", "packets.corrupt": "1%", "hosts.transport": "tcp"}

// What only real hosts read is said to be of no effect, and is of none.
func TestKnobsOfHostsAreNotHeeded(t *testing.T) {
	base := run(t, load(t, small), 1)
	for key, value := range onHosts {
		r := run(t, load(t, small, key+"="+value), 1)
		section, _, _ := strings.Cut(key, ".")
		told := slices.ContainsFunc(r.Notes, func(n string) bool { return strings.HasPrefix(n, "not heeded: "+section) })
		same := fmt.Sprint(r.Values, r.Series) == fmt.Sprint(base.Values, base.Series)
		if !told || !same || slices.ContainsFunc(base.Notes, func(n string) bool { return strings.HasPrefix(n, "not heeded") }) {
			t.Errorf("%s=%s: said so %v, the same figures %v", key, value, told, same)
		}
	}
}

// elsewhere are the keys that a run here never sees: packages sim/economy
// and sim/archive turn what is read without network and video, package scenarios
// unfolds a sweep into variants.
var elsewhere = regexp.MustCompile(`^(archive|economy|sweep)\.`)

// quoted are who says a price, and when.
var quoted = regexp.MustCompile(`^prices\.[a-z_]+\.(source|date)$`)

// A knob that no model reads is a defect: turning any one of them changes the
// run.
func TestEveryKnobDoesSomething(t *testing.T) {
	base := map[string]string{}
	for _, k := range slices.Concat(knobs, ofHabits) {
		var first []string
		if k.first != "" {
			first = strings.Split(k.first, "; ")
		}
		if base[k.first] == "" {
			base[k.first] = run(t, load(t, small, first...), 1).Digest
		}
		sets := append(first, k.key+"="+k.value)
		if got := run(t, load(t, small, sets...), 1).Digest; got == base[k.first] {
			t.Errorf("%s=%s changes nothing", k.key, k.value)
		}
	}
}

// Every key of the reference page is turned by the test above.
func TestNoKnobIsForgotten(t *testing.T) {
	turned := map[string]bool{}
	for _, k := range slices.Concat(knobs, ofHabits) {
		turned[regexp.MustCompile(`\.\d+`).ReplaceAllString(k.key, ".N")] = true
	}
	for _, k := range append(described, together...) {
		turned[k] = true
	}
	keys := regexp.MustCompile("(?m)^\\| `([a-zA-Z0-9_.]+)`").FindAllSubmatch(scenarios.Reference(), -1)
	if len(keys) < 80 {
		t.Fatalf("the reference page names only %d keys", len(keys))
	}
	for _, k := range keys {
		key := string(bytes.TrimSpace(k[1]))
		if elsewhere.MatchString(key) || onHosts[key] != "" {
			continue
		}
		below := func(k string) bool { return strings.HasPrefix(k, key+".") }
		if quoted.MatchString(key) { // one field for all quotes: the edge's are turned
			key = quoted.ReplaceAllString(key, "prices.edge.$1")
		}
		if !turned[key] && !slices.ContainsFunc(slices.Collect(maps.Keys(turned)), below) && !slices.Contains(files, key) {
			t.Errorf("%s is turned by no test", key)
		}
	}
}
