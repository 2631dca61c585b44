package demux

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A packet is what ffprobe says of a sample.
type packet struct {
	pts   float64 // milliseconds, if it is timed
	timed bool
	key   bool
	size  int
}

// probed reads the packets of each stream that ffprobe found in a clean file.
func probed(t *testing.T, path string) (kinds []string, packets [][]packet) {
	t.Helper()
	truth := filepath.Join(filepath.Dir(filepath.Dir(path)), "truth", filepath.Base(path))
	b, err := os.ReadFile(truth + ".packets.csv")
	if err != nil {
		t.Fatal(err)
	}
	bases := timeBases(t, truth+".streams.json")
	rows := csv.NewReader(strings.NewReader(string(b)))
	rows.FieldsPerRecord = -1
	all, err := rows.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		i, err := strconv.Atoi(r[1])
		if err != nil || len(r) < 8 {
			continue // side data
		}
		for len(kinds) <= i {
			kinds, packets = append(kinds, ""), append(packets, nil)
		}
		pts, none := strconv.ParseFloat(r[2], 64)
		size, _ := strconv.Atoi(r[5])
		kinds[i] = r[0]
		packets[i] = append(packets[i], packet{pts * bases[i] * 1000, none == nil, r[7][0] == 'K', size})
	}
	return kinds, packets
}

// timeBases reads the time base of each stream in seconds.
func timeBases(t *testing.T, path string) (bases []float64) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range strings.Split(string(b), `"time_base": "`)[1:] {
		var num, den float64
		if _, err := fmt.Sscanf(s, "%g/%g", &num, &den); err != nil {
			t.Fatal(err)
		}
		bases = append(bases, num/den)
	}
	return bases
}

var ours = []string{".mkv", ".webm", ".ogg", ".ogv", ".opus", ".ivf", ".obu", ".ts", ".m2ts", ".mpg", ".vob"}

// On clean files each track has as many samples as ffprobe finds packets, the
// same of them are keys, and they are shown at the same times up to one
// constant, give or take 1.2 ms.
func TestStreamsAgree(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(corpus(t), "clean", "*"))
	for _, path := range files {
		name := filepath.Base(path)
		if !slices.Contains(ours, filepath.Ext(name)) {
			continue
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m, format, why := readAll(b)
		kinds, packets := probed(t, path)
		i := 0
		for _, tr := range m.Tracks {
			for i < len(kinds) && len(packets[i]) == 0 {
				i++
			}
			if len(tr.Samples) == 0 {
				continue
			}
			if i == len(kinds) {
				t.Errorf("%s: %s track %d: %d samples, ffprobe has no more streams", name, tr.Kind, tr.ID, len(tr.Samples))
				break
			}
			agree(t, fmt.Sprintf("%s stream %d", name, i), tr, tr.Samples, packets[i])
			i++
		}
		t.Logf("%-32s %s %q %v", name, format, why, m.Repairs)
		for _, tr := range m.Tracks {
			t.Logf("    %-5s %-22s %dx%d %d/%d record %d, %d samples", tr.Kind, tr.Codec.Name, tr.Codec.Width, tr.Codec.Height, tr.Codec.Rate, tr.Codec.Channels, len(tr.Codec.Record), tr.Total())
		}
	}
}

func agree(t *testing.T, name string, tr *Track, got []Sample, want []packet) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d samples, ffprobe has %d", name, len(got), len(want))
		return
	}
	shift, off, keys := 0.0, 0, 0
	for i := range got {
		ms := float64(got[i].Shown()) * 1000 / float64(tr.Scale)
		if i == 0 {
			shift = ms - want[0].pts
		}
		if diff := ms - want[i].pts - shift; want[i].timed && (diff > 1.2 || diff < -1.2) {
			if off++; off == 1 {
				t.Errorf("%s: sample %d is shown at %.3f ms, ffprobe says %.3f", name, i, ms, want[i].pts+shift)
			}
		}
		if (got[i].Key != None) != want[i].key {
			if keys++; keys == 1 {
				t.Errorf("%s: sample %d is %v, ffprobe says key %v", name, i, got[i].Key, want[i].key)
			}
		}
	}
	if off+keys > 0 {
		t.Errorf("%s: %d times and %d keys of %d differ", name, off, keys, len(got))
	}
}
