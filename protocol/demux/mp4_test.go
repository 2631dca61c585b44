package demux

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
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

// inPieces demuxes b, fed as cut says: it returns how many bytes come next.
func inPieces(b []byte, cut func() int) *Demuxer {
	d := New()
	for len(b) > 0 {
		n := min(cut(), len(b))
		d.Feed(bytes.Clone(b[:n]))
		for b = b[n:]; d.Step(); {
		}
	}
	d.Close()
	for d.Step() {
	}
	return d
}

// listing says everything about what was read.
func listing(d *Demuxer) string {
	var out bytes.Buffer
	m := d.Movie()
	slices.SortFunc(m.Repairs, func(a, b Repair) int { return strings.Compare(a.What, b.What) })
	fmt.Fprintln(&out, d.Format(), d.Why(), m.Index, m.Repairs)
	for i, t := range m.Tracks {
		fmt.Fprintln(&out, i, t.ID, t.Kind, t.Scale, t.Guessed, t.Total)
		for k := range t.Samples {
			s := &t.Samples[k]
			fmt.Fprintln(&out, k, s.At, s.Size, s.Time, s.Shift, s.Dur, s.Lost, s.Key, s.Flags, s.Codec.Name, s.Codec.Width, sum(s.Bytes), sum(s.Codec.Record))
		}
	}
	return out.String()
}

// sameCuts checks that the cuts of the input do not show.
func sameCuts(t *testing.T, name string, b []byte, steps ...int) {
	t.Helper()
	want := listing(inPieces(b, func() int { return len(b) }))
	rng := rand.New(rand.NewPCG(7, uint64(len(b))))
	for _, n := range steps {
		cut := func() int { return n }
		if n == 0 {
			cut = func() int { return 1 + rng.IntN(1+rng.IntN(5000)) }
		}
		if got := listing(inPieces(b, cut)); got != want {
			t.Errorf("%s in pieces of %d bytes (0: any): %s", name, n, difference(got, want))
			return
		}
	}
}

func difference(got, want string) string {
	a, b := bytes.Split([]byte(got), []byte("\n")), bytes.Split([]byte(want), []byte("\n"))
	for i := range min(len(a), len(b)) {
		if !bytes.Equal(a[i], b[i]) {
			return fmt.Sprintf("line %d is\n%s\nwant\n%s", i, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}

func TestMP4InPieces(t *testing.T) {
	for _, name := range clips {
		sameCuts(t, name, clip(t, name), 1, 7, 188, 5000, 0, 0, 0)
	}
}
