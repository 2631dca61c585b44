package packet

import (
	"time"

	"kinetoscope/netem"
)

// A path is one direction between two nodes.
type path struct {
	key   uint64        // of this path's draws
	count uint64        // packets so far
	last  time.Duration // when the last one arrives: the next does not overtake it
	burst netem.Burst
}

// path is what the packets from one node to another share.
func (f *Fabric) path(from, to int32) *path {
	id := uint64(from)<<32 | uint64(to)
	p := f.paths[id]
	if p == nil {
		p = &path{key: f.draw("packets", f.topology.Key(from)<<32|f.topology.Key(to)).Uint64()}
		f.paths[id] = p
	}
	return p
}

// uses of a draw. Each packet has one draw for each, whatever else is on, so
// that switching jitter on does not change which packets are lost.
const (
	drawLoss = iota
	drawJitter
	drawCorrupt
	drawBit
	drawDuplicate
	drawLate
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

// loss is the draw that decides about loss: one of its own or, as probable as
// late says, the one of the delay, so that what is lost would have come late.
func (f fate) loss(late float64) float64 {
	if late > 0 && f.draw(drawLate) < late {
		return f.draw(drawJitter)
	}
	return f.draw(drawLoss)
}
