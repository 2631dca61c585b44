package swarm

import "math/rand/v2"

// A Selection names how one of several holders is chosen: of the neighbours
// that have announced a token, and of the edges when the one in use turns out to be slow.
// Each but the first two goes by a score of every holder, and the lower is the better.
type Selection string

// Selections, each with its score.
const (
	Assigned   Selection = "assigned"    // the edge that the directory named, as long as it answers; neighbours at random
	Random     Selection = "random"      // none
	RoundRobin Selection = "round-robin" // when it was asked last
	LeastLoad  Selection = "least-load"  // the load that it reports
	TwoChoices Selection = "two-choices" // the same, of two drawn at random (Mitzenmacher, IEEE TPDS 12(10), 2001)
	Throughput Selection = "throughput"  // what it was measured to deliver, inverted
	Price      Selection = "price"       // the load that it reports as a price; each is drawn as often as it is cheap
)

// Names lists the selections.
func (Selection) Names() []string {
	return []string{string(Assigned), string(Random), string(RoundRobin), string(LeastLoad), string(TwoChoices), string(Throughput), string(Price)}
}

// UnmarshalText accepts the names in Names.
func (s *Selection) UnmarshalText(b []byte) error { return choose(s, b, s.Names()) }

// Reports says whether it goes by loads that holders report.
func (s Selection) Reports() bool { return s == LeastLoad || s == TwoChoices || s == Price }

// Pick is the index of the score that is chosen, of at least one. Equal ones are
// drawn from.
func (s Selection) Pick(scores []uint32, draw *rand.Rand) int {
	switch s {
	case RoundRobin, LeastLoad, Throughput:
		return lowest(scores, draw)
	case TwoChoices:
		return better(scores, draw)
	case Price:
		return cheap(scores, draw)
	}
	return draw.IntN(len(scores))
}

// lowest draws one of those with the lowest score.
func lowest(scores []uint32, draw *rand.Rand) int {
	at, ties := 0, 1
	for i := 1; i < len(scores); i++ {
		switch {
		case scores[i] < scores[at]:
			at, ties = i, 1
		case scores[i] == scores[at]:
			if ties++; draw.IntN(ties) == 0 {
				at = i
			}
		}
	}
	return at
}

// better draws two and takes the better one.
func better(scores []uint32, draw *rand.Rand) int {
	a := draw.IntN(len(scores))
	if len(scores) == 1 {
		return a
	}
	b := draw.IntN(len(scores) - 1)
	if b >= a {
		b++
	}
	if scores[b] < scores[a] {
		return b
	}
	return a
}

// idlePrice is the price of a holder that has nothing to do; the load comes on
// top.
const idlePrice = 50

// Load is the score of a neighbour that reports to be sending so many tokens:
// each of them raises its price by that of an idle one.
func Load(tokens uint8) uint32 { return uint32(tokens) * idlePrice }

// cheap draws one with a probability that falls with its price.
func cheap(scores []uint32, draw *rand.Rand) int {
	weight := func(s uint32) int64 { return 1_000_000_000 / (idlePrice + int64(s)) }
	var all int64
	for _, s := range scores {
		all += weight(s)
	}
	if all == 0 { // all beyond any price
		return draw.IntN(len(scores))
	}
	k := draw.Int64N(all)
	for i, s := range scores {
		if k -= weight(s); k < 0 {
			return i
		}
	}
	panic("swarm: prices changed while drawing")
}
