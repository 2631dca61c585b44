package scenarios

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A trace is looked for like a video, read when the scenario is loaded, and
// written out in its echo.
func TestTraceBesideTheScenario(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"sub/tram.csv": "for,down,up\n2s,9Mbit/s,1Mbit/s\n1s,0bit/s,0bit/s\n", "here.csv": "for,down,up\n1s,2Mbit/s,1Mbit/s\n", "sub/bad.csv": "for,down,up\n1s,2Mbit/s\n"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte(text), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	class := func(file string) string {
		return "[{name: 4g, trace: {file: " + file + ", loop: mirror}}]"
	}
	for _, c := range []struct{ src, set, want string }{
		{"network: {classes: " + class("tram.csv") + "}", "", "[{2s 9Mbit/s 1Mbit/s} {1s 0bit/s 0bit/s}]"},
		{"network: {classes: " + class("here.csv") + "}", "", "[{1s 2Mbit/s 1Mbit/s}]"},
		{"title: x", "network.classes=" + class("here.csv"), "[{1s 2Mbit/s 1Mbit/s}]"},
		{"network: {classes: " + class("tram.csv") + "}\nvariants: {a: {network: {classes: " + class("here.csv") + "}}}", "", "[{1s 2Mbit/s 1Mbit/s}]"},
	} {
		var sets []string
		if c.set != "" {
			sets = []string{c.set}
		}
		all, err := Load("sub/x.yaml", []byte(c.src), sets)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		if got := fmt.Sprint(all[0].Network.Classes[0].Trace.Steps); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.src, c.set, got, c.want)
		}
		again, err := Load("elsewhere.yaml", Effective(all), nil)
		if err != nil || fmt.Sprint(again[0].Network) != fmt.Sprint(all[0].Network) {
			t.Errorf("the echo is another scenario: %v", err)
		}
	}
	for _, c := range []struct{ src, set, want string }{
		{"network: {classes: " + class("nosuch.csv") + "}", "", "sub/x.yaml:1:46: network.classes.0.trace.file: there is no nosuch.csv in the working directory, and no sub/nosuch.csv beside the scenario"},
		{"network: {classes: " + class("bad.csv") + "}", "", `sub/x.yaml:1:46: network.classes.0.trace.file: sub/bad.csv: line 2: "1s,2Mbit/s" has 2 values`},
		{"title: x", "network.classes=" + class("tram.csv"), "network.classes.0.trace.file: the trace cannot be read: open tram.csv: no such file"},
	} {
		var sets []string
		if c.set != "" {
			sets = []string{c.set}
		}
		if _, err := Load("sub/x.yaml", []byte(c.src), sets); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: got %v, want %s", c.src, c.set, err, c.want)
		}
	}
}
