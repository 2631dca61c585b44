package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What a page about adding something shows is laid over the tree, and the suite
// of its kind is run, which must know the newcomer.
func TestPagesAddWhatTheySay(t *testing.T) {
	for _, p := range []struct {
		page, suite, run, knows string
		files                   int
	}{
		{"add-a-rule.md", "./protocol/abr", "Choices|FirstChoice|SteadyLink|Allocates", "/cautious", 3},
		{"add-a-payment-method.md", "./protocol/payment", "Starts|Rise|MoneyIn|Bound(Holds|Config)|Unruly|Refused|Overspending|Allocate|Opens|Served|Forged|Bad", "/doubling-preopened", 3},
		{"add-a-storage-scheme.md", "./protocol/storage", "EveryChoice|Conformance|Shapes|Forged|Goroutines|Validate|Names", "/parity_6_of_7", 2},
	} {
		t.Run(p.page, func(t *testing.T) {
			list, files := overlaid(t, p.page)
			if files != p.files {
				t.Errorf("the page changes %d files", files)
			}
			c := exec.Command("go", "test", "-overlay", list, "-run", p.run, "-v", p.suite)
			c.Dir = top
			out, err := c.CombinedOutput()
			if err != nil || !strings.Contains(string(out), p.knows) {
				t.Errorf("%v, or the suite does not know the newcomer:\n%s", err, out)
			}
		})
	}
}

// overlaid is the file for go's -overlay that lays a page's blocks over the tree,
// and how many files that changes: a block marked new is a file, one marked
// change takes the lines that begin with - away and puts those with + in their
// place.
func overlaid(t *testing.T, page string) (list string, files int) {
	dir, overlay, texts := t.TempDir(), map[string]string{}, map[string]string{}
	for _, b := range blocks(read(t, "docs/how-to/"+page)) {
		if name, ok := b.mark("new"); ok {
			texts[name] = strings.Join(b.text, "\n") + "\n"
		}
		name, ok := b.mark("change")
		if !ok {
			continue
		}
		if texts[name] == "" {
			texts[name] = strings.Join(read(t, name), "\n")
		}
		var was, is []string
		for _, l := range b.text {
			switch l[0] {
			case '-':
				was = append(was, l[1:])
			case '+':
				is = append(is, l[1:])
			default:
				was, is = append(was, l[1:]), append(is, l[1:])
			}
		}
		from, to := strings.Join(was, "\n"), strings.Join(is, "\n")
		if n := strings.Count(texts[name], from); n != 1 {
			t.Fatalf("%s has %d places like\n%s", name, n, from)
		}
		texts[name] = strings.Replace(texts[name], from, to, 1)
	}
	for name, text := range texts {
		path := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		overlay[abs(t, name)] = path
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	list = filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, text, 0o644); err != nil {
		t.Fatal(err)
	}
	return list, len(texts)
}
