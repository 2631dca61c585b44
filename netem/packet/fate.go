package packet

import "time"

// A path is one direction between two nodes.
type path struct {
	key   uint64        // of this path's draws
	count uint64        // packets so far
	last  time.Duration // when the last one arrives: the next does not overtake it
}

// uses of a draw. Each packet has one draw for each, whatever else is on, so
// that switching jitter on does not change which packets are lost.
const (
	drawLoss = iota
	drawJitter
	drawUses
)

// A fate is the random part of one packet's way.
type fate struct{ key, number uint64 }

// nextFate counts one more packet of a path.
func (p *path) nextFate() fate {
	p.count++
	return fate{p.key, p.count * drawUses}
}

// draw is a number in (0, 1).
func (f fate) draw(use uint64) float64 {
	const weyl = 0x9e3779b97f4a7c15
	h := mix(mix((f.number+use)*weyl) ^ f.key)
	return (float64(h>>11) + 0.5) * (1.0 / (1 << 53))
}

// mix is the finaliser of splitmix64 (Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
