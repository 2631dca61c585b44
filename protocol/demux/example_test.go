package demux_test

import (
	"fmt"
	"os"

	"kinetoscope/protocol/demux"
)

// A file is read in one piece; what was read is taken step by step.
func Example() {
	b, err := os.ReadFile("../media/clip/180p.mp4")
	if err != nil {
		fmt.Println(err)
		return
	}
	pictures, keys := 0, 0
	format, why := demux.Read(b, func(m *demux.Movie) {
		for _, t := range m.Tracks {
			for _, s := range t.Take(len(t.Samples)) {
				if t.Kind == demux.Video {
					pictures++
				}
				if t.Kind == demux.Video && s.Key == demux.Closed {
					keys++
				}
			}
		}
	})
	fmt.Printf("%s, %q\n", format, why)
	fmt.Println(pictures, "pictures, a viewer can start at", keys)
	// Output:
	// mp4, ""
	// 250 pictures, a viewer can start at 5
}
