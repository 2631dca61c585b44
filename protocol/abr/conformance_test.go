package abr

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
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
	v.Behind, v.Target = time.Duration(draw.Int64N(int64(9*time.Second))), 3*time.Second
	return v
}

// rounds is how often a rule is tried: mpc thinks long.
func rounds(c Chooser) int {
	if c.algorithm == MPC || c.algorithm == RobustMPC {
		return 20
	}
	return 400
}

// randomMemory is that of a viewer who has fetched some segments.
func randomMemory(draw *rand.Rand, c Chooser, ladder []unit.Rate) (m Memory) {
	for range draw.IntN(12) {
		v := randomView(draw, len(ladder))
		c.Choose(&m, v)
		d := Download{Rung: draw.IntN(len(ladder)), Size: unit.Size(1 + draw.IntN(1e6)), Latency: time.Duration(draw.IntN(2e8)), Segment: v.Segment, Buffer: v.Buffer}
		d.Got, d.Took = d.Size, d.Latency+time.Duration(1+draw.IntN(3e9))
		switch draw.IntN(5) {
		case 0:
			c.GivenUp(&m, d, draw.IntN(d.Rung+1))
		case 1:
			c.Waited(&m, time.Duration(draw.IntN(4e9)))
		default:
			c.Fetched(&m, d)
		}
	}
	return m
}

// of is what the chooser chooses by a copy of the memory.
func of(c Chooser, m Memory, v View) int {
	m = m.copied()
	rung, _ := c.Choose(&m, v)
	return rung
}

// copied is a memory that shares nothing with m.
func (m Memory) copied() Memory {
	if m.notes == nil {
		return m
	}
	n := *m.notes
	m.notes = &n
	if m.past != nil {
		past := *m.past
		m.past = &past
	}
	if m.learnt != nil {
		learnt := *m.learnt
		m.learnt = &learnt
	}
	if m.organised != nil {
		o := *m.organised
		o.neurons = slices.Clone(o.neurons)
		m.organised = &o
	}
	return m
}

// first is what it chooses by an empty one.
func first(c Chooser, v View) int { return of(c, Memory{}, v) }

func TestChoicesAreRungs(t *testing.T) {
	each(t, func(t *testing.T, c Chooser, ladder []unit.Rate) {
		draw := rand.New(rand.NewPCG(1, 1))
		for range rounds(c) {
			v, m := randomView(draw, len(ladder)), randomMemory(draw, c, ladder)
			was := m.copied()
			got, wait := c.Choose(&m, v)
			if got < 0 || got >= len(ladder) || wait < 0 || wait > v.Buffer+max(0, was.noted().placeholder) {
				t.Fatalf("%+v: rung %d, wait of %v", v, got, wait)
			}
			if copied := c; of(copied, was, v) != got {
				t.Fatalf("%+v: a copy chooses otherwise", v)
			}
		}
	})
}

// climbs says for which rules more throughput or more buffer never lowers a
// choice. Dynamic and dynamicdash change between two rules, and a plan of mpc
// may begin lower to end higher.
var climbs = map[Algorithm]bool{Throughput: true, BBA: true, BB: true, BOLA: true, BOLAU: true, BOLAE: true,
	Dynamic: false, DynamicDash: false, MPC: false, RobustMPC: false, L2A: false, LoLP: false, Fixed: true}

func TestChoicesClimb(t *testing.T) {
	each(t, func(t *testing.T, c Chooser, ladder []unit.Rate) {
		does, known := climbs[c.algorithm]
		if !known {
			t.Fatal("say in climbs whether its choices climb")
		}
		draw := rand.New(rand.NewPCG(2, 2))
		for range rounds(c) {
			v, m := randomView(draw, len(ladder)), randomMemory(draw, c, ladder)
			was := of(c, m, v)
			faster, fuller := v, v
			faster.Throughput += unit.Rate(draw.Int64N(10e6))
			fuller.Buffer += time.Duration(draw.Int64N(int64(20 * time.Second)))
			if got := of(c, m, faster); does && got < was {
				t.Fatalf("%+v: rung %d, with %v of throughput %d", v, was, faster.Throughput, got)
			}
			if got := of(c, m, fuller); does && got < was {
				t.Fatalf("%+v: rung %d, with %v of buffer %d", v, was, fuller.Buffer, got)
			}
		}
	})
}

// Who gives a download up does so for a lower rung that is less to fetch.
func TestGivingUp(t *testing.T) {
	each(t, func(t *testing.T, c Chooser, ladder []unit.Rate) {
		draw := rand.New(rand.NewPCG(3, 3))
		for range rounds(c) {
			v, m := randomView(draw, len(ladder)), randomMemory(draw, c, ladder)
			d := Download{Rung: draw.IntN(len(ladder)), Size: unit.Size(1 + draw.IntN(1e6)), Latency: time.Duration(draw.IntN(2e8)), Segment: v.Segment, Buffer: v.Buffer}
			d.Got, d.Took = unit.Size(draw.Int64N(int64(d.Size))), d.Latency+time.Duration(draw.IntN(9e9))
			to, yes := c.Abandon(&m, v, d)
			if yes && (to < 0 || to >= d.Rung || float64(d.Size)*c.ladder[to]/c.ladder[d.Rung] >= float64(d.Size-d.Got)) {
				t.Fatalf("%+v: for rung %d", d, to)
			}
			d.Got = d.Size
			if _, yes := c.Abandon(&m, v, d); yes {
				t.Fatalf("%+v: it was there already", d)
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
			if got := first(c, v); got != want {
				t.Errorf("buffer of %v: rung %d, want %d", bufferMax, got, want)
			}
		}
	})
}

func TestChoosingAllocatesNothing(t *testing.T) {
	each(t, func(t *testing.T, c Chooser, ladder []unit.Rate) {
		var e Estimator
		var m Memory
		v := View{Buffer: 9 * time.Second, BufferMax: 18 * time.Second, Segment: 2 * time.Second, Last: 0}
		d := Download{Size: 100_000, Got: 100_000, Took: time.Second, Latency: 20 * time.Millisecond, Segment: 2 * time.Second, Buffer: 9 * time.Second}
		if n := testing.AllocsPerRun(20, func() {
			e.Add(d.Size, d.Took)
			v.Throughput = e.Rate()
			v.Last, _ = c.Choose(&m, v)
			c.Abandon(&m, v, d)
			c.Fetched(&m, d)
		}); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

// session plays segments over a link of steady rate and says how long it
// stalled after the start and what rate it played on the second half.
func session(c Chooser, ladder []unit.Rate, link unit.Rate) (stalled time.Duration, mean float64) {
	const segment, bufferMax, segments = 2 * time.Second, 18 * time.Second, 80
	var e Estimator
	var m Memory
	v := View{BufferMax: bufferMax, Segment: segment, Last: -1}
	for i := range segments {
		v.Throughput, v.Watched = e.Rate(), i
		rung, wait := c.Choose(&m, v)
		v.Last, v.Buffer = rung, v.Buffer-wait
		size := ladder[rung].Bytes(segment)
		took := link.Time(size)
		e.Add(size, took)
		if took > v.Buffer && i > 0 {
			stalled += took - v.Buffer
		}
		v.Buffer = max(v.Buffer-took, 0) + segment
		c.Fetched(&m, Download{Rung: rung, Size: size, Got: size, Took: took, Segment: segment, Buffer: v.Buffer})
		if over := v.Buffer + segment - bufferMax; over > 0 {
			c.Waited(&m, over)
			v.Buffer -= over
		}
		if i >= segments/2 {
			mean += float64(ladder[rung]) / (segments / 2)
		}
	}
	return stalled, mean
}

// risks are how long a rule may stall on a steady link: the line of bba is steep
// on a short buffer, bola-u lays three
// segments of buffer out for the whole ladder when it begins, and mpc weighs a
// short stall against a better picture.
var risks = map[Algorithm]time.Duration{BBA: 2 * time.Second, BOLAU: 12 * time.Second, MPC: 2 * time.Second, RobustMPC: 2 * time.Second}

// On a steady link that carries the lowest rung with something to spare, every
// algorithm that adapts plays without a stall but for its risks, and uses most of
// the link.
func TestSteadyLink(t *testing.T) {
	each(t, func(t *testing.T, c Chooser, ladder []unit.Rate) {
		if c.algorithm == Fixed || ladder[0] < 1000 {
			return // it does not adapt, or there is no real ladder
		}
		for _, factor := range []float64{1.3, 2, 3.7, 10, 60} {
			link := unit.Rate(factor * float64(ladder[0]))
			stalled, mean := session(c, ladder, link)
			if stalled > risks[c.algorithm] {
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
		{config(func(c *Config) { c.Algorithm = "magic" }), good, `algorithm: unknown name "magic": write throughput, bba, bb, bola, bola-u, bola-e, dynamic, dynamicdash, mpc, robust-mpc, l2a, lolp, fixed`},
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
				var m Memory
				v := View{BufferMax: 18 * time.Second, Segment: 2 * time.Second, Throughput: 4e6}
				for b.Loop() {
					v.Buffer = (v.Buffer + 7*time.Millisecond) % v.BufferMax
					v.Last, _ = chooser.Choose(&m, v)
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

// What a rule is told of throughput and latency makes a difference if, and only if, it
// says that it measures.
func TestMeasures(t *testing.T) {
	each(t, func(t *testing.T, c Chooser, ladder []unit.Rate) {
		if len(ladder) < 3 {
			return
		}
		differs := false
		for i := range 40 {
			v := View{Buffer: time.Duration(2+i%10) * time.Second, BufferMax: 18 * time.Second, Segment: 2 * time.Second, Last: i % len(ladder), Watched: i}
			var choices [2]int
			for k := range choices {
				var m Memory
				d := Download{Size: 100_000, Got: 100_000, Took: time.Duration(1+9*k) * 200 * time.Millisecond, Segment: 2 * time.Second, Buffer: v.Buffer}
				c.Choose(&m, v)
				c.Fetched(&m, d)
				v.Throughput = [...]unit.Rate{2 * ladder[len(ladder)-1], ladder[0]}[k]
				choices[k], _ = c.Choose(&m, v)
			}
			differs = differs || choices[0] != choices[1]
		}
		if differs != c.Measures() {
			t.Errorf("measurements make a difference: %v, it says %v", differs, c.Measures())
		}
	})
}
