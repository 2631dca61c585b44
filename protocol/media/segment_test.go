package media

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// keysOf reads "0c 2000c 4000o": times in milliseconds, closed or open.
func keysOf(s string) (out []keyAt) {
	for _, f := range strings.Fields(s) {
		var k keyAt
		fmt.Sscanf(f[:len(f)-1], "%d", &k.ms)
		k.key = map[byte]Key{'c': Closed, 'o': Open}[f[len(f)-1]]
		out = append(out, k)
	}
	return out
}

func TestCuts(t *testing.T) {
	for _, c := range []struct {
		what   string
		target int64
		keys   string
		end    int64
		want   []int64
	}{
		{"every 2 s", 2000, "0c 2000c 4000c 6000c 8000c", 10000, []int64{0, 2000, 4000, 6000, 8000}},
		{"every second", 2000, "0c 1000c 2000c 3000c 4000c", 5000, []int64{0, 2000, 4000}},
		{"every 0.96 s", 2000, "0c 960c 1920c 2880c 3840c 4800c", 5760, []int64{0, 2880}},
		{"a little early: clocks round", 2000, "0c 1990c 3980c", 5970, []int64{0, 1990, 3980}},
		{"first from the target on, though late", 2000, "0c 4900c", 9000, []int64{0, 4900}},
		{"open ones are not needed", 2000, "0c 2000o 3000c 5500c", 8000, []int64{0, 3000, 5500}},
		{"an open one is needed", 2000, "0c 2000o 4000o 9500c", 9600, []int64{0, 2000, 4000}},
		{"a closed one beyond half", 2000, "0c 7000c", 9000, []int64{0, 7000}},
		{"none: by time", 2000, "0c", 25000, []int64{0, 10000, 20000}},
		{"none: the last two share", 2000, "0c", 20500, []int64{0, 10000, 19500}},
		{"an early one is better than none", 10000, "0c 9000c 18000c", 27000, []int64{0, 9000, 18000}},
		{"the rest stays", 2000, "0c 2000c 4000c", 4900, []int64{0, 2000}},
		{"the rest is enough", 2000, "0c 2000c 4000c", 5000, []int64{0, 2000, 4000}},
		{"a flood", 2000, "0c 10c 20c 30c 2000c 2010c 2020c", 4000, []int64{0, 2000}},
		{"shorter than a segment", 2000, "0c 300c", 600, []int64{0}},
		{"nothing", 2000, "", 0, []int64{0}},
		{"joined late", 2000, "700c 2700c 4700c", 6000, []int64{0, 2700, 4700}},
	} {
		r := ruleFor(c.target)
		r.slack = 20
		if got := r.cuts(keysOf(c.keys), c.end); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

// slowNext is the rule in the words of the documentation, one search for each
// preference.
func slowNext(r rule, keys []keyAt, s, end int64) int64 {
	first := func(from, to int64, ok func(Key) bool) int64 {
		for _, k := range keys {
			if k.ms >= from && k.ms <= min(to, s+r.most, end-r.least) && ok(k.key) {
				return k.ms
			}
		}
		return 0
	}
	closed := func(k Key) bool { return k == Closed }
	from := max(s+r.target-r.slack, s+r.least)
	if at := first(from, s+max(r.target, r.most/2), closed); at > 0 {
		return at
	}
	if at := first(from, end, func(Key) bool { return true }); at > 0 {
		return at
	}
	if end-s <= r.most {
		return end
	}
	early := int64(0)
	for _, k := range keys {
		if k.ms >= s+r.least && k.ms < from && k.ms <= end-r.least && k.key == Closed {
			early = k.ms
		}
	}
	if early > 0 {
		return early
	}
	return min(s+r.most, end-r.least)
}

func TestCutsAgainstTheSlowRule(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 3000 {
		r := ruleFor(1000 + rng.Int64N(9001))
		r.slack = rng.Int64N(50)
		end := rng.Int64N(60_000)
		var keys []keyAt
		for at := int64(0); at < end; at += 1 + rng.Int64N(1<<rng.IntN(14)) {
			keys = append(keys, keyAt{at, []Key{Closed, Open}[rng.IntN(2)]})
		}
		got := r.cuts(keys, end)
		want := []int64{0}
		for s := int64(0); ; {
			if s = slowNext(r, keys, s, end); s >= end {
				break
			}
			want = append(want, s)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v, keys %v, end %d: %v, want %v", r, keys, end, got, want)
		}
		for i, at := range append(got[1:], end) {
			if d := at - append([]int64{0}, got[1:]...)[i]; d > r.most || d < r.least && end >= r.least {
				t.Fatalf("%+v, end %d: a segment of %d ms in %v", r, end, d, got)
			}
		}
	}
}

// film makes a movie of pictures at rate a second with a key every few, from
// ms start on, and of sounds that last 21 ms.
type film struct {
	rate, every, pictures int
	start                 int64
	open                  bool
	sounds                int
}

func (f film) source(name string) *source {
	m := &movie{b: make([]byte, 10*(f.pictures+f.sounds)+1)}
	v := &track{id: 1, kind: Video, scale: 90_000, codec: codec{text: "test"}}
	step := int64(90_000 / max(1, f.rate))
	for i := range int64(f.pictures) {
		m.add(v, i, 1, f.start*90+i*step, 0, uint32(step), i%int64(f.every) == 0)
	}
	a := &track{id: 2, kind: Audio, scale: 48_000, codec: codec{text: "test"}}
	for i := range int64(f.sounds) {
		m.add(a, i, 1, f.start*48+i*1024, 0, 1024, true)
	}
	m.tracks = []*track{v, a}
	m.settle()
	if f.open {
		for i := range v.samples {
			if v.samples[i].key == Closed {
				v.samples[i].key = Open
			}
		}
	}
	return &source{name: name, b: m.b, m: m}
}

func TestAlign(t *testing.T) {
	even := film{rate: 25, every: 50, pictures: 250, sounds: 470}
	for _, c := range []struct {
		what  string
		files []film
		kept  string
		cuts  []int64
		notes string
	}{
		{"four that agree", []film{even, even, even, even}, "0 1 2 3", []int64{0, 2000, 4000, 6000, 8000}, ""},
		{"one with fewer keys", []film{even, {rate: 25, every: 100, pictures: 250}}, "0 1", []int64{0, 4000, 8000}, ""},
		{"one that does not agree", []film{even, {rate: 25, every: 73, pictures: 300}, even}, "0 2", []int64{0, 2000, 4000, 6000, 8000}, "1: its key pictures meet"},
		{"one that would leave a single segment", []film{even, {rate: 25, every: 73, pictures: 250}, even}, "0 2", []int64{0, 2000, 4000, 6000, 8000}, "1: its key pictures meet"},
		{"one with much fewer keys", []film{{rate: 25, every: 50, pictures: 500}, {rate: 25, every: 200, pictures: 500}}, "1 0", []int64{0, 8000, 16000}, ""},
		{"one at half the rate", []film{even, {rate: 12, every: 24, pictures: 120}}, "0 1", []int64{0, 2000, 4000, 6000, 8000}, ""},
		{"one whose clock starts later", []film{even, {rate: 25, every: 50, pictures: 250, start: 3_900_000}}, "0 1", []int64{0, 2000, 4000, 6000, 8000}, ""},
		{"one much shorter", []film{{rate: 25, every: 50, pictures: 500}, {rate: 25, every: 50, pictures: 100}}, "0", []int64{0, 2000, 4000, 6000, 8000, 10000, 12000, 14000, 16000, 18000}, "1: its key pictures meet"},
		{"one a little shorter", []film{even, {rate: 25, every: 50, pictures: 245}}, "0 1", []int64{0, 2000, 4000, 6000, 8000}, "1: ends 200 ms before the others"},
		{"keys too rare in all", []film{{rate: 25, every: 500, pictures: 600}, {rate: 25, every: 500, pictures: 600}}, "0 1", []int64{0, 10000, 20000}, ""},
		{"sound with pictures", []film{even, {every: 1, sounds: 468}}, "0 1", []int64{0, 2000, 4000, 6000, 8000}, ""},
		{"sound alone", []film{{every: 1, sounds: 300}, {every: 1, sounds: 300}}, "0 1", []int64{0, 2000, 4000}, ""},
		{"alone and open", []film{{rate: 25, every: 50, pictures: 250, open: true}}, "0", []int64{0, 2000, 4000, 6000, 8000}, ""},
		{"open in one of two", []film{even, {rate: 25, every: 50, pictures: 500, open: true}}, "0", []int64{0, 2000, 4000, 6000, 8000}, "1: its key pictures meet"},
	} {
		var files []*source
		for i, f := range c.files {
			files = append(files, f.source(fmt.Sprint(i)))
		}
		l := &Ladder{}
		kept, cuts := l.align(files, ruleFor(2000))
		var names []string
		for _, f := range kept {
			names = append(names, f.name)
		}
		if strings.Join(names, " ") != c.kept || !slices.Equal(cuts, c.cuts) {
			t.Errorf("%s: kept %v, cuts %v, want %s, %v", c.what, names, cuts, c.kept, c.cuts)
		}
		if got := strings.Join(l.Notes, "; "); !strings.HasPrefix(got, c.notes) || c.notes == "" && got != "" {
			t.Errorf("%s: notes %q, want %q", c.what, got, c.notes)
		}
	}
}

// Every sample goes into exactly one segment, in order, and a segment that a
// viewer may start at starts with a closed key picture.
func TestRenditionHasEverySampleOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 200 {
		f := film{
			rate: 10 + rng.IntN(50), every: 1 + rng.IntN(400), pictures: rng.IntN(1500) + 1,
			sounds: rng.IntN(2000), open: rng.IntN(3) == 0,
		}
		m := f.source("x").m
		cuts := m.cutOne(ruleFor(2000))
		r := m.rendition("x", cuts, m.main().end())
		n := 0
		for i, s := range r.Segments {
			n += s.Samples
			tracks, err := DecodePayload(s.Payload)
			if err != nil {
				t.Fatal(err)
			}
			if s.Independent != (len(tracks[0]) > 0 && tracks[0][0].Key == Closed) {
				t.Errorf("%+v segment %d: independent %v", f, i, s.Independent)
			}
			if s.Duration > MaxSegment || s.Start != time.Duration(cuts[i])*time.Millisecond {
				t.Errorf("%+v segment %d: start %v, duration %v", f, i, s.Start, s.Duration)
			}
			for k, x := range tracks[0] {
				if at := time.Duration(x.Time) * time.Millisecond; at < -40*time.Millisecond || at > s.Duration {
					t.Errorf("%+v segment %d picture %d: at %v of %v", f, i, k, at, s.Duration)
				}
			}
		}
		if n != f.pictures+f.sounds {
			t.Errorf("%+v: %d samples in segments, want %d", f, n, f.pictures+f.sounds)
		}
	}
}

// Times that cannot be are mended, and counted.
func TestMend(t *testing.T) {
	const s = 90_000
	for _, c := range []struct {
		what string
		dts  []int64 // seconds
		dur  []uint32
		cts  []int32
		want []int64 // ms
		note string
	}{
		{"as it should be", []int64{5, 6, 7}, []uint32{1, 1, 1}, nil, []int64{0, 1000, 2000}, ""},
		{"back", []int64{5, 6, 1, 2}, []uint32{1, 1, 1, 1}, nil, []int64{0, 1000, 2000, 3000}, mendBack},
		{"a hole", []int64{0, 1, 100, 101}, []uint32{1, 1, 1, 1}, nil, []int64{0, 1000, 2000, 3000}, mendGap},
		{"a pause is no hole", []int64{0, 1, 50}, []uint32{1, 49, 1}, nil, []int64{0, 1000, 50000}, ""},
		{"one far off and back", []int64{0, 1, 1 << 40, 3}, []uint32{1, 1, 1, 1}, nil, []int64{0, 1000, 2000, 3000}, mendGap},
		{"a duration", []int64{0, 1 << 20}, []uint32{1 << 14, 1}, nil, []int64{0, 40}, mendLong},
		{"an offset", []int64{0, 1, 2}, []uint32{1, 1, 1}, []int32{0, 100, 0}, []int64{0, 1000, 2000}, mendOffset},
		{"negative start", []int64{-3, -2}, []uint32{1, 1}, nil, []int64{0, 1000}, ""},
	} {
		m := &movie{b: make([]byte, 1000)}
		tr := &track{kind: Video, scale: s, codec: codec{text: "test"}}
		m.tracks = []*track{tr}
		for i, d := range c.dts {
			cts := int32(0)
			if c.cts != nil {
				cts = c.cts[i] * s
			}
			m.add(tr, int64(i), 1, d*s, cts, c.dur[i]*s, true)
		}
		m.settle()
		var got []int64
		for i := range tr.samples {
			got = append(got, tr.samples[i].ms)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
		if c.note == "" != (len(m.repairs) == 0) || c.note != "" && m.repairs[0].What != c.note {
			t.Errorf("%s: repairs %v, want %q", c.what, m.repairs, c.note)
		}
	}
}

func TestNanos(t *testing.T) {
	for _, c := range []struct{ ticks, scale, want int64 }{
		{0, 1, 0},
		{1, 3, 333_333_333},
		{-1, 3, -333_333_334},
		{90_000, 90_000, 1e9},
		{1 << 62, 1, 1 << 33 * 1e9},
		{-1 << 62, 1, -(1 << 33) * 1e9},
		{1<<62 - 1, 1<<32 - 1, 1073741824249999999},
	} {
		if got := nanos(c.ticks, c.scale); got != c.want {
			t.Errorf("%d of %d: %d, want %d", c.ticks, c.scale, got, c.want)
		}
	}
}
