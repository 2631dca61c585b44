package swarm

import "math"

// A Schedule names in which order a viewer asks neighbours for the slots that it
// lacks, besides the one that plays next.
type Schedule string

// Schedules.
const (
	Deadline Schedule = "deadline" // as they play
	Rarest   Schedule = "rarest"   // what the fewest neighbours hold first (Legout, Urvoy-Keller and Michiardi, IMC 2006)
	Mixed    Schedule = "mixed"    // as they play within the time of high demand, the rarest first beyond it, as p2p-media-loader does
)

// Names lists the schedules.
func (Schedule) Names() []string { return []string{string(Deadline), string(Rarest), string(Mixed)} }

// UnmarshalText accepts the names in Names.
func (s *Schedule) UnmarshalText(b []byte) error { return choose(s, b, s.Names()) }

// Pick is the index of the slot to ask for, of slots in the order in which they play: holders
// says how many neighbours could be asked for each, and the first urgent ones play within
// the time of high demand. It is -1 if nobody holds any. Equally rare ones go as they play.
func (s Schedule) Pick(holders []int, urgent int) int {
	switch s {
	case Rarest:
		urgent = 0
	case Deadline:
		urgent = len(holders)
	}
	rarest, fewest := -1, math.MaxInt
	for i, n := range holders {
		switch {
		case n == 0:
		case i < urgent:
			return i
		case n < fewest:
			rarest, fewest = i, n
		}
	}
	return rarest
}
