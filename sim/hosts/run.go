package hosts

import (
	"context"
	"errors"
	"fmt"
	"io"

	"kinetoscope/netem/packet"
	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim"
	"kinetoscope/sim/result"
)

// Run plays s once with the given seed over real hosts; it is sim.Run of this
// engine. It takes the whole processor; to play several runs at a time, give
// each a process.
func Run(ctx context.Context, s scenarios.Scenario, ladder *media.Ladder, seed uint64) (*result.Run, error) {
	return play(ctx, s, ladder, seed, nil)
}

// Record is Run that also writes what happens to every packet, as
// packet.Capture has it. What QUIC itself does is written by quic-go into the
// folder that the environment variable QLOGDIR names, if there is one.
func Record(ctx context.Context, s scenarios.Scenario, ladder *media.Ladder, seed uint64, packets io.Writer) (*result.Run, error) {
	capture := packet.NewCapture(packets)
	run, err := play(ctx, s, ladder, seed, capture.Record)
	return run, errors.Join(err, capture.Close())
}

func play(ctx context.Context, s scenarios.Scenario, ladder *media.Ladder, seed uint64, tap func(packet.Event)) (run *result.Run, err error) {
	if err := suits(&s); err != nil {
		return nil, err
	}
	dog := watch()
	defer dog.end()
	failed := bubble(func() error {
		var n *carrier
		engine := func(site *sim.Site) (sim.Carrier, error) {
			var err error
			n, err = build(ctx, site, s.Hosts.Transport, newPause(dog.beat).wait)
			if n != nil {
				n.notes, n.fabric.Tap = unheeded(&s), tap
			}
			return n, err
		}
		run, err = sim.RunOn(ctx, engine, s, ladder, seed)
		if n != nil {
			n.close()
			if err == nil {
				err = n.err
			}
		}
		return nil
	})
	if failed != nil {
		return nil, failed
	}
	return run, err
}

// unheeded are knobs that mean nothing here, each with what happens instead.
func unheeded(s *scenarios.Scenario) (notes []string) {
	if !s.Network.Startup {
		notes = append(notes, "not heeded: network.startup is false, but real connections begin with a handshake and a small window")
	}
	return notes
}

// mostNodes is how many hosts are played at most: beyond, a virtual second
// takes minutes.
const mostNodes = 3000

// suits refuses what this engine cannot play as it is meant.
func suits(s *scenarios.Scenario) error {
	nodes := 2 + s.Providers.Count + s.Edges.Count + s.Population.Viewers
	if nodes > mostNodes {
		return fmt.Errorf("the libp2p engine plays up to %d nodes, not %d: lay population.viewers=%d over the scenario, or use --engine flow",
			mostNodes, nodes, mostNodes-nodes+s.Population.Viewers)
	}
	if len(s.Network.Backbone) > 0 {
		return errors.New("the libp2p engine has no links between regions: take network.backbone out of the scenario, or use --engine flow")
	}
	if !s.Token.Executed() {
		return errors.New("the libp2p engine sends tokens as they are executed: the token section of this scenario models another form; use --engine flow")
	}
	return nil
}
