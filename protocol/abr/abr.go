// Package abr chooses the rendition of the next segment.
//
// A [Chooser] looks at a viewer's buffer and at what it knows of its
// throughput ([View]) and names a rung of the ladder. It keeps no state, so
// that one serves all viewers; what a viewer remembers is its [Estimator] and
// its [Memory]. docs/explanation/abr.md has the formulas and where they come
// from.
//
// What it leaves out: the buffer and the clock of playback, which are those of
// package player, and the requests.
package abr

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// An Algorithm names a rule to choose by.
type Algorithm string

// The algorithms.
const (
	Throughput  Algorithm = "throughput"  // the best rung that the estimate carries
	BBA         Algorithm = "bba"         // the best rung for the buffer level, on a straight line
	BB          Algorithm = "bb"          // the rung for the buffer level, from 5 s to 15 s
	BOLA        Algorithm = "bola"        // the best rung for the buffer level, by utility
	BOLAU       Algorithm = "bola-u"      // the same, but climbing no further than the estimate carries and one rung more
	BOLAE       Algorithm = "bola-e"      // BOLA with a placeholder buffer that stands in for an empty one
	Dynamic     Algorithm = "dynamic"     // throughput on a low buffer, bola-u on a high one
	DynamicDash Algorithm = "dynamicdash" // throughput on a low buffer, bola-e on a high one
	MPC         Algorithm = "mpc"         // the best plan for the next segments, by forecast
	RobustMPC   Algorithm = "robust-mpc"  // the same, with the forecast lowered by its past errors
	L2A         Algorithm = "l2a"         // probabilities of rungs, learnt from each download; for low latency
	LoLP        Algorithm = "lolp"        // the rung whose learnt state is nearest to the best; for low latency
	Fixed       Algorithm = "fixed"       // always the same rung
)

// Names lists the algorithms in the order of the documentation.
func (Algorithm) Names() []string {
	return []string{string(Throughput), string(BBA), string(BB), string(BOLA), string(BOLAU), string(BOLAE),
		string(Dynamic), string(DynamicDash), string(MPC), string(RobustMPC), string(L2A), string(LoLP), string(Fixed)}
}

// UnmarshalText reads the name of an algorithm. The error lists the names.
func (a *Algorithm) UnmarshalText(text []byte) error {
	if err := known(Algorithm(text)); err != nil {
		return err
	}
	*a = Algorithm(text)
	return nil
}

func known(a Algorithm) error {
	if slices.Contains(a.Names(), string(a)) {
		return nil
	}
	return fmt.Errorf("unknown name %q: write %s", string(a), strings.Join(a.Names(), ", "))
}

// A Config is the player section of a scenario.
type Config struct {
	Algorithm Algorithm     `yaml:"algorithm" doc:"How the rendition of the next segment is chosen."`
	Safety    unit.Ratio    `yaml:"safety" doc:"Part of the estimated throughput that a rendition may need. Read by throughput, l2a (as it begins) and lolp."`
	Rendition int           `yaml:"rendition" doc:"Rung of the ladder to play, 0 being the lowest. Read by fixed."`
	Buffer    time.Duration `yaml:"buffer" doc:"Play time that a viewer keeps ahead at most."`
	Start     time.Duration `yaml:"start" doc:"Play time to gather before playing begins."`
	Replace   Replace       `yaml:"replace" doc:"Which segment of the buffer is fetched once more, on the rung chosen for the next, if that is higher: the first that can still come in time, or the last."`
	Resume    time.Duration `yaml:"resume" doc:"Play time to gather after a stall before playing goes on."`
}

// Default is BOLA with the buffer of dash.js: 18 s, and the safety of 0.9 that
// it uses with its throughput rule. Playing begins and goes on with one
// segment of 2 s.
func Default() Config {
	return Config{
		Algorithm: BOLA,
		Safety:    0.9,
		Buffer:    18 * time.Second,
		Start:     2 * time.Second,
		Resume:    2 * time.Second,
		Replace:   ReplaceNone,
	}
}

// maxBuffer bounds the play time kept ahead.
const maxBuffer = time.Hour

// Validate says which keys are wrong, each with what is allowed. Whether the
// ladder has the rung of fixed is checked by New.
func (c Config) Validate() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
	}
	if err := known(c.Algorithm); err != nil {
		bad("algorithm", "%v", err)
	}
	if c.Replace != "" && !slices.Contains(c.Replace.Names(), string(c.Replace)) {
		bad("replace", "unknown name %q: write %s", string(c.Replace), strings.Join(c.Replace.Names(), ", "))
	}
	if !(c.Safety > 0 && c.Safety <= 1) {
		bad("safety", "%v: allowed is more than 0%% up to 100%%", c.Safety)
	}
	if c.Rendition < 0 {
		bad("rendition", "%d: rungs count from 0", c.Rendition)
	}
	if c.Buffer <= 0 || c.Buffer > maxBuffer {
		bad("buffer", "%v: allowed is more than 0s up to %v", c.Buffer, maxBuffer)
	}
	if c.Start <= 0 || c.Start > c.Buffer {
		bad("start", "%v: allowed is more than 0s up to the buffer of %v", c.Start, c.Buffer)
	}
	if c.Resume <= 0 || c.Resume > c.Buffer {
		bad("resume", "%v: allowed is more than 0s up to the buffer of %v", c.Resume, c.Buffer)
	}
	return errors.Join(errs...)
}

// A Chooser chooses by one rule on one ladder. It is one word, keeps no state,
// and its copies may be used by any number of viewers and goroutines.
type Chooser struct{ *rule }

// A rule is the configuration, and the ladder in the forms that it is read in.
type rule struct {
	algorithm Algorithm
	safety    float64
	fixed     int
	ladder    []float64 // bit/s, ascending
	size      []float64 // ladder[i] / ladder[0]
	utility   []float64 // ln size[i]
	norm      float64   // length of ladder, as a vector
	layout    enhanced
}

// New makes a chooser for a ladder of ascending rates.
func New(c Config, ladder []unit.Rate) (Chooser, error) {
	if err := c.Validate(); err != nil {
		return Chooser{}, err
	}
	if err := checkLadder(ladder); err != nil {
		return Chooser{}, err
	}
	if c.Algorithm == Fixed && c.Rendition >= len(ladder) {
		return Chooser{}, unit.Bad("rendition", fmt.Sprintf("%d: the ladder has the rungs 0 to %d", c.Rendition, len(ladder)-1))
	}
	if c.Algorithm == L2A && len(ladder) > maxRungs {
		return Chooser{}, unit.Bad("algorithm", fmt.Sprintf("l2a weighs up to %d rungs, and the ladder has %d: write another", maxRungs, len(ladder)))
	}
	r := &rule{algorithm: c.Algorithm, safety: float64(c.Safety), fixed: c.Rendition}
	for _, rate := range ladder {
		r.ladder = append(r.ladder, float64(rate))
		r.size = append(r.size, float64(rate)/float64(ladder[0]))
		r.utility = append(r.utility, utility(rate, ladder[0]))
	}
	r.norm = length(r.ladder)
	r.layout = r.enhance(c.Buffer)
	return Chooser{r}, nil
}

func checkLadder(ladder []unit.Rate) error {
	if len(ladder) == 0 {
		return errors.New("abr: the ladder has no rung")
	}
	for i, rate := range ladder {
		if rate <= 0 || (i > 0 && rate <= ladder[i-1]) {
			return fmt.Errorf("abr: rung %d of the ladder %v is not above the one before: rates are positive and ascend", i, ladder)
		}
	}
	return nil
}

// Choose is the rung for the next segment, 0 being the lowest, and how long to
// let the buffer drain before asking for it. It allocates nothing but, once, what
// the rules that learn remember.
func (c Chooser) Choose(m *Memory, v View) (rung int, wait time.Duration) {
	if v.Last < 0 && c.algorithm != Fixed {
		return 0, 0
	}
	switch c.algorithm {
	case Throughput:
		return c.throughput(m, &v), 0
	case BBA:
		return c.bba(&v), 0
	case BB:
		return c.bb(&v), 0
	case BOLA:
		return c.bola(&v), 0
	case BOLAU:
		return c.bolaU(m, &v, v.Last), 0
	case BOLAE:
		return c.bolaE(m, &v)
	case Dynamic:
		return c.dynamic(m, &v), 0
	case DynamicDash:
		return c.dynamicDash(m, &v)
	case MPC, RobustMPC:
		return c.mpc(m, &v), 0
	case L2A:
		return c.l2a(m, &v), 0
	case LoLP:
		return c.lolp(m, &v), 0
	case Fixed:
		return c.fixed, 0
	}
	panic("abr: a valid algorithm without a rule: " + string(c.algorithm))
}

// Measures says whether the rule goes by measured throughput and latency at all: what
// others are told of these makes no difference.
func (c Chooser) Measures() bool {
	switch c.algorithm {
	case BBA, BB, BOLA, Fixed:
		return false
	}
	return true
}

// Abandons says whether the rule ever gives a running download up.
func (c Chooser) Abandons() bool {
	switch c.algorithm {
	case Throughput, Dynamic, BOLAU, BOLAE, DynamicDash:
		return true
	}
	return false
}

// Abandon says whether to give a running download up, and for which rung; v is
// what the rung was chosen by.
func (c Chooser) Abandon(m *Memory, v View, d Download) (to int, yes bool) {
	if d.Got >= d.Size {
		return 0, false
	}
	switch c.algorithm {
	case Throughput, Dynamic:
		return c.slow(m, &v, &d)
	case BOLAU:
		return c.dearer(&v, &d)
	case BOLAE:
		return c.hopeless(m, &d)
	case DynamicDash:
		if m.high {
			return c.hopeless(m, &d)
		}
		return c.slow(m, &v, &d)
	}
	return 0, false
}

// grid is the distance of the numbers that round gives. Logarithms of two
// machines may differ in the last bit; on the grid they agree.
const grid = 1.0 / (1 << 32)

func round(x float64) float64 { return math.Round(x/grid) * grid }
