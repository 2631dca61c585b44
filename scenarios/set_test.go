package scenarios

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

func TestSet(t *testing.T) {
	for arg, change := range map[string]func(*toy){
		"network.loss=5%":                func(x *toy) { x.Network.Loss = 0.05 },
		"network.loss=0.05":              func(x *toy) { x.Network.Loss = 0.05 },
		"seeds=1":                        func(x *toy) { x.Seeds = 1 },
		"title=Text: as it # stands":     func(x *toy) { x.Title = "Text: as it # stands" },
		"title=2026":                     func(x *toy) { x.Title = "2026" },
		`title="quoted"`:                 func(x *toy) { x.Title = `"quoted"` },
		"title=":                         func(x *toy) { x.Title = "" },
		"note=a=b":                       func(x *toy) { x.Note = "a=b" },
		"player.live=false":              func(x *toy) { x.Player.Live = false },
		"player.gamma=1e-3":              func(x *toy) { x.Player.Gamma = 0.001 },
		"player.price=$0.5":              func(x *toy) { x.Player.Price = 5e8 },
		"player.method=none":             func(x *toy) { x.Player.Method = "none" },
		"player.buffer.low=2s":           func(x *toy) { x.Player.Buffer.Low = 2 * time.Second },
		"player.buffer={low: 2s}":        func(x *toy) { x.Player.Buffer.Low = 2 * time.Second },
		"player.buffer=low: 2s":          func(x *toy) { x.Player.Buffer.Low = 2 * time.Second },
		"network.classes.1.up=2Mbit/s":   func(x *toy) { x.Network.Classes[1].Up = 2e6 },
		"network.classes[1].up=2Mbit/s":  func(x *toy) { x.Network.Classes[1].Up = 2e6 },
		"network.delay[0][1]=5ms":        func(x *toy) { x.Network.Delay[0][1] = 5 * time.Millisecond },
		"network.regions=[a, b]":         func(x *toy) { x.Network.Regions = []string{"a", "b"} },
		"faults=[{at: 5s}]":              func(x *toy) { x.Faults = []toyFault{{5 * time.Second}} },
		"network.classes[0]={name: dsl}": func(x *toy) { x.Network.Classes[0].Name = "dsl" },
		"variants.base.network.loss=5%":  func(x *toy) { x.Network.Loss = 0.05 },
		"variants.base={note: x}":        func(x *toy) { x.Note = "x" },
	} {
		want := toyDefault()
		change(&want)
		st, err := loadToy("x.yaml", "note: ''", arg)
		if err != nil || !reflect.DeepEqual(st.variants[0], want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", arg, st.variants, err, want)
		}
	}
}

func TestSetLiesOverVariantsInOrder(t *testing.T) {
	st, err := loadToy("x.yaml", "variants: {a: {network: {loss: 1%}}, b: {network: {loss: 2%}}}",
		"network.loss=3%", "variants.b.network.loss=4%", "seeds=1", "seeds=2")
	if err != nil {
		t.Fatal(err)
	}
	got := []unit.Ratio{st.base.Network.Loss, st.variants[0].Network.Loss, st.variants[1].Network.Loss}
	if want := []unit.Ratio{0.03, 0.03, 0.04}; !reflect.DeepEqual(got, want) || st.variants[1].Seeds != 2 {
		t.Errorf("got %v and %d seeds, want %v", got, st.variants[1].Seeds, want)
	}
}

// TestBadSets holds the messages; every argument is wrong in its own way.
func TestBadSets(t *testing.T) {
	const src = "title: x\nvariants:\n  fast: {}\n  slow: {network: {jitter: 5ms}}\n"
	var b strings.Builder
	for _, args := range [][]string{
		{"network.loss"},
		{""},
		{"=5"},
		{"network.loss=1.7"},
		{"network.loss="},
		{"network.jitter=5"},
		{"network.jiter=5ms"},
		{"jitter=5ms"},
		{"network..loss=5%"},
		{"network.loss.x=5%"},
		{"network.classes.2.up=1Mbit/s"},
		{"network.classes.first.up=1Mbit/s"},
		{"network.classes[-1].up=1Mbit/s"},
		{"network.classes[0].upp=1Mbit/s"},
		{"network=fast"},
		{"network="},
		{"network.regions=eu"},
		{"network.regions=[eu"},
		{"network.classes=[{name: a, share: 150%}]"},
		{"player.method=bolla"},
		{"player.live=yes"},
		{"seeds=many"},
		{"variants=5"},
		{"variants.medium.network.loss=5%"},
		{"variants.fst.network.loss=5%"},
		{"variants.fast.seeds=5"},
		{"variants.fast.network.loss=5"},
		{"network.jitter=-5ms"},
		{"variants.slow.network.jitter=-5ms"},
		{"title=two\nlines"},
		{"title=\xff"},
		{"note=" + strings.Repeat("x", 200), "network.loss=" + strings.Repeat("9", 200)},
		{"seeds=x", "network.loss=2", "player.live=1"},
		{"player.buffer.low=20s"},
	} {
		_, err := loadToy("x.yaml", src, args...)
		if err == nil {
			t.Errorf("%q: no error", args)
			continue
		}
		b.WriteString(err.Error() + "\n\n")
	}
	golden(t, "testdata/sets.golden", b.String())
}

func TestSetThatFitsOnlySomeVariants(t *testing.T) {
	_, err := loadToy("x.yaml", "variants: {a: {}, b: {network: {classes: [{name: x, up: 1bit/s}]}}}", "network.classes.1.up=2Mbit/s")
	if err == nil || !strings.Contains(err.Error(), "network.classes: no element 1: it has 1, counted from 0") {
		t.Errorf("got %v", err)
	}
}

func TestProblemsOfFileAndSetsComeInOrder(t *testing.T) {
	_, err := loadToy("x.yaml", "network:\n  loss: 2\n  rate: 5\n", "seeds=x", "title", "network.loss=3")
	var places []string
	for _, p := range err.(*Error).Problems {
		places = append(places, p.Place())
	}
	want := []string{"x.yaml:2:9", "x.yaml:3:9", "--set seeds=x", "--set title", "--set network.loss=3"}
	if !reflect.DeepEqual(places, want) {
		t.Errorf("got %v, want %v", places, want)
	}
}
