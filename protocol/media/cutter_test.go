package media

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/token"
)

// marks reads "0c 50c 100o": pictures that are keys, closed, open or gradual.
func marks(s string) func(int) demux.Key {
	at := map[int]demux.Key{}
	for _, f := range strings.Fields(s) {
		var i int
		fmt.Sscanf(f[:len(f)-1], "%d", &i)
		at[i] = map[byte]demux.Key{'c': demux.Closed, 'o': demux.Open, 'g': demux.Gradual}[f[len(f)-1]]
	}
	return func(i int) demux.Key { return at[i] }
}

func starts(segments []Segment) (out []int64) {
	for _, s := range segments {
		out = append(out, s.Start.Milliseconds())
	}
	return out
}

// Pictures last 40 ms.
func TestCuts(t *testing.T) {
	for _, c := range []struct {
		what     string
		target   time.Duration
		keys     string
		pictures int
		want     []int64
	}{
		{"every 2 s", 2000, "0c 50c 100c 150c 200c", 250, []int64{0, 2000, 4000, 6000, 8000}},
		{"every second", 2000, "0c 25c 50c 75c 100c", 125, []int64{0, 2000, 4000}},
		{"every 0.96 s", 2000, "0c 24c 48c 72c 96c 120c", 144, []int64{0, 2880}},
		{"first from the target on, though late", 2000, "0c 122c", 225, []int64{0, 4880}},
		{"open ones are not needed", 2000, "0c 50o 75c 137c", 200, []int64{0, 3000, 5480}},
		{"an open one is needed", 2000, "0c 50o 100o 237c", 240, []int64{0, 2000, 4000, 9480}},
		{"a closed one beyond half", 2000, "0c 175c", 225, []int64{0, 7000}},
		{"gradual ones are no start", 2000, "0c 50g 100g", 150, []int64{0}},
		{"none: by time", 2000, "0c", 625, []int64{0, 10000, 20000}},
		{"an early one is better than none", 10000, "0c 225c 450c", 675, []int64{0, 9000, 18000}},
		{"a short rest", 2000, "0c 50c 100c", 122, []int64{0, 2000, 4000}},
		{"a flood", 2000, "0c 1c 2c 3c 50c 51c 52c", 100, []int64{0, 2000}},
		{"short segments", 400, "0c 10c 20c 30c", 40, []int64{0, 400, 800, 1200}},
		{"shorter than a segment", 2000, "0c 8c", 15, []int64{0}},
		{"joined late", 2000, "17c 67c 117c", 150, []int64{0, 2680, 4680}},
	} {
		f := film{pictures: c.pictures, key: marks(c.keys)}
		if got := starts(cutAll(t, f.bytes(), NewCutter(c.target*time.Millisecond))); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

// slowNext is the rule in the words of the documentation, one search for each
// preference. It works on pictures of 40 ms; n is where the next segment
// starts, the number of pictures if it does not.
func slowNext(r rule, keys func(int) demux.Key, s, pictures int) int {
	first := func(from, to int64, ok func(demux.Key) bool) int {
		for i := s + 1; i < pictures; i++ {
			if d := int64(i-s) * 40_000; d >= from && d <= to && ok(keys(i)) {
				return i
			}
		}
		return 0
	}
	isClosed := func(k demux.Key) bool { return k == demux.Closed }
	if i := first(r.target-20_000, r.half, isClosed); i > 0 {
		return i
	}
	any := first(r.target-20_000, r.most, func(k demux.Key) bool { return k == demux.Closed || k == demux.Open })
	switch over := int64(pictures-1-s) * 40_000; {
	case any > 0 && over > r.half:
		return any
	case over < r.most:
		return pictures
	}
	early := s
	for i := s + 1; i < pictures; i++ {
		if d := int64(i-s) * 40_000; d >= r.least && d < r.target-20_000 && isClosed(keys(i)) {
			early = i
		}
	}
	if early > s {
		return early
	}
	return first(r.most, r.most+40_000, func(demux.Key) bool { return true })
}

func TestCutsAgainstTheSlowRule(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 400 {
		target := time.Duration(200+rng.IntN(9801)) * time.Millisecond
		pictures := 1 + rng.IntN(1500)
		at := map[int]demux.Key{}
		for i := 0; i < pictures; i += 1 + rng.IntN(1<<rng.IntN(9)) {
			at[i] = []demux.Key{demux.Closed, demux.Open, demux.Gradual}[rng.IntN(3)]
		}
		keys := func(i int) demux.Key { return at[i] }
		var want []int64
		for s := 0; s < pictures; s = slowNext(ruleFor(target), keys, s, pictures) {
			want = append(want, int64(s)*40)
		}
		got := starts(cutAll(t, film{pictures: pictures, key: keys}.bytes(), NewCutter(target)))
		if !slices.Equal(got, want) {
			t.Fatalf("target %v, %d pictures, keys %v:\n%v, want\n%v", target, pictures, at, got, want)
		}
	}
}

// Every sample goes into exactly one segment, in order; times stay where they
// were; who may start at a segment finds a closed key picture.
func TestEverySampleOnce(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 60 {
		f := film{
			rate: pictureClocks[rng.IntN(len(pictureClocks)-4)], pictures: rng.IntN(1200), sounds: rng.IntN(1500),
			key: every(1 + rng.IntN(400)), every: 1 + rng.IntN(60), start: uint64(rng.IntN(1 << 33)),
		}
		if f.pictures+f.sounds == 0 {
			continue
		}
		b := f.bytes()
		var at [2]int
		var end time.Duration
		for i, s := range cutAll(t, b, NewCutter(2*time.Second)) {
			if s.Start != end || s.Duration <= 0 {
				t.Fatalf("%+v segment %d: start %v, want %v, lasts %v", f, i, s.Start, end, s.Duration)
			}
			end += s.Duration
			parts := decoded(t, &s)
			for k := range parts {
				own, track := &parts[k], k
				if s.Init.Codecs[k] == "mp4a" {
					track = 1
				}
				for n, x := range own.Samples {
					if track == 0 && !slices.Equal(x.Bytes, f.defaults().picture(at[0])) || track == 1 && be.Uint32(x.Bytes)&0xffffff != uint32(at[1]) {
						t.Fatalf("%+v segment %d track %d: sample %d is another", f, i, k, n)
					}
					want := time.Duration(f.defaults().rate.micros(int64(at[0]))) * time.Microsecond
					if got := s.Start + own.Time(n); track == 0 && (got-want).Abs() > 2*time.Millisecond {
						t.Fatalf("%+v segment %d picture %d: at %v, want %v", f, i, n, got, want)
					}
					at[track]++
				}
			}
			if lead := first(parts); s.Independent() != (lead[0].Key == demux.Closed) {
				t.Errorf("%+v segment %d: flags %v", f, i, s.Flags)
			}
		}
		if at[0] != f.pictures || at[1] != f.sounds {
			t.Errorf("%+v: %v samples in segments", f, at)
		}
	}
}

// first are the samples that a segment follows: sound that outlasts the
// pictures leads by itself.
func first(parts []Part) []Sample {
	for i := range parts {
		if len(parts[i].Samples) > 0 {
			return parts[i].Samples
		}
	}
	return nil
}

// A stream that arrives in pieces becomes the same segments as the whole file,
// and each is out as soon as the fragment behind it has come.
func TestLiveIsTheSameAsWhole(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	f := film{pictures: 500, sounds: 930, key: every(40), every: 4, size: 500}
	b := f.bytes()
	want := cutAll(t, b, NewCutter(2*time.Second))
	for _, most := range []int{1, 188, 5000, 100_000} {
		c := NewCutter(2 * time.Second)
		var got []Segment
		for at := 0; at < len(b); {
			n := min(1+rng.IntN(most), len(b)-at)
			c.Feed(slices.Clone(b[at : at+n]))
			at += n
			for s, ok := c.Next(); ok; s, ok = c.Next() {
				got = append(got, s)
				// What came after this segment's end: its share of the film, and
				// what a fragment or two, and the piece, are on top.
				due := float64(s.Start+s.Duration)/float64(20*time.Second)*float64(len(b)) + float64(most) + 3*4*550
				if len(got) > 1 && float64(at) > due {
					t.Errorf("pieces of %d: segment %d was out after %d bytes, want %.0f", most, len(got)-1, at, due)
				}
			}
		}
		c.Close()
		for s, ok := c.Next(); ok; s, ok = c.Next() {
			got = append(got, s)
		}
		if len(got) != len(want) {
			t.Fatalf("pieces of %d: %d segments, want %d", most, len(got), len(want))
		}
		for i := range got {
			g, w := &got[i], &want[i]
			if g.Start != w.Start || g.Duration != w.Duration || g.Flags != w.Flags || g.Init.ID != w.Init.ID || !slices.Equal(g.Payload, w.Payload) {
				t.Errorf("pieces of %d: segment %d is %v+%v %v, want %v+%v %v", most, i, g.Start, g.Duration, g.Flags, w.Start, w.Duration, w.Flags)
			}
			if g.Content().ID() != w.Content().ID() {
				t.Errorf("pieces of %d: segment %d has another content id", most, i)
			}
		}
	}
}

// A payload that is given back is written over by a later segment, which is the
// same as in memory of its own; those that are kept stay what they are.
func TestReuse(t *testing.T) {
	file := film{pictures: 250, key: marks("0c 50c 75c 150c 200c"), sounds: 400, size: 500}.bytes()
	want := cutAll(t, file, NewCutter(2*time.Second))
	for _, every := range []int{1, 2, 3} {
		c := NewCutter(2 * time.Second)
		c.Feed(file)
		c.Close()
		places := map[*byte]bool{}
		var got []Segment
		for s, ok := c.Next(); ok; s, ok = c.Next() {
			places[&s.Payload[0]] = true
			if payload := s.Payload; len(got)%every == 0 {
				s.Payload = slices.Clone(payload)
				c.Reuse(payload)
			}
			got = append(got, s)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("every %d given back: other segments", every)
		}
		if every == 1 && len(places) == len(want) {
			t.Errorf("all given back: %d segments in as many places", len(want))
		}
	}
}

// The same pictures, told by a clock of whole milliseconds, are the same
// payloads, for every usual rate.
func TestRoundedTimesAreTheSame(t *testing.T) {
	for _, rate := range pictureClocks {
		n := int(20 * rate.Den / rate.Num)
		if n < 200 {
			continue // too few pictures in a segment to tell neighbours apart
		}
		f := film{rate: rate, pictures: n, sounds: 900, key: every(max(1, n/10)), shift: func(i int) uint32 { return 7200 }}
		exact := cutAll(t, f.bytes(), NewCutter(2*time.Second))
		f.round = true
		rounded := cutAll(t, f.bytes(), NewCutter(2*time.Second))
		if len(exact) != len(rounded) || len(exact) < 3 {
			t.Fatalf("%v: %d and %d segments", rate, len(exact), len(rounded))
		}
		for i := range exact {
			if !slices.Equal(exact[i].Payload, rounded[i].Payload) {
				t.Errorf("%v: segment %d differs: clocks %v and %v", rate, i, decoded(t, &exact[i])[0].Clock, decoded(t, &rounded[i])[0].Clock)
			}
		}
	}
}

// A jump of the clock ends a segment, and time goes on behind it.
func TestJumpsBreak(t *testing.T) {
	for _, by := range []int64{-90_000 * 3600, 90_000 * 3600} {
		f := film{pictures: 300, sounds: 560, key: every(50), jump: map[int]int64{130: by}, start: 1 << 33}
		got := cutAll(t, f.bytes(), NewCutter(2*time.Second))
		if want := []int64{0, 2000, 4000, 5200, 8000, 10000}; !slices.Equal(starts(got), want) {
			t.Fatalf("jump by %d: %v, want %v", by, starts(got), want)
		}
		for i, s := range got {
			if s.Flags&token.Break != 0 != (i == 3) {
				t.Errorf("jump by %d: segment %d has flags %v", by, i, s.Flags)
			}
		}
		if got[3].Independent() {
			t.Error("the pictures behind the jump need those before it")
		}
	}
}

// Without a key picture in reach nothing can be shown; with a lost one, it can,
// badly.
func TestWhatCannotBeShown(t *testing.T) {
	none := cutAll(t, film{pictures: 600, key: marks("320c")}.bytes(), NewCutter(2*time.Second))
	for i, s := range none {
		if s.Flags&token.Undecodable != 0 != (s.Start < 12*time.Second) {
			t.Errorf("segment %d at %v: flags %v", i, s.Start, s.Flags)
		}
	}
	c := NewCutter(2 * time.Second)
	lossy := cutAll(t, film{pictures: 200, lose: func(i int) bool { return i == 60 }}.bytes(), c)
	total := 0
	for _, s := range lossy {
		total += s.Samples
	}
	if total != 199 || len(c.Repairs()) == 0 {
		t.Errorf("%d of 199 pictures, repairs %v", total, c.Repairs())
	}
}

// Sizes are bounded even where no key allows a cut.
func TestLargeSegmentsAreCut(t *testing.T) {
	f := film{pictures: 200, size: 200_000, key: marks("0c")}
	got := cutAll(t, f.bytes(), NewCutter(2*time.Second))
	if len(got) < 3 {
		t.Fatalf("%d segments", len(got))
	}
	for i, s := range got {
		if len(s.Payload) > maxBytes+300_000 || s.Independent() != (i == 0) {
			t.Errorf("segment %d: %d bytes, flags %v", i, len(s.Payload), s.Flags)
		}
	}
}

// What a segment may weigh is what all its tracks weigh.
func TestLargeSoundsAreCut(t *testing.T) {
	f := film{pictures: 300, sounds: 560, key: marks("0c"), size: 20_000, sound: 40_000}
	sum := 0
	for i, s := range cutAll(t, f.bytes(), NewCutter(2*time.Second)) {
		sum += s.Samples
		if len(s.Payload) > maxBytes+300_000 || i == 0 && len(s.Payload) < maxBytes-300_000 {
			t.Errorf("segment %d: %d bytes, flags %v", i, len(s.Payload), s.Flags)
		}
	}
	if sum != 860 {
		t.Errorf("%d of 860 samples", sum)
	}
}

// Sound that goes on without pictures is cut all the same.
func TestSoundOutlastsPictures(t *testing.T) {
	got := cutAll(t, film{pictures: 100, sounds: 1500}.bytes(), NewCutter(2*time.Second))
	sum := 0
	for i, s := range got {
		sum += s.Samples
		if s.Duration > MaxSegment+time.Second {
			t.Errorf("segment %d lasts %v", i, s.Duration)
		}
	}
	if sum != 1600 {
		t.Errorf("%d of 1600 samples", sum)
	}
}
