package result

import (
	"bytes"
	"compress/gzip"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

// worlds makes two sets of one variant on n seeds: every metric under test has a
// coefficient of variation of 3 % over worlds, of which the two sets share all
// but a tenth, and the second set is larger by effect.
func worlds(rng *rand.Rand, n int, metrics []MetricID, effect float64) (before, after *Set) {
	sets := [2]*Set{}
	for i := range sets {
		s := &Set{Name: "null", From: "ab"[i : i+1], Variants: []Variant{{Name: "base"}}}
		for seed := range n {
			s.Seeds = append(s.Seeds, uint64(seed))
			s.Runs = append(s.Runs, &Run{Variant: "base", Seed: uint64(seed), Values: NewValues()})
		}
		sets[i] = s
	}
	const spread, shared = 0.03, 0.9
	for seed := range n {
		for _, id := range metrics {
			world := math.Sqrt(shared) * rng.NormFloat64()
			for i, s := range sets {
				own := math.Sqrt(1-shared) * rng.NormFloat64()
				s.Runs[seed].Values[id] = (1 + float64(i)*effect) * math.Exp(spread*(world+own))
			}
		}
	}
	return sets[0], sets[1]
}

func TestNullComparisonsFindNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	metrics := []MetricID{StartupP50, StartupP95, RebufferRatio, Bitrate, LatencyP50, PeerShare, SourceRate, CostPerViewerHour, Switches, Goodput}
	for _, n := range []int{2, 3, 5, 10} {
		wrong := 0
		const comparisons = 1000
		for range comparisons {
			a, b := worlds(rng, n, metrics, 0)
			c, err := Compare(a, []*Set{b}, Rule{Metrics: metrics}) // every change counts
			if err != nil {
				t.Fatal(err)
			}
			if c.Count(Worsened)+c.Count(Improved) > 0 {
				wrong++
			}
		}
		// three standard errors of 5 % in 1,000 trials are 2.1 %
		if wrong > 71 {
			t.Errorf("n=%d: %d of %d comparisons of equals find a difference", n, wrong, comparisons)
		}
		if wrong < 20 && n >= LeastSeeds {
			t.Errorf("n=%d: only %d of %d: the test is not of the level it says", n, wrong, comparisons)
		}
	}
}

// A metric that takes two values only, as a count does, changes by the same step
// under all of few seeds by chance, and there is no spread to tell. One whose
// values lie close to two places changes by nearly the same step, and there is
// hardly a spread.
func TestNullComparisonsOfCoins(t *testing.T) {
	for _, coin := range []struct {
		blur   float64
		beside []MetricID // metrics without a coin that are tested too
	}{{0, []MetricID{StartupP50, CostPerViewerHour}}, {1e-5, nil}} {
		rng := rand.New(rand.NewPCG(29, 31))
		metrics := append(coin.beside, SourceRate)
		for _, n := range []int{2, 3, 5, 10} {
			wrong := 0
			for range 1000 {
				a, b := worlds(rng, n, metrics, 0)
				for _, s := range []*Set{a, b} {
					for _, r := range s.Runs {
						r.Values[SourceRate] = float64(1000+rng.IntN(2)) * (1 + coin.blur*rng.NormFloat64())
					}
				}
				c, err := Compare(a, []*Set{b}, Rule{Metrics: metrics})
				if err != nil {
					t.Fatal(err)
				}
				if c.Count(Worsened)+c.Count(Improved)+c.Count(Moved) > 0 {
					wrong++
				}
			}
			if wrong > 71 {
				t.Errorf("blurred by %g, n=%d: %d of 1000 comparisons of equals find a difference", coin.blur, n, wrong)
			}
		}
	}
}

// Real metrics know no normal law: values gather at a few places, take whole
// steps, have outliers. These are of
//
//	kscope run hello --set seeds=240
//
// split by chance into two records of n seeds, which differ in nothing.
func TestNullComparisonsOfRealRuns(t *testing.T) {
	packed, err := os.ReadFile("testdata/hello-240.txt.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	all, err := Read(fstest.MapFS{"results.txt": &fstest.MapFile{Data: text}}, "results.txt", "hello")
	if err != nil {
		t.Fatal(err)
	}
	every := make([]MetricID, len(Metrics))
	for id := range every {
		every[id] = MetricID(id)
	}
	rng := rand.New(rand.NewPCG(37, 41))
	for _, n := range []int{2, 3, 5, 10} {
		wrong := map[string]int{}
		for range 1000 {
			drawn := rng.Perm(len(all.Runs))
			before, after := partOf(all, "a", drawn[:n]), partOf(all, "b", drawn[n:2*n])
			for name, metrics := range map[string][]MetricID{"the headline metrics": nil, "all metrics": every} {
				c, err := Compare(before, []*Set{after}, Rule{Metrics: metrics})
				if err != nil {
					t.Fatal(err)
				}
				if c.Count(Worsened)+c.Count(Improved)+c.Count(Moved) > 0 {
					wrong[name]++
				}
			}
		}
		t.Logf("n=%d: %v of 1000", n, wrong)
		for name, k := range wrong {
			if k > 71 || n < LeastSeeds {
				t.Errorf("n=%d, %s: %d of 1000 comparisons of equals find a difference", n, name, k)
			}
		}
	}
}

// partOf is a record of some of the runs of another, on seeds 0, 1 and so on.
func partOf(all *Set, from string, runs []int) *Set {
	s := &Set{Name: all.Name, From: from, Variants: all.Variants}
	for i, k := range runs {
		s.Seeds = append(s.Seeds, uint64(i))
		s.Runs = append(s.Runs, &Run{Variant: all.Runs[k].Variant, Seed: uint64(i), Values: all.Runs[k].Values})
	}
	return s
}

func TestTwoPercentAreFound(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 11))
	found, unpaired := 0, 0
	const comparisons = 1000
	for range comparisons {
		a, b := worlds(rng, 10, []MetricID{StartupP50}, 0.02)
		c, err := Compare(a, []*Set{b}, Rule{Least: 0.005, Metrics: []MetricID{StartupP50}})
		if err != nil {
			t.Fatal(err)
		}
		found += c.Count(Worsened)
		if x, y := c.Effects[0].Before, c.Effects[0].Now; x.Hi < y.Lo {
			unpaired++
		}
	}
	if found < 900 {
		t.Errorf("a change of 2 %% is found in %d of %d comparisons of 10 seeds", found, comparisons)
	}
	if unpaired > found/2 {
		t.Errorf("pairing gains nothing: %d found without it", unpaired)
	}
}

// Detectable is what it says: a change of that size is found in 8 of 10.
func TestDetectable(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 17))
	// t(0.975; 9) + t(0.8; 9) = 2.2622 + 0.8834, over the root of 10 seeds, times a deviation of 1 %
	const size, trials = 0.009947, 2000
	found, said := 0, 0.0
	for range trials {
		before, after := make([]float64, 10), make([]float64, 10)
		for i := range before {
			before[i], after[i] = 100, 100*math.Exp(size+0.01*rng.NormFloat64())
		}
		e := NewEffect(StartupP50, before, after)
		if e.P < 0.05 {
			found++
		}
		said += e.Detectable / trials
	}
	if share := float64(found) / trials; share < 0.77 || share > 0.83 {
		t.Errorf("a change of the detectable size is found in %.3f", share)
	}
	if unbiased := said / 0.9727; math.Abs(unbiased/size-1) > 0.03 { // the deviation of 10 samples is 0.9727 of the true one on average
		t.Errorf("Detectable is %.5f on average, want %.5f", unbiased, size)
	}
}

func TestOutcomes(t *testing.T) {
	nan := math.NaN()
	cases := []struct {
		name          string
		metric        MetricID
		before, after []float64
		rule          Rule
		want          Outcome
	}{
		{"equal", StartupP50, []float64{1, 2, 3}, []float64{1, 2, 3}, Rule{}, Same},
		{"one seed, equal", StartupP50, []float64{1}, []float64{1}, Rule{}, Same},
		{"one seed", StartupP50, []float64{1}, []float64{2}, Rule{}, Unclear},
		{"noise", StartupP50, []float64{1, 2, 3}, []float64{2, 1, 3}, Rule{}, Unclear},
		{"slower", StartupP50, []float64{1, 2, 3}, []float64{1.1, 2.2, 3.31}, Rule{}, Worsened},
		{"faster", StartupP50, []float64{1, 2, 3}, []float64{0.9, 1.8, 2.71}, Rule{}, Improved},
		{"higher is better", Bitrate, []float64{1, 2, 3}, []float64{1.1, 2.2, 3.31}, Rule{}, Improved},
		{"neither is better", EdgeShare, []float64{.1, .2, .3}, []float64{.11, .22, .331}, Rule{}, Moved},
		{"too little to count", StartupP50, []float64{1, 2, 3}, []float64{1.001, 2.002, 3.0031}, Rule{Least: 0.01}, Slight},
		{"enough of its own", StartupP50, []float64{1, 2, 3}, []float64{1.001, 2.002, 3.0031},
			Rule{Least: 0.01, Own: []Least{{StartupP50, 0.0005, false}}}, Worsened},
		{"too little in seconds", StartupP50, []float64{1, 2, 3}, []float64{1.1, 2.2, 3.31}, Rule{Own: []Least{{StartupP50, 1, true}}}, Slight},
		{"from nothing", RebufferRatio, []float64{0, 0, 0}, []float64{.01, .011, .012}, Rule{Least: 0.01}, Worsened},
		{"from nothing, allowed", RebufferRatio, []float64{0, 0, 0}, []float64{.01, .011, .012}, Rule{Own: []Least{{RebufferRatio, 0.02, true}}}, Slight},
		{"without spread", HeaderBytes, []float64{100, 100, 100, 100}, []float64{200, 200, 200, 200}, Rule{}, Worsened},
		{"the same step twice", HeaderBytes, []float64{100, 100}, []float64{200, 200}, Rule{}, Unclear},
		{"gone", StartupP50, []float64{1, 2}, []float64{nan, nan}, Rule{}, Vanished},
		{"new", StartupP50, []float64{nan, nan}, []float64{1, 2}, Rule{}, Appeared},
	}
	for _, c := range cases {
		set := func(from string, values []float64) *Set {
			s := &Set{Name: "x", From: from, Variants: []Variant{{Name: "v"}}}
			for i, v := range values {
				r := &Run{Variant: "v", Seed: uint64(i), Values: NewValues()}
				r.Values[c.metric] = v
				s.Seeds, s.Runs = append(s.Seeds, r.Seed), append(s.Runs, r)
			}
			return s
		}
		c.rule.Metrics = []MetricID{c.metric}
		got, err := Compare(set("a", c.before), []*Set{set("b", c.after)}, c.rule)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got.Effects[0].Outcome != c.want {
			t.Errorf("%s: %s, want %s: %+v", c.name, got.Effects[0].Outcome, c.want, got.Effects[0])
		}
	}
}

// Three p-values and what Holm's paper makes of them: 0.01 × 3, 0.02 × 2, and
// the larger of 0.03 and what went before.
func TestHolm(t *testing.T) {
	effects := []Effect{{P: 0.03}, {P: math.NaN()}, {P: 0.01}, {P: 0.02}, {P: 0.9}}
	Holm(effects)
	for i, want := range []float64{0.06, 0, 0.04, 0.06, 0.9} {
		if got := effects[i].Adjusted; math.Abs(got-want) > 1e-12 && i != 1 {
			t.Errorf("effect %d: %v, want %v", i, got, want)
		}
	}
}

func TestCompareSaysWhatIsMissing(t *testing.T) {
	make := func(from, scenario string, variants []string, seeds ...uint64) *Set {
		s := &Set{Name: scenario, From: from, Seeds: seeds}
		for _, v := range variants {
			s.Variants = append(s.Variants, Variant{Name: v})
			for _, seed := range seeds {
				s.Runs = append(s.Runs, &Run{Variant: v, Seed: seed, Values: NewValues()})
			}
		}
		return s
	}
	cases := []struct {
		before, after *Set
		want          string // of the error, or of the warnings
	}{
		{make("a", "s", []string{"x"}, 1, 2), make("b", "s", []string{"x"}, 3), "a and b have no seed in common: runs are compared seed by seed, so play both on the same seeds"},
		{make("a", "s", []string{"x", "y"}, 1), make("b", "s", []string{"z"}, 1), "a and b have no variant in common: the first has x, y, the second z"},
		{make("a", "s", []string{"x"}, 1, 2), make("b", "s", []string{"x"}, 2, 3, 4), "3 of the seeds of a and b are in one of them only, and are left out"},
		{make("a", "s", []string{"x", "y"}, 1), make("b", "s", []string{"y"}, 1), "1 of the variants of a and b are in one of them only, and are left out"},
		{make("a", "s", []string{"x"}, 1), make("b", "r", []string{"x"}, 1), "a is of the scenario s, b of r"},
		{make("a", "s", []string{"x"}, 1), make("b", "s", []string{"y"}, 1), ""},
	}
	for _, c := range cases {
		got, err := Compare(c.before, []*Set{c.after}, Rule{})
		text := ""
		if err != nil {
			text = err.Error()
		} else {
			text = strings.Join(got.Warnings, "; ")
		}
		if text != c.want {
			t.Errorf("got  %q\nwant %q", text, c.want)
		}
	}
}

func TestReadAFolder(t *testing.T) {
	s := pair()
	s.Scenario = []byte("title: x\n")
	dir := t.TempDir()
	if err := Write(dir+"/a", s); err != nil {
		t.Fatal(err)
	}
	root := os.DirFS(dir)
	back, err := Read(root, "a", "before")
	if err != nil {
		t.Fatal(err)
	}
	alone, err := Read(root, "a/results.txt", "after")
	if err != nil {
		t.Fatal(err)
	}
	c, err := Compare(back, []*Set{alone}, Rule{})
	if err != nil || !c.Identical || len(c.Effects) != 0 {
		t.Errorf("a folder beside itself: %+v, %v", c, err)
	}
	if string(back.Scenario) != "title: x\n" || back.Manifest.Runs == nil {
		t.Errorf("the folder is not read whole: %+v", back)
	}
}

func TestReadRefuses(t *testing.T) {
	var good bytes.Buffer
	s := pair()
	s.Stamp()
	if err := WriteBench(&good, s); err != nil {
		t.Fatal(err)
	}
	other := strings.ReplaceAll(good.String(), s.Manifest.Digest, strings.Repeat("0", 64))
	lines := strings.SplitAfter(strings.TrimRight(good.String(), "\n"), "\n")
	less := strings.Join(lines[:len(lines)-1], "")
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"empty/results.txt": "", "bare/x": "", "twice/results.txt": good.String() + lines[len(lines)-1], "less/results.txt": less,
		"two/results.txt": good.String() + other, "torn/results.txt": good.String(), "torn/manifest.json": `{"digest": "` + strings.Repeat("0", 64) + `"}`,
		"junk/results.txt": good.String(), "junk/manifest.json": "{",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	for name, want := range map[string]string{
		"nowhere": "b: file does not exist: name a run folder or a results.txt",
		"bare":    "b: it has no results.txt: file does not exist: name a run folder or a results.txt",
		"empty":   "b: there is no run in it",
		"less":    "every variant must have run on every seed, once",
		"twice":   "every variant must have run on every seed, once",
		"two":     "compare one record at a time",
		"torn":    "results.txt and manifest.json are not of the same runs: one of them was changed",
		"junk":    "b: manifest.json: unexpected end of JSON input",
	} {
		if _, err := Read(files, name, "b"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}
