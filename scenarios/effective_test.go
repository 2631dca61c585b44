package scenarios

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

// TestEffectiveReadsBack holds for random values and variants: what effective
// writes gives the same values, and written again the same bytes.
func TestEffectiveReadsBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		base := randomToy(rng)
		var names []string
		var variants []toy
		for _, name := range []string{"base", "two", "3"}[:1+rng.IntN(3)] {
			v := randomToy(rng)
			v.Title, v.Seeds = base.Title, base.Seeds
			if rng.IntN(2) == 0 {
				v.Network = base.Network
			}
			if rng.IntN(3) == 0 {
				v = base
			}
			names, variants = append(names, name), append(variants, v)
		}
		text := string(effective(base, names, variants))
		st, err := loadToy("x.yaml", text)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if !reflect.DeepEqual(st, stack[toy]{base: base, names: names, variants: variants}) {
			t.Fatalf("got %+v\nwant %+v, %v, %+v\n%s", st, base, names, variants, text)
		}
		if again := string(effective(st.base, st.names, st.variants)); again != text {
			t.Fatalf("written again:\n%s\nat first:\n%s", again, text)
		}
	}
}

func TestEffectiveFoldsSetsIn(t *testing.T) {
	const src = "variants: {a: {network: {loss: 1%}}, b: {network: {loss: 2%, jitter: 9ms}}}"
	st, err := loadToy("x.yaml", src, "network.loss=3%", "variants.b.note=only here", "seeds=2")
	if err != nil {
		t.Fatal(err)
	}
	text := string(effective(st.base, st.names, st.variants))
	again, err := loadToy("x.yaml", text)
	if err != nil || !reflect.DeepEqual(st, again) {
		t.Errorf("got %+v, %v\nwant %+v", again, err, st)
	}
	_, below, _ := strings.Cut(text, "\nvariants:\n")
	if want := "  a: {}\n  b:\n    note: only here\n    network:\n      jitter: 9ms\n"; below != want {
		t.Errorf("got\n%s\nwant\n%s", below, want)
	}
}

func TestScenarioReadsBack(t *testing.T) {
	first, err := Load("dir/my-test.yaml", []byte("seeds: 4\nclaim: 'Nothing: breaks'\nvariants: {a: {}, b: {}}"), []string{"baseline=b"})
	if err != nil {
		t.Fatal(err)
	}
	if s := first[1]; s.Name != "my-test" || s.Variant != "b" || s.Baseline != "b" || s.Seeds != 4 || len(first) != 2 {
		t.Errorf("got %+v", first)
	}
	again, err := Load("scenario.yaml", Effective(first), nil)
	if err != nil || !reflect.DeepEqual(first, again) {
		t.Errorf("got %+v, %v\nwant %+v", again, err, first)
	}
}

func TestEffectiveOfAScenarioMadeByHand(t *testing.T) {
	s := Default()
	s.Name, s.Variant, s.Baseline = "by-hand", "base", "base"
	got, err := Load("x.yaml", Effective([]Scenario{s}), nil)
	if err != nil || got[0].Name != "by-hand" || got[0].Seeds != s.Seeds {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestQuoteReadsBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	letters := []rune("ab1 .:#-'\"\\{}[],\n\t\u00a0\u0000\u0085\u2028\ufeff\U0001f3ac%&*!|>@`~?")
	for range 2000 {
		var b strings.Builder
		for range rng.IntN(6) {
			b.WriteRune(letters[rng.IntN(len(letters))])
		}
		st, err := loadToy("x.yaml", "note: "+quote(b.String()))
		if err != nil || st.base.Note != b.String() {
			t.Fatalf("%q is written as %s and reads as %q, %v", b.String(), quote(b.String()), st.base.Note, err)
		}
	}
}

// What is said about runs does not change them; everything else may.
func TestSubstance(t *testing.T) {
	of := func(text string) string {
		all, err := Load("x.yaml", []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(all[0].Substance())
	}
	plain := of("variants: {a: {}}")
	for _, same := range []string{"title: x\nclaim: y\nseeds: 3\nthresholds: ['startup-p50[b] < 1s']\nbaseline: b\nvariants: {b: {}, a: {}}",
		"name: other\nsweep: {axes: [{key: seeds, values: [1]}]}"} {
		if of(same) != plain {
			t.Errorf("%s: is of another substance:\n%s\nwant\n%s", same, of(same), plain)
		}
	}
	for _, other := range []string{"duration: 2m", "live: {delay: 5s}", "variants: {a: {engine: libp2p}}", "faults: [{kind: blackout, of: edges, sites: 1, at: 9s, for: 2s}]"} {
		if of(other) == plain {
			t.Errorf("%s changes nothing", other)
		}
	}
}
