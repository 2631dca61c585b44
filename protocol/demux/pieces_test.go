package demux

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// inPieces reads a source in pieces whose sizes next tells, and takes samples
// when it is over or memory is full.
func inPieces(b []byte, next func() int) (*Demuxer, map[*Track][]Sample) {
	d, all := New(), map[*Track][]Sample{}
	take := func() {
		for _, t := range d.Movie().Tracks {
			all[t] = append(all[t], t.Take(len(t.Samples))...)
		}
	}
	run := func() {
		for d.Step() || d.Movie().Full() {
			if d.Movie().Full() {
				take()
			}
		}
	}
	for len(b) > 0 {
		n := max(1, min(next(), len(b)))
		d.Feed(slices.Clip(bytes.Clone(b[:n])))
		b = b[n:]
		run()
	}
	d.Close()
	run()
	take()
	return d, all
}

// printed is all that was read of a source, to be compared.
func printed(d *Demuxer, all map[*Track][]Sample) (lines []string) {
	lines = append(lines, fmt.Sprintf("%s %q index %d %v", d.Format(), d.Why(), d.Movie().Index, d.Movie().Repairs))
	for _, t := range d.Movie().Tracks {
		lines = append(lines, fmt.Sprintf("track %d %s scale %d %s %x", t.ID, t.Kind, t.Scale, t.Codec.Name, t.Codec.Record))
		for _, s := range all[t] {
			lines = append(lines, fmt.Sprintf("at %d %d+%d for %d %v flags %b lost %d %s %x", s.At, s.Time, s.Shift, s.Dur, s.Key, s.Flags, s.Lost, s.Codec.Name, s.Bytes))
		}
	}
	return lines
}

// alike fails unless a source gives the same however it is cut into pieces.
func alike(t *testing.T, what string, b []byte) {
	t.Helper()
	want := printed(inPieces(b, func() int { return len(b) }))
	rng := rand.New(rand.NewPCG(1, uint64(len(b))))
	for name, next := range map[string]func() int{
		"1 byte":    func() int { return 1 },
		"7 bytes":   func() int { return 7 },
		"188 bytes": func() int { return 188 },
		"random":    func() int { return 1 + rng.IntN(5000) },
	} {
		got := printed(inPieces(b, next))
		for i := range max(len(want), len(got)) {
			if i >= len(want) || i >= len(got) || want[i] != got[i] {
				t.Errorf("%s in pieces of %s, line %d:\n got %.300s\nwant %.300s", what, name, i, at(got, i), at(want, i))
				break
			}
		}
	}
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "nothing"
}
