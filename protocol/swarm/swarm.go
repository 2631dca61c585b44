// Package swarm decides whom to ask for what: the neighbours a viewer keeps and
// what they hold, and whom the directory proposes to a newcomer.
//
// It leaves out the messages (package protocol sends them) and the network.
package swarm

import (
	"errors"
	"fmt"
	"time"

	"kinetoscope/internal/unit"
)

// Config is the swarm section of a scenario.
type Config struct {
	Neighbours int           `yaml:"neighbours" doc:"Viewers that a viewer exchanges tokens with; 0 turns peer exchange off."`
	Uploads    int           `yaml:"uploads" doc:"Tokens that a viewer sends to neighbours at the same time."`
	PeerWait   time.Duration `yaml:"peer_wait" doc:"How long at most a viewer waits for a neighbour to hold a token before it asks an edge."`
	SeedShare  unit.Ratio    `yaml:"seed_share" doc:"Share of tokens that a viewer asks of an edge at once, so that fresh tokens enter the swarm everywhere."`
	Urgent     time.Duration `yaml:"urgent" doc:"Buffer level below which a viewer does not wait for neighbours."`
	Silence    time.Duration `yaml:"silence" doc:"How long a holder may stay silent before the asker turns to the next one."`
	Patience   time.Duration `yaml:"patience" doc:"How long a request may take in all before it is given up for the lowest rendition."`
	Hedge      time.Duration `yaml:"hedge" doc:"How long at most a gatherer of shards waits for an answer or a shard before it asks for others; an answer from nearby is overdue earlier."`
	Reach      time.Duration `yaml:"reach" doc:"How much farther away than the nearest edge a newcomer's edge may be, one way, if fewer viewers were sent there."`
	Discovery  Discovery     `yaml:"discovery" doc:"How viewers find each other: the directory names them, or it does so once and neighbours name theirs after that (gossip), or a distributed hash table of viewers and edges does (dht), which newcomers enter by an edge: then nobody asks the directory, and nobody is named for being near."`
	Servers    Servers       `yaml:"servers" doc:"Whom a viewer asks for what it does not get from neighbours: edges, or the providers themselves, any k of n shards (storage). Edges are paid and name neighbours either way."`
	Delivery   Delivery      `yaml:"delivery" doc:"How a viewer of a live stream gets one segment after the other: it asks for each once somebody has announced it (pull), or subscribes to a neighbour or an edge that sends what follows without being asked (push), and pulls what does not come in time."`
	Schedule   Schedule      `yaml:"schedule" doc:"In which order a viewer asks neighbours for slots ahead of the next one: as they play (deadline), what the fewest hold first (rarest), or as they play within high_demand and the rarest first beyond it (mixed)."`
	Ahead      int           `yaml:"ahead" doc:"For how many slots besides the next one a viewer asks neighbours at the same time; 0 takes one slot after the other. p2p-media-loader has 3 downloads from peers in all."`
	HighDemand time.Duration `yaml:"high_demand" doc:"With mixed: what plays within this time from now goes by deadline."`
	Selection  Selection     `yaml:"selection" doc:"Whom a viewer turns to, of the neighbours that hold a token and, when its edge is slow, of the other edges: as the directory assigned, at random, in turn, the least loaded by its own report, the better of two, the fastest so far, or by the price that rises with the load. With delivery push it names edges alone: the neighbour that a viewer subscribes to is drawn at random."`
	Edges      int           `yaml:"edges" doc:"Edges that a newcomer is told of."`
	Sense      time.Duration `yaml:"sense" doc:"How old an edge's report of its load may be, how often a viewer asks for one, and how long an edge must be slow before a viewer senses it. Not read by assigned."`
	Jitter     time.Duration `yaml:"jitter" doc:"How long at most a viewer that senses congestion waits before it moves, drawn by each for itself, so that not all move together."`
	Local      unit.Ratio    `yaml:"local" doc:"Share of proposed neighbours that are of the newcomer's own region."`
}

// Limits of a Config.
const (
	MaxNeighbours = 32
	MaxUploads    = 64
	MaxEdges      = 32
	MaxAhead      = Window - 2 // the window has the next slot too, and the one that plays
)

// Default is edges and peers together, with the time of high demand of
// p2p-media-loader (15 s), and its silence time-out (2 s) halved, since a live viewer has little buffer.
func Default() Config {
	return Config{Neighbours: 6, Uploads: 3, PeerWait: 3 * time.Second, SeedShare: 0.15,
		Urgent: 1500 * time.Millisecond, Silence: time.Second, Patience: 6 * time.Second,
		Hedge: 700 * time.Millisecond, Reach: 80 * time.Millisecond, Local: 0.8,
		Discovery: ByDirectory, Servers: FromEdges, Delivery: Pull, Schedule: Deadline, HighDemand: 15 * time.Second, Selection: Assigned, Edges: 3, Sense: time.Second}
}

// Validate reports every value that makes no sense.
func (c Config) Validate() error {
	var errs []error
	if c.Neighbours < 0 || c.Neighbours > MaxNeighbours {
		errs = append(errs, unit.Bad("neighbours", fmt.Sprintf("%d is not between 0 and %d", c.Neighbours, MaxNeighbours)))
	}
	if c.Uploads < 0 || c.Uploads > MaxUploads {
		errs = append(errs, unit.Bad("uploads", fmt.Sprintf("%d is not between 0 and %d", c.Uploads, MaxUploads)))
	}
	if c.Edges < 1 || c.Edges > MaxEdges {
		errs = append(errs, unit.Bad("edges", fmt.Sprintf("%d is not between 1 and %d", c.Edges, MaxEdges)))
	}
	if c.Ahead < 0 || c.Ahead > MaxAhead {
		errs = append(errs, unit.Bad("ahead", fmt.Sprintf("%d is not between 0 and %d", c.Ahead, MaxAhead)))
	}
	for _, d := range []struct {
		key  string
		d    time.Duration
		zero bool
	}{{"peer_wait", c.PeerWait, true}, {"urgent", c.Urgent, true}, {"reach", c.Reach, true}, {"jitter", c.Jitter, true}, {"high_demand", c.HighDemand, true}, {"silence", c.Silence, false},
		{"sense", c.Sense, false},
		{"patience", c.Patience, false}, {"hedge", c.Hedge, false}} {
		if d.d < 0 || d.d == 0 && !d.zero {
			errs = append(errs, unit.Bad(d.key, fmt.Sprintf("%v is not a positive time", d.d)))
		}
	}
	if c.Sense > 0 && c.Sense < time.Millisecond {
		errs = append(errs, unit.Bad("sense", fmt.Sprintf("%v is below 1ms", c.Sense)))
	}
	if c.Patience <= c.Silence {
		errs = append(errs, unit.Bad("patience", fmt.Sprintf("%v is not above silence (%v)", c.Patience, c.Silence)))
	}
	return errors.Join(errs...)
}
