package demux

import (
	"encoding/csv"
	"fmt"
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

// mainOf is the stream that counts: the video stream with most packets, else the
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
func found(m *Movie) packetList {
	var all []packetList
	for _, t := range m.Tracks {
		all = append(all, samplesOf(t))
	}
	return mainOf(all)
}

func samplesOf(t *Track) packetList {
	p := packetList{kind: string(t.Kind), n: len(t.Samples)}
	for i := range t.Samples {
		if t.Samples[i].Key != None {
			p.keys = append(p.keys, i)
		}
	}
	return p
}

// readAll demuxes a file and keeps all samples in the tracks.
func readAll(b []byte) (*Movie, string, string) {
	d := New()
	d.Feed(b)
	d.Close()
	kept := map[*Track][]Sample{}
	for !d.Done() {
		for d.Step() {
		}
		for _, t := range d.Movie().Tracks {
			kept[t] = append(kept[t], t.Take(len(t.Samples))...)
		}
	}
	for t, s := range kept {
		t.Samples, t.taken = append(s, t.Samples...), 0
	}
	return d.Movie(), d.Format(), d.Why()
}

// explained are the clips in which ffprobe sees something else, and why.
var explained = map[string]string{
	"avi_xvid_bframes.avi": "ffprobe counts chunks: a pair of packed pictures as one, an empty placeholder of six bytes as one, even as a key",
}

// unread are the endings of clips in containers that are not read.
var unread = []string{".asf", ".wmv", ".mxf", ".gxf", ".rm", ".nut", ".wtv", ".dv", ".swf", ".gif", ".y4m", ".mjpeg"}

// Of every clean clip the samples are as many as ffprobe finds, and the same of
// them are keys.
func TestCorpusClean(t *testing.T) {
	root := corpus(t)
	files, _ := filepath.Glob(filepath.Join(root, "clean", "*"))
	equal, opaque := 0, 0
	for _, path := range files {
		name := filepath.Base(path)
		m, format, why := readAll(contents(t, path))
		if why != "" {
			if opaque++; !slices.Contains(unread, filepath.Ext(name)) {
				t.Errorf("%s: %s", name, why)
			}
			continue
		}
		want, got := mainOf(truth(t, filepath.Join(root, "truth", name+".packets.csv"))), found(m)
		same := want.n == got.n && slices.Equal(want.keys, got.keys)
		switch reason, known := explained[name]; {
		case same && known:
			t.Errorf("%s is as ffprobe has it: %q explains nothing", name, reason)
		case same:
			equal++
		case known:
			t.Logf("%s differs: %s", name, reason)
		default:
			t.Errorf("%s: %s: %s %d samples, %d keys, ffprobe %s %d, %d", name, format, got.kind, got.n, len(got.keys), want.kind, want.n, len(want.keys))
		}
	}
	t.Logf("%d clips: %d as ffprobe has them, %d in containers that are not read", len(files), equal, opaque)
	if read := len(files) - opaque; read == 0 || equal < read-len(explained) {
		t.Errorf("only %d of %d are as ffprobe has them", equal, read)
	}
}

func contents(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// However a file is cut while it comes, the same is read.
func TestCorpusInPieces(t *testing.T) {
	root := corpus(t)
	for _, folder := range []string{"clean", "damaged"} {
		files, _ := filepath.Glob(filepath.Join(root, folder, "*"))
		for _, path := range files {
			if b := contents(t, path); len(b) < 1<<20 {
				alike(t, filepath.Base(path), b, 0, 9973)
			}
		}
	}
}
