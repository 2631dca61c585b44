// Package law holds the distributions of times that scenarios draw from: how
// long viewers stay and are away, what lies between two arrivals, how long a
// machine lives. Each has a quantile function to draw by, and its moments to
// print beside those of what was drawn.
//
// It leaves out chance: a draw is the quantile of a uniform number that the
// caller has drawn.
package law

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"gonum.org/v1/gonum/stat/distuv"

	"kinetoscope/internal/unit"
)

// A Config says which law, and its parameters. The zero Config is Endless.
type Config struct {
	Law       Name          `yaml:"law" doc:"Which distribution: endless (without end), constant, exponential (for theory only: measured times have heavier tails), weibull, lognormal, pareto, puffer (watch times of live TV, 45,606 streams), or quantiles (a table of one's own)."`
	Scale     time.Duration `yaml:"scale" doc:"The time that sets the scale: constant: the time itself. exponential: the mean. weibull: lambda, which 63.2% stay below. lognormal: the median, e^mu. pareto: the least."`
	Shape     float64       `yaml:"shape" doc:"What sets the tail: weibull: k, below 1 heavier than exponential. lognormal: sigma, of the logarithm. pareto: alpha; the mean is infinite up to 1, the variance up to 2."`
	Dataset   string        `yaml:"dataset" doc:"Recorded times instead of a law, named as a trace's data set is: sessions, watch times, or how long nodes were up (state=down: or away). They become a table of quantiles."`
	Quantiles []Quantile    `yaml:"quantiles" doc:"quantiles: the points of the table, both ends included; log-linear between them."`
}

// A Quantile is one point of a table: a share of all times is at most Time.
type Quantile struct {
	Share unit.Ratio    `yaml:"share" doc:"Share of all times that are not longer: from 0% to 100%, rising."`
	Time  time.Duration `yaml:"time" doc:"The time, rising."`
}

// A Name names a law.
type Name string

// Laws.
const (
	Endless     Name = "endless"
	Constant    Name = "constant"
	Exponential Name = "exponential"
	Weibull     Name = "weibull"
	Lognormal   Name = "lognormal"
	Pareto      Name = "pareto"
	Puffer      Name = "puffer"
	Table       Name = "quantiles"
)

// Names lists the laws.
func (Name) Names() []string {
	return []string{string(Endless), string(Constant), string(Exponential), string(Weibull), string(Lognormal), string(Pareto), string(Puffer), string(Table)}
}

// UnmarshalText accepts the names in Names.
func (n *Name) UnmarshalText(b []byte) error {
	if !slices.Contains(n.Names(), string(b)) {
		return fmt.Errorf("unknown law %q: use one of %s", b, strings.Join(n.Names(), ", "))
	}
	*n = Name(b)
	return nil
}

// puffer is the distribution of watch times per stream of live TV at Puffer:
// 45,606 streams of the BBA arm, measured from puffer-statistics
// (post_draft_results). No single lognormal fits it.
var puffer = table{{0, 1}, {0.10, 8.1}, {0.25, 31}, {0.50, 150}, {0.75, 1384}, {0.90, 5384}, {0.95, 9433}, {0.99, 25188}, {1, 60000}}

// A distribution is what gonum calls one, as far as laws need it; times are
// seconds.
type distribution interface {
	Quantile(p float64) float64
	CDF(x float64) float64
	Mean() float64
	Variance() float64
}

// of is the law of a valid Config that is neither Endless nor Constant.
func (c *Config) of() distribution {
	scale := c.Scale.Seconds()
	switch c.Law {
	case Exponential:
		return distuv.Exponential{Rate: 1 / scale}
	case Weibull:
		return distuv.Weibull{K: c.Shape, Lambda: scale}
	case Lognormal:
		return distuv.LogNormal{Mu: math.Log(scale), Sigma: c.Shape}
	case Pareto:
		return distuv.Pareto{Xm: scale, Alpha: c.Shape}
	case Puffer:
		return puffer
	case Table:
		return c.points()
	}
	return constant(scale)
}

// Ends says whether what is drawn is a time at all: what is Endless has none.
func (c *Config) Ends() bool { return c.Dataset != "" || c.Law != Endless && c.Law != "" }

// Forever is what an Endless law draws.
const Forever = time.Duration(math.MaxInt64 / 4)

// Draw is the quantile of u, a uniform number from 0 to below 1, in whole
// microseconds, so that the last bit of a float decides nothing.
func (c *Config) Draw(u float64) time.Duration {
	if !c.Ends() {
		return Forever
	}
	s := c.of().Quantile(u)
	if !(s < Forever.Seconds()) {
		return Forever
	}
	return time.Duration(math.Round(s*1e6)) * time.Microsecond
}

// Validate reports every value that makes no sense.
func (c Config) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	scaled := slices.Contains([]Name{Constant, Exponential, Weibull, Lognormal, Pareto}, c.Law)
	shaped := slices.Contains([]Name{Weibull, Lognormal, Pareto}, c.Law)
	switch {
	case scaled && c.Scale <= 0:
		bad("scale", "%v: the law %s needs a positive time", c.Scale, c.Law)
	case !scaled && c.Scale != 0:
		bad("scale", "the law %s does not read it: take it out", c.Law)
	}
	switch {
	case shaped && !(c.Shape >= minShape && c.Shape <= maxShape):
		bad("shape", "%v: the law %s needs a number from %v to %v", c.Shape, c.Law, minShape, maxShape)
	case !shaped && c.Shape != 0:
		bad("shape", "the law %s does not read it: take it out", c.Law)
	}
	switch {
	case c.Dataset != "" && (c.Law != Endless && c.Law != "" || len(c.Quantiles) > 0):
		bad("dataset", "there is a law too: take one of them out")
	case c.Law != Table && len(c.Quantiles) > 0:
		bad("quantiles", "the law %s does not read them: take them out, or write law: quantiles", c.Law)
	case c.Law == Table:
		c.checkTable(bad)
	}
	return errors.Join(errs...)
}

// Limits of a shape: beyond them quantiles leave the range of a float.
const (
	minShape = 0.05
	maxShape = 50
)

func (c *Config) checkTable(bad func(key, format string, args ...any)) {
	q := c.Quantiles
	if len(q) < 2 || q[0].Share != 0 || q[len(q)-1].Share != 1 {
		bad("quantiles", "a table begins at share 0%% and ends at 100%%")
		return
	}
	for i := range q {
		if q[i].Time <= 0 {
			bad(fmt.Sprintf("quantiles.%d.time", i), "%v is not a positive time", q[i].Time)
		}
		if i > 0 && (q[i].Share <= q[i-1].Share || q[i].Time <= q[i-1].Time) {
			bad(fmt.Sprintf("quantiles.%d", i), "%v at %v does not rise from %v at %v", q[i].Time, q[i].Share, q[i-1].Time, q[i-1].Share)
		}
	}
}

// String is how a scenario writes the law.
func (c Config) String() string {
	var with []string
	if c.Shape != 0 {
		with = append(with, fmt.Sprintf("shape %v", c.Shape))
	}
	if c.Scale != 0 {
		with = append(with, fmt.Sprintf("scale %v", c.Scale))
	}
	if len(with) == 0 {
		return string(c.Law)
	}
	return fmt.Sprintf("%s (%s)", c.Law, strings.Join(with, ", "))
}
