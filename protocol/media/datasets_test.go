package media

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Folders of real files, many of them damaged, become ladders, and each file
// becomes segments that account for all of its bytes. KSCOPE_DATASETS may name
// a folder with media-*/; without it the clip is read, whole and damaged.
func TestDatasets(t *testing.T) {
	root := os.Getenv("KSCOPE_DATASETS")
	if root == "" {
		root = ownFiles(t)
	}
	dirs, _ := filepath.Glob(filepath.Join(root, "media-*"))
	if len(dirs) == 0 {
		t.Fatalf("%s has no media-* folders: name one that has, or unset KSCOPE_DATASETS", root)
	}
	outcomes := map[Outcome]int{}
	for _, dir := range dirs {
		l, err := Load(Config{File: dir, Segment: 2 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s as a ladder: %d renditions of %d segments, opaque %v, %d notes", filepath.Base(dir), len(l.Renditions), l.Slots, l.Opaque, len(l.Notes))
		err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if err == nil {
				outcomes[sound(t, b).Outcome]++
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%v", outcomes)
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
