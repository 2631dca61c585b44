package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestBuiltinScenariosLoad(t *testing.T) {
	for _, name := range Names() {
		file, text, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if want := "builtin/" + name + ".yaml"; file != want {
			t.Errorf("got %s, want %s", file, want)
		}
		if _, err := Load(file, text, nil); err != nil {
			t.Errorf("%v", err)
		}
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(path, []byte("seeds: 3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	file, text, err := Open(path)
	if err != nil || file != path || string(text) != "seeds: 3\n" {
		t.Errorf("got %s, %q, %v", file, text, err)
	}
	first := Names()[0]
	for arg, want := range map[string]string{
		first + "x":           first + "x: neither a file nor a built-in scenario: did you mean " + first + "? Allowed are ",
		"no/such/folder.yaml": "no/such/folder.yaml: neither a file nor a built-in scenario: allowed are ",
		"../library/" + first: "../library/" + first + ": neither a file nor",
		filepath.Dir(path):    filepath.Dir(path) + ": this is not a file that can be read: ",
		"":                    "",
	} {
		_, _, err := Open(arg)
		var bad *Error
		if !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: got %v, want %s...", arg, err, want)
		}
	}
}

func TestBadScenario(t *testing.T) {
	for src, want := range map[string]string{
		"name: My Test":              `x.yaml:1:7: name: "My Test" cannot name a folder: ` + nameRule,
		"duration: 0s":               "x.yaml:1:11: duration: 0s: a stream lasts longer than 0s",
		"seeds: 0":                   "x.yaml:1:8: seeds: 0 seeds: allowed are 1 to 10000",
		"baseline: cdn":              "x.yaml:1:11: baseline: cdn is not a variant: allowed are base",
		"thresholds: [nothing < 1s]": "x.yaml:1:14: thresholds.0: ",
		"variants: {a: {}}\nrefuted_if:\n  - stalls[b] > 1": "x.yaml:3:5: refuted_if.0: ",
		"variants: {x: 5}": "x.yaml:1:15: variants.x: found 5 where keys are due: write key: value, allowed are ",
	} {
		_, err := Load("x.yaml", []byte(src), nil)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s:\n got %v\nwant %s", src, err, want)
		}
	}
	_, err := Load("My File.yaml", []byte("seeds: 1"), nil)
	if err == nil || !strings.HasPrefix(err.Error(), `My File.yaml: name: "My File" cannot name a folder`) {
		t.Errorf("got %v", err)
	}
}

// TestSectionsFitTogether holds what real sections refuse, by themselves and
// together. The golden file is meant to be read.
func TestSectionsFitTogether(t *testing.T) {
	files, err := filepath.Glob("testdata/together/*.yaml")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	var b strings.Builder
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = Load("folder/"+filepath.Base(file), src, nil)
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("%s: got %v, want an *Error", file, err)
			continue
		}
		inPlace(t, file, string(src), bad)
		b.WriteString(err.Error() + "\n\n")
	}
	golden(t, "testdata/together.golden", b.String())
}

// What looks like the mistakes above and is none.
func TestSectionsThatFit(t *testing.T) {
	for _, src := range []string{
		"duration: 7s",
		"live: {delay: 8s}\npopulation: {initial: 100%}",
		"player: {start: 16s, resume: 16s}",
		"player: {buffer: 4s}\nlive: {delay: 5s}",
		"duration: 30s\nfaults: [{kind: blackout, of: edges, sites: 1, at: 29s, for: 5s}]",
		"payment: {split: [{payee: creator, share: 99.99%}, {payee: edges, share: 0.01%}]}",
		"payment: {split: [{payee: a, share: 33.33%}, {payee: b, share: 33.33%}, {payee: c, share: 33.34%}]}",
	} {
		if _, err := Load("x.yaml", []byte(src), nil); err != nil {
			t.Errorf("%s: %v", src, err)
		}
	}
}

// A video that a file names is looked for here, then beside the file; one that
// --set names is looked for here alone, when it is read.
func TestVideoBesideTheScenario(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"sub/film.mp4", "both.mp4", "sub/both.mp4"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, []byte("x"), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	near, err := filepath.Abs("sub/film.mp4")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ src, set, want string }{
		{"video: {file: film.mp4}", "", "sub/film.mp4"},
		{"video: {file: ./film.mp4}", "", "sub/film.mp4"},
		{"video: {file: both.mp4}", "", "both.mp4"},
		{"video: {file: " + near + "}", "", near},
		{"video: {file: nosuch.mp4}", "video.file=film.mp4", "film.mp4"},
		{"video: {file: nosuch.mp4}\nvariants: {a: {video: {file: film.mp4}}}", "", "sub/film.mp4"},
		{"title: x", "", ""},
	} {
		var sets []string
		if c.set != "" {
			sets = []string{c.set}
		}
		all, err := Load("sub/x.yaml", []byte(c.src), sets)
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
		} else if got := all[0].Video.File; got != filepath.FromSlash(c.want) {
			t.Errorf("%s, %s: got %s, want %s", c.src, c.set, got, c.want)
		}
	}
	if _, err := Load("x.yaml", []byte("video: {file: film.mp4}"), nil); err == nil || !strings.HasPrefix(err.Error(),
		"x.yaml:1:15: video.file: there is no film.mp4 in the working directory, which is that of the scenario") {
		t.Error(err)
	}
}

// FuzzLoad holds that nothing panics, that every error has a place in the
// text, and that what loads is written and loads again.
func FuzzLoad(f *testing.F) {
	for _, pattern := range []string{"testdata/bad/*.yaml", "testdata/good/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src, "network.loss=5%")
		}
	}
	f.Add([]byte("title: x"), "network.classes[0]={name: x}")
	f.Add([]byte("title: x"), "variants.base.faults=[{at: 5s}]")
	f.Add([]byte("title: x"), strings.Repeat("\x80", 100))
	f.Fuzz(func(t *testing.T, src []byte, set string) {
		st, err := layers("x.yaml", src, []string{set}, toyDefault, noCheck)
		var bad *Error
		switch {
		case errors.As(err, &bad):
			inPlace(t, "x.yaml", strings.ReplaceAll(string(src), "\r\n", "\n"), bad)
			return
		case err != nil:
			t.Fatalf("not an *Error: %v", err)
		}
		text := effective(st.base, st.names, st.variants)
		if _, err := layers("x.yaml", text, nil, toyDefault, noCheck); err != nil {
			t.Fatalf("the effective scenario does not load: %v\n%s", err, text)
		}
	})
}
