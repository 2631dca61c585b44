package scenarios

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// badNetwork is a bad value for each key of what a network does, and what is
// said of it.
var badNetwork = []struct{ key, source, want string }{
	{"network.jitter", "network: {jitter: -1}", "-1 is not a factor from 0 to 100"},
	{"network.jitter_shape", "network: {jitter_shape: flat}", "flat is unknown: allowed are exponential, lognormal, pareto"},
	{"network.loss", "network: {loss: some}", "some is unknown: allowed are none, random, bursty"},
	{"network.burst", "network: {loss: bursty, burst: 0.5}", "0.5 packets in a row is not between 1 and 1000"},
	{"network.late_loss", "network: {late_loss: 101%}", "101% is above 100%: a ratio lies between 0% and 100%"},
	{"network.queue", "network: {queue: 1m}", "1m0s is not between 0s and 10s"},
	{"network.startup", "network: {startup: slow}", "slow is neither true nor false"},
	{"network.spread", "network: {spread: 60%}", "60% is not between 0% and 50%"},
	{"network.sharing", "network: {sharing: fifo}", "fifo is unknown: allowed are exact, lazy"},
	{"network.latency", "network: {latency: 40ms}", "found 40ms where keys are due"},
	{"network.latency.dataset", "network: {latency: {dataset: nowhere/at-all}}", "there is no nowhere/at-all in the working directory, which is that of the scenario"},
	{"network.latency.places", "network: {latency: {places: 7}}", "found 7 where a list is due"},
	{"network.latency.places.N.rtt", "network: {latency: {places: [{rtt: [1ms, 2ms]}]}}", "2 times, but there are 1 places: write the time to each"},
	{"network.backbone", "network: {backbone: 1Gbit/s}", "found 1Gbit/s where a list is due"},
	{"network.backbone.N.from", "network: {backbone: [{from: atlantis, to: europe, rate: 1Gbit/s}]}", "there is no region \"atlantis\""},
	{"network.backbone.N.to", "network: {backbone: [{from: europe, to: atlantis, rate: 1Gbit/s}]}", "there is no region \"atlantis\""},
	{"network.backbone.N.rate", "network: {backbone: [{from: europe, to: europe, rate: 0bit/s}]}", "0bit/s is not between 1kbit/s and 1000Gbit/s"},
	{"network.nat", "network: {nat: many}", "found many where keys are due"},
	{"network.nat.share", "network: {nat: {share: 120%}}", "120% is above 100%: a ratio lies between 0% and 100%"},
	{"network.nat.classes", "network: {nat: {share: 50%, classes: [boat]}}", "there is no access class \"boat\""},
	{"network.nat.symmetric", "network: {nat: {share: 50%, symmetric: -1%}}", "-1% is negative: a ratio lies between 0% and 100%"},
	{"network.nat.punch", "network: {nat: {share: 50%, punch: 101%}}", "101% is above 100%: a ratio lies between 0% and 100%"},
	{"network.nat.relays", "network: {nat: {share: 50%, relays: [atlantis]}}", "there is no region \"atlantis\""},
	{"network.classes", "network: {classes: boat}", "found boat where a list is due"},
	{"network.classes.N.name", "network: {classes: [{down: 1Mbit/s, up: 1Mbit/s}]}", "is missing: name the class"},
	{"network.classes.N.down", "network: {classes: [{name: boat, down: 0bit/s, up: 1Mbit/s}]}", "0bit/s is not between 1kbit/s and 1000Gbit/s"},
	{"network.classes.N.up", "network: {classes: [{name: boat, down: 1Mbit/s, up: 2000Gbit/s}]}", "2000Gbit/s is not between 1kbit/s and 1000Gbit/s"},
	{"network.classes.N.latency", "network: {classes: [{name: boat, down: 1Mbit/s, up: 1Mbit/s, latency: 11s}]}", "11s is not between 0s and 10s"},
	{"network.classes.N.loss", "network: {classes: [{name: boat, down: 1Mbit/s, up: 1Mbit/s, loss: 51%}]}", "51% is not between 0% and 50%: a dark endpoint is a fault, not a class"},
	{"network.classes.N.jitter", "network: {classes: [{name: boat, down: 1Mbit/s, up: 1Mbit/s, jitter: 1m}]}", "1m0s is not between 0s and 10s"},
	{"network.classes.N.trace", "network: {classes: [{name: boat, trace: [1, 2]}]}", "found a list where keys are due"},
	{"network.classes.N.trace.file", "network: {classes: [{name: boat, trace: {file: no/such.csv}}]}", "there is no no/such.csv in the working directory, which is that of the scenario"},
	{"network.classes.N.trace.dataset", "network: {classes: [{name: boat, trace: {dataset: nowhere/at-all}}]}", "there is no nowhere/at-all in the working directory, which is that of the scenario"},
	{"network.classes.N.trace.steps", "network: {classes: [{name: boat, trace: {steps: 5}}]}", "found 5 where a list is due"},
	{"network.classes.N.trace.steps.N.for", "network: {classes: [{name: boat, trace: {steps: [{for: 0s, down: 1Mbit/s, up: 1Mbit/s}]}}]}", "0s is not between 1ms and 24h0m0s"},
	{"network.classes.N.trace.steps.N.down", "network: {classes: [{name: boat, trace: {steps: [{for: 1s, down: 2000Gbit/s, up: 1Mbit/s}]}}]}", "2000Gbit/s is neither 0bit/s nor between 1kbit/s and 1000Gbit/s"},
	{"network.classes.N.trace.steps.N.up", "network: {classes: [{name: boat, trace: {steps: [{for: 1s, down: 1Mbit/s, up: 2000Gbit/s}]}}]}", "2000Gbit/s is neither 0bit/s nor between 1kbit/s and 1000Gbit/s"},
	{"network.classes.N.trace.loop", "network: {classes: [{name: boat, trace: {loop: round, steps: [{for: 1s, down: 1Mbit/s, up: 1Mbit/s}]}}]}", "round is unknown: allowed are repeat, hold, mirror"},
	{"network.classes.N.trace.offset", "network: {classes: [{name: boat, trace: {offset: 3s, steps: [{for: 1s, down: 1Mbit/s, up: 1Mbit/s}]}}]}", "3s is neither true nor false"},
	{"packets.aqm", "packets: {aqm: red}", "red is unknown: allowed are drop_tail, fq_codel"},
	{"packets.buffer", "packets: {buffer: 2GiB}", "2GiB is not between 0B and 1GiB"},
	{"packets.receive_buffer", "packets: {receive_buffer: 0B}", "0B is not between 2KiB and 1GiB"},
	{"packets.mtu", "packets: {mtu: 575}", "575 is not between 576 and 65535"},
	{"packets.reorder", "packets: {reorder: 3}", "3 is neither true nor false"},
	{"packets.duplicate", "packets: {duplicate: 60%}", "60% is not between 0% and 50%"},
	{"packets.corrupt", "packets: {corrupt: 60%}", "60% is not between 0% and 50%"},
	{"hosts.transport", "hosts: {transport: sctp}", "sctp is unknown: allowed are quic, tcp"},
}

// Every bad value is refused where it stands, with what is allowed; and no key of
// the reference page is left out.
func TestBadNetworks(t *testing.T) {
	index := regexp.MustCompile(`\b\.\d+([.:])`)
	shown := map[string]bool{}
	for _, tt := range slices.Concat(badNetwork, badPresence, badMoney) {
		shown[tt.key] = true
		_, err := Load("x.yaml", []byte(tt.source), nil)
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("%s: got %v, want an *Error", tt.source, err)
			continue
		}
		inPlace(t, tt.key, tt.source, bad)
		said := index.ReplaceAllString(err.Error(), ".N$1")
		if !strings.Contains(said, " "+tt.key+": "+tt.want) && !strings.Contains(said, " "+tt.key+".N: "+tt.want) {
			t.Errorf("%s:\n got %v\nwant %s: ... %s", tt.source, err, tt.key, tt.want)
		}
	}
	for _, k := range regexp.MustCompile("(?m)^\\| `((?:network|packets|hosts|faults|population|payment[.]licence|payment[.]hub)[a-zA-Z0-9_.]*)`").FindAllSubmatch(Reference(), -1) {
		if !shown[string(k[1])] {
			t.Errorf("no bad value of %s is shown", k[1])
		}
	}
}
