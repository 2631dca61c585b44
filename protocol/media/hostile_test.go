package media

import (
	"testing"
	"time"
)

// Pictures pause while more sounds come than may wait: segments go on, each
// with a sample at least, until all have come. (They went on without one, for
// ever.)
func TestFullWhilePicturesPause(t *testing.T) {
	for _, pause := range []int{0, 3000, 9000, 14_000} {
		for _, step := range []int{0, 1} {
			b := []byte("FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00")
			pictures := func(from, n int) {
				for i := range n {
					b = append(b, tagFLV(9, from+40*i, "\x12picture")...)
				}
			}
			pictures(0, 100)
			for i := range 40_000 {
				b = append(b, tagFLV(8, pause+i*step/8, "\x2f\xff\xfb\x94\x04sound")...)
			}
			pictures(4000+pause, 300)
			c := NewCutter(2 * time.Second)
			c.Feed(b)
			c.Close()
			samples := 0
			for s, ok := c.Next(); ok; s, ok = c.Next() {
				if samples += s.Samples; s.Samples == 0 {
					t.Fatalf("pause of %d ms: nothing in the segment at %v", pause, s.Start)
				}
			}
			if samples != 40_400 {
				t.Errorf("pause of %d ms, sounds %d/8 ms apart: %d samples, want 40400", pause, step, samples)
			}
		}
	}
}

// tagFLV is a tag of FLV: 8, sound; 9, pictures.
func tagFLV(kind byte, ms int, body string) []byte {
	head := cat(num(uint32(len(body))), []byte{byte(ms >> 16), byte(ms >> 8), byte(ms), byte(ms >> 24), 0, 0, 0})
	head[0] = kind
	return cat(head, []byte(body), num(uint32(len(head)+len(body))))
}
