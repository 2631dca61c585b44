package demux

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What is lost, cut out, repeated or put between never changes a sample
// without a word: each that is not marked as damaged is one of the clean clip.
// Left out are damages inside of samples, which nothing shows. A stream that
// ends early may end in a picture that does not tell so; and a program stream
// does not count its packets, so that where it is repeated may not show.
func TestTSDamageIsTold(t *testing.T) {
	root := corpus(t)
	files, _ := filepath.Glob(filepath.Join(root, "damaged", "*"))
	clean := map[string]map[uint64]bool{}
	tested, right, marked := 0, 0, 0
	for _, path := range files {
		name := filepath.Base(path)
		base, kind, _ := strings.Cut(name, "__")
		ext := filepath.Ext(name)
		if !slices.Contains([]string{".ts", ".m2ts", ".vob"}, ext) || changesSamples(kind) || ext == ".vob" && strings.HasPrefix(kind, "dup") {
			continue
		}
		if clean[ext] == nil {
			clean[ext] = sumsOf(t, filepath.Join(root, "clean", "*"+ext))
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m, _, _ := readAll(b)
		tested++
		for _, tr := range m.Tracks {
			for i := range tr.Samples {
				s := &tr.Samples[i]
				early := strings.HasPrefix(kind, "trunc") && i == len(tr.Samples)-1
				switch {
				case s.Flags&Damaged != 0:
					marked++
				case clean[ext][sum(s.Bytes)]:
					right++
				case !early:
					t.Errorf("%s: %s %d at %d is not of %s, and not marked", name, tr.Kind, i, s.At, base)
				}
			}
		}
	}
	t.Logf("%d files: %d samples right, %d marked as damaged", tested, right, marked)
}

// changesSamples says whether a kind of damage changes bytes of samples in place.
func changesSamples(kind string) bool {
	for _, k := range []string{"flip", "noise", "endless", "all_pids"} {
		if strings.HasPrefix(kind, k) {
			return true
		}
	}
	return false
}

// sumsOf is what the samples of clean files add up to, each for itself.
func sumsOf(t *testing.T, pattern string) map[uint64]bool {
	t.Helper()
	out := map[uint64]bool{}
	files, _ := filepath.Glob(pattern)
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m, _, _ := readAll(b)
		for _, tr := range m.Tracks {
			for i := range tr.Samples {
				out[sum(tr.Samples[i].Bytes)] = true
			}
		}
	}
	return out
}
