package packet

import (
	"fmt"
	"net/netip"
	"time"
)

// A Kind is what has happened to a packet.
type Kind uint8

// What can happen to a packet. All after Delivered are ways to be dropped.
const (
	Sent         Kind = iota // written to a socket
	Duplicated               // there is a second one from here on
	Corrupted                // one bit of it has flipped
	Delivered                // waits in the receiver's socket
	NoRoute                  // nobody has the address
	NoSocket                 // the node has no such port open
	Dark                     // the sender or the receiver is off the network
	Cut                      // a partition lies between them
	Frozen                   // the sender's process stands still
	UpOverflow               // the uplink's queue is full
	DownOverflow             // the downlink's queue is full
	Codel                    // CoDel has dropped it to keep a queue short
	Lost                     // on the path
	Filtered                 // the receiver's NAT does not let it in
	RxOverflow               // the receive buffer of the socket is full
	kinds
)

var kindNames = [kinds]string{"sent", "duplicated", "corrupted", "delivered", "no route", "no socket", "dark", "cut off", "frozen",
	"uplink queue full", "downlink queue full", "dropped by CoDel", "lost", "filtered by NAT", "receive buffer full"}

// String is the kind in words.
func (k Kind) String() string { return kindNames[k] }

// Dropped says whether the packet has come to its end without being delivered.
func (k Kind) Dropped() bool { return k > Delivered }

// An Event is one thing that happened to one packet, as a Tap sees it. Data is
// valid during the call only.
type Event struct {
	At       time.Duration // downlinks work a little ahead of time: events come not quite in its order
	Kind     Kind
	Src, Dst int32 // nodes; Dst is -1 if nobody has the address
	From, To netip.AddrPort
	Data     []byte // the payload of the datagram, or the segment with its header
	TCP      bool   // which of them
}

// A Tally counts packets by what has happened to them.
type Tally struct {
	Packets  [kinds]uint64
	Bytes    [kinds]uint64 // with headers
	InFlight uint64        // packets that have met no end yet
	Tried    uint64        // packets of which was drawn whether the path loses them
	LossDue  float64       // how many of those it should lose
}

// Dropped is how many packets have been dropped, for whatever reason.
func (t *Tally) Dropped() (n uint64) {
	for k := Delivered + 1; k < kinds; k++ {
		n += t.Packets[k]
	}
	return n
}

// Check holds that every packet is somewhere: sent + duplicated = delivered +
// dropped + in flight.
func (t *Tally) Check() error {
	if t.Packets[Sent]+t.Packets[Duplicated] != t.Packets[Delivered]+t.Dropped()+t.InFlight {
		return fmt.Errorf("packet: %d packets sent and %d duplicated, but %d delivered, %d dropped and %d in flight",
			t.Packets[Sent], t.Packets[Duplicated], t.Packets[Delivered], t.Dropped(), t.InFlight)
	}
	return nil
}
