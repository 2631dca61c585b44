package main

import (
	"fmt"
	"math"
	"strings"

	"kinetoscope/sim/result"
)

// spread says how far two runs of the same seed lie apart, which is nothing
// where an engine repeats itself.
func spread(a, b *result.Run) string {
	said := fmt.Sprintf("statistical: seed %d of %s was played twice, ", a.Seed, a.Variant)
	if a.Digest == b.Digest {
		return said + "and both runs are the same to the last byte"
	}
	var apart []string
	same := 0
	for id, m := range result.Metrics {
		x, y := a.Values[id], b.Values[id]
		switch d := math.Abs(x - y); {
		case !m.Headline || math.IsNaN(x) && math.IsNaN(y):
		case math.IsNaN(d):
			apart = append(apart, m.Name+", which only one of them has")
		case d == 0:
			same++
		case m.Unit == "ratio":
			apart = append(apart, fmt.Sprintf("%s by %.2g points", m.Name, 100*d))
		default:
			apart = append(apart, fmt.Sprintf("%s by %.2g%%", m.Name, 100*d/max(math.Abs(x), math.Abs(y))))
		}
	}
	if len(apart) == 0 {
		return said + "and none of the figures above differs"
	}
	return said + fmt.Sprintf("and the runs lie apart in %s; %d other figures above are equal", strings.Join(apart, ", "), same)
}
