package scenarios

import (
	"errors"
	"fmt"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/sim/result"
)

// Measure says which part of the stream counts. A run that begins empty and ends
// at once is not like the middle of it.
type Measure struct {
	WarmUp   time.Duration `yaml:"warm_up" doc:"How much of the beginning is played and not measured. Metrics that say so, and rows.csv, leave it out; money, faults and the timeline are of the whole run."`
	CoolDown time.Duration `yaml:"cool_down" doc:"How much of the end is played and not measured."`
}

// Validate reports every value that makes no sense by itself.
func (m Measure) Validate() error {
	var errs []error
	if m.WarmUp < 0 {
		errs = append(errs, unit.Bad("warm_up", fmt.Sprintf("%v: nothing is measured before the stream begins: write 0s or more", m.WarmUp)))
	}
	if m.CoolDown < 0 {
		errs = append(errs, unit.Bad("cool_down", fmt.Sprintf("%v: nothing is measured after the stream has ended: write 0s or more", m.CoolDown)))
	}
	return errors.Join(errs...)
}

// Window is what is measured of the stream.
func (s *Scenario) Window() result.Window {
	if s.Measure == (Measure{}) {
		return result.Window{}
	}
	return result.Window{From: s.Measure.WarmUp, To: s.Duration - s.Measure.CoolDown}
}

// measured checks that something is left to measure.
func (s *Scenario) measured() []error {
	m := s.Measure
	switch {
	case m == (Measure{}) || m.WarmUp < 0 || m.CoolDown < 0:
		return nil
	case s.Economy.On:
		return []error{unit.Bad("measure", "an economy has no stream to warm up: leave it out")}
	case s.Archive.On:
		return []error{unit.Bad("measure", "an archive has no stream to warm up: leave it out")}
	case m.WarmUp+m.CoolDown >= s.Duration:
		return []error{unit.Bad("measure", fmt.Sprintf("%v of warm-up and %v of cool-down leave nothing of the %v that the stream lasts (duration)", m.WarmUp, m.CoolDown, s.Duration))}
	}
	return nil
}
