package catalogue

import (
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The table is whole: every set says all of itself, every file can be got and
// proved, and no name leaves its folder.
func TestTable(t *testing.T) {
	names := map[string]bool{}
	for _, s := range Sets() {
		for what, text := range map[string]string{"name": s.Name, "kind": s.Kind, "licence": s.Licence, "title": s.Title, "citation": s.Cite, "dirt": s.Dirt} {
			if text == "" || text != strings.TrimSpace(text) {
				t.Errorf("%s: its %s is %q", s.Name, what, text)
			}
		}
		if len(s.Files) == 0 || s.Size() == 0 {
			t.Errorf("%s has no files", s.Name)
		}
		for _, f := range s.Files {
			id := s.Name + "/" + f.Name
			sum, err := hex.DecodeString(f.SHA256)
			if err != nil || len(sum) != 32 || f.Size <= 0 || !strings.HasPrefix(f.URL, "https://") || !filepath.IsLocal(filepath.FromSlash(id)) || names[id] {
				t.Errorf("%s: %+v", id, f)
			}
			names[id] = true
		}
	}
	if len(names) != 381 {
		t.Errorf("%d files", len(names))
	}
}

// Where the real files are, they are those of the catalogue. Without
// KSCOPE_DATASETS a mirror of the sample stands for them.
func TestRealFilesAreThose(t *testing.T) {
	root := os.Getenv("KSCOPE_DATASETS")
	if root == "" {
		root = t.TempDir()
	}
	for _, s := range Sets() {
		for i := range s.Files {
			got, err := Check(root, &s, &s.Files[i])
			if err != nil || got == Wrong || got == Partial || got == Absent && os.Getenv("KSCOPE_DATASETS") != "" {
				t.Errorf("%s/%s is %s, %v", s.Name, s.Files[i].Name, got, err)
			}
		}
	}
}

func TestFindSaysWhatThereIs(t *testing.T) {
	for name, want := range map[string]string{"fees-2018": "use one of fees-etherscan-2018, ", "x": "bw-fcc-mixed-netllm", "": "viewers-ytlive"} {
		if _, err := Find(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
