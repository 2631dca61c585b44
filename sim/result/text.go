package result

import (
	"math"
	"strconv"
	"strings"
)

// A scale is one way to write a quantity: value × factor between the affixes.
type scale struct {
	least         float64 // smallest magnitude that is written so
	factor        float64
	before, after string
}

// A quantity is a Unit of Metric: how reports print it and how an assertion
// may write it.
type quantity struct {
	unit   string
	scales []scale // largest first; the last one takes what is left
	change []scale // for differences, where they are written differently
	limits []suffix
	sample string // shown when an assertion lacks the unit
}

// A suffix is a unit of measure in an assertion; a dollar sign stands in front.
type suffix struct {
	text   string
	factor float64
}

var units = []quantity{
	{unit: "sec", sample: "2s or 500ms",
		scales: []scale{{7200, 1.0 / 3600, "", " h"}, {300, 1.0 / 60, "", " min"}, {1, 1, "", " s"},
			{1e-3, 1e3, "", " ms"}, {1e-6, 1e6, "", " µs"}, {1e-9, 1e9, "", " ns"}, {0, 1, "", " s"}},
		limits: []suffix{{"ns", 1e-9}, {"us", 1e-6}, {"µs", 1e-6}, {"ms", 1e-3}, {"min", 60}, {"s", 1}, {"m", 60}, {"h", 3600}}},
	{unit: "bit/s", sample: "2.5Mbit/s",
		scales: prefixed("bit/s"),
		limits: []suffix{{"kbit/s", 1e3}, {"Mbit/s", 1e6}, {"Gbit/s", 1e9}, {"Tbit/s", 1e12}, {"bit/s", 1}}},
	{unit: "B", sample: "64KiB or 1.5MB",
		scales: prefixed("B"),
		limits: []suffix{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}}},
	{unit: "ratio", sample: "5% or 0.05",
		scales: []scale{{0, 100, "", "%"}},
		change: []scale{{0, 100, "", " pp"}},
		limits: []suffix{{"%", 0.01}, {"", 1}}},
	{unit: "USD", sample: "$0.085",
		scales: []scale{{0, 1, "$", ""}},
		limits: []suffix{{"$", 1}, {"USD", 1}}},
	{unit: "USD-days", sample: "3USD-days",
		scales: []scale{{0, 1, "$", "·days"}},
		limits: []suffix{{"USD-days", 1}}},
	{unit: "gwei", sample: "1.5gwei",
		scales: []scale{{0, 1, "", " gwei"}},
		limits: []suffix{{"gwei", 1}, {"", 1}}},
	{unit: "ETH", sample: "0.05ETH",
		scales: []scale{{1e-3, 1, "", " ETH"}, {1e-18, 1e9, "", " gwei"}, {0, 1, "", " ETH"}},
		limits: []suffix{{"gwei", 1e-9}, {"ETH", 1}, {"", 1}}},
	{unit: "wei", sample: "1wei",
		scales: []scale{{0, 1, "", " wei"}},
		limits: []suffix{{"wei", 1}, {"", 1}}},
	{unit: "gas", sample: "50000 or 50kgas",
		scales: prefixed("gas"),
		limits: []suffix{{"kgas", 1e3}, {"Mgas", 1e6}, {"gas", 1}, {"", 1}}},
	{unit: "count", sample: "3",
		scales: []scale{{1e9, 1e-9, "", " G"}, {1e6, 1e-6, "", " M"}, {1e5, 1e-3, "", " k"}, {0, 1, "", ""}},
		limits: []suffix{{"", 1}}},
	{unit: "x", sample: "1.4x",
		scales: []scale{{0, 1, "", "×"}},
		limits: []suffix{{"x", 1}, {"", 1}}},
	{unit: "sec/h", sample: "1.5s/h",
		scales: []scale{{1, 1, "", " s/h"}, {1e-3, 1e3, "", " ms/h"}, {1e-6, 1e6, "", " µs/h"}, {0, 1, "", " s/h"}},
		limits: []suffix{{"us/h", 1e-6}, {"µs/h", 1e-6}, {"ms/h", 1e-3}, {"s/h", 1}}},
	{unit: "/min", sample: "2/min",
		scales: []scale{{0, 1, "", " /min"}},
		limits: []suffix{{"/min", 1}}},
}

// prefixed is the scales of a unit with decimal prefixes.
func prefixed(unit string) []scale {
	return []scale{{1e12, 1e-12, "", " T" + unit}, {1e9, 1e-9, "", " G" + unit}, {1e6, 1e-6, "", " M" + unit},
		{1e3, 1e-3, "", " k" + unit}, {0, 1, "", " " + unit}}
}

// quantity is the metric's unit; it panics if the table names one that units
// does not have, which the test of the table rules out.
func (m *Metric) quantity() quantity {
	for _, q := range units {
		if q.unit == m.Unit {
			return q
		}
	}
	panic("result: metric " + m.Name + " has the unknown unit " + m.Unit)
}

// Text writes a value for people, to three digits: "340 ms", "4.21 Mbit/s",
// "0.43%". NaN is "-".
func (m *Metric) Text(v float64) string {
	return write(m.quantity().scales, "", v)
}

// StatText writes a mean with half its interval: "1.23 ± 0.04 s". Without an
// interval it says so: "1.23 s (n=1)".
func (m *Metric) StatText(s Stat) string {
	return writeStat(m.quantity().scales, "", s)
}

// DeltaText writes a difference like StatText, but with its sign; differences
// of ratios are percentage points: "-3.18 ± 0.21 pp".
func (m *Metric) DeltaText(s Stat) string {
	scales := m.quantity().change
	if scales == nil {
		scales = m.quantity().scales
	}
	sign := ""
	if s.Mean > 0 {
		sign = "+"
	}
	return writeStat(scales, sign, s)
}

// Axis is how a plot labels values up to largest: the factor to multiply them
// with and the unit to print, which is empty for counts.
func (m *Metric) Axis(largest float64) (factor float64, unit string) {
	sc := choose(m.quantity().scales, largest)
	return sc.factor, sc.before + strings.TrimSpace(sc.after)
}

// DeltaAxis is Axis for differences: those of ratios are percentage points.
func (m *Metric) DeltaAxis(largest float64) (factor float64, unit string) {
	if change := m.quantity().change; change != nil {
		sc := choose(change, largest)
		return sc.factor, sc.before + strings.TrimSpace(sc.after)
	}
	return m.Axis(largest)
}

// writeStat writes mean and half interval in the same scale and precision: up
// to three digits of the larger one, but no more than two of the half interval.
func writeStat(scales []scale, sign string, s Stat) string {
	switch {
	case s.N == 0:
		return "-"
	case !s.HasInterval():
		return write(scales, sign, s.Mean) + " (n=1)"
	}
	half := s.Half()
	sc := choose(scales, max(math.Abs(s.Mean), half))
	if half == 0 {
		return affix(sc, sign, s.Mean) + " ± 0" + sc.after
	}
	digits := min(decimals(max(math.Abs(s.Mean), half)*sc.factor, 3), decimals(half*sc.factor, 2))
	spread := strconv.FormatFloat(half*sc.factor, 'f', digits, 64)
	if strings.Trim(spread, "0.") == "" {
		spread = "<" + strconv.FormatFloat(math.Pow10(-digits), 'f', digits, 64)
	}
	return lead(sc, sign, s.Mean) + strconv.FormatFloat(math.Abs(s.Mean)*sc.factor, 'f', digits, 64) + " ± " + spread + sc.after
}

// write writes one value to three digits.
func write(scales []scale, sign string, v float64) string {
	if math.IsNaN(v) {
		return "-"
	}
	sc := choose(scales, math.Abs(v))
	return affix(sc, sign, v) + sc.after
}

// affix is sign, leading unit and up to three digits of a value.
func affix(sc scale, sign string, v float64) string {
	digits := decimals(v*sc.factor, 3)
	number := strconv.FormatFloat(math.Abs(v)*sc.factor, 'f', digits, 64)
	if digits > 0 {
		number = strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
	}
	return lead(sc, sign, v) + number
}

// lead is what stands before the digits: the sign, where it is negative or
// asked for, and the unit.
func lead(sc scale, sign string, v float64) string {
	if v < 0 {
		sign = "-"
	}
	return sign + sc.before
}

// choose is the first scale for a magnitude.
func choose(scales []scale, magnitude float64) scale {
	for _, sc := range scales {
		if magnitude >= sc.least {
			return sc
		}
	}
	return scales[len(scales)-1]
}

// decimals is how many digits behind the point make so many in all.
func decimals(v float64, digits int) int {
	if v == 0 {
		return 0
	}
	return min(max(digits-1-int(math.Floor(math.Log10(math.Abs(v)))), 0), 9)
}

// listed joins names with commas.
func listed(names []string) string { return strings.Join(names, ", ") }
