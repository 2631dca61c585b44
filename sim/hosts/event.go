package hosts

import (
	"cmp"
	"time"

	"kinetoscope/protocol"
	"kinetoscope/sim"
)

// An event is what a lane has to tell.
type event struct {
	news     sim.NewsKind
	from, to int32
	bulk     *bulk             // of the sender: Left, Lost
	knocks   uint16            // the port from which from wants to be let in by to's NAT; nothing else is told
	ended    bool              // of the sender: nothing more will be heard of bulk, or of the lane
	size     int               // Came: bytes of the frame; ended: bytes that had been written
	msg      *protocol.Message // Came
	frame    []byte            // Came
	took     time.Duration
	relayed  bool // Came over a relay
}

func (e event) compare(o event) int {
	if c := cmp.Or(cmp.Compare(e.to, o.to), cmp.Compare(e.from, o.from), cmp.Compare(e.flow(), o.flow())); c != 0 {
		return c
	}
	if e.msg == nil || o.msg == nil || !e.msg.Kind.Bulk() || !o.msg.Kind.Bulk() {
		return 0 // one goroutine posted both
	}
	return cmp.Or(cmp.Compare(e.msg.Seq, o.msg.Seq), cmp.Compare(e.msg.Rendition, o.msg.Rendition), cmp.Compare(e.msg.Shard, o.msg.Shard))
}

// flow tells the goroutines of one pair of nodes apart: those of the sender
// come first.
func (e event) flow() uint64 {
	switch {
	case e.bulk != nil:
		return uint64(e.bulk.flow)
	case e.msg == nil:
		return 0
	case e.msg.Kind.Bulk():
		return 1<<63 + 1
	}
	return 1 << 63
}
