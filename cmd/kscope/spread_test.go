package main

import (
	"math"
	"slices"
	"testing"

	"kinetoscope/sim/result"
)

func TestSpread(t *testing.T) {
	a := &result.Run{Variant: "base", Seed: 3, Values: make([]float64, len(result.Metrics)), Digest: "a"}
	run := func(digest string, change func([]float64)) *result.Run {
		b := &result.Run{Values: slices.Clone(a.Values), Digest: digest}
		change(b.Values)
		return b
	}
	a.Values[result.StartupP50], a.Values[result.PeerShare], a.Values[result.Bitrate] = 2, 0.5, math.NaN()
	const twice = "statistical: seed 3 of base was played twice, "
	for _, c := range []struct {
		b    *result.Run
		want string
	}{
		{run("a", func([]float64) {}), twice + "and both runs are the same to the last byte"},
		{run("b", func(v []float64) { v[result.Goodput] = 7 }), twice + "and none of the figures above differs"},
		{run("b", func(v []float64) { v[result.StartupP50], v[result.PeerShare] = 1.9, 0.531 }),
			twice + "and the runs lie apart in startup-p50 by 5%, peer-share by 3.1 points; 8 other figures above are equal"},
		{run("b", func(v []float64) { v[result.Bitrate] = 1 }),
			twice + "and the runs lie apart in bitrate, which only one of them has; 10 other figures above are equal"},
	} {
		if got := spread(a, c.b); got != c.want {
			t.Errorf("%q, not %q", got, c.want)
		}
	}
}
