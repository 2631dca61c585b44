package netem

import (
	"math"
	"testing"

	"kinetoscope/internal/unit"
)

// Who is open reaches everybody; of two behind NATs, punched holes serve a
// share of the pairs, the same in both directions, and relays the others.
func TestRelays(t *testing.T) {
	const nodes = 300
	for _, tt := range []struct {
		share, symmetric, punch unit.Ratio
		want                    float64 // share of pairs that need a relay
	}{{0, 0, 0.7, 0}, {0.5, 0, 0.7, 0.25 * 0.3}, {1, 0, 1, 0}, {1, 1, 1, 1}, {1, 0.5, 0.7, 1 - 0.25*0.7}} {
		cfg := Default()
		cfg.Spread = 0
		cfg.NAT = NAT{Share: tt.share, Symmetric: tt.symmetric, Punch: tt.punch, Relays: []string{"australia", "na_east"}}
		ends := make([]Endpoint, nodes+1)
		for i := range ends {
			ends[i] = Endpoint{Region: 2, Class: 5} // europe, cable
		}
		ends[nodes].Class = 10 // datacenter
		n := network(t, cfg, ends...)
		relayed, pairs := 0, 0
		for a := range int32(nodes) {
			for b := range a {
				pairs++
				via, ok := n.Relay(a, b)
				if _, back := n.Relay(b, a); back != ok {
					t.Fatalf("%d and %d are relayed in one direction", a, b)
				}
				want := 2*ms + 16*ms
				if ok {
					relayed++
					want = 2*70*ms + 16*ms
				}
				if n.OneWay(a, b) != want || n.RTT(a, b) != 2*want || ok && Regions()[via] != "na_east" {
					t.Fatalf("one way %v, relayed %v over region %d", n.OneWay(a, b), ok, via)
				}
			}
			if _, ok := n.Relay(a, nodes); ok {
				t.Fatal("a data centre is behind a NAT")
			}
		}
		if got := float64(relayed) / float64(pairs); math.Abs(got-tt.want) > 0.03 {
			t.Errorf("%+v: %.3f of the pairs are relayed", tt, got)
		}
	}
}

// Bytes over relays are counted, and take the backbone both ways.
func TestRelayedBytes(t *testing.T) {
	cfg := plain()
	cfg.NAT = NAT{Share: 1, Classes: []string{"cable"}, Relays: []string{"na_east"}}
	cfg.Backbone = []Backbone{{"europe", "na_east", mbit}, {"na_east", "europe", 2 * mbit}}
	home := Endpoint{Region: 2, Class: 5}
	n := network(t, cfg, home, home, Endpoint{Region: 2, Class: 8}) // the last with 4g, and so open
	n.SendBulk(0, 0, 1, 1_250_000, 0, 1)
	n.SendBulk(0, 0, 2, 1_250_000, 0, 2)
	left := n.play(Never - 1)
	if d := left[1] - 10e9; d < 0 || d > 200*ms || left[2] > left[1]/2 {
		t.Errorf("left at %v", left)
	}
	if n.Measured().Relayed != 1_250_000 {
		t.Errorf("%v went over relays", n.Measured().Relayed)
	}
}

// Who moves comes behind another NAT.
func TestMoveChangesTheNAT(t *testing.T) {
	cfg := plain()
	cfg.NAT = NAT{Share: 1, Classes: []string{"4g"}, Relays: []string{"na_east"}}
	mobile := Endpoint{Region: 2, Class: 8}
	n := network(t, cfg, Endpoint{Region: 2, Class: 7}, mobile)
	if _, ok := n.Relay(0, 1); ok {
		t.Error("fibre is behind a NAT")
	}
	n.Move(0, 0, mobile)
	if _, ok := n.Relay(0, 1); !ok {
		t.Error("4g is not")
	}
}

func TestBadNAT(t *testing.T) {
	cfg := Default()
	cfg.NAT = NAT{Share: 0.5, Classes: []string{"train"}}
	want := `nat.classes.0: there is no access class "train": the names are reliable, home, laggy, constrained, bad, cable, dsl, fibre, 4g, 5g, datacenter` +
		"\nnat.relays: there is none, so that endpoints behind NATs could not talk: name a region"
	if err := cfg.Validate(); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
	cfg.NAT = NAT{Relays: []string{"mars"}}
	if err := cfg.Validate(); err == nil {
		t.Error("a relay on mars")
	}
}
