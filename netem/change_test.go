package netem

import (
	"math"
	"testing"
	"time"
)

// pair is a network of three nodes with 8 Mbit/s each, one byte a microsecond.
func pair(t testing.TB) *Network {
	a := access(8*mbit, 8*mbit)
	return network(t, plain(), a, a, a)
}

// until lets a network go on and lists what has left by then.
func (n *Network) until(at time.Duration) (got []Arrival) {
	n.Advance(at, func(a Arrival) { got = append(got, a) })
	return got
}

func never(t testing.TB) func(uint64) {
	return func(id uint64) { t.Errorf("transfer %d ends", id) }
}

// A cut stops what crosses it in its direction, and nothing else.
func TestCutDirections(t *testing.T) {
	for _, tt := range []struct {
		d              Direction
		out, in, other bool
	}{{Both, false, false, true}, {Out, false, true, true}, {In, true, false, true}} {
		n := pair(t)
		n.Cut(5, []int32{0}, tt.d, time.Second)
		if n.Reaches(0, 1) != tt.out || n.Reaches(1, 0) != tt.in || n.Reaches(1, 2) != tt.other {
			t.Errorf("direction %d: out %v, in %v, others %v", tt.d, n.Reaches(0, 1), n.Reaches(1, 0), n.Reaches(1, 2))
		}
		if got := n.Opens(0, 0, 1); (got == time.Second) == tt.out {
			t.Errorf("direction %d: opens at %v", tt.d, got)
		}
		n.Heal(5)
		if !n.Reaches(0, 1) || !n.Reaches(1, 0) || n.Opens(0, 1, 0) != 0 {
			t.Errorf("direction %d: not healed", tt.d)
		}
	}
}

// Two cuts hold until both are healed; both sides of a cut talk among
// themselves.
func TestCutsOverlap(t *testing.T) {
	n := pair(t)
	n.Cut(0, []int32{0, 1}, Both, time.Second)
	n.Cut(1, []int32{1}, Both, 2*time.Second)
	if n.Reaches(0, 1) || n.Reaches(0, 2) || n.Reaches(1, 2) || n.Opens(0, 1, 2) != 2*time.Second {
		t.Error("two cuts do not add up")
	}
	n.Heal(1)
	if !n.Reaches(0, 1) || n.Reaches(1, 2) {
		t.Error("the first cut ended with the second")
	}
}

// A transfer stands still while its ends do not reach each other, and then
// goes on from where it was.
func TestTransferWaitsForTheHeal(t *testing.T) {
	for name, trouble := range map[string][2]func(n *Network){
		"cut":    {func(n *Network) { n.Cut(0, []int32{0}, Both, 5*time.Second) }, func(n *Network) { n.Heal(0) }},
		"freeze": {func(n *Network) { n.Freeze(0, 5*time.Second) }, func(n *Network) { n.Thaw(0) }},
	} {
		t.Run(name, func(t *testing.T) {
			n := pair(t)
			n.SendBulk(0, 0, 1, 2_000_000, 0, 7) // 2 s alone
			n.SendBulk(0, 2, 1, 2_000_000, 0, 8) // both share node 1's downlink
			n.until(time.Second)
			trouble[0](n)
			n.Changed(time.Second, []int32{0}, never(t))
			if id := n.SendBulk(time.Second, 0, 2, 1_000_000, 0, 9); id == 0 {
				t.Fatal("a transfer that begins meanwhile is refused")
			}
			got := n.until(5 * time.Second)
			if len(got) != 1 || got[0].ID != 8 { // 0.5 MB until 1 s, the rest alone
				t.Fatalf("until the heal %+v arrive", got)
			}
			if err := n.Check(); err != nil {
				t.Error(err)
			}
			trouble[1](n)
			n.Changed(5*time.Second, []int32{0}, never(t))
			var at [10]time.Duration
			for len(got) < 3 {
				next, ok := n.Next()
				if !ok {
					t.Fatalf("only %+v arrive", got)
				}
				n.Advance(next, func(a Arrival) { got, at[a.ID] = append(got, a), next })
			}
			// 1.5 MB and 1 MB share node 0's uplink from 5 s on.
			for id, want := range map[int]time.Duration{9: 7 * time.Second, 7: 7500 * ms} {
				if d := at[id] - want; d < -us || d > us {
					t.Errorf("transfer %d has left at %v, want %v", id, at[id], want)
				}
			}
			if err := n.Check(); err != nil {
				t.Error(err)
			}
		})
	}
}

// What will not heal within the idle timeout of a connection ends at once, and
// its bytes are lost.
func TestLongCutEndsTransfers(t *testing.T) {
	n := pair(t)
	n.SendBulk(0, 0, 1, 2_000_000, 0, 7)
	n.SendBulk(0, 2, 1, 2_000_000, 0, 8)
	n.until(time.Second)
	n.Cut(0, []int32{0}, Both, 32*time.Second)
	var ended []uint64
	n.Changed(time.Second, []int32{0}, func(id uint64) { ended = append(ended, id) })
	if len(ended) != 1 || ended[0] != 7 {
		t.Errorf("%v ended", ended)
	}
	if got := n.Total(0); got != (Tally{Sent: 500_000, Lost: 500_000}) {
		t.Errorf("%+v", got)
	}
	if id := n.SendBulk(time.Second, 0, 1, 100, 0, 9); id != 0 {
		t.Error("a transfer begins over the cut")
	}
	if _, ok := n.SendControl(time.Second, 1, 0, 100, 1); ok {
		t.Error("a message crosses the cut")
	}
	if at, ok := n.SendControl(2*time.Second, 1, 0, 100, 1); !ok || at < 32*time.Second || at > 64*time.Second {
		t.Errorf("a message that outlives the cut arrives at %v, %v", at, ok)
	}
}

// A transfer that waits can be cancelled, and ends with either node; what it
// had carried is lost.
func TestParkedTransfersEnd(t *testing.T) {
	n := pair(t)
	first := n.SendBulk(0, 0, 1, 2_000_000, 0, 7)
	n.SendBulk(0, 0, 2, 2_000_000, 0, 8)
	n.until(time.Second)
	n.Cut(0, []int32{0}, Both, 5*time.Second)
	n.Changed(time.Second, []int32{0}, never(t))
	if done := n.Cancel(2*time.Second, first); done != 500_000 {
		t.Errorf("the cancelled transfer had carried %d bytes", done)
	}
	if done := n.Cancel(2*time.Second, first); done != 0 {
		t.Error("cancelled twice")
	}
	var ended []uint64
	n.SetDown(3*time.Second, 2, true, func(id uint64) { ended = append(ended, id) })
	if len(ended) != 1 || ended[0] != 8 {
		t.Errorf("%v ended", ended)
	}
	n.Heal(0)
	n.Changed(5*time.Second, []int32{0}, never(t))
	if _, ok := n.Next(); ok {
		t.Error("something is still under way")
	}
	if got := n.Total(0); got != (Tally{Sent: 1_000_000, Lost: 1_000_000}) {
		t.Errorf("%+v", got)
	}
	if err := n.Check(); err != nil {
		t.Error(err)
	}
}

// A message over a short cut arrives with the first attempt after the heal;
// one to a frozen process is read when that goes on.
func TestMessagesWait(t *testing.T) {
	n := pair(t)
	n.Cut(0, []int32{0}, Both, 3*time.Second)
	at, ok := n.SendControl(0, 0, 1, 100, 0)
	if !ok || at < 3*time.Second || at > 6*time.Second {
		t.Errorf("over the cut at %v, %v", at, ok)
	}
	n.Heal(0)
	n.Freeze(2, 3*time.Second)
	at, ok = n.SendControl(0, 1, 2, 100, 0)
	if !ok || at < 3*time.Second || at > 3*time.Second+10*ms {
		t.Errorf("to the frozen node at %v, %v", at, ok)
	}
	if n.Measured().Blocked != 2 {
		t.Errorf("%d messages waited", n.Measured().Blocked)
	}
}

// Degradations add up, and leave no trace when they are repaired.
func TestDegrade(t *testing.T) {
	cfg := Default()
	ends := []Endpoint{{Region: 2, Class: 5}, {Region: 2, Class: 5}}
	n := network(t, cfg, ends...)
	oneWay, rtt, loss := n.OneWay(0, 1), n.RTT(0, 1), n.Loss(0, 1)
	n.Degrade(3, []int32{0}, Degradation{Rate: 0.5, Latency: 10 * ms, Loss: 0.1})
	n.Degrade(4, []int32{0, 1}, Degradation{Rate: 0.5, Latency: 5 * ms})
	up, down := n.Rates(0)
	if up != 2500_000 || down != 25*mbit {
		t.Errorf("rates %v up, %v down", up, down)
	}
	if n.OneWay(0, 1) != oneWay+20*ms || n.RTT(0, 1) != rtt+40*ms {
		t.Errorf("one way %v, round trip %v", n.OneWay(0, 1), n.RTT(0, 1))
	}
	if want := 1 - (1-loss)*0.9; math.Abs(n.Loss(0, 1)-want) > 1e-12 || n.Loss(1, 0) != n.Loss(0, 1) {
		t.Errorf("loss %v, want %v", n.Loss(0, 1), want)
	}
	n.Repair(3)
	if up, _ := n.Rates(0); up != 5*mbit || n.OneWay(0, 1) != oneWay+10*ms {
		t.Errorf("after one repair %v, %v", up, n.OneWay(0, 1))
	}
	n.Repair(4)
	if up, _ := n.Rates(0); up != 10*mbit || n.OneWay(0, 1) != oneWay || n.Loss(0, 1) != loss {
		t.Error("a repair leaves something behind")
	}
}

// Rates follow a degradation while a transfer runs.
func TestDegradedTransfer(t *testing.T) {
	n := pair(t)
	n.SendBulk(0, 0, 1, 2_000_000, 0, 7)
	n.until(time.Second)
	n.Degrade(0, []int32{0}, Degradation{Rate: 0.1})
	n.Changed(time.Second, []int32{0}, never(t))
	if at, _ := n.Next(); at < 11*time.Second-us || at > 11*time.Second+us {
		t.Errorf("1 MB at a tenth of the rate ends at %v", at)
	}
}

// A node that moves has the access of its new class.
func TestMove(t *testing.T) {
	n := network(t, plain(), Endpoint{Region: 2, Class: 7}, Endpoint{Region: 2, Class: 7}) // fibre
	home := n.Endpoint(0)
	n.Move(0, 0, Endpoint{Region: 2, Class: 8})
	n.Changed(0, []int32{0}, never(t))
	up, down := n.Rates(0)
	if up != 10*mbit || down != 30*mbit || n.OneWay(0, 1) != 25*ms {
		t.Errorf("%v up, %v down, one way %v", up, down, n.OneWay(0, 1))
	}
	n.Move(0, 0, home)
	if up, _ := n.Rates(0); up != 300*mbit {
		t.Errorf("back home with %v", up)
	}
}

// An arrival says how far its ends are apart by then, whatever they were when it began.
func TestArrivalSaysTheWay(t *testing.T) {
	n := pair(t)
	for _, worse := range []time.Duration{0, 10 * ms} {
		n.SendBulk(n.now, 0, 1, 1000, 0, 7)
		want := n.OneWay(0, 1) + worse
		if worse > 0 {
			n.Degrade(0, []int32{0}, Degradation{Rate: 1, Latency: worse})
			n.Changed(n.now, []int32{0}, never(t))
		}
		at, _ := n.Next()
		n.Advance(at, func(a Arrival) {
			if a.OneWay != want {
				t.Errorf("%v apart, want %v", a.OneWay, want)
			}
		})
	}
}
