package demux

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
)

// Real files of which ffprobe sees something else, and why.
var explainedReal = map[string]string{
	"media-androidx/drm__sample_fragmented_clearkey.mp4": "ffprobe lists no packet of it without the key; 30 pictures lie there",
	"media-exiftool/DV.dv":                               "a container that is not read",
}

// Real files, half of them damaged, odd or encrypted. KSCOPE_DATASETS may name
// a folder with media-*/ and MEDIA.tsv, what ffprobe sees in them; without it
// the clip is read.
func TestRealFiles(t *testing.T) {
	root := realFiles()
	var files []string
	if root == "" {
		files, _ = filepath.Glob("../media/clip/*.mp4")
	} else {
		files = below(t, root)
	}
	probed := probes(t, filepath.Join(root, "MEDIA.tsv"), root != "")
	compared, agree := 0, 0
	formats := map[string]int{}
	for _, path := range files {
		b := contents(t, path)
		name, _ := filepath.Rel(root, path)
		modest(t, name, b)
		m, format, why := readAll(b)
		if why != "" {
			format = "opaque"
		}
		formats[format]++
		p, ok := probed[filepath.ToSlash(name)]
		if !ok || !p.clean {
			continue
		}
		compared++
		got := found(m)
		if got.kind != string(Video) {
			got = packetList{}
		}
		switch reason, same := explainedReal[filepath.ToSlash(name)], got.n == p.pictures && len(got.keys) == p.keys; {
		case same && reason != "":
			t.Errorf("%s is as ffprobe has it: %q explains nothing", name, reason)
		case same:
			agree++
		case reason != "":
			t.Logf("%s differs: %s", name, reason)
		default:
			t.Errorf("%s: %s %q: %d pictures, %d keys; ffprobe has %d, %d; %v", name, format, why, got.n, len(got.keys), p.pictures, p.keys, m.Repairs)
		}
	}
	t.Logf("%d real files: %v; %d of %d clean ones as ffprobe has them", len(files), formats, agree, compared)
}

func realFiles() string { return os.Getenv("KSCOPE_DATASETS") }

// below lists the files in media-* folders.
func below(t *testing.T, root string) (files []string) {
	t.Helper()
	dirs, _ := filepath.Glob(filepath.Join(root, "media-*"))
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) == 0 {
		t.Fatalf("%s has no files in media-* folders: name one that has, or unset KSCOPE_DATASETS", root)
	}
	return files
}

type probe struct {
	clean          bool
	pictures, keys int
}

// probes reads what ffprobe saw, by file.
func probes(t *testing.T, path string, wanted bool) map[string]probe {
	t.Helper()
	out := map[string]probe{}
	if !wanted {
		return out
	}
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
	column := func(row []string, name string) string { return row[slices.Index(rows[0], name)] }
	for _, row := range rows[1:] {
		n, _ := strconv.Atoi(column(row, "video_packets"))
		k, _ := strconv.Atoi(column(row, "key_packets"))
		class := column(row, "class")
		out[column(row, "file")] = probe{class == "clean" || class == "odd" || class == "encrypted", n, k}
	}
	return out
}
