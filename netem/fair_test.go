package netem

import (
	"math"
	"slices"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// TestTextbook holds max-min shares of small networks that can be worked out
// by hand. Rates are in Mbit/s; a cap of 0 is none.
func TestTextbook(t *testing.T) {
	type run struct {
		from, to  int32
		cap, want float64
	}
	tests := []struct {
		name string
		ends [][2]float64 // up, down
		runs []run
	}{
		{"alone, uplink limits", [][2]float64{{10, 99}, {99, 100}}, []run{{0, 1, 0, 10}}},
		{"alone, downlink limits", [][2]float64{{100, 99}, {99, 10}}, []run{{0, 1, 0, 10}}},
		{"alone, cap limits", [][2]float64{{100, 99}, {99, 10}}, []run{{0, 1, 3, 3}}},
		{"equal parts of one uplink", [][2]float64{{30, 1}, {1, 100}, {1, 100}, {1, 100}},
			[]run{{0, 1, 0, 10}, {0, 2, 0, 10}, {0, 3, 0, 10}}},
		{"what one leaves the others share", [][2]float64{{30, 1}, {1, 4}, {1, 100}, {1, 100}},
			[]run{{0, 1, 0, 4}, {0, 2, 0, 13}, {0, 3, 0, 13}}},
		{"caps leave the rest", [][2]float64{{30, 1}, {1, 100}, {1, 100}, {1, 100}},
			[]run{{0, 1, 2, 2}, {0, 2, 0, 18}, {0, 3, 10, 10}}},
		{"not saturated, all capped", [][2]float64{{30, 1}, {1, 100}, {1, 100}},
			[]run{{0, 1, 2, 2}, {0, 2, 3, 3}}},
		{"a chain of three bottlenecks", [][2]float64{{10, 1}, {100, 100}, {100, 12}, {1, 100}},
			// 0 gives 5 each; 2 takes 5 from 0 and 7 from 1; 1 gives 3 the rest.
			[]run{{0, 2, 0, 5}, {0, 3, 0, 5}, {1, 2, 0, 7}, {1, 3, 0, 93}}},
		{"peers both ways", [][2]float64{{10, 50}, {20, 8}, {20, 50}},
			// 1's downlink: 4 and 4; 0's uplink has 6 left; 1's uplink 20.
			[]run{{0, 1, 0, 4}, {2, 1, 0, 4}, {0, 2, 0, 6}, {1, 0, 0, 20}, {2, 0, 0, 16}}},
		{"levels tie", [][2]float64{{10, 10}, {10, 10}}, []run{{0, 1, 0, 10}, {1, 0, 0, 10}}},
	}
	for _, tt := range tests {
		for _, patience := range []int{patience, 0} {
			var ends []Endpoint
			for _, e := range tt.ends {
				ends = append(ends, access(unit.Rate(e[0]*1e6), unit.Rate(e[1]*1e6)))
			}
			n := network(t, plain(), ends...)
			n.patience = patience
			var flows []int32
			for _, r := range tt.runs {
				cap := infinite
				if r.cap > 0 {
					cap = bytesPerNano(unit.Rate(r.cap * 1e6))
				}
				flows = append(flows, n.start(0, r.from, r.to, 1e9, cap))
			}
			n.settle()
			for i, f := range flows {
				got := n.rateOf(&n.flows[f]) * 8e3
				if math.Abs(got-tt.runs[i].want) > 1e-12*got {
					t.Errorf("%s: flow %d runs at %v Mbit/s, want %v", tt.name, i, got, tt.runs[i].want)
				}
			}
			if err := n.Check(); err != nil {
				t.Errorf("%s: %v", tt.name, err)
			}
		}
	}
}

// Two transfers of 1 MB share 8 Mbit/s; one goes on alone when the other,
// shorter one is done.
func TestCompletionTimes(t *testing.T) {
	n := network(t, plain(), access(8*mbit, gbit), access(gbit, gbit), access(gbit, gbit))
	n.start(0, 0, 1, 500_000, infinite)
	n.start(0, 0, 2, 1_000_000, infinite)
	want := []time.Duration{1 * time.Second, 1500 * ms}
	for i := range want {
		at, ok := n.Next()
		if !ok || at != want[i] {
			t.Errorf("completion %d at %v %t, want %v", i, at, ok, want[i])
		}
		n.Advance(at, func(a Arrival) {
			if int(a.ID) != i+1 || a.To != int32(i+1) {
				t.Errorf("completion %d is %+v", i, a)
			}
		})
	}
	if _, ok := n.Next(); ok {
		t.Error("something is still under way")
	}
}

// Transfers that complete at one time are emitted in the order they began.
func TestArrivalOrder(t *testing.T) {
	var ends []Endpoint
	for range 40 {
		ends = append(ends, access(8*mbit, 8*mbit))
	}
	n := network(t, plain(), ends...)
	for i := range int32(20) {
		n.SendBulk(0, (i*7)%20, 20+(i*3)%20, 1000, 0, uint64(i))
	}
	want := uint64(0)
	n.Advance(time.Second, func(a Arrival) {
		if a.ID != want {
			t.Errorf("transfer %d arrives, want %d", a.ID, want)
		}
		want++
	})
	if want != 20 {
		t.Errorf("%d arrived, want 20", want)
	}
}

func TestSetRates(t *testing.T) {
	n := network(t, Config{}, access(8*mbit, gbit), access(gbit, gbit))
	n.start(0, 0, 1, 2_000_000, infinite)
	n.SetRates(time.Second, 0, 4*mbit, gbit) // 1 MB is left
	if at, _ := n.Next(); at != 3*time.Second {
		t.Errorf("completes at %v, want 3s", at)
	}
	at, _ := n.SendControl(time.Second, 0, 1, 1000, 0) // 2 ms up, 8 us down
	if got := at - time.Second - n.OneWay(0, 1); got != 2008*us {
		t.Errorf("a message takes %v above its latency, want 2.008ms", got)
	}
}

// comesAndGoes has a transfer begin and be cancelled a hundred times, and is how many
// levels were evaluated for that.
func (n *Network) comesAndGoes(from, to int32) int64 {
	before := n.evaluations
	for range 100 {
		f := n.start(0, from, to, 1e9, infinite)
		n.settle()
		n.Cancel(0, n.flows[f].name(f))
		n.settle()
	}
	return n.evaluations - before
}

// A network with a hot uplink has the flows of a thousand sleeping downlinks
// change their rate in a few evaluations.
func TestHotLinkIsCheap(t *testing.T) {
	ends := []Endpoint{access(gbit, gbit)}
	for range 1001 {
		ends = append(ends, access(20*mbit, 20*mbit))
	}
	n := network(t, plain(), ends...)
	for i := range int32(1000) {
		n.start(0, 0, i+1, 1e9, infinite)
	}
	n.settle()
	if got := n.comesAndGoes(0, 1001); got > 400 {
		t.Errorf("%d evaluations for 200 changes, want at most two each", got)
	}
}

// Uplinks that have room for all are not worked out anew while the downlinks of
// their few flows change: only the downlink is.
func TestLinkWithRoomIsCheap(t *testing.T) {
	var ends []Endpoint
	for range 3 {
		ends = append(ends, access(40*mbit, mbit))
	}
	for _, down := range []unit.Rate{20 * mbit, 20 * mbit, 38 * mbit} {
		ends = append(ends, access(mbit, down))
	}
	n := network(t, plain(), ends...)
	for from := range int32(2) {
		for to := range int32(3) {
			n.start(0, from, 3+to, 1e9, infinite)
		}
	}
	n.settle()
	if got := n.comesAndGoes(2, 3); got > 210 {
		t.Errorf("%d evaluations for 200 changes, want about one each", got)
	}
}

func TestBulkAllocatesNothing(t *testing.T) {
	var ends []Endpoint
	for range 50 {
		ends = append(ends, access(100*mbit, 100*mbit))
	}
	n := network(t, Default(), ends...)
	now, i := time.Duration(0), int32(0)
	emit := func(a Arrival) { n.Arrive(a.From, a.To, a.Size, a.Traffic) }
	work := func() {
		for range 1000 {
			now += ms
			i++
			n.Advance(now, emit)
			n.SendBulk(now, i%50, (i+1+i%40)%50, 200_000, 1, 7)
			if at, ok := n.SendControl(now, i%50, (i+7)%50, 100, 2); !ok || at <= now {
				t.Fatalf("message at %v arrives at %v %t", now, at, ok)
			}
			n.Arrive(i%50, (i+7)%50, 100, 2)
		}
	}
	for range 20 {
		work()
	}
	if got := testing.AllocsPerRun(5, work); got > 0 {
		t.Errorf("%v allocations in 1000 sends of each lane", got)
	}
}

// What would take longer than time can say never completes.
func TestNever(t *testing.T) {
	n := network(t, plain(), access(1, gbit), access(gbit, gbit))
	n.start(0, 0, 1, 1<<40, infinite)
	if at, ok := n.Next(); ok {
		t.Errorf("completes at %v, want never", at)
	}
}

// An endpoint that nobody uses changes nothing for the others.
func TestUnusedEndpoint(t *testing.T) {
	run := func(ends ...Endpoint) (got []Arrival) {
		n := network(t, Default(), ends...)
		for i := range int32(30) {
			n.SendBulk(0, i%2, 2, unit.Size(1000*i+1), 0, uint64(i))
		}
		n.Advance(time.Hour, func(a Arrival) { got = append(got, a) })
		return got
	}
	a := Endpoint{Region: 1, Class: 5}
	if !slices.Equal(run(a, a, a), run(a, a, a, a)) {
		t.Error("an endpoint that nobody uses has changed the arrivals")
	}
}

// What goes from one region to another shares the link between them, which the
// way back and those within do not touch.
func TestBackbone(t *testing.T) {
	cfg := plain()
	cfg.Backbone = []Backbone{{"europe", "na_east", 30 * mbit}}
	here, there := access(100*mbit, 100*mbit), access(100*mbit, 100*mbit)
	here.Region, there.Region = 2, 4
	slow := there
	slow.Down = 4 * mbit
	n := network(t, cfg, here, here, there, there, slow)
	tests := []struct {
		from, to int32
		want     float64
	}{{0, 2, 13}, {1, 3, 13}, {0, 4, 4}, {0, 1, 83}, {2, 0, 100}}
	var flows []int32
	for _, tt := range tests {
		flows = append(flows, n.start(0, tt.from, tt.to, 1e9, infinite))
	}
	n.settle()
	for i, tt := range tests {
		if got := n.rateOf(&n.flows[flows[i]]) * 8e3; math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("from %d to %d runs at %v Mbit/s, want %v", tt.from, tt.to, got, tt.want)
		}
	}
}
