package validate

import (
	"context"
	"slices"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/sim/result"
)

// A Scale says how much is measured.
type Scale struct {
	messages   int     // of each idle way
	bulk       float64 // seconds of the transfer at 1 Gbit/s; 0: none
	draws      int     // transfers at each point of the grid
	rtts       []time.Duration
	losses     []float64
	sizes      []unit.Size
	tcpRTTs    []time.Duration // of transfers that losses limit
	tcpLosses  []float64
	tcpSeconds float64
	links      int // that rules are put in order on
	scenes     []string
	seeds      int
	sample     bool     // too few seeds to tell a miss from chance
	only       []string // parts; nil: all
}

const ms = time.Millisecond

// Short takes half a minute: a sample of everything, and every scene with one
// seed. Of the 130 downloads or so of one, the median lies between the 41st and the
// 59th percentile 19 times of 20, so that a line of a scene fails only if
// the engines differ by more than their limit and that.
func Short() Scale {
	return Scale{messages: 4000, bulk: 0, draws: 15, rtts: []time.Duration{20 * ms, 100 * ms}, losses: []float64{0, 0.02},
		sizes: []unit.Size{10e3, 100e3, 1e6}, tcpRTTs: []time.Duration{20 * ms, 100 * ms}, tcpLosses: []float64{0.01}, tcpSeconds: 40, links: 12,
		scenes: Full().scenes, seeds: 1, sample: true}
}

// Full takes some six minutes: every check there is.
func Full() Scale {
	return Scale{messages: 20_000, bulk: 8, draws: 41, rtts: []time.Duration{20 * ms, 50 * ms, 100 * ms, 200 * ms}, losses: []float64{0, 0.005, 0.02, 0.05},
		sizes: []unit.Size{10e3, 30e3, 100e3, 300e3, 1e6, 3e6}, tcpRTTs: []time.Duration{20 * ms, 50 * ms, 100 * ms, 200 * ms}, tcpLosses: []float64{0.001, 0.003, 0.01}, tcpSeconds: 200, links: 60,
		scenes: []string{"near", "far", "busy", "lossy", "neighbours", "stored"}, seeds: 12}
}

// Names are what can be measured by itself: parts, and the scenes of V12.
func Names() []string {
	return append([]string{"V1", "V2", "V3", "V4", "V6", "V7", "tcp", "transfers"}, Full().scenes...)
}

// Only leaves of a scale what is named, of Names.
func (s Scale) Only(names []string) Scale {
	s.only = names
	s.scenes = slices.DeleteFunc(slices.Clone(s.scenes), func(name string) bool { return !slices.Contains(names, name) })
	return s
}

// Run measures everything of that scale; tell hears what is at work. Its error
// is that something could not be measured, not that it was found wanting.
func Run(ctx context.Context, s Scale, tell func(string)) (*result.Validation, error) {
	r := &result.Validation{Seeds: s.seeds}
	for _, step := range []struct {
		name string
		make func() (result.Part, error)
	}{
		{"V1", func() (result.Part, error) { return links(ctx, s) }},
		{"V2", func() (result.Part, error) { return goodput(ctx, s) }},
		{"V3", func() (result.Part, error) { return simgrid(nil), nil }},
		{"V4", func() (result.Part, error) { return Shares(), nil }},
		{"V6", func() (result.Part, error) { return pensieve() }},
		{"V7", func() (result.Part, error) { return puffer(s.links) }},
		{"tcp", func() (result.Part, error) { return overTCP(ctx, s) }},
		{"transfers", func() (result.Part, error) { return transfers(ctx, s) }},
	} {
		if s.only != nil && !slices.Contains(s.only, step.name) {
			continue
		}
		tell(step.name)
		sec, err := step.make()
		if err != nil {
			return nil, err
		}
		r.Parts = append(r.Parts, sec)
	}
	if len(s.scenes) == 0 {
		return r, ctx.Err()
	}
	list, sec, err := scenes(ctx, s, tell)
	if err != nil {
		return nil, err
	}
	r.Scenes, r.Parts = list, append(r.Parts, sec)
	return r, ctx.Err()
}
