package abr

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// Ladders of known systems: Apple's older table, Pensieve, the two of Sabre.
var ladders = [][]unit.Rate{
	{145e3, 365e3, 730e3, 1100e3, 2000e3, 3000e3, 4500e3, 6000e3, 7800e3},
	{300e3, 750e3, 1200e3, 1850e3, 2850e3, 4300e3},
	{230e3, 331e3, 477e3, 688e3, 991e3, 1427e3, 2056e3, 2962e3, 5027e3, 6000e3},
	{1000e3, 2500e3, 5000e3, 8000e3, 16000e3, 35000e3},
	{500e3},
	{1, 2},
}

// each runs the test for every algorithm on every ladder.
func each(t *testing.T, test func(*testing.T, Chooser, []unit.Rate)) {
	for _, name := range Algorithm("").Names() {
		for _, ladder := range ladders {
			c := Default()
			c.Algorithm = Algorithm(name)
			c.Rendition = len(ladder) / 2
			chooser, err := New(c, ladder)
			if err != nil {
				t.Fatal(err)
			}
			t.Run(fmt.Sprintf("%s/%d rungs up to %v", name, len(ladder), ladder[len(ladder)-1]), func(t *testing.T) {
				test(t, chooser, ladder)
			})
		}
	}
}

func randomView(draw *rand.Rand, rungs int) View {
	v := View{
		Segment:    time.Duration(1 + draw.Int64N(int64(6*time.Second))),
		BufferMax:  time.Duration(draw.Int64N(int64(60 * time.Second))),
		Throughput: unit.Rate(draw.Int64N(50e6)),
		Last:       draw.IntN(rungs+1) - 1,
	}
	v.Buffer = time.Duration(draw.Int64N(int64(v.BufferMax + v.Segment)))
	return v
}

func TestChoicesAreRungs(t *testing.T) {
	each(t, func(t *testing.T, c Chooser, ladder []unit.Rate) {
		draw := rand.New(rand.NewPCG(1, 1))
		for range 2000 {
			v := randomView(draw, len(ladder))
			got := c.Choose(v)
			if got < 0 || got >= len(ladder) {
				t.Fatalf("%+v: rung %d", v, got)
			}
			if copied := c; copied.Choose(v) != got {
				t.Fatalf("%+v: a copy chooses otherwise", v)
			}
		}
	})
}

// More throughput or more buffer never lowers a choice.
func TestChoicesClimb(t *testing.T) {
	each(t, func(t *testing.T, c Chooser, ladder []unit.Rate) {
		draw := rand.New(rand.NewPCG(2, 2))
		for range 2000 {
			v := randomView(draw, len(ladder))
			was := c.Choose(v)
			more := v
			more.Throughput += unit.Rate(draw.Int64N(10e6))
			if got := c.Choose(more); got < was {
				t.Fatalf("%+v: rung %d, with %v of throughput %d", v, was, more.Throughput, got)
			}
			more = v
			more.Buffer += time.Duration(draw.Int64N(int64(20 * time.Second)))
			if got := c.Choose(more); got < was {
				t.Fatalf("%+v: rung %d, with %v of buffer %d", v, was, more.Buffer, got)
			}
		}
	})
}

// The first choice of a viewer who knows nothing is the lowest rung, unless
// the rung is fixed.
func TestFirstChoice(t *testing.T) {
	each(t, func(t *testing.T, c Chooser, ladder []unit.Rate) {
		want := 0
		if c.algorithm == Fixed {
			want = len(ladder) / 2
		}
		for _, bufferMax := range []time.Duration{0, time.Second, 2 * time.Second, 4 * time.Second, time.Minute} {
			v := View{BufferMax: bufferMax, Segment: 2 * time.Second, Last: -1}
			if got := c.Choose(v); got != want {
				t.Errorf("buffer of %v: rung %d, want %d", bufferMax, got, want)
			}
		}
	})
}

func TestChoosingAllocatesNothing(t *testing.T) {
	each(t, func(t *testing.T, c Chooser, ladder []unit.Rate) {
		var e Estimator
		v := View{Buffer: 9 * time.Second, BufferMax: 18 * time.Second, Segment: 2 * time.Second, Last: 0}
		if n := testing.AllocsPerRun(100, func() {
			e.Add(100_000, time.Second)
			v.Throughput = e.Rate()
			v.Last = c.Choose(v)
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

// session plays segments over a link of steady rate and says how long it
// stalled after the start and what rate it played on the second half.
func session(c Chooser, ladder []unit.Rate, link unit.Rate) (stalled time.Duration, mean float64) {
	const segment, bufferMax, segments = 2 * time.Second, 18 * time.Second, 400
	var e Estimator
	v := View{BufferMax: bufferMax, Segment: segment, Last: -1}
	for i := range segments {
		v.Throughput = e.Rate()
		v.Last = c.Choose(v)
		size := ladder[v.Last].Bytes(segment)
		took := link.Time(size)
		e.Add(size, took)
		if took > v.Buffer && i > 0 {
			stalled += took - v.Buffer
		}
		v.Buffer = min(max(v.Buffer-took, 0)+segment, bufferMax)
		if i >= segments/2 {
			mean += float64(ladder[v.Last]) / (segments / 2)
		}
	}
	return stalled, mean
}

// On a steady link that carries the lowest rung with something to spare, every
// algorithm that adapts plays without a stall, and uses most of the link.
func TestSteadyLink(t *testing.T) {
	each(t, func(t *testing.T, c Chooser, ladder []unit.Rate) {
		if c.algorithm == Fixed || ladder[0] < 1000 {
			return // it does not adapt, or there is no real ladder
		}
		for _, factor := range []float64{1.3, 2, 3.7, 10, 60} {
			link := unit.Rate(factor * float64(ladder[0]))
			stalled, mean := session(c, ladder, link)
			if stalled > 0 {
				t.Errorf("a link of %v: stalled for %v", link, stalled)
			}
			best := float64(ladder[c.carried(0.9*float64(link))])
			if mean < 0.8*best {
				t.Errorf("a link of %v: played %.0f bit/s, the best rung is %.0f", link, mean, best)
			}
		}
	})
}

func TestNewRefuses(t *testing.T) {
	good := []unit.Rate{1e6, 2e6}
	config := func(change func(*Config)) Config {
		c := Default()
		change(&c)
		return c
	}
	tests := []struct {
		c      Config
		ladder []unit.Rate
		want   string
	}{
		{Default(), nil, "the ladder has no rung"},
		{Default(), []unit.Rate{2e6, 1e6}, "rung 1 of the ladder [2Mbit/s 1Mbit/s]"},
		{Default(), []unit.Rate{1e6, 1e6}, "rung 1"},
		{Default(), []unit.Rate{0, 1e6}, "rung 0"},
		{config(func(c *Config) { c.Algorithm = "magic" }), good, `algorithm: unknown name "magic": write throughput, bola, bola-u, fixed`},
		{config(func(c *Config) { c.Algorithm = Fixed; c.Rendition = 2 }), good, "rendition: 2: the ladder has the rungs 0 to 1"},
		{config(func(c *Config) { c.Rendition = -1 }), good, "rendition: -1"},
		{config(func(c *Config) { c.Safety = 0 }), good, "safety: 0%"},
		{config(func(c *Config) { c.Safety = 1.01 }), good, "safety: 101%"},
		{config(func(c *Config) { c.Buffer = 0 }), good, "buffer: 0s"},
		{config(func(c *Config) { c.Buffer = 2 * time.Hour }), good, "buffer: 2h0m0s"},
		{config(func(c *Config) { c.Start = 0 }), good, "start: 0s"},
		{config(func(c *Config) { c.Start = 19 * time.Second }), good, "start: 19s: allowed is more than 0s up to the buffer of 18s"},
		{config(func(c *Config) { c.Resume = -1 }), good, "resume: -1ns"},
	}
	for _, test := range tests {
		_, err := New(test.c, test.ladder)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want it to say %q", err, test.want)
		}
	}
	err := Config{}.Validate()
	var key *unit.KeyError
	if !errors.As(err, &key) || key.Key != "algorithm" || strings.Count(err.Error(), "\n") != 4 {
		t.Errorf("an empty configuration: %v", err)
	}
}

func TestNamesRead(t *testing.T) {
	var a Algorithm
	for _, name := range a.Names() {
		if err := a.UnmarshalText([]byte(name)); err != nil || string(a) != name {
			t.Error(name, err)
		}
	}
	if err := a.UnmarshalText([]byte("magic")); err == nil || a != Fixed {
		t.Error("an unknown algorithm is read as", a)
	}
}

func BenchmarkChoose(b *testing.B) {
	for _, name := range Algorithm("").Names() {
		for _, ladder := range [][]unit.Rate{{300e3, 1000e3, 3000e3, 6000e3}, ladders[2]} {
			c := Default()
			c.Algorithm = Algorithm(name)
			chooser, err := New(c, ladder)
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%s-%d", name, len(ladder)), func(b *testing.B) {
				b.ReportAllocs()
				v := View{BufferMax: 18 * time.Second, Segment: 2 * time.Second, Throughput: 4e6}
				for b.Loop() {
					v.Buffer = (v.Buffer + 7*time.Millisecond) % v.BufferMax
					v.Last = chooser.Choose(v)
				}
			})
		}
	}
}

func BenchmarkEstimator(b *testing.B) {
	b.ReportAllocs()
	var e Estimator
	for b.Loop() {
		e.Add(250_000, 700*time.Millisecond)
		if e.Rate() == 0 {
			b.Fatal("no estimate")
		}
	}
}
