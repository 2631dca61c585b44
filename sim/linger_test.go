package sim

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

// Who says goodbye to one edge and goes on with the next watches no further where
// the first goodbye closes the channel, and pays for what it gets where none is
// closed. Every run compares what all edges have sent with the money that came.
func TestWhoLingersPays(t *testing.T) {
	for _, m := range payment.Method("").Names() {
		t.Run(m, func(t *testing.T) {
			pay := "payment={method: " + m + ", interval: 4s, one_in: 3, optimistic: 4s}"
			calm := []string{pay, "faults=[]", "population.initial=100%", "population.session={law: endless, scale: 0s}", "population.pollutes=0%", "population.defaults=0%", "population.lingers=50%"}
			r := run(t, load(t, small, calm...), 1)
			cfg := payment.Default()
			cfg.Method = payment.Method(m)
			closes := cfg.Needs().Lock > 0 && !cfg.Needs().Direct
			if denied := r.Values[result.Denied]; closes && denied == 0 {
				t.Error("nobody who says goodbye is turned away")
			}
		})
	}
}

// A deaf edge hears of no goodbye, from the publisher or from the chain, but that nobody
// has counted anything.
type deaf struct{ *protocol.Edge }

func (d deaf) Step(now time.Duration, in *protocol.Input, out *protocol.Output) {
	said := in.Kind == protocol.Deliver && in.From == publisherID && in.Msg.Kind == protocol.Pay
	seen := in.Kind == protocol.Confirm && in.Receipt.From == payment.Account(publisherID)
	if said {
		in.Msg = &protocol.Message{Kind: protocol.Turn, Payer: in.Msg.Payer, Bytes: make([]byte, 8)}
	}
	if !seen {
		d.Edge.Step(now, in, out)
	}
}

// Edges that take payments after a goodbye lose money, and the run says so.
func TestLingeringIsCaught(t *testing.T) {
	s := load(t, small, "duration=60s", "payment={method: channel, preopened: true}", "faults=[]", "swarm.neighbours=0",
		"population={viewers: 8, initial: 100%, session: {law: endless, scale: 0s}, pollutes: 0%, defaults: 0%, lingers: 100%}")
	losesMoney(t, s, func(e *protocol.Edge) protocol.Node { return deaf{e} })
}

// Who shows each payment to several edges, and pays for every second segment, gets no
// more than it pays for: each payment counts at one edge.
func TestWhoDoublesPays(t *testing.T) {
	for _, m := range payment.Method("").Names() {
		t.Run(m, func(t *testing.T) {
			pay := "payment={method: " + m + ", interval: 2s, growth: 0s, credit: 2, one_in: 3, optimistic: 2s}"
			r := run(t, load(t, small, pay, "faults=[]", "swarm.neighbours=0", "population.viewers=8", "population.doubles=50%", "population.initial=100%", "population.session={law: endless, scale: 0s}", "population.pollutes=0%", "population.defaults=0%"), 1)
			if r.Values[result.Denied] == 0 {
				t.Error("nobody is turned away until it pays")
			}
		})
	}
}

// Who locks next to nothing gets the optimistic start, and without one nothing: no
// promise of it is taken for money, whatever it promises.
func TestGriefersGetTheBound(t *testing.T) {
	for _, m := range []string{"channel", "tickets", "hashchain", "interval", "credit", "pool", "hub"} {
		t.Run(m, func(t *testing.T) {
			unpaid := func(optimistic string) float64 {
				r := run(t, load(t, small, "payment={method: "+m+", interval: 2s, one_in: 3, optimistic: "+optimistic+"}", "faults=[]", "swarm.neighbours=0",
					"population={viewers: 8, initial: 100%, pollutes: 0%, defaults: 0%, griefs: 100%, session: {law: endless, scale: 0s}}"), 1)
				if r.Values[result.Denied] == 0 {
					t.Errorf("%s: nobody is turned away", optimistic)
				}
				return r.Values[result.UnpaidBytes]
			}
			if with, without := unpaid("6s"), unpaid("0s"); !(with > without) {
				t.Errorf("%v bytes are free with an optimistic start, %v without", with, without)
			}
		})
	}
}

// A channel with next to nothing in it that is paid out ends what was in it, and no more.
func TestGriefersLockWhatTheyLock(t *testing.T) {
	for _, scale := range []string{"1s", "8s"} { // whose few payments one word covers
		run(t, load(t, small, "payment={method: hashchain, optimistic: 30s}", "faults=[]", "population={griefs: 99%, session: {law: exponential, scale: "+scale+"}}"), 1)
	}
}

// An edge that is paid by itself and was down when its redemptions were confirmed, or when
// payments were handed in, passes on what it has when it is back, and the books wait for it.
func TestEdgesPassOnWhatTheyHold(t *testing.T) {
	for _, fault := range []string{
		"{kind: blackout, of: edges, sites: 1, at: 14s, for: 6s}",
		"{kind: blackout, of: edges, sites: 1, at: 14s, for: 30s}",
		"{kind: freeze, of: edges, at: 14s, for: 60s}",
		"{kind: blackout, of: edges, sites: 1, at: 14s, for: 5h}",
	} {
		r := run(t, load(t, small, "payment={method: pool, preopened: true}", "faults=["+fault+"]", "population={lingers: 99%, session: {law: exponential, scale: 8s}}"), 1)
		if got, want := r.Values[result.SettleTime], 0.0; !(got > want) {
			t.Errorf("%s: settled after %v s", fault, got)
		}
	}
}

// Payments whose receipts come long after them, once a batch is final, or by a detour over
// the first layer, are waited for before the split divides.
func TestTheSplitWaitsForTheLastReceipt(t *testing.T) {
	run(t, load(t, small, "payment={method: pool}", "faults=[]", "ledger={rollup: {on: true, receipt: final}}"), 1)
	for seed := range uint64(3) {
		run(t, load(t, small, "payment={method: rollup}", "faults=[]", "ledger={missed: 50%, confirmations: 8, block_time: 12s, rollup: {outage: {at: 15s, for: 15s}, force_after: 4s}}"), seed+1)
	}
}

// Edges that cannot reach the publisher when payments are handed in are not held to collect.
func TestTheEndOutOfReach(t *testing.T) {
	for _, of := range []string{"publisher", "edges"} {
		run(t, load(t, small, "payment={method: central, credit: 2}", "faults=[{kind: partition, of: "+of+", at: 14s, for: 30s}]", "population.session={law: endless, scale: 0s}"), 1)
	}
}

// Heedless edges say that they have counted nothing, and go on.
type heedless struct{ *protocol.Edge }

func (h heedless) Step(now time.Duration, in *protocol.Input, out *protocol.Output) {
	if in.Kind != protocol.Deliver || in.Msg.Kind != protocol.Turn || len(in.Msg.Bytes) > 0 {
		h.Edge.Step(now, in, out)
		return
	}
	out.Sends = append(out.Sends, protocol.Send{To: publisherID, Msg: protocol.Message{Kind: protocol.Turn, Payer: in.Msg.Payer, Bytes: make([]byte, 16)}})
}

// Edges that do not heed each other serve for the same payment twice, and the run says so.
func TestDoublingIsCaught(t *testing.T) {
	s := load(t, small, "duration=60s", "payment={method: channel, preopened: true, credit: 2}", "faults=[]", "swarm.neighbours=0",
		"population={viewers: 8, initial: 100%, session: {law: endless, scale: 0s}, pollutes: 0%, defaults: 0%, doubles: 100%}")
	losesMoney(t, s, func(e *protocol.Edge) protocol.Node { return heedless{e} })
}

// twice is a small world whose viewers show each payment to all edges.
func twice(t *testing.T, method, faults string) scenarios.Scenario {
	return load(t, small, "duration=60s", "payment={method: "+method+", preopened: true, credit: 2, interval: 2s, growth: 0s, one_in: 3}", "swarm.neighbours=0",
		"faults=["+faults+"]", "population={viewers: 8, initial: 100%, session: {law: endless, scale: 0s}, pollutes: 0%, defaults: 0%, doubles: 100%}")
}

// Whatever parts edges from the publisher, and for however long, a payment counts at one
// of them, but for the bounds that every run holds.
func TestWhoDoublesPaysThroughFaults(t *testing.T) {
	for _, fault := range []string{
		"kind: freeze, of: edges, sites: 1, at: 8s, for: 30s",
		"kind: crash, of: edges, sites: 1, at: 8s, for: 30s",
		"kind: blackout, of: edges, sites: 1, at: 8s, for: 30s",
		"kind: partition, of: edges, sites: 1, at: 8s, for: 30s",
		"kind: partition, of: publisher, way: in, at: 8s, for: 30s",
		"kind: partition, of: publisher, way: out, at: 0.5s, for: 30s",
		"kind: move, of: edges, sites: 1, to: fibre, gap: 25s, at: 8s, for: 30s",
		"kind: move, of: publisher, to: fibre, gap: 25s, at: 8s, for: 30s",
		"kind: degrade, of: publisher, loss: 50%, at: 0.5s, for: 40s",
	} {
		for _, method := range []string{"channel", "central", "tickets", "hashchain", "credit", "interval", "rollup"} {
			for _, seed := range []uint64{1, 3} {
				if seed > 1 && method != "channel" && method != "central" {
					continue
				}
				t.Run(fmt.Sprintf("%s/%s-%d", fault, method, seed), func(t *testing.T) { run(t, twice(t, method, "{"+fault+"}"), seed) })
			}
		}
	}
}

// A loser loses one message between an edge and the publisher about who counts.
type loser struct {
	*protocol.Edge
	left *int // until the one that is lost
}

func (l loser) lost(k protocol.MsgKind) bool {
	if k != protocol.Turn && k != protocol.Agree && k != protocol.Lease {
		return false
	}
	*l.left--
	return *l.left == 0
}

func (l loser) Step(now time.Duration, in *protocol.Input, out *protocol.Output) {
	if in.Kind == protocol.Deliver && l.lost(in.Msg.Kind) {
		return
	}
	had := len(out.Sends)
	l.Edge.Step(now, in, out)
	kept := out.Sends[:had]
	for _, s := range out.Sends[had:] {
		if !l.lost(s.Msg.Kind) {
			kept = append(kept, s)
		}
	}
	out.Sends = kept
}

// Whichever of the first messages about who counts is lost, a payment counts at one edge,
// and who pays is served.
func TestAnyMessageOfATurnMayBeLost(t *testing.T) {
	honest := load(t, small, "payment={method: central, credit: 2}", "faults=[]", "swarm.neighbours=0",
		"population={viewers: 6, initial: 100%, session: {law: endless, scale: 0s}, pollutes: 0%, defaults: 0%}")
	without := func(n int, s scenarios.Scenario) []float64 {
		w, err := newWorld(Flows, s, clip(t), 1)
		if err != nil {
			t.Fatal(err)
		}
		left := n
		for i, e := range w.edges {
			w.nodes[w.stream.Edges[i]] = loser{e, &left}
		}
		r, err := w.run(context.Background())
		if err != nil || left > 0 {
			t.Fatalf("without message %d, %d left: %v", n, left, err)
		}
		return r.Values
	}
	whole := run(t, honest, 1).Values
	for n := 1; n <= 24; n++ {
		without(n, twice(t, "central", ""))
		got := without(n, honest)
		for _, m := range []result.MetricID{result.NeverStarted, result.StalledViewers, result.Paid} {
			if got[m] != whole[m] {
				t.Errorf("without message %d metric %d is %v, not %v: not all who pay are served", n, m, got[m], whole[m])
			}
		}
	}
}

// An edge that never comes back takes with it what it has not handed in; that is
// no fault of the protocol's.
func TestWhatALostEdgeServedIsLost(t *testing.T) {
	for _, m := range []string{"central", "channel"} {
		r := run(t, load(t, small, "payment={method: "+m+"}", "swarm.neighbours=0", "edges.sites=1", "edges.count=1",
			"faults=[{kind: blackout, of: edges, sites: 1, at: 14s, for: 30m}]"), 1)
		if r.Values[result.Paid] >= run(t, load(t, small, "payment={method: "+m+"}", "swarm.neighbours=0", "edges.sites=1", "edges.count=1", "faults=[]"), 1).Values[result.Paid] {
			t.Errorf("%s: as much is paid as if the edge had stayed", m)
		}
	}
}

// losesMoney holds that a run whose edges are replaced ends with money that nobody
// can collect.
func losesMoney(t *testing.T, s scenarios.Scenario, by func(*protocol.Edge) protocol.Node) {
	t.Helper()
	w, err := newWorld(Flows, s, clip(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range w.edges {
		w.nodes[w.stream.Edges[i]] = by(e)
	}
	_, err = w.run(context.Background())
	var b *Broken
	if !errors.As(err, &b) || b.Invariant != "what is served is collected" {
		t.Errorf("the run ends with %v", err)
	}
}
