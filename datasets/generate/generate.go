// Package generate makes up data that is like real sets: rates of links with
// their outages, times that sessions and repairs last, arrivals over a day, base
// fees. Each comes from a model of few numbers that was fitted to a public set,
// and from a seed; so scenarios need no file.
//
// Rates are a Markov chain over an outage and levels that are equally frequent,
// a step a second; within a level they are log-uniform. Two slower chains, over the
// means of 20 s and of two minutes, carry what lasts longer than some seconds: each
// says how the faster one moves. Where recordings remember for longer than that, the slowest one
// is no chain: its states follow each other as they did in one of the recordings. Moments and correlations are those of the set within what the tests allow.
//
// Beside them stand tables without chance, transcribed from public sets: round-trip times
// between places, and sizes of the segments of videos.
//
// What it leaves out: what a place or a time of day has in common. Links of one
// scenario are independent of each other.
package generate

import (
	_ "embed"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/netem"
)

//go:embed models.tsv
var table string

// A Model is one generator.
type Model struct {
	Name    string
	Kind    string // rates, times, arrivals, fees, matrix or ladder
	Source  string // the set that it was fitted to
	Moments Moments

	Transcribed bool // the figures are those of a paper, and Moments those of its law

	levels  []float64     // rates: bounds in bit/s, in rising order; below the first is an outage
	rides   [][]float64   // rates: of each recording, its stages in their order; none where these are forgotten soon
	stages  [][]float64   // rates: of each stage, how often which one follows, where there are no rides
	blocks  [][][]float64 // rates: in each stage, of each regime, how often which one follows
	rows    [][][]float64 // rates: in each regime, of each level, how often which one follows
	numbers []float64     // of the other kinds; of a ladder, seconds of a segment, and kbit/s of each rendition
	words   []string      // names of places or renditions
	table   [][]float64   // of places, ms; of renditions, sizes of segments in thousandths of their mean
}

// Moments sum a series up: those of the real set, for comparison.
type Moments struct {
	Mean, SD, P10, P50, P90 float64 // bit/s, seconds or wei
	Outage                  float64 // share of zeros
	Lag1, Lag10, Lag60      float64 // autocorrelation
	Lag300                  float64
}

// Length is how many values a generated series has.
const Length = 3600

// Block is how many steps a regime lasts at least, and Stage a stage.
const (
	Block = 20
	Stage = 120
)

// Models lists the generators.
func Models() []Model { return append(parse(table), laws()...) }

// Find is the generator of that name.
func Find(name string) (*Model, error) {
	all := Models()
	var names []string
	for i := range all {
		if all[i].Name == name {
			return &all[i], nil
		}
		names = append(names, all[i].Name)
	}
	return nil, fmt.Errorf("%.40q is no generator: use generated/ and one of %s", name, strings.Join(names, ", "))
}

// Shares are the quantiles between the levels of a chain, of rates above zero.
func Shares() []float64 {
	const twelfth = 1. / 12
	shares := []float64{0, 0.02}
	for i := 1; i < 12; i++ {
		shares = append(shares, float64(i)*twelfth)
	}
	return append(shares, 0.98, 0.999)
}

// Quantiles are rates in bit/s and the shares of all seconds of the real set that
// stayed at or below them.
func (m *Model) Quantiles() (rates, shares []float64) {
	for i, p := range Shares() {
		rates = append(rates, m.levels[i])
		shares = append(shares, m.Moments.Outage+float64((1-m.Moments.Outage)*p))
	}
	return rates, shares
}

// source is the randomness of one series.
func source(name string, seed uint64) *rand.Rand {
	var key [32]byte
	copy(key[8:], name)
	for i := range 8 {
		key[i] = byte(seed >> (8 * i))
	}
	return rand.New(rand.NewChaCha8(key))
}

// Rates are n seconds of a link; a rate of zero is an outage.
func (m *Model) Rates(seed uint64, n int) []netem.Step {
	r := source(m.Name, seed)
	out := make([]netem.Step, n)
	stages := m.course(r, n)
	regime := draw(r, stationary(m.blocks[stages[0]]))
	state, within := draw(r, stationary(m.rows[regime])), 0.0
	for i := range out {
		stage := stages[i/Stage]
		if i > 0 && i%Block == 0 {
			regime = draw(r, m.blocks[stage][regime])
		}
		next := draw(r, m.rows[regime][state])
		if u, stay := r.Float64(), r.Float64(); i == 0 || next != state || stay > linger {
			within = u
		}
		state = next
		out[i] = netem.Step{For: time.Second, Down: m.rate(within, state)}
	}
	return out
}

// course is the stages of n steps: those of one recording after the other, each from
// one end to the other and back, or of a chain.
func (m *Model) course(r *rand.Rand, n int) (all []int) {
	var weights []float64
	for _, ride := range m.rides {
		weights = append(weights, float64(len(ride)))
	}
	for len(all) < n/Stage+1 {
		switch k := len(all); {
		case len(m.rides) == 0 && k == 0:
			all = append(all, draw(r, stationary(m.stages)))
		case len(m.rides) == 0:
			all = append(all, draw(r, m.stages[all[k-1]]))
		default:
			ride := slices.Clone(m.rides[draw(r, weights)])
			if r.Float64() < 0.5 {
				slices.Reverse(ride)
			}
			for range 2 {
				for _, stage := range ride {
					all = append(all, int(stage))
				}
				slices.Reverse(ride)
			}
		}
	}
	return all
}

// linger is how often a rate that stays on its level stays where it is in it.
const linger = 0.75

// rate is a rate of a state at a place within it: 0 is the outage.
func (m *Model) rate(u float64, state int) unit.Rate {
	if state == 0 {
		return 0
	}
	lo, hi := m.levels[state-1], m.levels[state]
	return unit.Rate(math.Round(max(1000, lo*math.Exp(u*math.Log(hi/lo)))))
}

// draw takes an index by weight.
func draw(r *rand.Rand, weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	u := r.Float64() * sum
	for i, w := range weights {
		if u < w {
			return i
		}
		u -= w
	}
	for i := len(weights) - 1; ; i-- { // rounding has left nothing
		if weights[i] > 0 {
			return i
		}
	}
}

// stationary is how often a chain is in each state: how often it comes to it.
func stationary(rows [][]float64) []float64 {
	sum := make([]float64, len(rows))
	for _, row := range rows {
		for k, w := range row {
			sum[k] += w
		}
	}
	return sum
}

// parse reads the table. A bad line is a bug of ours.
func parse(text string) (all []Model) {
	for line := range strings.Lines(text) {
		c := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") || c[0] == "" {
			continue
		}
		if c[0] == "model" {
			all = append(all, Model{Kind: c[1], Name: c[2], Source: c[3]})
			continue
		}
		m := &all[len(all)-1]
		if c[0] == "place" || c[0] == "rung" {
			m.words, m.table = append(m.words, c[1]), append(m.table, numbers(c[2:]))
			continue
		}
		xs := numbers(c[1:])
		switch c[0] {
		case "moments":
			m.Moments = Moments{xs[0], xs[1], xs[2], xs[3], xs[4], xs[5], xs[6], xs[7], xs[8], xs[9]}
		case "levels":
			m.levels = xs
		case "ride":
			m.rides = append(m.rides, xs)
		case "stage":
			m.stages = append(m.stages, xs)
			m.blocks = append(m.blocks, nil)
		case "turn":
			last := len(m.blocks) - 1
			m.blocks[last] = append(m.blocks[last], xs)
		case "regime":
			m.rows = append(m.rows, nil)
		case "row":
			last := len(m.rows) - 1
			m.rows[last] = append(m.rows[last], xs)
		case "numbers":
			m.numbers = xs
		default:
			panic(fmt.Sprintf("generate: %q is no line of it", line))
		}
	}
	return all
}

func numbers(cells []string) (xs []float64) {
	for _, c := range cells {
		x, err := strconv.ParseFloat(c, 64)
		if err != nil {
			panic(fmt.Sprintf("generate: %v", err))
		}
		xs = append(xs, x)
	}
	return xs
}
