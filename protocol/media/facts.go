package media

import (
	"slices"
	"strings"

	"kinetoscope/protocol/token"
)

// account tells in s what has been mended, guessed or dropped since the segment
// before it: what the reader did while it looked for the samples of this one.
func (c *Cutter) account(s *Segment) {
	f := &s.Facts
	for i, r := range c.Repairs() {
		if i == len(c.counted) {
			c.counted = append(c.counted, 0)
		}
		n := r.Count - c.counted[i]
		c.counted[i] = r.Count
		if n <= 0 || len(f.Repairs) == token.MaxRepairs {
			continue
		}
		if strings.HasPrefix(r.What, "bytes ") {
			f.Skipped += uint64(n)
		}
		f.Repairs = append(f.Repairs, token.Repair{Rule: r.What[:min(len(r.What), token.MaxRule)], Count: uint32(min(n, 1<<31))})
	}
	slices.SortFunc(f.Repairs, func(a, b token.Repair) int { return strings.Compare(a.Rule, b.Rule) })
	if s.Samples > 0 {
		f.Doubt = uint8(min(100, 100*int64(f.Guessed)/int64(s.Samples)))
	}
}
