package ledger

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// A Series is base fees that change with time, as somebody has recorded them.
type Series struct {
	File    string `yaml:"file" doc:"A CSV file with the steps, looked for like video.file: a line for,base_fee, then a line such as 12s,1.5gwei for each step. Empty lines and lines that begin with # are skipped."`
	Dataset string `yaml:"dataset" doc:"A recorded or generated series instead, named as a trace's data set is; every=12s makes each of its values last so long."`
	Steps   []Fee  `yaml:"steps" doc:"The steps, one after the other from the beginning of the stream on. Given instead of a file."`
	Loop    Loop   `yaml:"loop" doc:"What follows the last step: the first again, or the last for ever."`
}

// A Fee is a time of one base fee.
type Fee struct {
	For     time.Duration `yaml:"for" doc:"How long it lasts."`
	BaseFee unit.Wei      `yaml:"base_fee" doc:"Base fee, for one gas."`
}

// A Loop names what follows the last step of a series.
type Loop string

// Loops.
const (
	Repeat Loop = "repeat"
	Hold   Loop = "hold"
)

// Names lists the loops.
func (Loop) Names() []string { return []string{string(Repeat), string(Hold)} }

// UnmarshalText accepts the names in Names.
func (l *Loop) UnmarshalText(b []byte) error {
	for _, n := range l.Names() {
		if n == string(b) {
			*l = Loop(n)
			return nil
		}
	}
	return fmt.Errorf("unknown name %q: use one of %s", b, strings.Join(l.Names(), ", "))
}

// MaxFees is how many steps a series may have: a week of 12 s blocks.
const MaxFees = 50_400

// check calls bad for each value that makes no sense. A series whose file is
// not read yet has no steps to check.
func (s *Series) check(bad func(key, format string, args ...any)) {
	if s.File != "" && len(s.Steps) > 0 {
		bad("file", "the series has steps too: write one of them")
	}
	if s.Dataset != "" && (s.File != "" || len(s.Steps) > 0) {
		bad("dataset", "the series has a file or steps too: write one of them")
	}
	if len(s.Steps) > MaxFees {
		bad("steps", "%d steps: a series has at most %d", len(s.Steps), MaxFees)
		return
	}
	for i := range s.Steps {
		s.Steps[i].check(func(key, format string, args ...any) { bad(fmt.Sprintf("steps.%d.%s", i, key), format, args...) })
	}
}

func (f *Fee) check(bad func(key, format string, args ...any)) {
	if f.For < time.Second || f.For > 30*24*time.Hour {
		bad("for", "%v is not between 1s and %v", f.For, 30*24*time.Hour)
	}
	if f.BaseFee < 7 || f.BaseFee > MaxFeeCap {
		bad("base_fee", "%v is not between 7wei and %v", f.BaseFee, MaxFeeCap)
	}
}

// seriesHeader is the first line of a file with a series.
const seriesHeader = "for,base_fee"

// ParseSeries reads the steps of a CSV file. The error says in which line what
// is wrong.
func ParseSeries(text []byte) ([]Fee, error) {
	return unit.Steps(text, seriesHeader, "12s,1.5gwei", MaxFees, parseFee)
}

// parseFee reads one line.
func parseFee(values []string) (f Fee, err error) {
	if f.For, err = time.ParseDuration(values[0]); err != nil {
		return f, fmt.Errorf("for: %.40q is not a duration: write it like 12s or 5m", values[0])
	}
	if err := f.BaseFee.UnmarshalText([]byte(values[1])); err != nil {
		return f, fmt.Errorf("base_fee: %w", err)
	}
	f.check(func(key, format string, args ...any) {
		if err == nil {
			err = fmt.Errorf(key+": "+format, args...)
		}
	})
	return f, err
}

// A course is a series at work: when each of its steps ends.
type course struct {
	steps []Fee
	ends  []time.Duration
	loop  Loop
}

func newCourse(s Series) course {
	c := course{steps: s.Steps, loop: s.Loop}
	at := time.Duration(0)
	for _, f := range s.Steps {
		at += f.For
		c.ends = append(c.ends, at)
	}
	return c
}

// at is the base fee of the series at a time; start, if there is no series.
func (c *course) at(now time.Duration, start unit.Wei) unit.Wei {
	n := len(c.steps)
	if n == 0 {
		return start
	}
	whole := c.ends[n-1]
	if now >= whole {
		if c.loop == Hold {
			return c.steps[n-1].BaseFee
		}
		now %= whole
	}
	return c.steps[sort.Search(n, func(i int) bool { return c.ends[i] > now })].BaseFee
}
