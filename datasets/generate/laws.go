package generate

import (
	"strings"

	_ "embed"
)

//go:embed laws.tsv
var lawTable string

// laws are models of times whose figures were transcribed from what others have
// published: their moments are those of the law itself.
func laws() (all []Model) {
	for line := range strings.Lines(lawTable) {
		c := strings.Split(strings.TrimSpace(line), "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		m := Model{Name: c[0], Kind: "times", Source: c[len(c)-1], Transcribed: true, numbers: numbers(c[1 : len(c)-1])}
		l := m.Law()
		sum, at := l.Moments(), func(p float64) float64 { return l.Draw(p).Seconds() }
		m.Moments = Moments{Mean: sum.Mean, SD: sum.SD, P10: at(0.1), P50: at(0.5), P90: at(0.9)}
		all = append(all, m)
	}
	return all
}

// An Exponent is how unequal things are watched: the i-th most popular one in
// proportion to 1 over i to this power.
type Exponent struct {
	What      string
	Value     float64
	Low, High float64 // of the parts that it is the median of
	Source    string
}

// Exponents are those for catalogue.exponent, fitted by least squares to the
// logarithms of rank and views.
func Exponents() []Exponent {
	return []Exponent{
		{"games on Twitch, the 200 most watched of each of 71 months", 1.37, 1.24, 1.50, "viewers-twitch-monthly"},
		{"trending videos of YouTube in three countries, so of those already on top", 1.25, 1.20, 1.39, "viewers-youtube-trending"},
	}
}
