package netem

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// everywhere has an endpoint of each access class in each of three regions.
func everywhere(t testing.TB, cfg Config) *Network {
	var ends []Endpoint
	for _, region := range []string{"europe", "south_america", "south_africa"} {
		r, err := Region(region)
		if err != nil {
			t.Fatal(err)
		}
		for class := range cfg.AccessClasses() {
			ends = append(ends, Endpoint{Region: r, Class: class})
		}
	}
	return network(t, cfg, ends...)
}

// On an idle network without jitter the best of a few round trips, some of
// which meet losses, is the configured one within 1 ms and 1 %.
func TestIdleRTT(t *testing.T) {
	cfg := Default()
	cfg.Jitter = 0
	n := everywhere(t, cfg)
	for a := range int32(len(n.nodes)) {
		for b := range a {
			best := time.Hour
			for range 20 {
				start := n.now
				there, _ := n.SendControl(start, a, b, 100, 0)
				back, _ := n.SendControl(there, b, a, 100, 0)
				n.tick(back)
				best = min(best, back-start)
			}
			if want := n.RTT(a, b); best < want || best > want+ms+want/100 {
				t.Errorf("%d and %d: best round trip %v, configured %v", a, b, best, want)
			}
		}
	}
}

// On an idle network a long transfer achieves the rate of the slower link, or what
// flow control lets it,
// within 3 %, if the queue before it holds what a cut of the window takes away;
// 85 % if not; and with losses what congestion avoidance leaves, within 17 %
// where that is known to hold.
func TestIdleRate(t *testing.T) {
	for _, model := range []LossModel{NoLoss, Random} {
		loss := model == Random
		cfg := Config{Loss: model, Startup: true, Queue: 100 * ms}
		n := everywhere(t, cfg)
		classes := cfg.AccessClasses()
		for a := range int32(len(n.nodes)) {
			for b := range int32(len(n.nodes)) {
				if a == b || loss && (a+b)%4 != 0 { // those with losses take a while
					continue
				}
				from, to := classes[n.ends[a].class], classes[n.ends[b].class]
				flowControl := mostStream * packetWire * 8 / n.RTT(a, b).Seconds()
				want, within := min(float64(min(from.Up, to.Down)), flowControl), 0.03
				if rtt := n.RTT(a, b); backOff*float64(rtt+cfg.Queue) < float64(rtt) {
					within = 0.15
				}
				if p := n.path(a, b); loss && p.loss > 0 {
					within = 0.17
					want = min(want, packetWire*8*math.Sqrt((1+backOff)/(2*(1-backOff)*p.loss))/n.RTT(a, b).Seconds())
					if p.loss > 0.05 {
						continue // timeouts rule
					}
				}
				size := unit.Size(want / 8 * 10_000) // for 10,000 s, so that few losses in a row do not matter
				start := n.now
				n.SendBulk(start, a, b, size, 0, 0)
				at, _ := n.Next()
				n.Advance(at, func(arr Arrival) { at = arr.At })
				got := float64(size) * 8 / (at - start).Seconds()
				if math.Abs(got-want) > within*want {
					t.Errorf("loss %t, %s to %s, %v: %.0f bit/s, want %.0f within %v", loss, from.Name, to.Name, n.RTT(a, b), got, want, within)
				}
			}
		}
		m := n.Measured()
		if ratio := float64(m.SharedTime) / float64(m.IdleTime); m.Transfers == 0 || math.Abs(ratio-1) > 1e-6 {
			t.Errorf("%d transfers took %v of their idle time", m.Transfers, ratio)
		}
	}
}

// The share of messages that are sent again lies within the 99.9 % interval
// of the binomial distribution.
func TestLossIsBinomial(t *testing.T) {
	n := everywhere(t, Default())
	const sends = 20_000
	for class := range int32(5) {
		p := n.path(class, 5).loss
		before := n.measure.Resent
		for range sends {
			n.SendControl(n.now, class, 5, 100, 0)
		}
		got := float64(n.measure.Resent - before)
		half := 3.29*math.Sqrt(sends*p*(1-p)) + 1
		if want := sends * p; math.Abs(got-want) > half {
			t.Errorf("class %d: %v of %d messages were lost, want %.0f +- %.0f", class, got, sends, want, half)
		}
	}
}

// The delay of a lossless path has the configured mean of jitter above the
// floor, and an exponential's share of 1/e above the mean.
func TestJitterIsExponential(t *testing.T) {
	n := network(t, Config{Jitter: 1}, Endpoint{Class: 1}, Endpoint{Class: 2})
	floor := n.OneWay(0, 1) + n.serial(0, 1, 100)
	mean := n.path(0, 1).jitter
	const sends = 20_000
	sum, above := 0.0, 0
	for i := range sends {
		now := time.Duration(i) * time.Minute
		at, _ := n.SendControl(now, 0, 1, 100, 0)
		d := float64(at - now - floor)
		if d < 0 {
			t.Fatalf("%v faster than the floor", -d)
		}
		sum += d
		if d > mean {
			above++
		}
	}
	if got := sum / sends; math.Abs(got-mean) > 0.03*mean {
		t.Errorf("mean jitter %v, want %v", got, mean)
	}
	if got := float64(above) / sends; math.Abs(got-1/math.E) > 0.015 {
		t.Errorf("%v of the jitter is above its mean, want 1/e", got)
	}
}

// Traffic of one kind sees the same delays whatever another kind and other
// senders do, but for the queues that transfers fill.
func TestTrafficIsApart(t *testing.T) {
	cfg := Default()
	cfg.Queue = 0
	delays := func(others int) string {
		n := everywhere(t, cfg)
		var s strings.Builder
		for i := range 200 {
			now := time.Duration(i) * 10 * ms
			n.Advance(now, func(a Arrival) {})
			for j := range others {
				n.SendControl(now, 1, 2, 500, 3)
				n.SendControl(now, 2, 1, 500, 1)
				n.SendBulk(now, 1, int32(3+j), 10, 2, 0)
			}
			at, _ := n.SendControl(now, 1, 2, 500, 1)
			fmt.Fprintln(&s, at-now)
		}
		return s.String()
	}
	if delays(0) != delays(3) {
		t.Error("other traffic has moved messages")
	}
}

func TestControlKeepsOrder(t *testing.T) {
	n := everywhere(t, Default())
	last := map[[2]int32]time.Duration{}
	r := rand.New(rand.NewPCG(3, 4))
	delayed := 0
	for i := range 50_000 {
		now := time.Duration(i) * 100 * us
		from := int32(r.IntN(33))
		to := (from + 1 + int32(r.IntN(32))) % 33
		at, ok := n.SendControl(now, from, to, 100, 0)
		pair := [2]int32{from, to}
		if !ok || at < last[pair] || at <= now {
			t.Fatalf("message at %v from %d to %d arrives at %v, the one before it at %v", now, from, to, at, last[pair])
		}
		if at == last[pair] {
			delayed++
		}
		last[pair] = at
	}
	if delayed < 100 {
		t.Errorf("only %d messages had to wait for one before them: the test shows nothing", delayed)
	}
	if n.order.size() > 8192 {
		t.Errorf("%d slots for at most %d pairs", n.order.size(), len(last))
	}
}

// moments against a map that forgets nothing, for a few nodes and for so many
// that a pair does not fit its slot.
func TestMomentsTwin(t *testing.T) {
	const pairs = 400
	for _, apart := range []uint64{1, 1<<36 + 5} {
		r := rand.New(rand.NewPCG(8, 8))
		var o moments
		o.init(pairs * apart)
		last := map[uint64]time.Duration{}
		now := time.Duration(0)
		for range 200_000 {
			now += time.Duration(r.IntN(3))
			pair, at := uint64(r.IntN(pairs)+1)*apart-1, now+1+time.Duration(r.IntN(300))
			last[pair] = max(last[pair], at)
			if got := o.after(now, pair, at); got != last[pair] {
				t.Fatalf("pair %d arrives at %v, want %v", pair, got, last[pair])
			}
		}
		if o.size() > minRecent*pairs {
			t.Errorf("the table has grown to %d slots for %d pairs", o.size(), pairs)
		}
	}
}

func TestSpread(t *testing.T) {
	ends := make([]Endpoint, 300)
	n := network(t, Config{Spread: 0.1}, ends...)
	base := float64(RegionLatency(0, 0))
	low, high := 2.0, 0.0
	for a := range int32(300) {
		for b := range a {
			f := float64(n.OneWay(a, b)) / base
			low, high = min(low, f), max(high, f)
			if n.OneWay(a, b) != n.OneWay(b, a) || n.RTT(a, b) != n.RTT(b, a) {
				t.Fatalf("%d and %d are not as far both ways", a, b)
			}
		}
	}
	if low < 0.9 || low > 0.901 || high > 1.1 || high < 1.099 {
		t.Errorf("factors from %v to %v, want 0.9 to 1.1", low, high)
	}
}

// Every knob changes something.
func TestKnobs(t *testing.T) {
	outcome := func(cfg Config) string {
		home, err := cfg.Class("home")
		if err != nil {
			t.Fatal(err)
		}
		n := network(t, cfg, Endpoint{Region: 1, Class: home}, Endpoint{Region: 2, Class: home})
		var s strings.Builder
		for range 2000 {
			at, _ := n.SendControl(0, 0, 1, 3000, 0)
			fmt.Fprintln(&s, at)
		}
		n.SendBulk(0, 0, 1, 1_000_000, 0, 0)
		at, _ := n.SendControl(0, 0, 1, 3000, 1)
		fmt.Fprintln(&s, at)
		n.Advance(time.Hour, func(a Arrival) { fmt.Fprintln(&s, a) })
		return s.String()
	}
	knobs := map[string]func(*Config){
		"jitter":  func(c *Config) { c.Jitter = 0.5 },
		"loss":    func(c *Config) { c.Loss = NoLoss },
		"shape":   func(c *Config) { c.JitterShape = Pareto },
		"bursts":  func(c *Config) { c.Loss = Bursty },
		"late":    func(c *Config) { c.LateLoss = 0.5 },
		"startup": func(c *Config) { c.Startup = false },
		"spread":  func(c *Config) { c.Spread = 0.2 },
		"down":    func(c *Config) { c.Classes = []Class{{"home", 40 * mbit, 50 * mbit, 20 * ms, 0.001, 2 * ms, Trace{}}} },
		"up":      func(c *Config) { c.Classes = []Class{{"home", 50 * mbit, 40 * mbit, 20 * ms, 0.001, 2 * ms, Trace{}}} },
		"latency": func(c *Config) { c.Classes = []Class{{"home", 50 * mbit, 50 * mbit, 21 * ms, 0.001, 2 * ms, Trace{}}} },
		"class loss": func(c *Config) {
			c.Classes = []Class{{"home", 50 * mbit, 50 * mbit, 20 * ms, 0.002, 2 * ms, Trace{}}}
		},
		"class jitter": func(c *Config) {
			c.Classes = []Class{{"home", 50 * mbit, 50 * mbit, 20 * ms, 0.001, 3 * ms, Trace{}}}
		},
	}
	plain := outcome(Default())
	if plain != outcome(Default()) {
		t.Error("two runs differ")
	}
	for name, turn := range knobs {
		cfg := Default()
		turn(&cfg)
		if outcome(cfg) == plain {
			t.Errorf("%s changes nothing", name)
		}
	}
}

// A random day gives the same bytes twice, and conserves them.
func TestRepeats(t *testing.T) {
	day := func(seed uint64) uint64 {
		n := everywhere(t, Default())
		r := rand.New(rand.NewPCG(seed, 0))
		sum := fnv.New64a()
		var arrivals []Arrival
		var ids []FlowID
		for i := range 4000 {
			now := time.Duration(i) * 20 * ms
			n.Advance(now, func(a Arrival) { fmt.Fprintln(sum, a); arrivals = append(arrivals, a) })
			from := int32(r.IntN(33))
			to := (from + 1 + int32(r.IntN(32))) % 33
			switch r.IntN(12) {
			case 0:
				n.SetDown(now, from, n.Up(from), func(id uint64) { fmt.Fprintln(sum, "lost", id) })
			case 1:
				if len(ids) > 0 {
					fmt.Fprintln(sum, n.Cancel(now, ids[r.IntN(len(ids))]))
				}
			case 2, 3, 4:
				if at, ok := n.SendControl(now, from, to, 400, 1); ok {
					fmt.Fprintln(sum, at)
					arrivals = append(arrivals, Arrival{From: from, To: to, Size: 400, Traffic: 1})
				}
			case 5, 6:
				if len(arrivals) > 0 {
					a := arrivals[0]
					arrivals = arrivals[1:]
					fmt.Fprintln(sum, n.Arrive(a.From, a.To, a.Size, a.Traffic))
				}
			default:
				if id := n.SendBulk(now, from, to, unit.Size(1+r.IntN(3e6)), 0, uint64(i)); id != 0 {
					ids = append(ids, id)
				}
			}
			if i%50 == 0 {
				if err := n.Check(); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, a := range arrivals {
			n.Arrive(a.From, a.To, a.Size, a.Traffic)
		}
		if err := n.Check(); err != nil {
			t.Fatal(err)
		}
		if f := n.Total(0).InFlight + n.Total(1).InFlight; f != 0 {
			t.Errorf("%v are still in flight", f)
		}
		return sum.Sum64()
	}
	if day(1) != day(1) || day(1) == day(2) {
		t.Error("days do not repeat, or are all alike")
	}
}
