package qoe

import "math"

// Weights of a second of stalling in Pensieve's three models: Mao, Netravali and
// Alizadeh, "Neural Adaptive Video Streaming with Pensieve", SIGCOMM 2017,
// table 1.
const (
	linStall = 4.3
	logStall = 2.66
	hdStall  = 8
)

// Lin is QoE_lin, a segment's mean: bitrates in Mbit/s, less 4.3 for each second
// stalled, less changes of bitrate.
func (s *Session) Lin() float64 { return s.mean(s.Linear, linStall) }

// Log is QoE_log, a segment's mean: as Lin of ln (rate / lowest rate), with 2.66.
func (s *Session) Log() float64 { return s.mean(s.Logarithmic, logStall) }

// HD is QoE_HD, a segment's mean: as Lin of scores that favour high definition,
// with 8.
func (s *Session) HD() float64 { return s.mean(s.Definition, hdStall) }

func (s *Session) mean(sum Sum, stall float64) float64 {
	return ratio(sum.Value-float64(stall*s.Stalled.Seconds())-sum.Change, float64(s.Segments))
}

// Of the penalty of latency in LoL+: seconds behind live up to which it is weighed by
// the lowest rate, and the weights.
const (
	nearLive = 1.1
	nearCost = 0.05
	farCost  = 0.1
)

// LiveCost is what LoL+ takes off for a segment that is shown so many seconds behind
// live, at a pace.
func (l *Ladder) LiveCost(behind, pace float64) float64 {
	low, high := l.rates[0], l.rates[len(l.rates)-1]
	cost := farCost * high
	if behind <= nearLive {
		cost = nearCost * low
	}
	return float64(cost*behind) + float64(low*math.Abs(1-pace))
}

// LoLP is the QoE of LoL+, a segment's mean in Mbit: bitrate times length, less
// changes of bitrate, less the top rate for each second stalled, less latency
// and changes of pace. Bentaleb, Akcay, Lim, Begen and Zimmermann, "Catching the
// Moment with LoL+ in Twitch-Like Low-Latency Live Streaming Platforms", IEEE
// Transactions on Multimedia 2022, with the weights of dash.js.
func (s *Session) LoLP(l *Ladder) float64 {
	high := l.rates[len(l.rates)-1]
	return ratio(s.Bits-s.Linear.Change-float64(high*s.Stalled.Seconds())-s.LiveCost, float64(s.Segments))
}

// Add puts another session beside this one, as of one viewer after the other.
func (s *Session) Add(o *Session) {
	s.Segments += o.Segments
	s.Played += o.Played
	s.Startup += o.Startup
	s.Stalled += o.Stalled
	s.Stalls += o.Stalls
	s.Switches += o.Switches
	s.Abandoned += o.Abandoned
	s.Bits += o.Bits
	s.Utility += o.Utility
	s.LiveCost += o.LiveCost
	for _, sum := range [][2]*Sum{{&s.Linear, &o.Linear}, {&s.Logarithmic, &o.Logarithmic}, {&s.Definition, &o.Definition}} {
		sum[0].Value += sum[1].Value
		sum[0].Change += sum[1].Change
	}
	s.last = o.last
}
