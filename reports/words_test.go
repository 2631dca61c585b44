package reports

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

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

// The estimate of Kaplan and Meier against its slow twin, which multiplies over
// every moment at which somebody leaves; without censoring it is a count.
func TestSurvivalAgainstTwin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for round := range 50 {
		var viewers []result.Viewer
		for range 1 + rng.IntN(30) {
			join := time.Duration(rng.IntN(20)) * time.Second
			viewers = append(viewers, result.Viewer{Join: join, Leave: join + time.Duration(rng.IntN(15))*time.Second, Stalls: rng.IntN(2)})
		}
		left := func(v *result.Viewer) bool { return v.Stalls == 1 || round%2 == 0 }
		grid := []time.Duration{0, 2 * time.Second, 5500 * time.Millisecond, 14 * time.Second}
		for k, got := range survival(viewers, left, grid) {
			want, still := 1.0, 0
			for at := time.Duration(0); at <= grid[k]; at += time.Second {
				risk, ends := 0, 0
				for i := range viewers {
					length := viewers[i].Leave - viewers[i].Join
					if length >= at {
						risk++
					}
					if length == at && left(&viewers[i]) {
						ends++
					}
				}
				if risk > 0 {
					want *= 1 - float64(ends)/float64(risk)
				}
			}
			for i := range viewers {
				if viewers[i].Leave-viewers[i].Join > grid[k] {
					still++
				}
			}
			switch {
			case still == 0 && want > 1e-12 != math.IsNaN(got):
				t.Fatalf("%v: %v where nobody can tell, twin %v", grid[k], got, want)
			case still > 0 && math.Abs(got-want) > 1e-12:
				t.Fatalf("%v: %v, twin %v", grid[k], got, want)
			case round%2 == 0 && still > 0 && math.Abs(got-float64(still)/float64(len(viewers))) > 1e-12:
				t.Fatalf("%v: %v of %d of %d", grid[k], got, still, len(viewers))
			}
		}
	}
}

func TestLorenz(t *testing.T) {
	up := func(bytes ...int64) (viewers []result.Viewer) {
		for _, b := range bytes {
			viewers = append(viewers, result.Viewer{Uploaded: b})
		}
		return viewers
	}
	for _, c := range []struct {
		name    string
		viewers []result.Viewer
		gini    float64
	}{
		{"all the same", up(5, 5, 5, 5), 0},
		{"one of two carries all", up(8, 0), 0.5},
		{"one of a hundred carries all", up(append(make([]int64, 99), 1)...), 0.99},
		{"1, 2, 3, 4", up(4, 2, 1, 3), 0.25},
	} {
		shares := lorenz(c.viewers)
		if got := giniOf(shares); math.Abs(got-c.gini) > 1e-3 || shares[0] != 0 || shares[lorenzSteps] != 1 || !slices.IsSorted(shares) {
			t.Errorf("%s: Gini %v, want %v; %v", c.name, got, c.gini, shares)
		}
	}
	if lorenz(up(0, 0)) != nil {
		t.Error("a curve where nobody uploads")
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
