package demux

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
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
	slices.SortFunc(d.Movie().Repairs, func(a, b Repair) int { return strings.Compare(a.What, b.What) })
	lines = append(lines, fmt.Sprintf("%s %q index %d %v", d.Format(), d.Why(), d.Movie().Index, d.Movie().Repairs))
	for _, t := range d.Movie().Tracks {
		lines = append(lines, fmt.Sprintf("track %d %s scale %d %s %x", t.ID, t.Kind, t.Scale, t.Codec.Name, t.Codec.Record))
		for _, s := range all[t] {
			lines = append(lines, fmt.Sprintf("at %d %d+%d for %d %v flags %b lost %d %s %x", s.At, s.Time, s.Shift, s.Dur, s.Key, s.Flags, s.Lost, s.Codec.Name, s.Bytes))
		}
	}
	return lines
}

// alike fails unless a source gives the same however it is cut into pieces: of
// the sizes given, 0 for any; without one of 1, 7, 188 bytes and any.
func alike(t *testing.T, what string, b []byte, sizes ...int) {
	t.Helper()
	if len(sizes) == 0 {
		sizes = []int{1, 7, 188, 0}
	}
	want := printed(inPieces(b, func() int { return len(b) }))
	rng := rand.New(rand.NewPCG(1, uint64(len(b))))
	for _, size := range sizes {
		next := func() int { return size }
		if size == 0 {
			next = func() int { return 1 + rng.IntN(1+rng.IntN(5000)) }
		}
		got := printed(inPieces(b, next))
		for i := range max(len(want), len(got)) {
			if i >= len(want) || i >= len(got) || want[i] != got[i] {
				t.Errorf("%s in pieces of %d bytes (0: any), line %d:\n got %.300s\nwant %.300s", what, size, i, at(got, i), at(want, i))
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
