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
// Throughput does not enter.
func (r *rule) bola(v *View) int {
	room := max(v.BufferMax, minSegments*v.Segment) - v.Segment
	return r.gainful(r.control(room.Seconds()), gammaP, v.Buffer.Seconds())
}

// gainful is the rung that gains most per bit: (V (utility + gp) - Q) / size,
// with V and Q in seconds. Of equals the lower rung wins.
func (r *rule) gainful(control, gp, level float64) int {
	rung, best := 0, math.Inf(-1)
	for i, u := range r.utility {
		gain := (float64(control*(u+gp)) - level) / r.size[i]
		if gain > best {
			rung, best = i, gain
		}
	}
	return rung
}

// bolaU is BOLA-U of the same paper: a climb beyond what the throughput carries
// stops one rung above it, since the next downloads would only lead down
// again. Staying and falling are free.
func (r *rule) bolaU(m *Memory, v *View, last int) int {
	rung := r.gainful(r.finite(v), gammaP, v.Buffer.Seconds())
	if rung <= last {
		return rung
	}
	carried := r.timely(float64(v.Throughput), m, v)
	switch {
	case rung <= carried:
		return rung
	case last > carried:
		return last
	}
	return carried + 1
}

// finite is V for a video that has begun not long ago or will soon end: as the
// paper's BOLA-FINITE, it lays the buffer out for half of what was watched or
// is left, and for three segments at least.
func (r *rule) finite(v *View) float64 {
	segments := float64(v.Watched)
	if v.Left > 0 {
		segments = min(segments, float64(v.Left))
	}
	segment := v.Segment.Seconds()
	room := min(max(v.BufferMax, minSegments*v.Segment).Seconds(), max(segments/2, 3)*segment)
	return r.control(room - segment)
}

// control is V times the play time of a segment, in seconds: the top rung's
// gain is zero when one more segment fills the buffer.
func (r *rule) control(room float64) float64 {
	return room / (r.utility[len(r.utility)-1] + gammaP)
}

// dearer is the rung for which bola-u gives a download up: one that is less to
// fetch than what is left, and gains more for it.
func (r *rule) dearer(v *View, d *Download) (rung int, yes bool) {
	left, control, level := float64(d.Size-d.Got), r.finite(v), d.Buffer.Seconds()
	if d.Got <= 0 || left <= 0 {
		return 0, false
	}
	best := (float64(control*(gammaP+r.utility[d.Rung])) - level) / left
	if best < 0 {
		return 0, false
	}
	return r.cheaper(d, control, gammaP, level, left, best)
}

// cheaper is the rung below that of a download that gains most per byte, if it
// is less to fetch than what is left and gains more than going on does.
func (r *rule) cheaper(d *Download, control, gp, level, left, best float64) (rung int, yes bool) {
	for q := range d.Rung {
		size := r.instead(d, q)
		gain := (float64(control*(gp+r.utility[q])) - level) / size
		if size < left && gain > best {
			rung, best, yes = q, gain, true
		}
	}
	return rung, yes
}

// utility is what a rung is worth: the logarithm of its size in sizes of the
// lowest.
func utility(rate, lowest unit.Rate) float64 {
	return round(math.Log(float64(rate) / float64(lowest)))
}
