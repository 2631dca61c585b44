package protocol

import (
	"math/rand/v2"
	"testing"
	"time"
)

// A door agrees with the plainest memory of who came and asked when.
func TestDoorCountsTheWindow(t *testing.T) {
	type request struct{ at, since uint32 }
	r := rand.New(rand.NewPCG(1, 1))
	var d door
	var came []uint32
	var asked []request
	for at := uint32(0); at < 200; at += uint32(r.IntN(7)) {
		d.turn(at)
		if r.IntN(2) == 0 {
			d.enter()
			came = append(came, at)
		}
		since := at - uint32(r.IntN(int(min(at, 9))+1))
		d.note(since)
		asked = append(asked, request{at, since})
		want := uint64(0)
		for _, c := range came {
			if at-c < doorSlots {
				want += doorSlots
			}
		}
		for _, q := range asked {
			if at-q.at < doorSlots && q.at-q.since >= doorSlots {
				want++
			}
		}
		if got := d.inside(); got != want {
			t.Fatalf("slot %d: %d inside, want %d", at, got, want)
		}
	}
}

// Who is sent away is no guest: the edge does not become the one that counts its payments.
func TestWhoIsSentAwayIsNoGuest(t *testing.T) {
	s := stageOf(2, 3, 0, "central")
	s.stream.Terms.Edges, s.stream.Service = 2, Service{Up: 9000, Admission: AdmitFloor} // room for one at 4,000 bit/s
	e := NewEdge(s.stream, s.stream.Edges[0])
	for i, want := range []MsgKind{Take, Deny} {
		var out Output
		from := s.named(t, []string{"viewer0", "viewer1"}[i])
		e.Step(2*time.Second, &Input{Kind: Deliver, From: from, Msg: &Message{Kind: Want, Shard: Whole}}, &out)
		meets := false
		for _, o := range out.Sends {
			meets = meets || o.Msg.Kind == Agree
			if o.To == from && o.Msg.Kind != want {
				t.Errorf("%s is told %v, want %v", s.names[from], o.Msg.Kind, want)
			}
		}
		if meets != (want == Take) {
			t.Errorf("%s: the publisher is asked for the turn to count: %v", s.names[from], meets)
		}
	}
	if n := len(e.Guests()); n != 1 {
		t.Errorf("%d guests, want 1", n)
	}
}
