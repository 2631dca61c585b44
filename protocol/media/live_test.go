package media

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// farApart are the damaged clips that make other segments when they come in
// pieces than at once. Who reads live looks no further than the next segment.
var farApart = map[string]string{
	"ts_h264_aac__noise_1pc.ts":                     "clocks jump by more than a minute, so that sounds come after the segments that they belong to",
	"ps_mpeg2_ac3__noise_1pc.vob":                   "clocks jump by half a minute, so that sounds come after the segments that they belong to",
	"fmp4_keyframe_emptymoov__tfhd_wrong_track.mp4": "half of the pictures are in a wrong track, so that another one leads as long as the rest has not come",
}

// The same segments come of a source at once and in pieces of any size. Two
// things decide by what has come: which track leads, and, two seconds after a
// cut, that sound is not waited for any longer. KSCOPE_CORPUS may name a large
// corpus; without it the clip is read, whole and damaged.
func TestAnyPieces(t *testing.T) {
	root, folders := os.Getenv("KSCOPE_CORPUS"), []string{"clean", "damaged"}
	if root == "" {
		root, folders = ownFiles(t), []string{"media-clean", "media-cut", "media-headless", "media-hole"}
	}
	read, apart := 0, map[string]bool{}
	for _, folder := range folders {
		files, _ := filepath.Glob(filepath.Join(root, folder, "*"))
		for _, path := range files {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Base(path)
			read++
			for _, piece := range []int{997, 65536} {
				if piece < len(b) && inPieces(b, piece) != inPieces(b, len(b)) {
					apart[name] = true
				}
			}
			if apart[name] && farApart[name] == "" {
				t.Errorf("%s: other segments in pieces than at once", path)
			}
		}
	}
	for name, why := range farApart {
		if os.Getenv("KSCOPE_CORPUS") != "" && !apart[name] {
			t.Errorf("%s makes the same segments: %q explains nothing", name, why)
		}
	}
	if read == 0 {
		t.Fatalf("%s has no files", root)
	}
	t.Logf("%d files, %d of them differ", read, len(apart))
}

// inPieces is what the segments of a source are that comes in pieces.
func inPieces(b []byte, piece int) (out string) {
	c := NewCutter(2 * time.Second)
	take := func() {
		for s, ok := c.Next(); ok; s, ok = c.Next() {
			out += fmt.Sprintf("%v %v %v %v\n", s.Start, s.Duration, s.Flags, s.Content().ID())
		}
	}
	for len(b) > 0 {
		n := min(piece, len(b))
		c.Feed(b[:n:n])
		b = b[n:]
		take()
	}
	c.Close()
	take()
	return out
}
