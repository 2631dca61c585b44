package reports

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"kinetoscope/sim/result"
)

func TestTicks(t *testing.T) {
	cases := []struct {
		lo, hi float64
		want   string
	}{
		{0, 100, "0 20 40 60 80 100"},
		{0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{-0.3, 0.3, "-0.3 -0.2 -0.1 0.0 0.1 0.2 0.3"},
		{0, 7e6, "0 1000000 2000000 3000000 4000000 5000000 6000000 7000000"},
		{2.51, 4.02, "2.6 2.8 3.0 3.2 3.4 3.6 3.8 4.0"},
		{0, 0.0123, "0.000 0.002 0.004 0.006 0.008 0.010 0.012"},
		{5, 5, ""},
		{0, math.Inf(1), ""},
		{math.NaN(), 1, ""},
	}
	for _, c := range cases {
		var labels []string
		for _, m := range (ticks{}).Ticks(c.lo, c.hi) {
			labels = append(labels, m.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%g to %g: %q, want %q", c.lo, c.hi, got, c.want)
		}
	}
	var labels []string
	for _, m := range (logTicks{}).Ticks(0.05, 10) {
		labels = append(labels, m.Label)
	}
	if got := strings.Join(labels, " "); got != "0.05 0.1 0.2 0.5 1 2 5 10" {
		t.Errorf("logarithmic: %q", got)
	}
}

func TestJudge(t *testing.T) {
	down := result.NewStat([]float64{-3, -3.1, -2.9})
	up := result.NewStat([]float64{3, 3.1, 2.9})
	cases := []struct {
		direction result.Better
		delta     result.Stat
		want      sense
	}{
		{result.Lower, down, better}, {result.Lower, up, worse}, {result.Higher, down, worse}, {result.Higher, up, better},
		{result.Neutral, up, neutral}, {result.Lower, result.NewStat([]float64{-3, 4}), unclear},
		{result.Lower, result.NewStat([]float64{-3}), unclear}, {result.Lower, result.NewStat([]float64{0, 0}), equal},
	}
	for _, c := range cases {
		if got := judge(c.direction, c.delta); got != c.want {
			t.Errorf("%v, %+v: %s, want %s", c.direction, c.delta, got, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	cases := []struct{ got, want string }{
		{relative(0.51), "-49%"}, {relative(1.0321), "+3.21%"}, {relative(12), "×12"}, {relative(math.NaN()), ""}, {relative(-2), ""},
		{outcome(nil), "nothing to judge: no thresholds, no claim"},
		{outcome([]result.Verdict{{Kind: result.Threshold, Passed: true}, {Kind: result.Threshold}}), "1 of 2 thresholds met"},
		{outcome([]result.Verdict{{Kind: result.Claim}}), "claim refuted"},
		{outcome([]result.Verdict{{Kind: result.Threshold, Passed: true}, {Kind: result.Claim, Passed: true}}), "1 of 1 thresholds met, claim not refuted"},
		{extent(sample(2, 1)), "3 variants × 1 seed × 120 s of stream"},
		{ShellLine([]string{"kscope", "run", "my file.yaml", "it's", ""}), `kscope run 'my file.yaml' 'it'\''s' ''`},
		{short(strings.Repeat("µ", 40)), strings.Repeat("µ", 27) + "…"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// A band takes medians and extremes over seeds and leaves gaps where no seed
// has a value.
func TestBand(t *testing.T) {
	var b band
	nan := math.NaN()
	b.add(0, []float64{3, 1, 2})
	b.add(1, []float64{4, nan, 2})
	b.add(2, []float64{nan, nan, nan})
	if b.mid[0] != 2 || b.lo[0] != 1 || b.hi[0] != 3 || b.mid[1] != 3 || !math.IsNaN(b.mid[2]) || b.top() != 4 {
		t.Errorf("%+v", b)
	}
}

// The startup curve against its slow twin: count viewers one by one.
func TestStartupBandAgainstTwin(t *testing.T) {
	s := sample(80, 1, 2, 3)
	runs := s.RunsOf("central")
	grid := []float64{0.2, 0.5, 1, 1.9, 3, 8}
	got := startupBand(runs, grid)
	for i, x := range grid {
		lowest := math.Inf(1)
		for _, r := range runs {
			n := 0
			for _, v := range r.Viewers {
				if v.Started() && v.Startup.Seconds() <= x {
					n++
				}
			}
			lowest = min(lowest, 100*float64(n)/float64(len(r.Viewers)))
		}
		if got.lo[i] != lowest {
			t.Errorf("at %g s: lowest seed %g %%, twin %g %%", x, got.lo[i], lowest)
		}
	}
}

// Whatever order the money arrives in, a bar must add up to the whole.
func TestMoneyAddsUp(t *testing.T) {
	s := sample(20, 1, 2)
	pic := moneyPlot(s)
	sums := map[string]float64{}
	for _, row := range pic.rows {
		var share float64
		for _, r := range s.RunsOf(row[0]) {
			all, own := 0.0, 0.0
			for _, f := range r.Flows {
				all += f.USD
				if f.Payee == row[1] {
					own += f.USD
				}
			}
			share += own / all / float64(len(s.Seeds))
		}
		if got := parse(t, row[5]); math.Abs(got-share) > 1e-4 {
			t.Errorf("%s of %s: share %g, twin %g", row[1], row[0], got, share)
		}
		sums[row[0]] += parse(t, row[5])
	}
	for variant, sum := range sums {
		if math.Abs(sum-1) > 1e-4 {
			t.Errorf("%s: shares add up to %g", variant, sum)
		}
	}
}

func TestFolded(t *testing.T) {
	style := words(tickSize, ink)
	text := "Line: median over n=3 seeds; band: lowest to highest seed."
	for _, most := range []vg.Length{1, 60, 120, 1000} {
		lines := folded(text, style, most)
		if got := strings.Join(lines, " "); got != text {
			t.Errorf("%v: %q", most, got)
		}
		for _, l := range lines {
			if strings.Contains(l, " ") && style.Width(l) > most {
				t.Errorf("%q is wider than %v", l, most)
			}
		}
	}
}

func TestLabelOf(t *testing.T) {
	m := result.Mark{Label: "blackout of 1 provider site"}
	all := func(string) bool { return true }
	none := func(string) bool { return false }
	if got := labelOf(m, none); got != m.Label {
		t.Errorf("got %q", got)
	}
	m.Variants = []string{"coded", "single"}
	if got, want := labelOf(m, all), m.Label+", in coded, single"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := labelOf(m, none), m.Label+", in 2 variants"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
