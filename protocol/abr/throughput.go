package abr

import "time"

// throughput is the best rung that the safe part of the estimate carries, as
// in the ThroughputRule of dash.js and Sabre, and that the buffer outlasts.
// Without an estimate it is the lowest.
func (r *rule) throughput(m *Memory, v *View) int {
	rung := r.timely(r.safety*float64(v.Throughput), m, v)
	return r.sufficient(rung, &m.throughputs, m, v)
}

// carried is the best rung of at most rate bit/s, or the lowest.
func (r *rule) carried(rate float64) int {
	rung := 0
	for rung+1 < len(r.ladder) && r.ladder[rung+1] <= rate {
		rung++
	}
	return rung
}

// timely is the best rung of which a segment comes in its play time, with the
// latency of its request, or the lowest.
func (r *rule) timely(rate float64, m *Memory, v *View) int {
	room := 1 - m.Latency().Seconds()/v.Segment.Seconds()
	return r.carried(rate * room)
}

// caution is the part of the estimate that a download on a low buffer may
// count on. It falls by a tenth with each choice, to half.
var caution = func() (c [7]float64) {
	c[0] = 0.9
	for i := 1; i < len(c); i++ {
		c[i] = max(0.5, c[i-1]*0.9)
	}
	return c
}()

// sufficient is the insufficient-buffer rule of dash.js and Sabre: a segment
// must come before the buffer runs dry, or the rung falls to one that does.
func (r *rule) sufficient(rung int, choices *uint8, m *Memory, v *View) int {
	safe := caution[*choices] * (v.Buffer - m.Latency()).Seconds() * float64(v.Throughput)
	*choices = min(*choices+1, uint8(len(caution)-1))
	for q := range rung {
		if r.ladder[q+1]*v.Segment.Seconds() > safe {
			return q
		}
	}
	return rung
}

// Of the AbandonRequestsRule of dash.js: how long a download may take in play
// times of its segment, and for how long it is left alone.
const (
	tooLong = 1.8
	grace   = 500 * time.Millisecond
)

// slow is the rung for which a download that will take too long is given up:
// what its rate carries, if that is less to fetch than what is left.
func (r *rule) slow(m *Memory, v *View, d *Download) (rung int, yes bool) {
	took := (d.Took - d.Latency).Seconds()
	if d.Took < grace || took <= 0 || d.Got <= 0 {
		return 0, false
	}
	rate := float64(d.Got) / took
	left := float64(d.Size - d.Got)
	if d.Took.Seconds()+left/rate <= tooLong*v.Segment.Seconds() {
		return 0, false
	}
	rung = r.timely(8*rate*r.safety, m, v)
	return rung, rung < d.Rung && r.instead(d, rung) < left
}

// instead is how large the segment of a download would be on another rung.
func (r *rule) instead(d *Download, rung int) float64 {
	return float64(d.Size) * r.ladder[rung] / r.ladder[d.Rung]
}
