package demux

import (
	"os"
	"testing"
)

// clip reads one file of the clip that comes with the project.
func clip(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("../media/clip/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var clips = []string{"180p.mp4", "270p.mp4", "360p.mp4", "540p.mp4"}

func TestMP4InPieces(t *testing.T) {
	for _, name := range clips {
		alike(t, name, clip(t, name), 1, 7, 188, 5000, 0, 0, 0)
	}
}
