// Package packet is what a network does to packets: sockets that implement
// net.PacketConn, and TCP that implements net.Listener and net.Conn, joined by
// the access links and paths of a netem.Topology.
// Each packet is serialised onto the sender's uplink, waits there behind those
// before it, takes the way to the other region, and passes the receiver's
// downlink; queues overflow, paths lose.
//
// A Fabric has no goroutine of its own. Its Run is the loop of whoever drives
// it: take what the sockets have written, carry what is due, let a Passenger
// act, and wait for what is next. In a bubble of testing/synctest time is
// virtual and Run goes in lockstep with everybody else, so that one program
// gives one trace; outside of one the same loop runs in real time.
//
// Every packet has its own fate, hashed from the number it has among those on
// its path: what other traffic does never changes it.
//
// TCP is that of package netem/tcp, run by the fabric: its segments are packets
// like all others.
//
// What it leaves out: ICMP, links between the access links, routing, and
// fragments: a packet that exceeds the MTU is refused where it is written.
package packet
