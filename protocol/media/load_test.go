package media

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/token"
)

func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{Segment: 0}, "segment: found 0s, allowed is 200ms to 10s"},
		{Config{Segment: 11 * time.Second}, "segment: found 11s, allowed is 200ms to 10s"},
		{Config{Segment: 2*time.Second + 1}, "segment: found 2.000000001s, allowed are whole milliseconds"},
		{Config{Segment: 2 * time.Second, File: "a\x00b"}, "file: found a zero byte in the path, allowed is a path of this machine"},
	} {
		err := c.config.Validate()
		if err == nil || err.Error() != c.want {
			t.Errorf("%+v: %v, want %q", c.config, err, c.want)
		}
		var key *unit.KeyError
		if !errors.As(err, &key) {
			t.Errorf("%+v: no KeyError", c.config)
		}
	}
}

// folder writes files into a new folder.
func folder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func load(t *testing.T, path string) *Ladder {
	t.Helper()
	l, err := Load(Config{File: path, Segment: 2 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLoadOneFile(t *testing.T) {
	dir := folder(t, map[string][]byte{"my film.mov": clipFile(t, "270p.mp4")})
	l := load(t, filepath.Join(dir, "my film.mov"))
	if l.Title != "my film.mov" || l.Opaque || l.Slots != 5 || len(l.Renditions) != 1 || l.Renditions[0].Name != "my film" {
		t.Errorf("title %q, opaque %v, %d slots, %d renditions", l.Title, l.Opaque, l.Slots, len(l.Renditions))
	}
}

// A folder's files are a ladder by ascending bitrate, whatever their names;
// what is no rendition is left out and named.
func TestLoadFolder(t *testing.T) {
	dir := folder(t, map[string][]byte{
		"a.mp4": clipFile(t, "540p.mp4"), "b.mp4": clipFile(t, "180p.mp4"),
		"README": []byte("read me"), ".hidden": []byte("no"),
	})
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	l := load(t, dir)
	if len(l.Renditions) != 2 || l.Renditions[0].Name != "b" || l.Renditions[1].Name != "a" || len(l.Sources) != 3 {
		t.Errorf("%d renditions, %d sources", len(l.Renditions), len(l.Sources))
	}
	want := "README: not a rendition: no known container: the file starts with 72 65 61 64 20 6d 65"
	if len(l.Notes) != 1 || l.Notes[0] != want {
		t.Errorf("notes %q, want %q", l.Notes, want)
	}
}

func TestLoadOpaque(t *testing.T) {
	b := noise(5, 900_000)
	dir := folder(t, map[string][]byte{"1.bin": b, "2.bin": []byte("short"), "3.bin": nil})
	l := load(t, dir)
	if !l.Opaque || len(l.Renditions) != 1 || l.Slots != len(l.Renditions[0].Segments) {
		t.Fatalf("opaque %v, %d renditions, %d slots", l.Opaque, len(l.Renditions), l.Slots)
	}
	var all []byte
	for i, s := range l.Renditions[0].Segments {
		all = append(all, s.Payload...)
		if s.Start != time.Duration(i)*2*time.Second || s.Duration != 2*time.Second || s.Flags != token.Independent|token.Guessed|token.Opaque || s.Samples != 0 {
			t.Errorf("segment %d: %v %v", i, s.Start, s.Duration)
		}
	}
	if !bytes.Equal(all, cat(b, []byte("short"))) {
		t.Error("the pieces do not add up to the files")
	}
	if got := strings.Join(l.Notes, "\n"); !strings.Contains(got, "1.bin: kept as opaque pieces: no known container") || !strings.Contains(got, "each counts as 2s") {
		t.Errorf("notes %q", l.Notes)
	}
}

func TestLoadErrors(t *testing.T) {
	dir := folder(t, map[string][]byte{"empty": nil})
	big := filepath.Join(dir, "big")
	f, err := os.Create(big)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(MaxFile+1), f.Close()); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "none"):  "leave it out for the clip that is shipped",
		filepath.Join(dir, "empty"): "empty is empty; a video needs at least one byte",
		big:                         "big has 1073741825 bytes, allowed are 1073741824; cut it first",
		folder(t, nil):              "the folder has no files; put the renditions of one video into it",
		os.DevNull:                  "null is not a plain file",
	} {
		_, err := Load(Config{File: path, Segment: 2 * time.Second})
		var key *unit.KeyError
		if err == nil || !strings.Contains(err.Error(), want) || !errors.As(err, &key) || key.Key != "file" {
			t.Errorf("%s: %v, want file: ...%s", path, err, want)
		}
	}
}

func TestLoadTwiceIsTheSame(t *testing.T) {
	a, err := Load(Default())
	if err != nil {
		t.Fatal(err)
	}
	b, err := Load(Default())
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.Renditions {
		for n := range a.Renditions[i].Segments {
			if !bytes.Equal(a.Renditions[i].Segments[n].Payload, b.Renditions[i].Segments[n].Payload) {
				t.Errorf("rendition %d segment %d differs", i, n)
			}
		}
	}
}
