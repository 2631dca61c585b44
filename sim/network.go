package sim

import (
	"fmt"
	"math"

	"kinetoscope/netem"
	"kinetoscope/sim/result"
)

// measured is what the network did compared with what it was configured to do,
// if the engine can say.
func (w *world) measured() (netem.Measure, bool) {
	m, ok := w.net.(interface{ Measured() netem.Measure })
	if !ok {
		return netem.Measure{}, false
	}
	return m.Measured(), true
}

// relayed is how many bytes went over relays.
func (w *world) relayed() int64 { return int64(w.net.Relayed()) }

// measureNetwork compares the network with its configuration.
func (w *world) measureNetwork(r *result.Run) {
	sent := w.net.Total(classMedia).Sent + w.net.Total(classControl).Sent + w.net.Total(classPayment).Sent
	r.Values[result.RelayShare] = ratio(float64(w.relayed()), float64(sent))
	m, ok := w.measured()
	if !ok {
		return
	}
	set := func(id result.MetricID, x float64) { r.Values[id] = x }
	messages, jitters := float64(m.Messages), float64(m.Jitters)
	set(result.NetFloor, ratio(m.Floor.Seconds(), messages))
	set(result.NetDelay, ratio(m.Delay.Seconds(), messages))
	set(result.NetJitter, ratio(m.JitterDue/1e9, jitters))
	set(result.NetJitterDrawn, ratio(m.JitterSum/1e9, jitters))
	if m.Jitters > 0 {
		mean := m.JitterRatio / jitters
		set(result.NetJitterDeviation, math.Sqrt(max(0, m.JitterDev/jitters-float64(mean*mean))))
	}
	set(result.NetLoss, ratio(m.LossDue, messages))
	set(result.NetLossDrawn, ratio(float64(m.Resent), messages))
	set(result.NetRate, ratio(8*float64(m.Bytes), m.IdleTime.Seconds()))
	set(result.NetRateShared, ratio(8*float64(m.Bytes), m.SharedTime.Seconds()))
	w.note("%s", selfCheck(m, w.scenario.Network))
}

// selfCheck says whether what was drawn is what was configured, within five
// standard errors: one run in a million is out by chance.
func selfCheck(m netem.Measure, c netem.Config) string {
	const errors = 5
	burst := 1.0
	if c.Loss == netem.Bursty {
		burst = 2 * c.Burst // those of a burst are no samples of their own
	}
	jitter := errors * c.JitterShape.Deviation() * math.Sqrt(float64(m.Jitters))
	loss := errors * math.Sqrt(max(1, m.LossDue)*burst)
	switch {
	case math.Abs(m.JitterRatio-float64(m.Jitters)) > jitter:
		return fmt.Sprintf("self-check of the network failed: %d random delays had %.4f times the configured mean", m.Jitters, m.JitterRatio/float64(m.Jitters))
	case math.Abs(float64(m.Resent)-m.LossDue) > loss:
		return fmt.Sprintf("self-check of the network failed: %d control messages lost packets, %.1f were due", m.Resent, m.LossDue)
	}
	return "self-check of the network passed: delays and losses were drawn as configured; the net- metrics compare both"
}
