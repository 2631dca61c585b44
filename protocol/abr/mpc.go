package abr

// horizon is how many segments mpc plans.
const horizon = 5

// past is for how many downloads mpc looks back.
const past = 5

// A history is what mpc remembers.
type history struct {
	rates    [past]float64 // bit/s of the newest downloads, the newest first; 0: none
	errors   [past]float64 // of the forecasts of these rates, as parts of them
	forecast float64       // bit/s; 0: none
}

// add notes the rate of a download, by how much the forecast missed it, and the
// next forecast: the harmonic mean of the newest rates.
func (h *history) add(rate float64) {
	miss := 0.0
	if h.forecast > 0 {
		miss = max(h.forecast-rate, rate-h.forecast) / rate
	}
	copy(h.rates[1:], h.rates[:])
	copy(h.errors[1:], h.errors[:])
	h.rates[0], h.errors[0] = rate, miss
	sum, n := 0.0, 0
	for n < past && h.rates[n] > 0 {
		sum += 1 / h.rates[n]
		n++
	}
	h.forecast = float64(n) / sum
}

// mpc is FastMPC's problem solved outright: of all plans for the next segments
// the one of the best QoE, when every download has the rate of the forecast.
// With RobustMPC the forecast is divided by 1 + the largest of its past errors.
// Yin, Jindal, Sekar and Sinopoli, "A Control-Theoretic Approach for Dynamic
// Adaptive Video Streaming over HTTP", SIGCOMM 2015, in Pensieve's variant:
// QoE is bitrate - top bitrate * seconds stalled - change of bitrate. Of equal
// plans the one that begins highest is taken.
func (r *rule) mpc(m *Memory, v *View) int {
	if m.notes == nil || m.past == nil {
		return 0
	}
	p := plan{rule: r, v: v, rate: m.past.forecast / 8, segment: v.Segment.Seconds(), best: -1e300, length: horizon}
	if r.algorithm == RobustMPC {
		worst := 0.0
		for _, e := range m.past.errors {
			worst = max(worst, e)
		}
		p.rate /= 1 + worst
	}
	if v.Left > 0 {
		p.length = min(p.length, v.Left)
	}
	p.search(0, v.Last, step{buffer: v.Buffer.Seconds()})
	return p.first
}

// A plan is the search for the best one.
type plan struct {
	*rule
	v             *View
	rate, segment float64 // byte/s, s
	length        int
	best          float64
	first         int // rung of the best plan
}

// A step is what a plan has come to.
type step struct {
	buffer, stalled float64 // s
	gained, changed float64 // sums of bitrates, bit/s
	first           int
}

// qoe is what a plan is worth, in bit/s.
func (p *plan) qoe(s *step) float64 {
	return s.gained - float64(p.ladder[len(p.ladder)-1]*s.stalled) - s.changed
}

// search tries all that can follow a step, the highest first. What could not
// surpass the best plan even at the top rung is left out.
func (p *plan) search(at, last int, s step) {
	if at == p.length {
		if q := p.qoe(&s); q > p.best {
			p.best, p.first = q, s.first
		}
		return
	}
	bound := s
	bound.gained += float64(float64(p.length-at) * p.ladder[len(p.ladder)-1])
	if p.qoe(&bound) <= p.best {
		return
	}
	for rung := len(p.ladder) - 1; rung >= 0; rung-- {
		next := s
		if at == 0 {
			next.first = rung
		}
		took := p.bytes(p.v, at, rung) / p.rate
		next.stalled += max(0, took-next.buffer)
		next.buffer = max(0, next.buffer-took) + p.segment
		next.gained += p.ladder[rung]
		next.changed += max(p.ladder[rung]-p.ladder[last], p.ladder[last]-p.ladder[rung])
		p.search(at+1, rung, next)
	}
}
