package media

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/token"
)

func names(l *Ladder) (out []string) {
	for _, r := range l.Renditions {
		out = append(out, r.Name)
	}
	return out
}

// Thinned rungs have the slots of the whole and fewer samples, all of them its
// own.
func TestThinnedRungs(t *testing.T) {
	c := Default()
	c.Rungs = Thinned
	l, err := Load(c)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(names(l), " "), "540p-sound 540p-keys 540p-no-disposable 540p"; got != want {
		t.Fatalf("rungs %s, want %s; notes %q", got, want, l.Notes)
	}
	whole := &l.Renditions[3]
	for _, r := range l.Renditions[:3] {
		for n := range r.Segments {
			s, w := &r.Segments[n], &whole.Segments[n]
			if s.Start != w.Start || s.Duration != w.Duration || s.Samples >= w.Samples || s.Independent() != w.Independent() {
				t.Errorf("%s segment %d: %v+%v, %d samples of %d, %v", r.Name, n, s.Start, s.Duration, s.Samples, w.Samples, s.Flags)
			}
			own, all := decoded(t, s), decoded(t, w)
			for k := range own {
				for i, x := range own[k].Samples {
					at := slices.IndexFunc(all[k].Samples, func(y Sample) bool { return slices.Equal(x.Bytes, y.Bytes) })
					if at < 0 || own[k].Time(i) != all[k].Time(at) {
						t.Fatalf("%s segment %d track %d sample %d is not the whole's", r.Name, n, k, i)
					}
				}
			}
		}
	}
	if keys := decoded(t, &l.Renditions[1].Segments[0])[0].Samples; len(keys) != 1 || keys[0].Key != demux.Closed {
		t.Errorf("%d pictures in the segment of keys", len(keys))
	}
}

// Synthetic rungs have the sizes that were asked for, segment by segment in
// proportion to the real ones, and say that they are filler.
func TestSyntheticRungs(t *testing.T) {
	c := Default()
	c.Rungs, c.Rates = Synthetic, []unit.Rate{2_000_000, 145_000}
	l, err := Load(c)
	if err != nil {
		t.Fatal(err)
	}
	given, err := Load(Default())
	if err != nil {
		t.Fatal(err)
	}
	best := given.best()
	if len(l.Renditions) != 2 || l.Renditions[0].Name != "synthetic-145" || !strings.Contains(strings.Join(l.Notes, " "), "synthetic: filler bytes") {
		t.Fatalf("rungs %v, notes %q", names(l), l.Notes)
	}
	for i, rate := range []unit.Rate{145_000, 2_000_000} {
		r := l.Renditions[i]
		if d := r.Bitrate - rate; d < -rate/1000 || d > rate/1000 {
			t.Errorf("%s has %v", r.Name, r.Bitrate)
		}
		for n := range r.Segments {
			want := float64(len(best.Segments[n].Payload)) * float64(rate) / float64(best.Bitrate)
			if got := float64(len(r.Segments[n].Payload)); got < want-1 || got > want+1 || r.Segments[n].Flags != best.Segments[n].Flags {
				t.Errorf("%s segment %d: %v bytes, want %v", r.Name, n, got, want)
			}
			if token.NewPayload(r.Segments[n].Payload).ID() == token.NewPayload(r.Segments[(n+1)%5].Payload).ID() {
				t.Error("two segments are the same")
			}
		}
	}
}

// A pattern gives synthetic rungs as many segments as it has, of its proportions;
// they follow each other without a hole, in the lengths of the video's.
func TestPatternOfSizes(t *testing.T) {
	c := Default()
	c.Rungs, c.Rates, c.Pattern = Synthetic, []unit.Rate{1_000_000}, []float64{1, 0.5, 1.5, 1, 1, 2, 0.5}
	l, err := Load(c)
	if err != nil {
		t.Fatal(err)
	}
	r := l.Renditions[0]
	if l.Slots != 7 || len(r.Segments) != 7 || !strings.Contains(strings.Join(l.Notes, " "), "a pattern of 7 segments") {
		t.Fatalf("%d slots, %d segments, %q", l.Slots, len(r.Segments), l.Notes)
	}
	var end time.Duration
	rate := func(i int) float64 { return float64(len(r.Segments[i].Payload)) / r.Segments[i].Duration.Seconds() }
	for i := range r.Segments {
		if r.Segments[i].Start != end {
			t.Errorf("segment %d begins at %v, and the one before ends at %v", i, r.Segments[i].Start, end)
		}
		end += r.Segments[i].Duration
		if got := rate(i) / rate(0); got < 0.99*c.Pattern[i] || got > 1.01*c.Pattern[i] {
			t.Errorf("segment %d is %v times the first, want %v", i, got, c.Pattern[i])
		}
	}
}

func TestRungsOfNoVideo(t *testing.T) {
	for _, rungs := range []Rungs{Thinned, Synthetic} {
		l, err := build("letter", []file{{name: "letter", b: []byte("Dear friend")}}, Config{Segment: 2 * time.Second, Rungs: rungs, Rates: []unit.Rate{100_000}})
		if err != nil || !l.Opaque || !strings.Contains(strings.Join(l.Notes, " "), "need a video that can be read") {
			t.Errorf("%s: %v, %q", rungs, err, l.Notes)
		}
	}
	l, err := build("keys", []file{{name: "keys.mp4", b: film{pictures: 100, key: every(1)}.bytes()}}, Config{Segment: 2 * time.Second, Rungs: Thinned})
	if err != nil || len(l.Renditions) != 1 || len(l.Notes) != 3 {
		t.Errorf("%v: %v, %q", err, names(l), l.Notes)
	}
}
