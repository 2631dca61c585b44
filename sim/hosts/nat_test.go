package hosts

import (
	"context"
	"fmt"
	"math"
	"testing"

	"kinetoscope/netem/packet"
	"kinetoscope/netem/tcp"
	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/result"
)

// Behind NATs viewers hear each other all the same, also after they have moved:
// through holes that are punched, or over relays where NATs give each
// destination another port.
func TestNATs(t *testing.T) {
	for _, tt := range []struct {
		transport, symmetric string
		holes, relay         bool
	}{{"quic", "0%", true, false}, {"quic", "100%", false, true}, {"tcp", "0%", true, false}, {"tcp", "100%", false, true}} {
		all, err := scenarios.Load("nat.yaml", []byte(`
duration: 20s
live: {delay: 6s}
population: {viewers: 10, initial: 100%}
network: {nat: {share: 100%, punch: 100%, symmetric: `+tt.symmetric+`}}
hosts: {transport: `+tt.transport+`}
faults: [{kind: move, of: viewers, share: 50%, to: cable, at: 12s, for: 4s}]
`), nil)
		if err != nil {
			t.Fatal(err)
		}
		ladder, err := media.Load(all[0].Video)
		if err != nil {
			t.Fatal(err)
		}
		knocks, relayed := 0, 0
		run, err := play(context.Background(), all[0], ladder, 1, func(e packet.Event) {
			switch ip := e.To.Addr().As4(); {
			case e.Kind == packet.Sent && ip[0] == 11:
				relayed++
			case e.Kind == packet.Sent && (len(e.Data) == len(nothing) || meets(&e)):
				knocks++
			case e.Kind == packet.Delivered && e.From.Addr().As4()[0] == 10:
				t.Errorf("%v: an address from behind a NAT is seen outside: %v", tt, e.From)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		flow, err := sim.Run(context.Background(), all[0], ladder, 1)
		if err != nil {
			t.Fatal(err)
		}
		want, got := flow.Values[result.RelayShare], run.Values[result.RelayShare]
		if (got > 0) != tt.relay || tt.transport == "quic" && math.Abs(got-want) > 0.15 {
			t.Errorf("%+v: %v of the bytes over relays, %v with flows", tt, got, want)
		}
		if over, due := relays(run.Notes); math.Abs(over-due) > 1 || (over > 0) != tt.relay {
			t.Errorf("%+v: %v %% over relays, %v %% due: %q", tt, over, due, run.Notes)
		}
		if (knocks > 0) != tt.holes || (relayed > 0) != tt.relay {
			t.Errorf("%+v: %d knocks, %d packets to relays", tt, knocks, relayed)
		}
		least, served := 1.0, 0.2
		if tt.transport == "tcp" { // who moves breaks its connections
			least, served = 0.8, 0.1
		}
		if s, p := run.Values[result.Survival], run.Values[result.PeerShare]; s < least || !(p > served) {
			t.Errorf("%+v: survival %v, %v from peers", tt, s, p)
		}
	}
}

// relays is what the notes say of bytes that came over relays, and had to.
func relays(notes []string) (over, due float64) {
	for _, n := range notes {
		if _, err := fmt.Sscanf(n, "self-check of relays: %f %% of the bytes that arrived came over one, and %f %%", &over, &due); err == nil {
			break
		}
	}
	return over, due
}

// meets says whether a packet opens a connection from the port at which its
// host listens.
func meets(e *packet.Event) bool {
	s, err := tcp.Parse(e.Data)
	return err == nil && e.TCP && s.Flags == tcp.SYN && s.Source == port
}
