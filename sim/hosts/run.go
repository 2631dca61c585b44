package hosts

import (
	"context"
	"testing/synctest"

	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/result"
)

// Run plays s once with the given seed over real hosts; it is sim.Run of this
// engine. It takes the whole processor; to play several runs at a time, give
// each a process.
func Run(ctx context.Context, s scenarios.Scenario, ladder *media.Ladder, seed uint64) (run *result.Run, err error) {
	failed := bubble(func() error {
		var n *carrier
		engine := func(site *sim.Site) (sim.Carrier, error) {
			var err error
			n, err = build(ctx, site, synctest.Wait)
			return n, err
		}
		run, err = sim.RunOn(ctx, engine, s, ladder, seed)
		if n != nil {
			n.close()
		}
		return nil
	})
	if failed != nil {
		return nil, failed
	}
	return run, err
}
