package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What the page about adding a rule shows is laid over the tree, and the suite
// of its kind is run: a block marked new is a file, one marked change
// takes the lines that begin with - away and puts those with + in their place.
func TestAddARule(t *testing.T) {
	dir, overlay, texts := t.TempDir(), map[string]string{}, map[string]string{}
	for _, b := range blocks(read(t, "docs/how-to/add-a-rule.md")) {
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
	if len(texts) != 3 {
		t.Fatalf("the page changes %d files", len(texts))
	}
	for name, text := range texts {
		path := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"))
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		overlay[abs(t, name)] = path
	}
	list, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o644); err != nil {
		t.Fatal(err)
	}
	c := exec.Command("go", "test", "-overlay", file, "-run", "Choices|FirstChoice|SteadyLink|Allocates", "-v", "./protocol/abr")
	c.Dir = top
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "/cautious") {
		t.Errorf("%v, or the suite does not know the rule:\n%s", err, out)
	}
}
