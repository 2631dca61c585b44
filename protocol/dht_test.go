package protocol

import (
	"testing"
	"time"

	"kinetoscope/protocol/swarm"
)

// A node of the hash table names who has said within the last minute that it watches, but not
// to itself; and no more than the newest 64, sixteen at a time.
func TestWhoWatchesIsForgotten(t *testing.T) {
	s := &Stream{ID: 7}
	h := &mesh{contacts: swarm.NewContacts(1)}
	named := func(now time.Duration, asks NodeID) int { return (len(h.answer(now, s, asks)) - 1) / 4 }
	h.store(10*time.Second, 20)
	for _, c := range []struct {
		now  time.Duration
		asks NodeID
		want int
	}{{11 * time.Second, 9, 1}, {11 * time.Second, 20, 0}, {70*time.Second - 1, 9, 1}, {70 * time.Second, 9, 0}} {
		if got := named(c.now, c.asks); got != c.want {
			t.Errorf("at %v to %d: %d named, want %d", c.now, c.asks, got, c.want)
		}
	}
	for id := range NodeID(100) {
		h.store(80*time.Second, 100+id)
	}
	if len(h.watchers) != 64 || h.watchers[0].id != 136 || named(81*time.Second, 9) != 16 {
		t.Errorf("%d remembered from %d on, %d named", len(h.watchers), h.watchers[0].id, named(81*time.Second, 9))
	}
}
