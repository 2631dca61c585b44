package datasets

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kinetoscope/datasets/generate"
)

// bySecond is a trace as the mean rates of its seconds. A single zero of
// more than two is a recorder that stood still, and counts as two. The last second, if
// it is not whole, is left out.
func bySecond(t *Trace) (out []float64) {
	const second = int64(1e9)
	var bits, filled float64
	left := second
	for _, s := range t.Steps {
		d := int64(s.For)
		if s.Down == 0 {
			d = min(d, 2*second)
		}
		for d > 0 {
			part := min(d, left)
			bits += float64(s.Down) * float64(part)
			filled += float64(part)
			d -= part
			if left -= part; left == 0 {
				out = append(out, bits/filled)
				bits, filled, left = 0, 0, second
			}
		}
	}
	return out
}

// realSeries are the seconds of all traces of a set whose names have a word.
func realSeries(t *testing.T, path, word string) (all [][]float64) {
	s, err := Open(path, Descriptor{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range s.Traces {
		if x := bySecond(&s.Traces[i]); strings.Contains(s.Traces[i].Name, word) && len(x) > 20 {
			all = append(all, x)
		}
	}
	return all
}

// A scaleOf is the classes of means over some seconds.
type scaleOf struct {
	every  int
	bounds []float64
}

// classes are so many, equally frequent.
func classes(series [][]float64, every, n int) (c scaleOf) {
	var means []float64
	for _, s := range series {
		for i := 0; i+every <= len(s); i += every {
			means = append(means, mean(s[i:i+every]))
		}
	}
	slices.Sort(means)
	for i := 1; i < n; i++ {
		c.bounds = append(c.bounds, means[i*len(means)/n])
	}
	c.every = every
	return c
}

// of is the class of a second of a series.
func (c *scaleOf) of(s []float64, i int) int {
	i -= i % c.every
	k, found := slices.BinarySearch(c.bounds, mean(s[i:min(i+c.every, len(s))]))
	return k + btoi(found)
}

// fitRates writes a model of rates as lines of the table.
func fitRates(name, source string, series [][]float64, fitRegimes, fitStages int, longer bool) string {
	var above []float64
	for _, s := range series {
		for _, x := range s {
			if x > 0 {
				above = append(above, x)
			}
		}
	}
	slices.Sort(above)
	levels := quantiles(above, 1000)
	m := generate.Sum(series)
	fitLevels := len(levels) - 1
	state := func(x float64) int {
		if x == 0 {
			return 0
		}
		i, _ := slices.BinarySearch(levels, x)
		return min(max(i, 1), fitLevels)
	}
	regimes, stages := classes(series, generate.Block, fitRegimes), classes(series, generate.Stage, fitStages)
	rows, turns, phases := cube(fitRegimes, fitLevels+1), cube(fitStages, fitRegimes), square(fitStages)
	// Both ways round, so that a chain is as often in a state as the series,
	// wherever that begins and ends.
	count := func(m [][]float64, a, b int) { m[a][b]++; m[b][a]++ }
	for _, s := range series {
		for i := 1; i < len(s); i++ {
			now, stage := regimes.of(s, i), stages.of(s, i)
			count(rows[now], state(s[i-1]), state(s[i]))
			if i%generate.Block == 0 {
				count(turns[stage], regimes.of(s, i-1), now)
			}
			if i%generate.Stage == 0 {
				count(phases, stages.of(s, i-1), stage)
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "model\trates\t%s\t%s\n", name, source)
	fmt.Fprintf(&b, "moments\t%s\n", cells(m.Mean, m.SD, m.P10, m.P50, m.P90, m.Outage, m.Lag1, m.Lag10, m.Lag60, m.Lag300))
	fmt.Fprintf(&b, "levels\t%s\n", cells(levels...))
	for _, s := range series {
		var ride []float64
		for i := 0; longer && i < len(s); i += generate.Stage {
			ride = append(ride, float64(stages.of(s, i)))
		}
		if len(ride) > 0 {
			fmt.Fprintf(&b, "ride\t%s\n", cells(ride...))
		}
	}
	for i, phase := range phases {
		fmt.Fprintf(&b, "stage\t%s\n", cells(phase...))
		chain(&b, "turn", turns[i])
	}
	for _, r := range rows {
		fmt.Fprintf(&b, "regime\n")
		chain(&b, "row", r)
	}
	return b.String()
}

// quantiles are those of sorted rates at the shares of levels.
func quantiles(above []float64, least float64) (levels []float64) {
	for _, p := range generate.Shares() {
		levels = append(levels, max(least, above[int(p*float64(len(above)-1))]))
	}
	return levels
}

// chain writes the rows of a chain. A state that was never left is left as all are.
func chain(b *strings.Builder, word string, rows [][]float64) {
	whole := make([]float64, len(rows))
	for _, row := range rows {
		for k := range row {
			whole[k] += row[k]
		}
	}
	for _, row := range rows {
		if slices.Max(row) == 0 {
			row = whole
		}
		fmt.Fprintf(b, "%s\t%s\n", word, cells(row...))
	}
}

func cube(n, of int) [][][]float64 {
	all := make([][][]float64, n)
	for i := range all {
		all[i] = square(of)
	}
	return all
}

func mean(xs []float64) (m float64) {
	for _, x := range xs {
		m += x / float64(len(xs))
	}
	return m
}

func square(n int) [][]float64 {
	all := make([][]float64, n)
	for i := range all {
		all[i] = make([]float64, n)
	}
	return all
}

func cells(xs ...float64) string {
	var all []string
	for _, x := range xs {
		if math.Abs(x) >= 1000 {
			x = math.Round(x)
		}
		all = append(all, fmt.Sprintf("%.5g", x))
	}
	return strings.Join(all, "\t")
}

// fitTimes writes a model of times.
func fitTimes(name, source string, seconds []float64) string {
	m := generate.Sum([][]float64{seconds})
	return fmt.Sprintf("model\ttimes\t%s\t%s\nmoments\t%s\nnumbers\t%s\n", name, source, cells(m.Mean, m.SD, m.P10, m.P50, m.P90, 0, 0, 0, 0, 0), cells(tail(seconds)...))
}

// tail are the quantiles at TailShares, each above the one before.
func tail(xs []float64) (quantiles []float64) {
	xs = slices.Sorted(slices.Values(xs))
	for i, p := range generate.TailShares {
		q := xs[int(math.Round(p*float64(len(xs)-1)))]
		if i > 0 {
			q = max(q, quantiles[i-1]*1.001)
		}
		quantiles = append(quantiles, q)
	}
	return quantiles
}

// fitted are the models of rates, and how many classes they have of the means of
// blocks and of stages, and whether they remember for longer: 3G has valleys and tunnels,
// and rides by ferry, bus and train.
var fitted = []struct {
	name, set, word string
	regimes, stages int
	longer          bool
}{
	{"3g", "bw-hsdpa-norway-sabre", "", 14, 14, true},
	{"4g", "bw-ghent-4g-sabre", "", 12, 1, false},
	{"5g", "bw-ucc-5g", "Download", 12, 1, false},
	{"wifi", "bw-lumos-wifi-4g", "wifi", 6, 1, false},
	{"starlink", "bw-starlink-autobahn", "", 6, 1, false},
}

// fitAll writes every model anew.
func fitAll(t *testing.T, root string) string {
	out := "# Models of data, fitted to public sets by: go test ./datasets -run TestModels -update\n"
	for _, f := range fitted {
		out += fitRates(f.name, f.set, realSeries(t, filepath.Join(root, f.set), f.word), f.regimes, f.stages, f.longer)
	}
	open := func(path string) *Set {
		s, err := Open(filepath.Join(root, path), Descriptor{})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	var stay, up, down []float64
	for _, x := range open("viewers-p2p-live/sample.csv").Viewers.Sessions {
		stay = append(stay, x.Length.Seconds())
	}
	for _, i := range open("churn-fta-events").Churn.Intervals {
		if s := float64(i.To-i.From) / 1e9; i.Up {
			up = append(up, s)
		} else {
			down = append(down, s)
		}
	}
	out += fitTimes("sessions", "viewers-p2p-live", stay)
	out += fitTimes("uptime", "churn-fta-events", up)
	out += fitTimes("repair", "churn-fta-events", down)

	hours := make([]float64, 24)
	var starts []float64
	for _, x := range open("viewers-ytlive").Viewers.Sessions {
		at := x.Start % int64(24*time.Hour)
		hours[at/int64(time.Hour)]++
		starts = append(starts, float64(at)/1e9)
	}
	m := generate.Sum([][]float64{starts})
	out += fmt.Sprintf("model\tarrivals\tday\tviewers-ytlive\nmoments\t%s\nnumbers\t%s\n", cells(m.Mean, m.SD, m.P10, m.P50, m.P90, 0, 0, 0, 0, 0), cells(hours...))

	var wei, logs []float64
	for _, p := range open("fees-etherscan-2026/export-AvgGasPrice.csv").Fees[0].Points {
		if x, _ := p.Value.Float64(); x > 0 {
			wei, logs = append(wei, x), append(logs, math.Log(x))
		}
	}
	m, l := generate.Sum([][]float64{wei}), generate.Sum([][]float64{logs})
	slow := math.Pow(l.Lag60/l.Lag10, 1./50)
	part := l.Lag10 / math.Pow(slow, 10)
	fast := max(0, (l.Lag1-part*slow)/(1-part))
	out += fitMatrix("cities-2020", "rtt-wondernetwork", open("rtt-wondernetwork").Latency, cities) + fitMatrix("ibm-2026", "rtt-ibm-cloud", open("rtt-ibm-cloud").Latency, cloud)
	out += fitLadder("bbb", "vsize-sabre-bbb", &open("vsize-sabre-bbb/bbb.json").Videos[0]) + fitLadder("bbb-4k", "vsize-sabre-bbb", &open("vsize-sabre-bbb/bbb4k.json").Videos[0])
	out += fitLadder("envivio", "vsize-envivio-netllm", &open("vsize-envivio-netllm").Videos[0])
	return out + fmt.Sprintf("model\tfees\tbase-fee\tfees-etherscan-2026\nmoments\t%s\nnumbers\t%s\n", cells(m.Mean, m.SD, m.P10, m.P50, m.P90, 0, l.Lag1, l.Lag10, l.Lag60, l.Lag300), cells(append([]float64{part, slow, fast}, tail(wei)...)...))
}

var update = flag.Bool("update", false, "write the models anew")

// The models are those that the real sets give: without KSCOPE_DATASETS, those
// that were transcribed stand for themselves, and package generate holds what is
// made to their moments.
func TestModels(t *testing.T) {
	const path = "generate/models.tsv"
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := string(want)
	if root := os.Getenv("KSCOPE_DATASETS"); root != "" {
		got = fitAll(t, root)
	}
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if got != string(want) && !*update {
		t.Error("the real sets give other models than models.tsv has: write them anew by -update, and look at what changed")
	}
}

// What is generated is a set like any other: it has moments and can be written.
func TestGeneratedSets(t *testing.T) {
	for _, m := range generate.Models() {
		s, err := OpenSeeded(Generated+m.Name, Descriptor{}, 1)
		if err != nil || len(s.Moments()) == 0 || len(s.Sheets()) == 0 {
			t.Errorf("%s: %v, %v", m.Name, s, err)
			continue
		}
		balanced(t, s)
	}
	if _, err := OpenSeeded("generated/6g", Descriptor{}, 1); err == nil || !strings.Contains(err.Error(), "use generated/ and one of 3g, 4g") {
		t.Errorf("%v", err)
	}
}

// slope is minus that of the logarithms of numbers by those of their ranks.
func slope(views []float64) float64 {
	var n, sx, sy, sxx, sxy float64
	for i, v := range views {
		x, y := math.Log(float64(i+1)), math.Log(v)
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	return -(n*sxy - sx*sy) / (n*sxx - sx*sx)
}

// The exponents are those of the sets, where these are; and a law of Zipf has its
// own.
func TestExponents(t *testing.T) {
	var zipf []float64
	for i := range 200 {
		zipf = append(zipf, 1e9*math.Pow(float64(i+1), -1.37))
	}
	if got := slope(zipf); math.Abs(got-1.37) > 1e-9 {
		t.Errorf("%v", got)
	}
	root := os.Getenv("KSCOPE_DATASETS")
	for _, e := range generate.Exponents() {
		if !(e.Low < e.Value && e.Value < e.High) {
			t.Errorf("%+v", e)
		}
		if root == "" {
			continue
		}
		files, _ := filepath.Glob(filepath.Join(root, e.Source, "*.csv"))
		var all []float64
		for _, f := range files {
			s, err := Open(f, Descriptor{})
			if err != nil || s.Kind != Viewers || len(s.Viewers.Ranks) == 0 {
				continue
			}
			for ranks := s.Viewers.Ranks; len(ranks) > 0; {
				n := slices.IndexFunc(ranks, func(r Rank) bool { return r.Group != ranks[0].Group })
				if n < 0 {
					n = len(ranks)
				}
				var views []float64
				for _, r := range ranks[:min(n, 200)] {
					views = append(views, float64(r.N))
				}
				all, ranks = append(all, slope(views)), ranks[n:]
			}
		}
		slices.Sort(all)
		if len(all) == 0 || math.Abs(all[(len(all)-1)/2]-e.Value) > 0.02 || math.Abs(all[0]-e.Low) > 0.02 || math.Abs(all[len(all)-1]-e.High) > 0.02 {
			t.Errorf("%s: %d parts, %.3f, want %+v", e.Source, len(all), all, e)
		}
	}
}
