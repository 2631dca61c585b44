package sim

import (
	"math/rand/v2"
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/protocol/abr"
)

// sleepers hear when they are woken, and set alarms of their own choice.
type sleepers struct {
	Carrier
	draw  *rand.Rand
	timer protocol.TimerID
	due   time.Duration   // of the newest alarm
	set   time.Duration   // that they are to set when they are told anything; -1: none
	heard []time.Duration // of alarms that were the newest
	wrong int             // and of those that were not
}

func (s *sleepers) Up(int32) bool { return true }

func (s *sleepers) Step(now time.Duration, in *protocol.Input, out *protocol.Output) {
	if in.Kind == protocol.Wake {
		if s.heard = append(s.heard, now); in.Timer != s.timer || now != s.due {
			s.wrong++
		}
		s.due = -1
	}
	if s.set >= 0 {
		s.timer++
		s.due = max(now, s.set)
		out.Timers = append(out.Timers, protocol.Timer{At: s.set, ID: s.timer, Only: true})
	}
}

// ring lets happen what is due by now.
func ring(w *world, s *sleepers, now time.Duration) {
	for at, ok := w.queue.peek(); ok && at <= now; at, ok = w.queue.peek() {
		e, _ := w.queue.pop()
		w.now, s.set = at, -1
		w.handle(e)
	}
}

// A node is woken at the time of its newest alarm and at no other, however often and
// wherever it is moved; put off again and again, as a viewer does, it is one event.
func TestOnlyTheNewestAlarmRings(t *testing.T) {
	s := &sleepers{draw: rand.New(rand.NewPCG(3, 3)), due: -1}
	chooser, err := abr.New(load(t, small).Player, []unit.Rate{1})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{nodes: []protocol.Node{s}, net: s, alarms: silent(1), chooser: chooser, limit: 1 << 20}
	earlier := 0
	for now := time.Duration(0); now < 20_000; now++ {
		ring(w, s, now)
		if s.due >= 0 && s.due < now {
			t.Fatalf("at %d the alarm of %d has not rung", now, s.due)
		}
		w.now = now
		if s.draw.IntN(4) == 0 {
			before := s.due
			if s.set = now + time.Duration(s.draw.IntN(40)); s.draw.IntN(8) == 0 {
				s.set = max(0, now-2) // is past: it rings at once
			}
			if before > s.set {
				earlier++
			}
			w.in = protocol.Input{Kind: protocol.Confirm}
			w.step(0)
		}
	}
	if s.wrong > 0 || len(s.heard) < 500 || earlier < 500 {
		t.Errorf("%d alarms rang, %d of them wrongly; %d were moved to an earlier time", len(s.heard), s.wrong, earlier)
	}

	w.queue, w.now, w.alarms = queue{}, 0, silent(1)
	for now := time.Duration(0); now < 1000; now += 2 {
		ring(w, s, now)
		w.now, s.set = now, now+5
		w.step(0)
		if n := w.queue.len(); n != 1 {
			t.Fatalf("%d events wait for one node", n)
		}
	}
}
