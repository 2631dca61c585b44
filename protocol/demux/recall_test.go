package demux

import (
	"bytes"
	"encoding/binary"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// sum tells byte strings apart.
func sum(p []byte) uint64 {
	h := fnv.New64a()
	h.Write(p)
	return h.Sum64()
}

// A reference is one clean file: its samples by their sums.
type reference struct {
	sums  map[uint64]bool
	heads map[uint64][]raw // by the first eight bytes
	tiny  []raw
}

type raw struct {
	bytes []byte
	sum   uint64
}

// refer reads a clean file.
func refer(b []byte) *reference {
	m, _, _ := readAll(b)
	r := &reference{map[uint64]bool{}, map[uint64][]raw{}, nil}
	for _, t := range m.Tracks {
		for i := range t.Samples {
			s := &t.Samples[i]
			x := raw{b[s.At : s.At+int64(s.Size)], sum(s.Bytes)}
			if r.sums[x.sum] {
				continue
			}
			r.sums[x.sum] = true
			if len(x.bytes) < 8 {
				r.tiny = append(r.tiny, x)
				continue
			}
			k := binary.LittleEndian.Uint64(x.bytes)
			r.heads[k] = append(r.heads[k], x)
		}
	}
	return r
}

// present says which samples still stand in b.
func (r *reference) present(b []byte) map[uint64]bool {
	out := map[uint64]bool{}
	for i := 0; i+8 <= len(b); i++ {
		for _, x := range r.heads[binary.LittleEndian.Uint64(b[i:])] {
			if bytes.HasPrefix(b[i:], x.bytes) {
				out[x.sum] = true
			}
		}
	}
	for _, x := range r.tiny {
		if bytes.Contains(b, x.bytes) {
			out[x.sum] = true
		}
	}
	return out
}

// A score adds up what came of damaged files.
type score struct {
	files, present, right int
	wrong                 int // samples that the clean file does not have
	marked                int // of which the demuxer says that they are damaged
}

func (s *score) add(o score) {
	s.files += o.files
	s.present += o.present
	s.right += o.right
	s.wrong += o.wrong
	s.marked += o.marked
}

// judge reads a damaged file.
func (r *reference) judge(b []byte) score {
	s := score{files: 1, present: len(r.present(b))}
	m, _, _ := readAll(b)
	right := map[uint64]bool{}
	for _, tr := range m.Tracks {
		for i := range tr.Samples {
			switch x := sum(tr.Samples[i].Bytes); {
			case r.sums[x]:
				right[x] = true
			case tr.Samples[i].Flags&Damaged != 0:
				s.marked++
			default:
				s.wrong++
			}
		}
	}
	s.right = len(right)
	return s
}

// Damage to the clips: how many of the samples that are still there are found,
// and how many are told that are none. Nothing takes memory or work beyond
// measure.
func TestCorpusDamaged(t *testing.T) {
	root := corpus(t)
	files, _ := filepath.Glob(filepath.Join(root, "damaged", "*"))
	refs := map[string]*reference{}
	table := map[string]*score{}
	most := int64(0)
	for _, path := range files {
		b, name := contents(t, path), filepath.Base(path)
		most = max(most, modest(t, name, b))
		base, kind, _ := strings.Cut(strings.TrimSuffix(name, filepath.Ext(name)), "__")
		family := formatFamily(base)
		ref := refs[base]
		if ref == nil && family != "" {
			if clean, _ := filepath.Glob(filepath.Join(root, "clean", base+".*")); len(clean) == 1 {
				ref = refer(contents(t, clean[0]))
				refs[base] = ref
			}
		}
		if ref == nil {
			continue
		}
		s := ref.judge(b)
		if os.Getenv("KSCOPE_CORPUS_VERBOSE") != "" {
			t.Logf("%-60s %+v", name, s)
		}
		for _, row := range []string{family + " " + kindOf(kind), family + " ~all", family + " ~" + inPlace(kind)} {
			if table[row] == nil {
				table[row] = &score{}
			}
			table[row].add(s)
		}
	}
	t.Logf("%d files; at most %.1f MB beside the bytes of one", len(files), float64(most)/(1<<20))
	for _, row := range slices.Sorted(maps.Keys(table)) {
		s := table[row]
		t.Logf("%-30s %4d files %6d present %6d right (%3.0f %%) %5d wrong, %5d marked damaged", row, s.files, s.present, s.right, 100*float64(s.right)/float64(max(1, s.present)), s.wrong, s.marked)
	}
	for _, want := range []struct {
		family        string
		recall, wrong int // percent
	}{{"mp4", 75, 2}, {"mkv", 98, 1}} {
		all, moved := table[want.family+" ~all"], table[want.family+" ~elsewhere"]
		if all.right*100 < all.present*want.recall {
			t.Errorf("%s: %d of %d samples found, want %d %%", want.family, all.right, all.present, want.recall)
		}
		if moved.wrong*100 > moved.right*want.wrong {
			t.Errorf("%s: %d samples that are none beside %d right ones, want at most %d %%", want.family, moved.wrong, moved.right, want.wrong)
		}
	}
}

// modest demuxes b, checks that memory and work stay small, and returns how
// much memory it took beside b.
func modest(t *testing.T, name string, b []byte) int64 {
	t.Helper()
	const allowed = 64 << 20
	most, _, _ := peak(b)
	if most > allowed {
		t.Errorf("%s: %d bytes take %d beside them, want at most %d", name, len(b), most, allowed)
	}
	return most
}

// formatFamily is the group of formats that a clip is counted in. Clips with raw
// sound are left out: a run of it has no bounds of its own.
func formatFamily(base string) string {
	family, rest, _ := strings.Cut(base, "_")
	switch {
	case rest == "prores_pcm":
		return ""
	case slices.Contains([]string{"mp4", "fmp4", "mov", "hand"}, family):
		return "mp4"
	case slices.Contains([]string{"mkv", "webm"}, family):
		return "mkv"
	case slices.Contains([]string{"ogg", "ivf", "avi", "flv", "es"}, family):
		return family
	}
	return ""
}

// kindOf is the kind of damage without its number.
func kindOf(kind string) string {
	for _, k := range []string{"trunc", "tailonly", "flip_head8", "flip_1e-4", "noise", "zerohole", "zerohead", "zerotail", "cut_middle", "dup_middle", "concat", "junk_before", "junk_after"} {
		if strings.HasPrefix(kind, k) {
			return k
		}
	}
	word, _, _ := strings.Cut(kind, "_")
	return "lies " + word
}

// inPlace tells damage that changes bytes of samples where they are, which
// only a decoder could see, from the other kinds.
func inPlace(kind string) string {
	if strings.HasPrefix(kind, "flip") || strings.HasPrefix(kind, "noise") {
		return "in place"
	}
	return "elsewhere"
}
