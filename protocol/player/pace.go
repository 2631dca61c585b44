package player

import (
	"math"
	"time"
)

// Of the catch-up of LoL+: how near the target latency is near enough, how
// steep the pace answers a second, and the buffer that is kept.
const (
	nearTarget = 0.02
	steepness  = 5.0
	leastAhead = 500 * time.Millisecond
)

// CatchUp is the pace, in thousandths above 1, that brings playback to its
// target latency: the playback-rate control of LoL+ (Bentaleb and others,
// "Catching the Moment with LoL+ in Twitch-Like Low-Latency Live Streaming
// Platforms", IEEE Transactions on Multimedia 2022), as dash.js has it. It slows
// down by up to most when less than half a second is ahead, and otherwise moves
// towards the target by up to most.
func CatchUp(latency, target, ahead time.Duration, most float64) (faster int) {
	off := latency - target
	if ahead < leastAhead {
		off = ahead - leastAhead
	} else if math.Abs(off.Seconds()) <= nearTarget*target.Seconds() {
		return 0
	}
	return int(math.Round(1000 * most * (2/(1+math.Exp(-steepness*off.Seconds())) - 1)))
}
