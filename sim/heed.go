package sim

import (
	"fmt"

	"kinetoscope/scenarios"
)

// noteWiles says which wiles of the scenario nobody can do in it, so that their doing
// no harm is not taken for a finding.
func (w *world) noteWiles() {
	s := &w.scenario
	p, by := &s.Population, s.Swarm.Selection
	unheard := ""
	if !by.Reports() {
		unheard = "with swarm.selection " + string(by) + " nobody goes by what others report of their load"
	}
	alone := ""
	if s.Swarm.Neighbours == 0 {
		alone = "viewers have no neighbours"
	}
	unlocked := ""
	switch {
	case s.Payment.Needs().Lock == 0:
		unlocked = "with payment.method " + string(s.Payment.Method) + " nothing is locked when play is pressed, so nobody can lock next to nothing"
	case s.Payment.Preopened:
		unlocked = "deposits that are preopened are honest"
	}
	type wile struct {
		key  string
		done bool
		why  []string
	}
	unstored := ""
	if s.Publisher.To == scenarios.ToEdges {
		unstored = "the publisher sends to edges, so that providers store nothing"
	}
	wiles := []wile{
		{"population.pollutes", p.Pollutes > 0, []string{alone}},
		{"population.forges", p.Forges > 0, []string{alone}},
		{"population.withholds", p.Withholds > 0, []string{alone}},
		{"population.freeloads", p.Freeloads > 0, []string{alone}},
		{"population.liars", p.Liars > 0, []string{alone, unheard}},
		{"population.griefs", p.Griefs > 0, []string{unlocked}},
		{"edges.liars", s.Edges.Liars > 0, []string{unheard}},
	}
	for i := range s.Faults {
		wiles = append(wiles, wile{fmt.Sprintf("faults.%d", i), s.Faults[i].Kind == scenarios.Lies, []string{unstored}})
	}
	for _, wile := range wiles {
		for _, why := range wile.why {
			if wile.done && why != "" {
				w.note("not heeded: %s, since %s", wile.key, why)
				break
			}
		}
	}
}
