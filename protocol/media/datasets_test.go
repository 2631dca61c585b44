package media

import (
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"kinetoscope/protocol/demux"
)

// Real files, many of them damaged. KSCOPE_DATASETS may name a folder of them:
// media-*/ with files, MEDIA.tsv with what ffprobe sees. Without it the clip is
// read, whole and damaged.
func TestDatasets(t *testing.T) {
	root := os.Getenv("KSCOPE_DATASETS")
	if root == "" {
		root = ownFiles(t)
	}
	dirs, err := filepath.Glob(filepath.Join(root, "media-*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("%s has no media-* folders: name one that has, or unset KSCOPE_DATASETS", root)
	}
	probed := probes(t, filepath.Join(root, "MEDIA.tsv"))
	formats := map[string]int{}
	files, parsed, agree, compared := 0, 0, 0, 0
	for _, dir := range dirs {
		l, err := Load(Config{File: dir, Segment: 2 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s as a ladder: %d renditions of %d segments, opaque %v, %d notes", filepath.Base(dir), len(l.Renditions), l.Slots, l.Opaque, len(l.Notes))
		err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			name, _ := filepath.Rel(root, path)
			start, before := time.Now(), heap()
			r := sound(t, b)
			if grown := heap() - before; grown > 64<<20+100*uint64(len(b)) {
				t.Errorf("%s: %d bytes of file took %d bytes of memory", name, len(b), grown)
			}
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("%s: took %v", name, d)
			}
			files++
			if r.Opaque == "" {
				parsed++
			}
			formats[r.Format]++
			if p, ok := probed[filepath.ToSlash(name)]; ok && r.Opaque == "" && p.clean {
				compared++
				if pictures, keys := counted(r); pictures == p.pictures && keys == p.keys {
					agree++
				} else {
					t.Errorf("%s: %d pictures, %d keys; ffprobe has %d, %d", name, pictures, keys, p.pictures, p.keys)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d files: %d parsed, %d opaque; %d of %d clean ones agree with ffprobe on pictures and keys; formats %v",
		files, parsed, files-parsed, agree, compared, formats)
}

// heap is how many bytes have been allocated so far.
func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// pictures counts the samples and keys of the video track with most samples.
func counted(r *Report) (n, keys int) {
	for _, t := range r.Tracks {
		if t.Kind == demux.Video && t.Samples > n {
			n, keys = t.Samples, t.Closed+t.Open
		}
	}
	return n, keys
}

type probe struct {
	clean          bool
	pictures, keys int
}

// probes reads what ffprobe saw, by file. The table may be absent.
func probes(t *testing.T, path string) map[string]probe {
	out := map[string]probe{}
	f, err := os.Open(path)
	if err != nil {
		t.Logf("no comparison with ffprobe: %v", err)
		return out
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatalf("%s: %v", path, err)
	}
	at := map[string]int{}
	for i, name := range rows[0] {
		at[name] = i
	}
	for _, row := range rows[1:] {
		n, _ := strconv.Atoi(row[at["video_packets"]])
		k, _ := strconv.Atoi(row[at["key_packets"]])
		clean := row[at["class"]] == "clean" && strings.HasPrefix(row[at["container"]], "mov,")
		out[row[at["file"]]] = probe{clean, n, k}
	}
	return out
}

// ownFiles is a folder laid out like KSCOPE_DATASETS: the clip, and copies of it
// that are cut short, lack their beginning, or have a hole.
func ownFiles(t *testing.T) string {
	t.Helper()
	root := t.TempDir()
	clips, err := filepath.Glob("clip/*.mp4")
	if err != nil || len(clips) == 0 {
		t.Fatalf("the clip is not beside the test: %v", err)
	}
	for _, path := range clips {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		holed := append([]byte(nil), b...)
		clear(holed[len(b)/3 : len(b)/2])
		for folder, bytes := range map[string][]byte{"media-clean": b, "media-cut": b[:len(b)*2/3],
			"media-headless": b[len(b)/5:], "media-hole": holed} {
			dir := filepath.Join(root, folder)
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), bytes, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}
