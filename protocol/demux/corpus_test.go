package demux

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A corpus is a folder with clean/, damaged/ and truth/: damaged/ holds files
// named after a clean one, "clip__kind.ext", truth/ the packets of each clean
// file as ffprobe lists them. KSCOPE_CORPUS may name a large one; without it
// ffmpeg makes a small one.
func corpus(t *testing.T) string {
	t.Helper()
	if root := largeCorpus(); root != "" {
		return root
	}
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("skipped: ffmpeg is not installed; it would make a corpus of clips")
	}
	ffprobe, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Skip("skipped: ffprobe is not installed; it would list the packets of the corpus")
	}
	return makeCorpus(t, ffmpeg, ffprobe)
}

func largeCorpus() string { return os.Getenv("KSCOPE_CORPUS") }

// A packetList is what ffprobe says of one stream.
type packetList struct {
	kind string
	n    int
	keys []int
}

// truth reads the packets of one clean file, by stream.
func truth(t *testing.T, path string) []packetList {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var out []packetList
	for _, row := range rows {
		if len(row) < 8 {
			continue
		}
		var i int
		fmt.Sscan(row[1], &i)
		for len(out) <= i {
			out = append(out, packetList{})
		}
		p := &out[i]
		if p.kind = row[0]; strings.HasPrefix(row[7], "K") {
			p.keys = append(p.keys, p.n)
		}
		p.n++
	}
	return out
}

// main is the stream that counts: the video stream with most packets, else the
// audio stream.
func mainOf(all []packetList) (best packetList) {
	for _, kind := range []string{"video", "audio"} {
		for _, p := range all {
			if p.kind == kind && p.n > best.n {
				best = p
			}
		}
		if best.n > 0 {
			return best
		}
	}
	return best
}

// found is what the demuxer says of the same.
func found(m *Movie) (best packetList) {
	t := m.Main()
	if t == nil {
		return best
	}
	best = packetList{kind: string(t.Kind), n: len(t.Samples)}
	for i := range t.Samples {
		if t.Samples[i].Key != None {
			best.keys = append(best.keys, i)
		}
	}
	return best
}

// readAll demuxes a file and keeps all samples in the tracks.
func readAll(b []byte) (*Movie, string, string) {
	d := New()
	d.Feed(b)
	d.Close()
	kept := map[*Track][]Sample{}
	for !d.Done() {
		d.Step()
		for _, t := range d.Movie().Tracks {
			kept[t] = append(kept[t], t.Take(len(t.Samples))...)
		}
	}
	for t, s := range kept {
		t.Samples = append(s, t.Samples...)
	}
	return d.Movie(), d.Format(), d.Why()
}

func TestCorpusClean(t *testing.T) {
	root := corpus(t)
	files, _ := filepath.Glob(filepath.Join(root, "clean", "*"))
	equal, opaque := 0, 0
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		m, format, why := readAll(b)
		if why != "" {
			opaque++
			t.Logf("%-36s opaque: %s", name, why)
			continue
		}
		want, got := mainOf(truth(t, filepath.Join(root, "truth", name+".packets.csv"))), found(m)
		if want.n == got.n && slices.Equal(want.keys, got.keys) {
			equal++
			continue
		}
		t.Logf("%-36s %s: %s %d samples %d keys, ffprobe %s %d, %d", name, format, got.kind, got.n, len(got.keys), want.kind, want.n, len(want.keys))
	}
	t.Logf("%d files: %d equal to ffprobe, %d opaque", len(files), equal, opaque)
}

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

type score struct{ files, present, right, wrong, marked int }

func TestCorpusDamaged(t *testing.T) {
	root := corpus(t)
	files, _ := filepath.Glob(filepath.Join(root, "damaged", "*"))
	refs := map[string]*reference{}
	table := map[string]*score{}
	verbose := os.Getenv("KSCOPE_CORPUS_VERBOSE") != ""
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(path)
		base, kind, _ := strings.Cut(name, "__")
		kind = strings.TrimSuffix(kind, filepath.Ext(kind))
		m, _, _ := readAll(b)
		family := familyName(base)
		if family == "" || base == "mov_prores_pcm" {
			continue
		}
		if refs[base] == nil {
			clean, _ := filepath.Glob(filepath.Join(root, "clean", base+".*"))
			if len(clean) != 1 {
				continue
			}
			c, _ := os.ReadFile(clean[0])
			refs[base] = refer(c)
		}
		ref := refs[base]
		present := ref.present(b)
		right, wrong, marked := map[uint64]bool{}, 0, 0
		for _, tr := range m.Tracks {
			for i := range tr.Samples {
				if x := sum(tr.Samples[i].Bytes); ref.sums[x] {
					right[x] = true
				} else if tr.Samples[i].Flags&Damaged != 0 {
					marked++ // it says so
				} else {
					wrong++
				}
			}
		}
		if verbose {
			t.Logf("%-60s present %5d right %5d wrong %5d marked %5d %v", name, len(present), len(right), wrong, marked, m.Repairs)
		}
		for _, k := range []string{family + " " + group(kind), family + " ~all"} {
			s := table[k]
			if s == nil {
				s = &score{}
				table[k] = s
			}
			s.files++
			s.present += len(present)
			s.right += len(right)
			s.wrong += wrong
			s.marked += marked
		}
	}
	var keys []string
	for k := range table {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		s := table[k]
		t.Logf("%-30s %4d files %6d present %6d right (%3.0f %%) %5d wrong, %5d marked damaged", k, s.files, s.present, s.right, 100*float64(s.right)/float64(max(1, s.present)), s.wrong, s.marked)
	}
	for _, f := range []string{"avi", "flv", "es"} { // without an index, only what is damaged itself is lost
		if s := table[f+" ~all"]; s != nil && s.right*100 < s.present*99 {
			t.Errorf("%s: %d of %d right", f, s.right, s.present)
		}
	}
	if s := table["mkv ~all"]; s.right*100 < s.present*98 || s.wrong*100 > s.right*5 {
		t.Errorf("Matroska: %d of %d right, %d wrong", s.right, s.present, s.wrong)
	}
}

func familyName(base string) string {
	for _, p := range []string{"mp4", "fmp4", "mov", "hand"} {
		if strings.HasPrefix(base, p+"_") {
			return "mp4"
		}
	}
	for _, p := range []string{"mkv", "webm"} {
		if strings.HasPrefix(base, p+"_") {
			return "mkv"
		}
	}
	for _, p := range []string{"ogg", "ivf", "es_av1", "avi", "flv", "es"} {
		if strings.HasPrefix(base, p+"_") || base == p {
			return p
		}
	}
	return ""
}

var kinds = []string{"trunc", "tailonly", "flip_head8", "flip_1e-4", "noise", "zerohole", "zerohead", "zerotail", "cut_middle", "dup_middle", "concat", "junk_before", "junk_after"}

func group(kind string) string {
	for _, k := range kinds {
		if strings.HasPrefix(kind, k) {
			return k
		}
	}
	if i := strings.IndexByte(kind, '_'); i > 0 {
		return "lies " + kind[:i]
	}
	return "lies " + kind
}

// However a file is cut while it comes, the same is read.
func TestCorpusInPieces(t *testing.T) {
	root := corpus(t)
	for _, folder := range []string{"clean", "damaged"} {
		files, _ := filepath.Glob(filepath.Join(root, folder, "*"))
		for _, path := range files {
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if len(b) < 1<<20 {
				alike(t, filepath.Base(path), b, 0, 9973)
			}
		}
	}
}
