package abr

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

func bolaOn(t *testing.T, a Algorithm, ladder ...unit.Rate) Chooser {
	t.Helper()
	c := Default()
	c.Algorithm = a
	chooser, err := New(c, ladder)
	if err != nil {
		t.Fatal(err)
	}
	return chooser
}

// Computed by hand. Utilities of 1, 2 and 4 Mbit/s are 0, ln 2 and 2 ln 2; with
// 18 s of buffer and segments of 2 s, V is 16 s / (2 ln 2 + 5) = 2.5054 s. Rungs
// 0 and 1 gain alike at V (5 - ln 2) = 10.790 s, rungs 1 and 2 at 5 V = 12.527 s.
// With 8 s of buffer V is 0.93951 s: 4.0464 s and 4.6976 s.
func TestBOLAByHand(t *testing.T) {
	chooser := bolaOn(t, BOLA, 1e6, 2e6, 4e6)
	for _, test := range []struct {
		level, bufferMax time.Duration
		want             int
	}{
		{0, 18 * time.Second, 0},
		{10_789 * time.Millisecond, 18 * time.Second, 0},
		{10_791 * time.Millisecond, 18 * time.Second, 1},
		{12_526 * time.Millisecond, 18 * time.Second, 1},
		{12_528 * time.Millisecond, 18 * time.Second, 2},
		{18 * time.Second, 18 * time.Second, 2},
		{4_046 * time.Millisecond, 8 * time.Second, 0},
		{4_047 * time.Millisecond, 8 * time.Second, 1},
		{4_697 * time.Millisecond, 8 * time.Second, 1},
		{4_698 * time.Millisecond, 8 * time.Second, 2},
	} {
		v := View{Buffer: test.level, BufferMax: test.bufferMax, Segment: 2 * time.Second}
		if got := first(chooser, v); got != test.want {
			t.Errorf("%v of %v: rung %d, want %d", test.level, test.bufferMax, got, test.want)
		}
	}
}

// Rungs at 0, 1, 2, ... seconds of buffer as the formula of Sabre gives them
// (a few lines of Python, with its ladders, segments of 3 s, 25 s of buffer).
func TestBOLALikeSabre(t *testing.T) {
	for _, test := range []struct {
		ladder []unit.Rate
		want   []int
	}{
		{ladders[2], []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 5, 6, 7, 7, 8, 9, 9, 9, 9, 9, 9}},
		{ladders[3], []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 5, 5, 5, 5, 5, 5}},
	} {
		chooser := bolaOn(t, BOLA, test.ladder...)
		for s, want := range test.want {
			v := View{Buffer: time.Duration(s) * time.Second, BufferMax: 25 * time.Second, Segment: 3 * time.Second}
			if got := first(chooser, v); got != want {
				t.Errorf("%d rungs, %d s: rung %d, want %d", len(test.ladder), s, got, want)
			}
		}
	}
}

const precision = 200

func float(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

// slowLog is ln(a/b) by the series of 2 artanh((a-b)/(a+b)), after halving a/b
// down to below 2.
func slowLog(a, b unit.Rate) *big.Float {
	series := func(z *big.Float) *big.Float {
		sum, power := float(0), new(big.Float).Set(z)
		square := new(big.Float).Mul(z, z)
		for n := 1; n < 400; n += 2 {
			sum.Add(sum, new(big.Float).Quo(power, float(float64(n))))
			power.Mul(power, square)
		}
		return sum.Add(sum, sum)
	}
	x := new(big.Float).Quo(float(float64(a)), float(float64(b)))
	halvings := 0.0
	for ; x.Cmp(float(2)) > 0; halvings++ {
		x.Quo(x, float(2))
	}
	z := new(big.Float).Quo(new(big.Float).Sub(x, float(1)), new(big.Float).Add(x, float(1)))
	ln2 := series(new(big.Float).Quo(float(1), float(3)))
	return new(big.Float).Add(series(z), ln2.Mul(ln2, float(halvings)))
}

// slowGain is (V (utility + gp) - Q) / S for each rung, in segments as in the
// paper, with the rates themselves for S.
func slowGain(ladder []unit.Rate, v View) []*big.Float {
	segments := func(d time.Duration) *big.Float {
		return new(big.Float).Quo(float(float64(d)), float(float64(v.Segment)))
	}
	room := new(big.Float).Sub(segments(max(v.BufferMax, 2*v.Segment)), float(1))
	top := new(big.Float).Add(slowLog(ladder[len(ladder)-1], ladder[0]), float(5))
	control := new(big.Float).Quo(room, top)
	var gains []*big.Float
	for _, rate := range ladder {
		g := new(big.Float).Add(slowLog(rate, ladder[0]), float(5))
		g.Sub(g.Mul(g, control), segments(v.Buffer))
		gains = append(gains, g.Quo(g, float(float64(rate))))
	}
	return gains
}

// The rung chosen gains as much as any, by the paper's formula in 200 bits. A
// hair's breadth is allowed for the floats.
func TestBOLAAgainstSlowTwin(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 3))
	for range 400 {
		ladder := ladders[draw.IntN(4)]
		chooser := bolaOn(t, BOLA, ladder...)
		v := randomView(draw, len(ladder))
		v.Last = max(v.Last, 0)
		got := first(chooser, v)
		gains := slowGain(ladder, v)
		slack := float(1e-8 / float64(ladder[0]))
		for rung, gain := range gains {
			if new(big.Float).Sub(gain, gains[got]).Cmp(slack) > 0 {
				t.Fatalf("%+v on %v: rung %d gains %v, rung %d %v", v, ladder, got, gains[got], rung, gain)
			}
		}
	}
}

func TestUtilityAgainstSlowTwin(t *testing.T) {
	for _, ladder := range ladders {
		for _, rate := range ladder {
			want, _ := slowLog(rate, ladder[0]).Float64()
			if got := utility(rate, ladder[0]); math.Abs(got-want) > grid {
				t.Errorf("ln(%v/%v) = %v, want %v", rate, ladder[0], got, want)
			}
		}
	}
}

// A climb ends one rung above what the throughput carries; staying and falling
// follow BOLA.
func TestBOLAUByHand(t *testing.T) {
	chooser := bolaOn(t, BOLAU, 1e6, 2e6, 4e6, 8e6)
	full := View{Buffer: 17 * time.Second, BufferMax: 18 * time.Second, Segment: 2 * time.Second} // BOLA: rung 3
	for _, test := range []struct {
		name       string
		buffer     time.Duration
		throughput unit.Rate
		last, want int
	}{
		{"carried", full.Buffer, 9e6, 0, 3},
		{"one above", full.Buffer, 1.5e6, 0, 1},
		{"two carried, one above", full.Buffer, 2e6, 0, 2},
		{"nothing carried", full.Buffer, 0.5e6, 0, 1},
		{"already above", full.Buffer, 1.5e6, 2, 2},
		{"stays at the top", full.Buffer, 1.5e6, 3, 3},
		{"falls", 0, 9e6, 3, 0},
		{"first", full.Buffer, 1e6, -1, 0},
	} {
		v := full
		v.Watched = 100
		v.Buffer, v.Throughput, v.Last = test.buffer, test.throughput, test.last
		if got := first(chooser, v); got != test.want {
			t.Errorf("%s: rung %d, want %d", test.name, got, test.want)
		}
	}
}

func TestThroughputByHand(t *testing.T) {
	chooser := bolaOn(t, Throughput, 1e6, 2e6, 4e6)
	for _, test := range []struct {
		estimate unit.Rate
		want     int
	}{{0, 0}, {1, 0}, {1e6, 0}, {2_222_222, 0}, {2_222_223, 1}, {4_444_444, 1}, {4_444_445, 2}, {1e12, 2}} {
		if got := first(chooser, View{Buffer: time.Minute, Segment: 2 * time.Second, Throughput: test.estimate}); got != test.want {
			t.Errorf("%v: rung %d, want %d", test.estimate, got, test.want)
		}
	}
}

// The table of the documentation is where the code changes rungs.
func TestBOLATableInTheDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../../docs/explanation/abr.md")
	if err != nil {
		t.Fatal(err)
	}
	chooser := bolaOn(t, BOLA, 300e3, 1e6, 3e6, 6e6)
	for _, bufferMax := range []time.Duration{18 * time.Second, 12 * time.Second, 8 * time.Second, 6 * time.Second} {
		row, rung := fmt.Sprintf("| %v |", bufferMax), 0
		for ms := range time.Duration(bufferMax / time.Millisecond) {
			v := View{Buffer: ms * time.Millisecond, BufferMax: bufferMax, Segment: 2 * time.Second}
			if got := first(chooser, v); got == rung+1 {
				row, rung = row+fmt.Sprintf(" %.2f |", v.Buffer.Seconds()), got
			} else if got != rung {
				t.Fatalf("%+v: from rung %d to %d", v, rung, got)
			}
		}
		if !strings.Contains(string(doc), row+"\n") {
			t.Errorf("the documentation has no row\n%s", row)
		}
	}
}
