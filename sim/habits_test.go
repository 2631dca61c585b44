package sim

import (
	"context"
	"testing"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/sim/result"
)

// Who endures a stall of a second leaves a second after its picture stopped, not
// before; and some of those try again, after the pause, as other sessions.
func TestWhoHasEnoughLeaves(t *testing.T) {
	s := load(t, small, "edges.up=600kbit/s", "population.session={law: endless, scale: 0s}",
		"habits={retries: 60%, endures: {law: constant, scale: 1s}, pause: {law: constant, scale: 3s}}")
	w, r := played(t, s, 1)
	left := 0
	for i := range w.viewers {
		v := &w.viewers[i]
		if v.tired == tiredOfStall {
			left++
			if !v.started || v.oddities().stuck != time.Second {
				t.Errorf("viewer %d left after a stall of %v", i, v.oddities().stuck)
			}
			if next := w.drawn.spares[i]; next != 0 && w.viewers[next].joined && w.viewers[next].join != v.leave+3*time.Second {
				t.Errorf("viewer %d left at %v and came back at %v", i, v.leave, w.viewers[next].join)
			}
		} else if v.oddities().stuck > time.Second {
			t.Errorf("viewer %d endured %v", i, v.oddities().stuck)
		}
	}
	if left == 0 || w.again == 0 || w.again >= left {
		t.Errorf("%d left, %d tried again", left, w.again)
	}
	if got, want := r.Values[result.ExitsInStall], float64(left)/float64(len(r.Viewers)); got != want {
		t.Errorf("exits-in-stall is %v, want %v", got, want)
	}
	if got, want := r.Values[result.Retries], float64(w.again)/float64(len(r.Viewers)); got != want {
		t.Errorf("retries is %v, want %v", got, want)
	}
}

// Viewers of a catalogue jump where they mean to and see pictures of there; what
// they wait for them is neither watched nor a stall.
func TestViewersJump(t *testing.T) {
	s := load(t, small, "catalogue={titles: 5, length: 30s}", "swarm.neighbours=0", "edges={cache: lru, capacity: 9MB}", "faults=[]",
		"population.session={law: endless, scale: 0s}", "habits={seeks: {law: constant, scale: 5s}, zaps: {law: constant, scale: 11s}}")
	w, err := newWorld(Flows, s, clip(t), 1)
	if err != nil {
		t.Fatal(err)
	}
	last, off := map[protocol.NodeID]uint32{}, 0
	w.watch = func(id protocol.NodeID, f *protocol.Fact) {
		if f.Kind != protocol.Played {
			return
		}
		if was, ok := last[id]; ok && f.Seq != was+1 {
			off++
		}
		last[id] = f.Seq
		if title := f.Seq / w.stream.Vault.Slots; title != w.titles[id-w.viewerID(0)] {
			t.Errorf("viewer %d sees title %d, and wants %d", id, title, w.titles[id-w.viewerID(0)])
		}
	}
	r, err := w.run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	seeks, zaps := 0, 0
	for _, v := range r.Viewers {
		seeks, zaps = seeks+v.Seeks, zaps+v.Zaps
		if v.Watched+v.Stalled+max(0, v.Startup) > v.Leave-v.Join {
			t.Errorf("viewer %d: %+v", v.ID, v)
		}
	}
	if seeks < 20 || zaps < 10 || off < (seeks+zaps)/2 || off > seeks+zaps {
		t.Errorf("%d seeks and %d zaps, %d of them seen", seeks, zaps, off)
	}
	if p := r.Values[result.SeekP50]; !(p > 0 && p < 5) {
		t.Errorf("a picture comes after %v s", p)
	}
}
