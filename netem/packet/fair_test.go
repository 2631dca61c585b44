package packet

import (
	"math"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"kinetoscope/netem"
)

// Beside a flow that sends twice what the link carries, one of few packets
// waits for no more than a packet and loses none, and CoDel drops ever more of
// the first. In a drop-tail queue the second waits and is lost like the first.
func TestSparseFlow(t *testing.T) {
	for _, aqm := range []AQM{DropTail, FQCoDel} {
		synctest.Test(t, func(t *testing.T) {
			cfg := Default()
			cfg.AQM = aqm
			f := New(line(t, 2, netem.Class{Up: 10 * mbit, Down: 100 * mbit}), cfg, draws(1))
			c := attach(t, f, 2)
			sparse, err := f.Attach(0, address(500))
			if err != nil {
				t.Fatal(err)
			}
			var delays []time.Duration
			sent := map[byte]time.Duration{}
			dropped := 0
			f.Tap = func(e Event) {
				if e.From != sparse.at {
					return
				}
				switch n := byte(len(e.Data)); e.Kind {
				case Sent:
					sent[n] = e.At
				case Delivered:
					delays = append(delays, e.At-sent[n]-10*ms)
				default:
					dropped++
				}
			}
			bulk := source{c[0], c[1], 1222, 500 * time.Microsecond} // 20 Mbit/s
			var sources []source
			for i := range 50 { // of different sizes, to be told apart
				sources = append(sources, source{sparse, c[1], 60 + i, time.Second})
			}
			for i, s := range sources {
				load(t, f, time.Duration(i+1)*20*ms, bulk, s)
			}
			run(t, f, f.Now()+time.Second)
			longest, got := slices.Max(delays), f.Tally()
			if aqm == FQCoDel && (dropped > 0 || len(delays) != 50 || longest > 2200*time.Microsecond || got.Packets[Codel] < 20) {
				t.Errorf("%d arrived, %d were dropped, the longest waited %v, %d dropped by CoDel", len(delays), dropped, longest, got.Packets[Codel])
			}
			if aqm == DropTail && (longest < 50*ms || dropped == 0 || got.Packets[UpOverflow] < 500) {
				t.Errorf("drop-tail: waited at most %v, %d dropped", longest, got.Packets[UpOverflow])
			}
		})
	}
}

// Flows share a link evenly, whatever they send.
func TestFairShares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Default()
		cfg.AQM, cfg.ReceiveBuffer = FQCoDel, maxBuffer
		f := New(line(t, 4, netem.Class{Up: 10 * mbit, Down: 10 * mbit}), cfg, draws(1))
		c := attach(t, f, 4)
		bytes := map[int32]float64{}
		f.Tap = func(e Event) {
			if e.Kind == Delivered && e.At > time.Second {
				bytes[e.Src] += float64(len(e.Data) + 28)
			}
		}
		load(t, f, 5*time.Second, source{c[0], c[3], 1200, ms}, source{c[1], c[3], 700, ms}, source{c[2], c[3], 100, 2 * ms})
		rest := 10e6/8*4 - bytes[2] // the third is below its share
		if want := 4000.0 / 2 * 128; math.Abs(bytes[2]-want) > 0.02*want {
			t.Errorf("the small flow got %v bytes of %v", bytes[2], want)
		}
		for _, id := range []int32{0, 1} {
			if math.Abs(bytes[id]-rest/2) > 0.02*rest/2 {
				t.Errorf("flow %d got %v bytes of %v", id, bytes[id], rest/2)
			}
		}
	})
}

// Under a standing queue, CoDel drops at intervals of 100 ms divided by the
// root of the drops so far: RFC 8289, 3.2.
func TestCodelSchedule(t *testing.T) {
	f := &Fabric{parcels: make([]parcel, 1)}
	q := &flow{}
	var drops []time.Duration
	for now := time.Duration(0); now < time.Second; now += ms {
		for range 4 { // more than is taken, so that the queue stands
			i := f.slot()
			f.parcels[i].wire, f.parcels[i].queued = 1500, now
			f.push(&q.chain, i)
		}
		i, dropped := f.dequeueCodel(now, q)
		if i == 0 {
			t.Fatal("the queue is empty")
		}
		f.release(i)
		for _, j := range dropped {
			drops = append(drops, now)
			f.release(j)
		}
	}
	at := float64(drops[0])
	if first := drops[0]; first < 105*ms || first > 110*ms {
		t.Errorf("the first is dropped at %v", first)
	}
	for n, got := range drops[1:] {
		at += 100e6 / math.Sqrt(float64(n+1))
		if off := got - time.Duration(at); off < 0 || off > 2*ms {
			t.Fatalf("drop %d at %v, want %v", n+2, got, time.Duration(at))
		}
	}
	if len(drops) < 20 {
		t.Errorf("only %d drops", len(drops))
	}
}

// When a flow comes to an end, its queue is used for another.
func TestFlowsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := Default()
		cfg.AQM = FQCoDel
		f := New(line(t, 30, netem.Class{Up: 10 * mbit, Down: 10 * mbit}), cfg, draws(1))
		c := attach(t, f, 30)
		for round := range 10 {
			for _, to := range c[1:] {
				write(t, c[0], to, 100+round)
				write(t, c[0], to, 100+round)
			}
			run(t, f, f.Now()+time.Second)
		}
		s := f.nodes[0].up.fair
		if len(s.flows) > 1 || // the last is seen to be empty when the next packet comes
			s.packets != 0 || s.bytes != 0 || len(s.spare) > 29 {
			t.Errorf("%d flows, %d packets, %d bytes are left, %d queues to spare", len(s.flows), s.packets, s.bytes, len(s.spare))
		}
		if got := f.Tally(); got.Packets[Delivered] != 580 {
			t.Errorf("%+v", got)
		}
	})
}
