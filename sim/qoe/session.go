// Package qoe sums up what one viewer experienced, as it happens and in a fixed
// size, and scores it by the models of the field side by side.
//
// What it leaves out: pixels. ITU-T P.1203 and VMAF are other people's software;
// P1203 writes what the first wants to read. docs/explanation/qoe.md has the
// formulas.
package qoe

import (
	"math"
	"time"

	"kinetoscope/internal/unit"
)

// A Ladder is the rates of the renditions with what models make of them.
type Ladder struct {
	rates   []float64 // Mbit/s
	utility []float64 // ln (rate / lowest rate)
	hd      []float64 // as QoE_HD values a rung
}

// hdScores are those of Pensieve for its six rungs, of 300 to 4300 kbit/s.
var hdScores = []float64{1, 2, 3, 12, 15, 20}

// hdRates are the rates of hdScores, in Mbit/s.
var hdRates = []float64{0.3, 0.75, 1.2, 1.85, 2.85, 4.3}

// grid is the distance of the logarithms, on which machines agree.
const grid = 1.0 / (1 << 32)

// NewLadder takes ascending rates. QoE_HD is defined for one ladder: another
// rung is worth the best of its rungs that is not above it, in rate.
func NewLadder(rates []unit.Rate) *Ladder {
	l := &Ladder{}
	for _, r := range rates {
		mbps := float64(r) / 1e6
		hd := hdScores[0]
		for i, at := range hdRates {
			if mbps >= at {
				hd = hdScores[i]
			}
		}
		l.rates = append(l.rates, mbps)
		l.utility = append(l.utility, math.Round(math.Log(float64(r)/float64(rates[0]))/grid)*grid)
		l.hd = append(l.hd, hd)
	}
	return l
}

// A Session is what a viewer experienced. Sums over segments are weighted as
// their names say. Its zero value has seen nothing.
type Session struct {
	Segments  int32
	Stalls    int32
	Switches  int32
	Abandoned int32         // requests given up
	Played    time.Duration // length of the segments shown
	Startup   time.Duration // from the request for the first until it was shown
	Stalled   time.Duration // after that

	Bits        float64 // Σ rate × length, Mbit
	Utility     float64 // Σ utility × length, s
	Linear      Sum     // of rates, Mbit/s
	Logarithmic Sum     // of utilities
	Definition  Sum     // of scores
	LiveCost    float64 // Σ what LoL+ takes off for latency and pace, Mbit

	last int8 // rung, plus one
}

// A Sum is that of the values of segments, and of the changes from each to the
// next.
type Sum struct{ Value, Change float64 }

func (s *Sum) add(values []float64, rung, last int) {
	s.Value += values[rung]
	if last >= 0 {
		s.Change += math.Abs(values[rung] - values[last])
	}
}

// Show adds a segment whose showing begins.
func (s *Session) Show(l *Ladder, rung int, length time.Duration) {
	last := int(s.last) - 1
	s.Segments++
	s.Played += length
	s.Bits += float64(l.rates[rung] * length.Seconds())
	s.Utility += float64(l.utility[rung] * length.Seconds())
	s.Linear.add(l.rates, rung, last)
	s.Logarithmic.add(l.utility, rung, last)
	s.Definition.add(l.hd, rung, last)
	if last >= 0 && last != rung {
		s.Switches++
	}
	s.last = int8(rung) + 1
}

// Stall adds a stall.
func (s *Session) Stall(d time.Duration) {
	s.Stalls++
	s.Stalled += d
}

// Length is how long the session took, from the first request on.
func (s *Session) Length() time.Duration { return s.Startup + s.Played + s.Stalled }

// Bitrate is that of what was shown, by time shown, in Mbit/s.
func (s *Session) Bitrate() float64 { return ratio(s.Bits, s.Played.Seconds()) }

// RebufferRatio is stalled ÷ (played + stalled).
func (s *Session) RebufferRatio() float64 {
	return ratio(s.Stalled.Seconds(), (s.Played + s.Stalled).Seconds())
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
