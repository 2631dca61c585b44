package netem

import (
	"slices"
	"testing"
	"time"
	"unsafe"
)

// What there is for each node, link, transfer and connection fills whole cache
// lines or equal parts of one, and no more than here.
func TestLines(t *testing.T) {
	const line = 64
	for _, s := range []struct {
		name      string
		size, max uintptr
	}{
		{"end", unsafe.Sizeof(end{}), line / 2},
		{"node", unsafe.Sizeof(node{}), line},
		{"link", unsafe.Sizeof(link{}), 3 * line},
		{"what a link that stands alone needs", unsafe.Offsetof(link{}.promise), line},
		{"crowd", unsafe.Sizeof(crowd{}), line},
		{"flow", unsafe.Sizeof(flow{}), 3 * line},
		{"a connection's slot", unsafe.Sizeof(recentSlot[connection]{}), line / 4},
		{"a moment's slot", unsafe.Sizeof(recentSlot[moment]{}), 12},
	} {
		if s.size != s.max {
			t.Errorf("%s takes %d bytes, want %d", s.name, s.size, s.max)
		}
	}
}

// Links have as many records as were open at a time.
func TestRecordsAreTakenAgain(t *testing.T) {
	const viewers = 1000
	ends := make([]Endpoint, viewers+1)
	for i := range ends {
		ends[i] = access(8*mbit, 8*mbit)
	}
	n := network(t, plain(), ends...)
	for round := range 5 {
		for i := range int32(viewers) {
			n.SendBulk(n.now, 0, i+1, 1000, 0, uint64(i))
		}
		got := 0
		n.Advance(n.now+time.Minute, func(a Arrival) { got++ })
		if got != viewers || len(n.links) != viewers+1 || len(n.closed) != len(n.links) {
			t.Errorf("round %d: %d transfers arrived; of %d records %d are closed", round, got, len(n.links), len(n.closed))
		}
	}
	if err := n.Check(); err != nil {
		t.Error(err)
	}
}

// A record that was quiet, is wanted again and is left again, while another route
// needs one, is closed once: it would be two links' else.
func TestRecordIsClosedOnce(t *testing.T) {
	n := network(t, Config{Startup: true, Queue: 100 * ms}, access(8*mbit, 8*mbit), access(8*mbit, 8*mbit), access(8*mbit, 8*mbit))
	r := n.open(n.route(0, 1))
	for _, i := range r.links() {
		n.crowds[i].young = &[]youth{{until: n.now + time.Second}}
		n.empty(i)
	}
	n.closeEmpty()
	if len(n.quiet) != len(r.links()) || len(n.closed) != 0 {
		t.Fatalf("%d records are quiet and %d closed, want all quiet", len(n.quiet), len(n.closed))
	}
	n.now += 2 * time.Second
	n.links = n.links[:len(n.links):len(n.links)]
	wanted := n.open(n.route(0, 2)) // its first link is a quiet one, and its last needs a record
	for _, i := range wanted.links() {
		if slices.Contains(n.closed, i) {
			t.Errorf("record %d of a route that was just opened is closed", i)
		}
		n.empty(i)
	}
	n.hush()
	n.closeEmpty()
	closed := slices.Sorted(slices.Values(n.closed))
	if len(slices.Compact(slices.Clone(closed))) != len(closed) {
		t.Errorf("records are closed twice: %d", closed)
	}
}
