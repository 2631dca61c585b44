package reports

import (
	"math"
	"strconv"
	"time"

	"gonum.org/v1/plot"
)

// ticks marks a linear axis at 1, 2 or 5 times a power of ten, about want
// times (5 if zero), labelled with as few digits as tell them apart.
type ticks struct{ want int }

// Ticks implements plot.Ticker.
func (t ticks) Ticks(lo, hi float64) []plot.Tick {
	want := t.want
	if want == 0 {
		want = 5
	}
	span := hi - lo
	if !(span > 1e-12*math.Max(math.Abs(lo), math.Abs(hi))) || math.IsInf(span, 0) { // there is no number in between
		return nil
	}
	step := niceStep(span / float64(want))
	digits := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	var marks []plot.Tick
	for i := math.Ceil(lo/step - 1e-9); float64(i*step) <= hi+1e-9*step; i++ {
		marks = append(marks, plot.Tick{Value: i * step, Label: strconv.FormatFloat(i*step+0, 'f', digits, 64)})
	}
	return marks
}

// logTicks marks a logarithmic axis at 1, 2 and 5 times each power of ten,
// labelled with a duration in seconds.
type logTicks struct{}

// Ticks implements plot.Ticker.
func (logTicks) Ticks(lo, hi float64) []plot.Tick {
	var marks []plot.Tick
	wide := math.Log10(hi/lo) > 3
	for e := math.Floor(math.Log10(lo)); e <= math.Ceil(math.Log10(hi)); e++ {
		for _, m := range []float64{1, 2, 5} {
			v := m * math.Pow(10, e)
			if v < lo*(1-1e-9) || v > hi*(1+1e-9) {
				continue
			}
			label := strconv.FormatFloat(v, 'g', -1, 64)
			if wide && m != 1 {
				label = ""
			}
			marks = append(marks, plot.Tick{Value: v, Label: label})
		}
	}
	return marks
}

// nameTicks labels whole numbers 0, -1, -2, ... with names, from the top down.
type nameTicks []string

// Ticks implements plot.Ticker.
func (n nameTicks) Ticks(float64, float64) []plot.Tick {
	marks := make([]plot.Tick, len(n))
	for i, name := range n {
		marks[i] = plot.Tick{Value: -float64(i), Label: short(name)}
	}
	return marks
}

// noLabels keeps the marks of a Ticker without their labels.
type noLabels struct{ plot.Ticker }

// Ticks implements plot.Ticker.
func (n noLabels) Ticks(lo, hi float64) []plot.Tick {
	marks := n.Ticker.Ticks(lo, hi)
	for i := range marks {
		marks[i].Label = " "
	}
	return marks
}

// niceStep is the one of 1, 2, 5 times a power of ten that is nearest to v in
// proportion.
func niceStep(v float64) float64 {
	if !(v > 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	switch m := v / power; {
	case m < math.Sqrt(1*2):
		return power
	case m < math.Sqrt(2*5):
		return 2 * power
	case m < math.Sqrt(5*10):
		return 5 * power
	}
	return 10 * power
}

// niceAbove is the smallest of 1, 2, 5 times a power of ten that is at least v.
func niceAbove(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*power*(1+1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// fitZero sets an axis from 0 to the next tick above top.
func fitZero(a *plot.Axis, top float64) {
	if !(top > 0) {
		top = 1
	}
	step := niceStep(top / 5)
	a.Min, a.Max = 0, math.Ceil(top/step-1e-9)*step
}

// fitLoose sets an axis around lo and hi with a little air, from 0 where 0 is
// near.
func fitLoose(a *plot.Axis, lo, hi float64) {
	if lo >= 0 && lo < 0.6*hi {
		fitZero(a, hi+0.02*(hi-lo))
		return
	}
	air := 0.08 * (hi - lo)
	if most := math.Max(math.Abs(lo), math.Abs(hi)); hi-lo <= 1e-3*most { // labels that tell them apart would not fit
		air = math.Max(0.02*most, 1e-9)
	}
	a.Min, a.Max = lo-air, hi+air
}

// fitLog sets a logarithmic axis around lo and hi, both above 0, to marks.
func fitLog(a *plot.Axis, lo, hi float64) {
	a.Scale = plot.LogScale{}
	a.Tick.Marker = logTicks{}
	down := math.Pow(10, math.Floor(math.Log10(lo)))
	for _, m := range []float64{5, 2, 1} {
		if m*down <= lo {
			down *= m
			break
		}
	}
	a.Min, a.Max = down, niceAbove(hi)
	if a.Min == a.Max {
		a.Max *= 2
	}
}

// clock is the unit for times up to d: its name and how many make a second.
func clock(d time.Duration) (unit string, perSecond float64) {
	switch {
	case d > 4*time.Hour:
		return "hours", 1.0 / 3600
	case d > 10*time.Minute:
		return "minutes", 1.0 / 60
	}
	return "seconds", 1
}
