package netem

import "kinetoscope/internal/portable"

// Draws are hashes of a key and a count, not the next of a stream: the n-th
// message of one sender and kind of traffic meets the same fate whatever else
// is sent, and a sender needs one word of state.

// uses of a draw.
const (
	drawJitter = iota
	drawLoss
	drawUses
)

// drawTraffic is how many kinds of traffic draws tell apart.
const drawTraffic = 8

// uses of a draw beside those.
const (
	alsoLate  = iota // whether loss goes with delay
	alsoBurst        // the further packets of a message
	alsoAgain        // the further attempts
	alsoQueue        // each link
	alsoSpill        // whether a queue that overflows loses its packets
)

// also is a number in (0, 1) for another use, of which a message may have
// several.
func (f fate) also(use, i uint64) float64 {
	return uniform(hash(mix(f.key+(use+1)*weyl), f.number*maxAlso+i))
}

// maxAlso is how many draws of one other use a message has.
const maxAlso = 1 << 16

// mix is the finaliser of splitmix64 (Steele, Lea and Flood, "Fast splittable
// pseudorandom number generators", 2014).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// weyl is the odd step of splitmix64.
const weyl = 0x9e3779b97f4a7c15

// hash mixes a key and a number.
func hash(key, n uint64) uint64 { return mix(mix(n*weyl+weyl) ^ key) }

// uniform is a number in (0, 1) from the upper 53 bits of a hash.
func uniform(h uint64) float64 {
	return (float64(h>>11) + 0.5) * (1.0 / (1 << 53))
}

// exponential is the quantile of the exponential distribution of mean 1 at
// 1-u: -ln(u).
func exponential(u float64) float64 { return -portable.Ln(u) }
