package scenarios

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestBadFiles holds the message for every rule. The golden file is meant to
// be read: a message is part of the program.
func TestBadFiles(t *testing.T) {
	files, err := filepath.Glob("testdata/bad/*.yaml")
	if err != nil || len(files) < 80 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	var b strings.Builder
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, err = loadToy(filepath.Base(file), string(src))
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("%s: got %v, want an *Error", file, err)
			continue
		}
		inPlace(t, file, string(src), bad)
		b.WriteString(err.Error() + "\n\n")
	}
	golden(t, "testdata/bad.golden", b.String())
}

// inPlace holds that every problem points into the text.
func inPlace(t *testing.T, file, src string, bad *Error) {
	t.Helper()
	lines := strings.Split(src, "\n")
	for _, p := range bad.Problems {
		if p.Message == "" || p.File == "" {
			t.Errorf("%s: a problem without place or message: %+v", file, p)
		}
		if p.Line < 0 || p.Line > len(lines) || (p.Line > 0) != (p.Column > 0) {
			t.Errorf("%s: %s is outside the text of %d lines", file, p.Place(), len(lines))
		}
		if n := len(p.Excerpt); n > 1200 {
			t.Errorf("%s: an excerpt of %d bytes", file, n)
		}
	}
}

// TestCaretStandsBelowTheValue takes values of every style and place.
func TestCaretStandsBelowTheValue(t *testing.T) {
	for _, src := range []string{
		"network:\n  loss: ¡",
		"network: {loss: ¡, jitter: 5ms}",
		"network:\n  jitter: 5ms\n  loss:   ¡ # comment",
		"# é日本\nnote: \"日本\"\nnetwork: {regions: [\"日本\"], loss: ¡}",
		"note: |\n  some\n\n  text\n\nnetwork:\n\n  loss: ¡",
		"note: >-\n  some\n  text\n# x\nnetwork:\n  loss: ¡",
		"note: \"a\n  b\"\nnetwork:\n  loss: ¡",
		"note: 'it''s'\nnetwork: {note: 'it''s', loss: ¡}",
		"note: some\n  more\nnetwork:\n  loss: ¡",
		"note: \"\\u00e9\\n\"\nnetwork: { loss : ¡ }",
		"network:\n  loss:\n    ¡",
		"network:\n  classes:\n  - name: x\n    share: ¡",
		"network:\n  classes:\n  -   share: ¡",
		"network:\r\n  loss: ¡\r\n",
		"\ufeffnetwork:\n  loss: ¡\n",
		"--- # start\nnetwork:\n  loss: ¡\n...\n",
	} {
		_, err := loadToy("x.yaml", strings.ReplaceAll(src, "¡", "170%"))
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("%q: no error", src)
			continue
		}
		text := strings.TrimPrefix(src, "\ufeff")
		before := text[:strings.Index(text, "¡")]
		line := strings.Count(before, "\n") + 1
		column := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1
		p := bad.Problems[len(bad.Problems)-1]
		if p.Line != line || p.Column != column || !strings.HasSuffix(p.Excerpt, " ^^^^") {
			t.Errorf("%q: want %d:%d and 4 carets, got\n%v", src, line, column, p)
		}
	}
}

func TestGoodFiles(t *testing.T) {
	src, err := os.ReadFile("testdata/good/toy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	st, err := loadToy("toy.yaml", string(src))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/good/toy.effective.yaml", string(effective(st.base, st.names, st.variants)))
}

func TestDecodeKeepsDefaults(t *testing.T) {
	want := toyDefault()
	want.Network.Loss = 0.05
	want.Player.Buffer.Low = 2 * time.Second
	want.Network.Regions = []string{"asia", "1"}
	want.Faults = nil
	got := toyDefault()
	got.Faults = []toyFault{{time.Second}}
	text := "network:\n  loss: 5%\n  regions: [asia, '1']\nplayer: {buffer: {low: 2s}}\nfaults: []\n"
	st, err := layers("x.yaml", []byte(text), nil, func() toy { return got }, noCheck)
	if err != nil || !reflect.DeepEqual(st.base, want) {
		t.Errorf("got %+v, %v\nwant %+v", st.base, err, want)
	}
}

func TestVariantsLieOverTheFile(t *testing.T) {
	st, err := loadToy("x.yaml", `
seeds: 7
network: {loss: 2%, regions: [eu], delay: [[0s]]}
variants:
  calm: {}
  stormy:
    network: {loss: 20%}
    faults: [{at: 9s}]
`)
	if err != nil {
		t.Fatal(err)
	}
	base := toyDefault()
	base.Seeds, base.Network.Loss, base.Network.Regions = 7, 0.02, []string{"eu"}
	base.Network.Delay = [][]time.Duration{{0}}
	stormy := base
	stormy.Network.Loss, stormy.Faults = 0.2, []toyFault{{9 * time.Second}}
	want := stack[toy]{base: base, names: []string{"calm", "stormy"}, variants: []toy{base, stormy}}
	if !reflect.DeepEqual(st, want) {
		t.Errorf("got %+v\nwant %+v", st, want)
	}
}

func TestWithoutVariantsThereIsBase(t *testing.T) {
	st, err := loadToy("x.yaml", "seeds: 7")
	if err != nil || !reflect.DeepEqual(st.names, []string{"base"}) || st.variants[0].Seeds != 7 {
		t.Errorf("got %+v, %v", st, err)
	}
}

func TestVariantsShareNoMemory(t *testing.T) {
	st, err := loadToy("x.yaml", "variants: {a: {}, b: {}}", "variants.a.network.classes.0.name=changed")
	if err != nil {
		t.Fatal(err)
	}
	if a, b := st.variants[0].Network.Classes[0].Name, st.variants[1].Network.Classes[0].Name; a != "changed" || b != "fiber" {
		t.Errorf("a has %s, b has %s", a, b)
	}
}

func TestTooLargeFile(t *testing.T) {
	_, err := loadToy("x.yaml", strings.Repeat("# x\n", maxBytes/4+1))
	if err == nil || !strings.Contains(err.Error(), "too many for a scenario") {
		t.Errorf("got %v", err)
	}
	start := time.Now()
	_, err = loadToy("x.yaml", strings.Repeat("- a\n", maxBytes/8))
	if err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("got %.200v after %v", err, time.Since(start))
	}
}

func TestNearest(t *testing.T) {
	names := []string{"loss", "jitter", "rate", "classes"}
	for word, want := range map[string]string{"los": "loss", "jiter": "jitter", "jtiter": "jitter", "rates": "rate",
		"clases": "classes", "Loss": "loss", "zzz": "", "": "", "x": "", strings.Repeat("loss", 50): ""} {
		if got := nearest(word, names); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"abc", "abc", 0}} {
		if got, back := distance(c.a, c.b), distance(c.b, c.a); got != c.want || back != c.want {
			t.Errorf("%q, %q: got %d and %d, want %d", c.a, c.b, got, back, c.want)
		}
	}
}

// TestTypesThatAScenarioCannotHold holds that our own mistakes stop at once.
func TestTypesThatAScenarioCannotHold(t *testing.T) {
	refuses[struct {
		A map[string]int `yaml:"a"`
	}](t, "map")
	refuses[struct {
		A *int `yaml:"a"`
	}](t, "pointer")
	refuses[struct{ A int }](t, "no tag")
}

func refuses[T any](t *testing.T, name string) {
	defer func() {
		if recover() == nil {
			t.Errorf("%s: no panic", name)
		}
	}()
	_, err := layers("x.yaml", []byte("a: 1"), nil, func() (zero T) { return }, func(*T, []string) error { return nil })
	t.Logf("%s: %v", name, err)
}
