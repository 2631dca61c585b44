package datasets

import (
	"math"
	"slices"
	"time"
)

// A Quantity is the values of one thing that a set tells, in the order of the
// file.
type Quantity struct {
	Name   string
	Unit   string
	Values []float64
}

// A Moment sums a quantity up.
type Moment struct {
	Name   string  `json:"name"`
	Unit   string  `json:"unit"`
	N      int     `json:"n"`
	Mean   float64 `json:"mean"`
	Min    float64 `json:"min"`
	P10    float64 `json:"p10"`
	Median float64 `json:"median"`
	P90    float64 `json:"p90"`
	P99    float64 `json:"p99"`
	Max    float64 `json:"max"`
}

// A Curve is a line to draw of a set: a course over time or over ranks.
type Curve struct {
	X, Y   string // what the axes show, with units
	Xs, Ys []float64
}

// Moments sums up every quantity of the set. Quantiles are nearest ranks.
func (s *Set) Moments() (all []Moment) {
	for _, q := range s.Quantities() {
		if len(q.Values) == 0 {
			continue
		}
		sum := 0.0
		for _, x := range q.Values {
			sum += x
		}
		x := slices.Sorted(slices.Values(q.Values))
		all = append(all, Moment{q.Name, q.Unit, len(x), sum / float64(len(x)), x[0], quantile(x, 0.1), quantile(x, 0.5), quantile(x, 0.9), quantile(x, 0.99), x[len(x)-1]})
	}
	return all
}

// Quantities lists what the set tells.
func (s *Set) Quantities() []Quantity {
	switch s.Kind {
	case Bandwidth:
		return s.rates()
	case Latency:
		return s.rttQuantities()
	case Churn:
		return s.churnQuantities()
	case Viewers:
		return s.crowdQuantities()
	case Video:
		return s.segmentQuantities()
	case Fees:
		return s.feeQuantities()
	}
	return nil
}

// Curves are lines to draw of the set, at most two.
func (s *Set) Curves() []Curve {
	switch s.Kind {
	case Bandwidth:
		return s.rateCurves()
	case Latency:
		return s.rttCurves()
	case Churn:
		return s.churnCurves()
	case Viewers:
		return s.crowdCurves()
	case Video:
		return s.segmentCurves()
	case Fees:
		return s.feeCurves()
	}
	return nil
}

// segmentQuantities are what segments tell, by rendition.
func (s *Set) segmentQuantities() []Quantity {
	durations := Quantity{Name: "segment", Unit: "s"}
	all := []Quantity{durations}
	at := map[string]int{}
	for _, l := range s.Videos {
		for i, d := range l.Durations {
			all[0].Values = append(all[0].Values, d.Seconds())
			for _, x := range l.Renditions {
				if i >= len(x.Sizes) || x.Sizes[i] == 0 {
					continue
				}
				k, ok := at[x.Name]
				if !ok {
					k = len(all)
					at[x.Name] = k
					all = append(all, Quantity{Name: x.Name, Unit: "kbit/s"})
				}
				all[k].Values = append(all[k].Values, float64(x.Sizes[i])*8/1e3/d.Seconds())
			}
		}
	}
	return append(all[1:], all[0])
}

// segmentCurves are the sizes of the first video's last rendition.
func (s *Set) segmentCurves() []Curve {
	l := s.Videos[0]
	if len(l.Renditions) == 0 || len(l.Durations) < 2 {
		return nil
	}
	c := Curve{X: "segment", Y: "size of the last rendition, kB"}
	for i, n := range l.Renditions[len(l.Renditions)-1].Sizes {
		c.Xs, c.Ys = append(c.Xs, float64(i)), append(c.Ys, float64(n)/1e3)
	}
	return []Curve{c}
}

// feeQuantities are what series tell: fees in gwei, prices as they are.
func (s *Set) feeQuantities() (all []Quantity) {
	for _, x := range s.Fees {
		q := Quantity{Name: lastName(x.Name), Unit: x.shown()}
		for _, p := range x.Points {
			v, _ := p.Value.Float64()
			q.Values = append(q.Values, v/1e9)
		}
		all = append(all, q)
	}
	return all
}

// shown is the unit that a series is shown in: a billion of what it counts.
func (s *Series) shown() string {
	if s.Unit == "wei" {
		return "gwei"
	}
	return s.Unit
}

// feeCurves is the first series.
func (s *Set) feeCurves() []Curve {
	x := &s.Fees[0]
	c := Curve{X: "days", Y: lastName(x.Name) + ", " + x.shown()}
	if x.Points[0].At == 0 {
		c.X = "block"
	}
	for _, p := range x.Points {
		at := float64(p.At-x.Points[0].At) / (86400 * 1e9)
		if x.Points[0].At == 0 {
			at = float64(p.Block)
		}
		v, _ := p.Value.Float64()
		c.Xs, c.Ys = append(c.Xs, at), append(c.Ys, v/1e9)
	}
	return []Curve{c}
}

// rates are what traces tell: rates, lengths of steps and of outages.
func (s *Set) rates() []Quantity {
	down, up := Quantity{Name: "down", Unit: "kbit/s"}, Quantity{Name: "up", Unit: "kbit/s"}
	steps, outages, lengths := Quantity{Name: "step", Unit: "s"}, Quantity{Name: "outage", Unit: "s"}, Quantity{Name: "trace", Unit: "s"}
	for _, t := range s.Traces {
		var whole, dark time.Duration
		for i, p := range t.Steps {
			down.Values = append(down.Values, float64(p.Down)/1e3)
			if t.HasUp {
				up.Values = append(up.Values, float64(p.Up)/1e3)
			}
			steps.Values = append(steps.Values, p.For.Seconds())
			whole += p.For
			if p.Down == 0 {
				dark += p.For
			}
			if dark > 0 && (p.Down > 0 || i == len(t.Steps)-1) {
				outages.Values = append(outages.Values, dark.Seconds())
				dark = 0
			}
		}
		lengths.Values = append(lengths.Values, whole.Seconds())
	}
	return []Quantity{down, up, steps, outages, lengths}
}

// rateCurves is the longest trace.
func (s *Set) rateCurves() []Curve {
	longest := slices.MaxFunc(s.Traces, func(a, b Trace) int { return len(a.Steps) - len(b.Steps) })
	c := Curve{X: "seconds", Y: "rate down, Mbit/s"}
	at := 0.0
	for _, p := range longest.Steps {
		end := at + p.For.Seconds()
		c.Xs, c.Ys = append(c.Xs, at, end), append(c.Ys, float64(p.Down)/1e6, float64(p.Down)/1e6)
		at = end
	}
	return []Curve{c}
}

// Spread is the distribution of the first quantity that has values, as a curve
// of shares: at most so many points.
func (s *Set) Spread(most int) (c Curve, ok bool) {
	for _, q := range s.Quantities() {
		if len(q.Values) < 2 {
			continue
		}
		x := slices.Sorted(slices.Values(q.Values))
		n := min(most, len(x))
		c = Curve{X: q.Name + ", " + q.Unit, Y: "share of values at most that"}
		for i := range n {
			share := float64(i+1) / float64(n)
			c.Xs, c.Ys = append(c.Xs, quantile(x, share)), append(c.Ys, share)
		}
		return c, true
	}
	return c, false
}

// Thinned is the curve with at most so many points: of each group of neighbours
// the lowest and the highest.
func (c Curve) Thinned(most int) Curve {
	group := (2*len(c.Xs) + most - 1) / max(most, 1)
	if group <= 2 {
		return c
	}
	t := Curve{X: c.X, Y: c.Y}
	for i := 0; i < len(c.Xs); i += group {
		end := min(i+group, len(c.Xs))
		lo, hi := i, i
		for k := i; k < end; k++ {
			if c.Ys[k] < c.Ys[lo] {
				lo = k
			}
			if c.Ys[k] > c.Ys[hi] {
				hi = k
			}
		}
		for _, k := range []int{min(lo, hi), max(lo, hi)} {
			t.Xs, t.Ys = append(t.Xs, c.Xs[k]), append(t.Ys, c.Ys[k])
		}
	}
	return t
}

// median is that of numbers in any order; NaN of none.
func median(xs []float64) float64 { return quantile(slices.Sorted(slices.Values(xs)), 0.5) }

// quantile is the nearest-rank quantile of sorted numbers; NaN of none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	i := int(math.Ceil(q*float64(len(sorted)))) - 1
	return sorted[max(0, min(i, len(sorted)-1))]
}
