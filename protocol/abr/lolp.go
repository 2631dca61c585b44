package abr

import "math"

// Of LoL+, with the values of dash.js: the buffer that it does not go below and
// by how much a rung must be under the throughput, the weight against those that
// are not, how fast and how far around it learns, and the least and the greatest
// weight.
const (
	lolpLeast  = 0.3 // s
	lolpMargin = 10_000
	lolpShun   = 100
	lolpRate   = 0.01
	lolpSigma  = 0.1
	lolpLow    = 0.2
	lolpHigh   = 1
	lolpBehind = 100 // s of latency that count as 1
)

// A neuron is what lolp has learnt of a rung, or where it wants to be: the
// throughput as part of the length of the ladder, the latency, the seconds
// stalled, the change of rate as part of that length.
type neuron struct{ throughput, latency, stall, change float64 }

// organised is what lolp remembers: its self-organising map, one neuron a rung,
// how much each part of their state weighs, and the latency of the choice before.
type organised struct {
	neurons []neuron
	weights neuron
	before  float64
}

// organise makes a map that has learnt nothing: each rung stands for its rate,
// and all parts weigh alike.
func (r *rule) organise() *organised {
	o := &organised{weights: neuron{0.4, 0.4, 0.4, 0.4}}
	for _, rate := range r.ladder {
		o.neurons = append(o.neurons, neuron{throughput: rate / r.norm})
	}
	return o
}

// lolp is the rule of LoL+: Bentaleb, Akcay, Lim, Begen and Zimmermann,
// "Catching the Moment with LoL+ in Twitch-Like Low-Latency Live Streaming
// Platforms", IEEE Transactions on Multimedia 2022, with the constants of
// dash.js. A self-organising map keeps a state for each rung, and the one nearest
// to what is wanted (the throughput that is there, no latency, no stall, no
// change) is taken; it and its neighbours then move there, and the rung in use
// to what it has given. It draws nothing at random: dash.js begins with random
// weights, this with equal ones.
func (r *rule) lolp(m *Memory, v *View) int {
	rate := float64(r.safety * float64(v.Throughput))
	if rate <= 0 {
		return 0
	}
	if m.noted().organised == nil {
		m.organised = r.organise()
	}
	o, last := m.organised, max(v.Last, 0)
	segment, level := v.Segment.Seconds(), v.Buffer.Seconds()
	took := r.ladder[last] * segment / rate
	if level-took < lolpLeast { // a stall is near
		return min(last, r.carried(rate))
	}
	want := neuron{throughput: min(rate/r.norm, o.widest())}
	o.weigh(r, v, rate)
	rung, best := 0, math.Inf(1)
	for i := range o.neurons {
		w := o.weights
		if i > 0 && (r.ladder[i] > rate-lolpMargin || ahead(level, segment, r.ladder[i]*segment/rate) < lolpLeast) {
			w.throughput = lolpShun
		}
		if d := o.neurons[i].from(&want, &w); d < best {
			rung, best = i, d
		}
	}
	change := math.Abs(r.ladder[last]-r.ladder[rung]) / r.norm
	o.learn(o.neurons[last], neuron{want.throughput, v.Behind.Seconds() / lolpBehind, max(0, took-level), change})
	o.learn(o.neurons[rung], neuron{want.throughput, 0, 0, change})
	return rung
}

// widest is the largest throughput that a rung stands for.
func (o *organised) widest() (most float64) {
	for i := range o.neurons {
		most = max(most, o.neurons[i].throughput)
	}
	return most
}

// ahead is the buffer after a segment that takes so long, all in seconds.
func ahead(level, segment, took float64) float64 {
	if took > segment {
		return level - segment
	}
	return level + segment - took
}

// weigh looks for the weights, out of 0.2 to 1 for each part, under which some
// rung's QoE is best, if latency is no further from its target than it has
// changed and the buffer does not run low. What a rung costs is divided by its
// weight, so that the best weight of a part that costs is the greatest; of parts
// that cost nothing, or are not in the QoE, the least is taken.
func (o *organised) weigh(r *rule, v *View, rate float64) {
	latency, segment, level := v.Behind.Seconds(), v.Segment.Seconds(), v.Buffer.Seconds()
	moved := math.Abs(latency - o.before)
	o.before = latency
	if latency > v.Target.Seconds()+moved {
		return
	}
	top, best := r.ladder[len(r.ladder)-1], math.Inf(-1)
	for i := range o.neurons {
		took := r.ladder[i] * segment / rate
		next := ahead(level, segment, took)
		if next < lolpLeast {
			continue
		}
		n := &o.neurons[i]
		stall := max(1e-5, took-next)
		qoe := float64(r.ladder[i]*segment) - float64(top*stall) - float64(lolpCost*float64(top*n.latency))
		if qoe <= best {
			continue
		}
		best = qoe
		o.weights = neuron{lolpLow, lolpLow, lolpHigh, lolpLow}
		if n.latency > 0 {
			o.weights.latency = lolpHigh
		}
	}
}

// lolpCost is what a second of latency costs in the QoE of LoL+, in sizes of the
// top rate.
const lolpCost = 0.1

// from is the square of the distance, weighted part by part.
func (n *neuron) from(o, w *neuron) float64 {
	sq := func(w, d float64) float64 { return float64(w * float64(d*d)) }
	return sq(w.throughput, n.throughput-o.throughput) + sq(w.latency, n.latency-o.latency) +
		sq(w.stall, n.stall-o.stall) + sq(w.change, n.change-o.change)
}

// learn moves every rung towards a state, the less the further it is from the
// one that the state is of.
func (o *organised) learn(of, to neuron) {
	alike := neuron{1, 1, 1, 1}
	for i := range o.neurons {
		n := &o.neurons[i]
		step := lolpRate * round(math.Exp(-n.from(&of, &alike)/(2*lolpSigma*lolpSigma)))
		n.throughput += float64(step * (to.throughput - n.throughput))
		n.latency += float64(step * (to.latency - n.latency))
		n.stall += float64(step * (to.stall - n.stall))
		n.change += float64(step * (to.change - n.change))
	}
}

// length is that of a vector.
func length(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x * x)
	}
	return math.Sqrt(sum)
}
