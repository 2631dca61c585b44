package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "write the expected output in scripts and the generated pages anew")

// TestMain makes this test binary stand in for kscope where a script runs it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"kscope": main})
}

// TestScripts runs the program as its users do: each file of testdata/script is
// a folder of files and a list of commands.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/script", UpdateScripts: *update, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error { return settle(e) },
		Cmds:  commands,
	})
}

// settle gives a script the clip, the tiny scenario, and in ALONE a PATH on which
// there is kscope and nothing else.
func settle(e *testscript.Env) error {
	clip, err := filepath.Abs("../../protocol/media/clip")
	if err != nil {
		return err
	}
	e.Setenv("CLIP", clip)
	e.Setenv("ALONE", filepath.SplitList(e.Getenv("PATH"))[0])
	tiny, err := os.ReadFile("testdata/tiny.yaml")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(e.WorkDir, "tiny.yaml"), tiny, 0o644)
}

// commands are what scripts can do besides testscript's own commands.
var commands = map[string]func(*testscript.TestScript, bool, []string){
	"exits":     exits,     // exits CODE PROGRAM ARG...: the program ends with this code
	"same":      same,      // same FOLDER FOLDER: two run folders hold the same results
	"json":      isJSON,    // json FILE TEXT...: the file is JSON, and written without blanks holds the texts
	"qlogs":     qlogs,     // qlogs PATTERN: there are such files, and each is a qlog
	"count":     count,     // count N PATTERN: so many files have such names
	"interrupt": interrupt, // interrupt SCENARIO ARG...: kscope run, and Ctrl-C in the middle
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if code != want {
		ts.Fatalf("%q ended with %d, not %d", args[1:], code, want)
	}
}

func isJSON(ts *testscript.TestScript, neg bool, args []string) {
	var b bytes.Buffer
	ts.Check(json.Compact(&b, []byte(ts.ReadFile(args[0]))))
	for _, text := range args[1:] {
		if !strings.Contains(b.String(), text) {
			ts.Fatalf("%s has no %s: %s", args[0], text, b.String()[:min(b.Len(), 2000)])
		}
	}
}

// qlogs wants JSON text sequences (RFC 7464) of the main logging schema for QLOG
// 0.3: whose log it is, then events of a time, a name with its category, and data.
func qlogs(ts *testscript.TestScript, neg bool, args []string) {
	names, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(names) == 0 {
		ts.Fatalf("no file is named %s", args[0])
	}
	for _, name := range names {
		texts := strings.Split(ts.ReadFile(name), "\x1e")
		if texts[0] != "" || len(texts) < 3 {
			ts.Fatalf("%s has %d texts behind %q", name, len(texts)-1, texts[0])
		}
		for i, text := range texts[1:] {
			if !strings.HasSuffix(text, "\n") || !isQlog(text, i == 0) {
				ts.Fatalf("text %d of %s is none of a qlog: %q", i, name, text)
			}
		}
	}
}

// isQlog says whether a text is the head of a qlog or one of its events.
func isQlog(text string, head bool) bool {
	var t struct {
		Version string `json:"qlog_version"`
		Format  string `json:"qlog_format"`
		Trace   struct {
			Vantage struct{ Type string } `json:"vantage_point"`
			Common  struct {
				Group string `json:"group_id"`
			} `json:"common_fields"`
		}
		Time *float64
		Name string
		Data map[string]any
	}
	if json.Unmarshal([]byte(text), &t) != nil {
		return false
	}
	if head {
		who := t.Trace.Vantage.Type
		return t.Version == "0.3" && t.Format == "JSON-SEQ" && (who == "client" || who == "server") && t.Trace.Common.Group != ""
	}
	category, name, _ := strings.Cut(t.Name, ":")
	return t.Time != nil && *t.Time >= 0 && category != "" && name != "" && t.Data != nil
}

func count(ts *testscript.TestScript, neg bool, args []string) {
	names, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if fmt.Sprint(len(names)) != args[0] {
		ts.Fatalf("%d files are named %s, not %s: %q", len(names), args[1], args[0], names)
	}
}

// same compares two run folders byte by byte. The manifest's host and the
// command line, which names the folder, may differ.
func same(ts *testscript.TestScript, neg bool, args []string) {
	a, b := folder(ts, args[0]), folder(ts, args[1])
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if a[name] != b[name] && !neg {
			ts.Fatalf("%s differs between %s and %s", name, args[0], args[1])
		}
	}
	if equal := maps.Equal(a, b); equal == neg {
		ts.Fatalf("%s and %s are alike: %v", args[0], args[1], equal)
	}
}

// undatedCrate is what a crate says without its date, and without the hashes of
// the files that hold the command line.
func undatedCrate(ts *testscript.TestScript, text string) string {
	var crate struct {
		Graph []map[string]any `json:"@graph"`
	}
	ts.Check(json.Unmarshal([]byte(text), &crate))
	for _, thing := range crate.Graph {
		delete(thing, "datePublished")
		delete(thing, "startTime")
		if id := thing["@id"]; id == "manifest.json" || id == "report.html" {
			delete(thing, "sha256")
			delete(thing, "contentSize")
		}
	}
	rest, err := json.Marshal(crate.Graph)
	ts.Check(err)
	return string(rest)
}

// folder is the files of a run folder without what may differ.
func folder(ts *testscript.TestScript, dir string) map[string]string {
	files := map[string]string{}
	top := ts.MkAbs(dir)
	ts.Check(filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(top, path)
		files[name] = string(b)
		return err
	}))
	var m map[string]any
	ts.Check(json.Unmarshal([]byte(files["manifest.json"]), &m))
	var words []string
	for _, w := range m["command"].([]any) {
		words = append(words, w.(string))
	}
	line := strings.Join(words, " ")
	if strings.Count(files["report.html"], line) != 1 {
		ts.Fatalf("%s/report.html does not show the command line %q once", dir, line)
	}
	files["report.html"] = strings.Replace(files["report.html"], line, "COMMAND", 1)
	delete(m, "command")
	delete(m, "host")
	rest, err := json.Marshal(m)
	ts.Check(err)
	files["manifest.json"] = string(rest)
	files["ro-crate-metadata.json"] = undatedCrate(ts, files["ro-crate-metadata.json"])
	return files
}
