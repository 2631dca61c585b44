package tcp

import (
	"bytes"
	"testing"
	"time"
)

const ms = time.Millisecond

// Whatever the network does to segments, both sides get what the other wrote,
// once and in order, and both come to an end.
func TestTransfer(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(*wire)
	}{
		{"nothing amiss", func(*wire) {}},
		{"no rate", func(w *wire) { w.rate = 0 }},
		{"loss", func(w *wire) { w.loss = 0.02 }},
		{"much loss", func(w *wire) { w.loss = 0.2 }},
		{"reordering", func(w *wire) { w.overtake = 0.1 }},
		{"duplication", func(w *wire) { w.duplicate = 0.3 }},
		{"corruption", func(w *wire) { w.corrupt = 0.05 }},
		{"short queue", func(w *wire) { w.queue = 5 * ms }},
		{"all of it", func(w *wire) {
			w.loss, w.overtake, w.duplicate, w.corrupt, w.queue = 0.03, 0.1, 0.1, 0.03, 50*ms
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWire(1_250_000, 20*ms)
			w.connect(t)
			tt.do(w)
			there, back := stuff(600_000), stuff(200_001)
			a, b := &app{out: there}, &app{out: back}
			took := w.exchange(t, a, b, 10*time.Minute)
			if !bytes.Equal(b.in, there) || !bytes.Equal(a.in, back) {
				t.Errorf("other bytes came than were sent")
			}
			w.run(5 * time.Minute)
			for i, m := range w.ends {
				if m.State() != Closed || m.Err() != nil || m.Next() != Never {
					t.Errorf("end %d is %v: %v, next %v", i, m.State(), m.Err(), m.Next())
				}
			}
			t.Log(took, w.sent, w.bytes)
		})
	}
}
