package scenarios

import (
	"errors"
	"fmt"

	"kinetoscope/internal/unit"
	"kinetoscope/sim/law"
)

// Habits says what viewers do while they watch, beside watching.
type Habits struct {
	Endures law.Config `yaml:"endures" doc:"How long one stall, or the wait after a jump, may last before a viewer leaves, drawn once for a session; population.patience is for the first frame."`
	Retries unit.Ratio `yaml:"retries" doc:"Share of those whose patience ended, before the first frame (population.patience) or later (habits.endures), who try again, again and again: as another session at the same place, with another address, channel and account."`
	Pause   law.Config `yaml:"pause" doc:"How long those who try again wait before they do."`
	Seeks   law.Config `yaml:"seeks" doc:"What lies between two jumps of a viewer to anywhere in its title, counted in time since it came or jumped. In a catalogue only."`
	Zaps    law.Config `yaml:"zaps" doc:"What lies between two changes of channel: to another title, drawn as the first one was, from its beginning. In a catalogue only."`
}

func defaultHabits() Habits {
	return Habits{Endures: law.Config{Law: law.Endless}, Pause: law.Config{Law: law.Endless}, Seeks: law.Config{Law: law.Endless}, Zaps: law.Config{Law: law.Endless}}
}

// Jumps says that viewers seek or change the channel.
func (h *Habits) Jumps() bool { return h.Seeks.Ends() || h.Zaps.Ends() }

// Validate reports every value that makes no sense by itself.
func (h Habits) Validate() error {
	errs := []error{below("endures", h.Endures.Validate()), below("pause", h.Pause.Validate()),
		below("seeks", h.Seeks.Validate()), below("zaps", h.Zaps.Validate())}
	if h.Retries > maxReturns {
		errs = append(errs, unit.Bad("retries", fmt.Sprintf("%v: at most %v, or viewers would come back without end", h.Retries, maxReturns)))
	}
	if h.Retries > 0 && !h.Pause.Ends() {
		errs = append(errs, unit.Bad("pause.law", "say how long those who try again (retries) wait"))
	}
	return errors.Join(errs...)
}

// used checks that habits have something to be about.
func (s *Scenario) used() []error {
	var errs []error
	h, p := &s.Habits, &s.Population
	if h.Retries > 0 && p.Patience == Endless && !h.Endures.Ends() {
		errs = append(errs, unit.Bad("habits.retries", "nobody's patience ends, so that nobody tries again: write population.patience or habits.endures.law"))
	}
	if h.Jumps() && s.Catalogue.Titles == 0 {
		key := "habits.seeks.law"
		if !h.Seeks.Ends() {
			key = "habits.zaps.law"
		}
		errs = append(errs, unit.Bad(key, "a live stream has one channel, and nothing to seek in: write catalogue.titles"))
	}
	if h.Zaps.Ends() && s.Catalogue.Titles == 1 {
		errs = append(errs, unit.Bad("habits.zaps.law", "there is one title, and no other to change to: write catalogue.titles"))
	}
	return errs
}
