package media

import (
	"bytes"
	"reflect"
	"slices"
	"testing"
	"time"

	"kinetoscope/protocol/token"
)

// What was written and hashed while a segment came is what it is in the end, or
// is not used.
func TestDrafts(t *testing.T) {
	for _, c := range []struct {
		what   string
		target time.Duration
		film   film
		drawn  []int // the segments that go on from their draft
	}{
		{"as many pictures each", 2 * time.Second, film{key: every(50), pictures: 200}, []int{0, 1, 2, 3}},
		{"other numbers of pictures", 2 * time.Second, film{key: marks("0c 50c 120c 175c"), pictures: 230}, []int{0, 1, 2, 3}},
		{"with sounds", 2 * time.Second, film{key: every(50), pictures: 200, sounds: 370}, []int{0, 1, 2, 3}},
		{"more than one byte counts", 2 * time.Second, film{key: every(150), pictures: 600}, []int{1, 2, 3}},
		{"and fewer again", 2 * time.Second, film{key: marks("0c 150c 300c 350c 400c"), pictures: 450}, []int{1, 3, 4}},
		{"cut before what had come", 10 * time.Second, film{key: marks("0c 225c 450c"), pictures: 675}, []int{2}},
		{"a clock that jumps", 2 * time.Second, film{key: every(50), pictures: 200, jump: map[int]int64{120: 900_000}}, []int{0, 1, 2, 3}},
		{"times in milliseconds", 2 * time.Second, film{key: every(60), pictures: 240, rate: Clock{1001, 30_000}, round: true}, []int{0, 1, 2, 3}},
	} {
		c.film.size = 1000
		file := c.film.bytes()
		want := cutAll(t, file, NewCutter(c.target))
		var drawn []int
		for i, s := range cutLive(file, NewCutter(c.target), 2000) {
			if !reflect.ValueOf(s.hash).IsZero() {
				drawn = append(drawn, i)
			}
			if !bytes.Equal(s.Payload, want[i].Payload) || s.Content().ID() != token.NewPayload(want[i].Payload).ID() {
				t.Errorf("%s: segment %d is another", c.what, i)
			}
		}
		if !slices.Equal(drawn, c.drawn) {
			t.Errorf("%s: of %d segments %v go on from their draft, want %v", c.what, len(want), drawn, c.drawn)
		}
	}
}

// cutLive cuts a source that comes in pieces, and uses the memory of each
// payload again.
func cutLive(b []byte, c *Cutter, piece int) (out []Segment) {
	take := func() {
		for s, ok := c.Next(); ok; s, ok = c.Next() {
			used := s.Payload
			s.Payload = slices.Clone(s.Payload)
			out = append(out, s)
			c.Reuse(used)
		}
	}
	for p := range slices.Chunk(b, piece) {
		c.Feed(p)
		take()
	}
	c.Close()
	take()
	return out
}
