package abr

// maxRungs is how many rungs l2a can weigh: as many as a viewer can tell apart.
const maxRungs = 16

// Of Learn2Adapt, with the values of dash.js: cautiousness, step size, how
// sharply an overestimate is answered, and the buffer, in seconds, from which it
// learns.
const (
	l2aCaution = 3.944930817973437 // horizon^0.99, for a horizon of 4
	l2aStep    = 2 * l2aCaution    // max (horizon, caution * sqrt horizon)
	l2aReact   = 2
	l2aTarget  = 1.5
)

// A learner is what l2a remembers: how probable each rung is, and how far the
// buffer has drifted. Its zero value has not begun.
type learner struct {
	last    float64 // rate of the newest download, with its latency, in bit/s
	weights [maxRungs]float32
	drift   float64
	begun   bool
}

// l2a is Learn2Adapt-LowLatency: Karagkioules, Mekuria, Griffioen and Wagenaar,
// "Online Learning for Low-Latency Adaptive Streaming", MMSys 2020, as dash.js
// has it: online convex optimisation moves probabilities of rungs by how each
// would have fared on the last download, and the rung nearest to their mean is
// taken. It begins by throughput.
func (r *rule) l2a(m *Memory, v *View) int {
	l := m.noted().learnt
	if l == nil {
		return r.timely(r.safety*float64(v.Throughput), m, v)
	}
	if !l.begun {
		rung := r.timely(r.safety*float64(v.Throughput), m, v)
		if v.Buffer.Seconds() >= l2aTarget {
			*l = learner{begun: true, last: l.last, drift: l2aCaution}
			l.weights[rung] = 1
		}
		return rung
	}
	segment, last := v.Segment.Seconds(), max(1000, l.last)
	pace := 1 + float64(v.Pace)/1000
	was := l.weights
	for i, rate := range r.ladder {
		step := segment / (2 * l2aStep) * (l.drift + l2aCaution) * (pace * rate / last)
		if pace*rate > last {
			step = -step
		}
		l.weights[i] += float32(step)
	}
	project(l.weights[:len(r.ladder)])
	var mean, moved float64
	for i, rate := range r.ladder {
		w := float64(l.weights[i])
		mean += float64(w * rate)
		moved += float64((w - float64(was[i])) * rate)
	}
	l.drift = max(0, l.drift-segment+float64(segment*pace*(mean+moved)/last))
	rung := r.nearest(mean)
	if before := max(v.Last, 0); rung > before && r.ladder[before+1] <= last {
		rung = before + 1
	}
	if r.ladder[rung] >= last {
		l.drift = l2aReact * max(l2aCaution, l.drift)
	}
	return rung
}

// nearest is the rung whose rate differs least; of equals the lower.
func (r *rule) nearest(rate float64) (rung int) {
	for i, at := range r.ladder {
		if max(at-rate, rate-at) < max(r.ladder[rung]-rate, rate-r.ladder[rung]) {
			rung = i
		}
	}
	return rung
}

// project moves w to the nearest point whose parts are not below zero and sum to
// 1: Chen and Ye, "Projection Onto A Simplex", arXiv 1101.6081.
func project(w []float32) {
	var sorted [maxRungs]float32
	n := copy(sorted[:], w)
	for i := 1; i < n; i++ { // by insertion, falling
		for k := i; k > 0 && sorted[k] > sorted[k-1]; k-- {
			sorted[k], sorted[k-1] = sorted[k-1], sorted[k]
		}
	}
	var sum, level float32
	for i := range n {
		sum += sorted[i]
		level = (sum - 1) / float32(i+1)
		if i+1 < n && level >= sorted[i+1] {
			break
		}
	}
	for i := range w {
		w[i] = max(0, w[i]-level)
	}
}
