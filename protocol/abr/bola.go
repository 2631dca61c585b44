package abr

import (
	"math"

	"kinetoscope/internal/unit"
)

// gammaP is the weight of smooth play against quality, the product of the
// paper's gamma and p, with the value that Sabre uses.
const gammaP = 5

// minSegments is the least buffer, in segments, that bola is laid out for. The
// formula has no meaning for one segment or less.
const minSegments = 2

// bola is BOLA-BASIC of Spiteri, Urgaonkar and Sitaraman, "BOLA: Near-Optimal
// Bitrate Adaptation for Online Videos", INFOCOM 2016, with the control
// parameter V chosen for the size of the buffer as in their simulator Sabre.
// It chooses the rung that gains most per bit: (V (utility + gp) - Q) / size.
// Throughput does not enter. Of equals the lower rung wins.
func (r *rule) bola(v View) int {
	level := v.Buffer.Seconds()
	control := r.control(v)
	rung, best := 0, math.Inf(-1)
	for i, u := range r.utility {
		gain := (float64(control*(u+gammaP)) - level) / r.size[i]
		if gain > best {
			rung, best = i, gain
		}
	}
	return rung
}

// bolaU is BOLA-U of the same paper: a climb beyond what the throughput carries
// stops one rung above it, since the next downloads would only lead down
// again. Staying and falling are free.
func (r *rule) bolaU(v View) int {
	rung := r.bola(v)
	if rung <= v.Last || v.Last < 0 {
		return rung
	}
	carried := r.carried(float64(v.Throughput))
	switch {
	case rung <= carried:
		return rung
	case v.Last > carried:
		return v.Last
	}
	return carried + 1
}

// control is V times the play time of a segment, in seconds: the top rung's
// gain is zero when one more segment fills the buffer.
func (r *rule) control(v View) float64 {
	room := max(v.BufferMax, minSegments*v.Segment) - v.Segment
	return room.Seconds() / (r.utility[len(r.utility)-1] + gammaP)
}

// utility is what a rung is worth: the logarithm of its size in sizes of the
// lowest.
func utility(rate, lowest unit.Rate) float64 {
	return round(math.Log(float64(rate) / float64(lowest)))
}
