package abr

import "time"

// Buffer levels between which Dynamic and DynamicDash change the rule, as in
// Sabre.
const (
	lowLevel  = 5 * time.Second
	highLevel = 10 * time.Second
)

// dynamic is the Dynamic of Spiteri, Sitaraman and Sparacio, MMSys 2018: it
// begins by throughput, goes over to bola-u on a high buffer when that chooses
// no less, and back on a low one when it chooses less.
func (r *rule) dynamic(m *Memory, v *View) int {
	b := r.bolaU(m, v, int(m.wanted))
	m.wanted = int8(b)
	t := r.throughput(m, v)
	switch {
	case m.high && v.Buffer < highLevel && b < t:
		m.high = false
	case !m.high && v.Buffer > highLevel && b >= t:
		m.high = true
	}
	if m.high {
		return b
	}
	return t
}

// dynamicDash is Dynamic as dash.js has it: the buffer alone says whether
// throughput or bola-e chooses.
func (r *rule) dynamicDash(m *Memory, v *View) (rung int, wait time.Duration) {
	switch {
	case m.high && v.Buffer < lowLevel:
		m.high = false
	case !m.high && v.Buffer > highLevel:
		m.high = true
	}
	if m.high {
		return r.bolaE(m, v)
	}
	return r.throughput(m, v), 0
}
