// Package hosts plays a scenario over real libp2p hosts. The protocol's state
// machines, the population, the chain and what is measured are those of package
// sim; what carries messages is a go-libp2p host for each node, with QUIC and
// TLS as on the Internet, or TCP, Noise and Yamux, whose packets cross the
// fabric of netem/packet.
//
// Time is virtual: a run is a bubble of testing/synctest, entered from the
// ordinary program. The loop of package sim is the root of the bubble and takes
// turns with the fabric and the hosts: it goes on only when every goroutine of
// every host waits for something.
//
// A message on the control lane goes over one long-lived stream for each sender
// and receiver, a bulk message over a stream of its own, which a cancel resets.
// Both carry the bytes of the wire format, and what a node is told is read from
// the bytes that came.
//
// It leaves out: the time that the hosts' own processors take, which is nothing
// in virtual time (the protocol's is charged as in package sim), browsers,
// relays, and the discovery of peers, whose addresses are known from the start.
// docs/explanation/engines.md says what each engine can and cannot show.
package hosts
