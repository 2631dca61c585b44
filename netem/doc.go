// Package netem is what a network does to bytes, at flow level, in virtual
// time: how long a message takes between two endpoints, how transfers share
// the links at both ends, and what is lost when an endpoint goes dark.
//
// A network has two lanes. The control lane carries small reliable messages,
// in order between any two endpoints; each is charged propagation,
// serialisation, jitter and the probe timeouts of its losses, and takes no
// bandwidth from anybody. The bulk lane carries transfers. They share the
// sender's uplink, the receiver's downlink and what lies between them max-min
// fairly and exactly, or nearly so if Config.Sharing says so, each no faster
// than a loss-limited transport would go. Transfers have no weights.
//
// A Network reads no clock and draws nothing at random but what it is given:
// whoever drives it calls Advance at the times that Next names. Every random
// draw belongs to one sender, one kind of traffic and one message number, so
// that what one kind of traffic does never changes what another meets.
//
// What lies between two endpoints may change while a network runs: rates follow
// traces, the network falls apart and heals, accesses become worse, processes
// stand still, nodes move. The Topology holds all that; its driver changes it
// and then tells the Network by Changed.
//
// What it leaves out: packets, traffic that is not the protocol's, contention
// on the control lane, and the bytes of retransmissions.
// docs/explanation/network.md gives the formulas and their sources.
package netem
