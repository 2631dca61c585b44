package netem

import (
	"math"
	"testing"
	"time"
)

// Every shape has mean 1, its deviation, and longer delays for smaller draws.
func TestJitterShapes(t *testing.T) {
	const n = 2_000_000
	for name, p99 := range map[JitterShape]float64{Exponential: 4.605, LogNormal: 6.211, Pareto: 7.283, "": 4.605} {
		var sum, squares float64
		last := math.Inf(1)
		for i := range n {
			d := name.delay((float64(i) + 0.5) / n)
			if d > last || d < 0 {
				t.Fatalf("%s: %v follows %v", name, d, last)
			}
			sum, squares, last = sum+d, squares+d*d, d
		}
		mean := sum / n
		dev := math.Sqrt(squares/n - mean*mean)
		if math.Abs(mean-1) > 0.002 || math.Abs(dev-name.Deviation()) > 0.03*name.Deviation() {
			t.Errorf("%s: mean %v, deviation %v, want 1 and %v", name, mean, dev, name.Deviation())
		}
		if got := name.delay(0.01); math.Abs(got-p99) > 0.001 {
			t.Errorf("%s: 1 %% exceed %v, want %v", name, got, p99)
		}
	}
}

func TestNormal(t *testing.T) {
	for _, p := range []float64{1e-12, 1e-6, 0.01, 0.07, 0.3, 0.5, 0.8, 0.999, 1 - 1e-9} {
		if got := 0.5 * math.Erfc(-normal(p)/math.Sqrt2); math.Abs(got-p) > 1e-5*p {
			t.Errorf("the quantile at %v is %v, at which %v lie below", p, normal(p), got)
		}
	}
}

// lossy is a network of two nodes between which a packet in twenty is lost.
func lossy(t testing.TB, change func(*Config)) *Network {
	cfg := Config{Jitter: 1, Loss: Random, Burst: 5, Classes: []Class{{Name: "wet", Down: mbit, Up: mbit, Loss: 0.05, Jitter: 10 * ms}}}
	change(&cfg)
	return network(t, cfg, Endpoint{Class: 11}, Endpoint{Class: 10})
}

// fates sends packets one by one and says which were lost and how late the
// others, and those before their retransmissions, were.
func fates(n *Network, every time.Duration, count int) (lost []bool) {
	for i := range count {
		before := n.measure.Resent
		n.SendControl(time.Duration(i)*every, 0, 1, 100, 0)
		lost = append(lost, n.measure.Resent > before)
	}
	return lost
}

// runs counts the losses and how long they last in a row.
func runs(lost []bool) (share, length float64) {
	count, starts := 0, 0
	for i, l := range lost {
		if l {
			count++
			if i == 0 || !lost[i-1] {
				starts++
			}
		}
	}
	return float64(count) / float64(len(lost)), float64(count) / float64(starts)
}

// Each model loses as many packets as configured; bursts have their length as
// long as the sender does not pause.
func TestLossModels(t *testing.T) {
	const count = 200_000
	for _, tt := range []struct {
		name   string
		change func(*Config)
		every  time.Duration
		length float64
	}{
		{"random", func(*Config) {}, ms, 1 / 0.95},
		{"bursty", func(c *Config) { c.Loss = Bursty }, ms, 5},
		{"bursty with pauses", func(c *Config) { c.Loss = Bursty }, calm, 1 / 0.95},
		{"late", func(c *Config) { c.LateLoss = 1 }, ms, 1 / 0.95},
	} {
		share, length := runs(fates(lossy(t, tt.change), tt.every, count))
		deviation := math.Sqrt(0.05 * 0.95 * 2 * tt.length / count)
		if math.Abs(share-0.05) > 4*deviation || math.Abs(length-tt.length) > 0.05*tt.length {
			t.Errorf("%s: %.4f are lost, %.2f in a row; want 0.05 and %.2f", tt.name, share, length, tt.length)
		}
	}
	if share, _ := runs(append(fates(lossy(t, func(c *Config) { c.Loss = NoLoss }), ms, 1000), true)); share > 1.5/1000 {
		t.Errorf("without loss %v are lost", share)
	}
}

// What is lost with its delay was late; by itself it was like any other.
func TestLossGoesWithDelay(t *testing.T) {
	for _, tt := range []struct{ late, least, most float64 }{{0, 5, 15}, {1, 30, 60}} {
		n := lossy(t, func(c *Config) { c.LateLoss = 0 })
		if tt.late > 0 {
			n = lossy(t, func(c *Config) { c.LateLoss = 1 })
		}
		var sum float64
		count := 0
		for i := range 20_000 {
			before := n.measure
			n.SendControl(time.Duration(i)*ms, 0, 1, 100, 0)
			if n.measure.Resent > before.Resent {
				sum += n.measure.JitterSum - before.JitterSum
				count++
			}
		}
		if mean := sum / float64(count) / 1e6; mean < tt.least || mean > tt.most {
			t.Errorf("late loss %v: those lost had a jitter of %.1f ms", tt.late, mean)
		}
	}
}

// A transfer through bursts is faster than one through as many scattered
// losses: 5 MB at 20 Mbit/s and 40 ms took QUIC 3.8 and 8.0 s with 1 % lost,
// once each.
func TestTransferInBursts(t *testing.T) {
	mean := func(model LossModel) time.Duration {
		cfg := Config{Loss: model, Burst: 10, Startup: true, Queue: 100 * ms,
			Classes: []Class{{Name: "wet", Down: 20 * mbit, Up: 20 * mbit, Loss: 0.01, Latency: 18 * ms}}}
		n := network(t, cfg, Endpoint{Region: 2, Class: 11}, Endpoint{Region: 2, Class: 10})
		var sum time.Duration
		for i := range 40 {
			start := n.now
			n.SendBulk(start, 0, 1, 5_200_000, 0, uint64(i))
			at, _ := n.Next()
			n.Advance(at, func(a Arrival) { sum += a.At - start })
			n.until(at + 10*time.Minute)
		}
		return sum / 40
	}
	random, bursty := mean(Random), mean(Bursty)
	if random < 6*time.Second || random > 10*time.Second || bursty < 2300*ms || bursty > 4600*ms {
		t.Errorf("%v scattered, %v in bursts", random, bursty)
	}
}

// A message waits behind the transfers that fill a link, and behind none else.
func TestMessagesQueue(t *testing.T) {
	for _, queue := range []time.Duration{0, 80 * ms} {
		cfg := plain()
		cfg.Queue = queue
		a := access(8*mbit, 8*mbit)
		n := network(t, cfg, a, a, a)
		n.SendBulk(0, 0, 1, 100_000_000, 0, 7)
		var least, most, sum time.Duration = time.Hour, 0, 0
		const count = 1000
		for range count {
			at, _ := n.SendControl(0, 0, 2, 100, 0)
			n.order.init(9 * MaxTraffic) // each by itself
			wait := at - n.OneWay(0, 2) - 200*us
			least, most, sum = min(least, wait), max(most, wait), sum+wait
		}
		if mean := sum / count; most > queue/2 || least < 0 || mean < queue*22/100 || mean > queue*28/100 || most < queue*45/100 {
			t.Errorf("queue of %v: %v to %v, mean %v", queue, least, most, mean)
		}
		if at, _ := n.SendControl(0, 2, 0, 100, 0); at != n.OneWay(2, 0)+200*us {
			t.Errorf("queue of %v: on the idle way %v", queue, at)
		}
	}
}
