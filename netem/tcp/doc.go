// Package tcp is one end of a TCP connection without input and output:
// segments that have arrived and the clock go in, segments to be sent come out.
//
// A Machine has the states of RFC 9293 with its handshake (also of both sides
// at once), close, reset and window, and the checks of RFC 5961 against what
// does not belong to the connection; window scaling (RFC 7323); selective
// acknowledgement (RFC 2018); loss detection by time and tail loss probes
// (RACK-TLP, RFC 8985) and by timeouts (RFC 6298); proportional rate reduction
// (RFC 6937); congestion control by CUBIC (RFC 9438) with HyStart++ (RFC 9406),
// and an initial window of ten segments (RFC 6928) that a sender returns to when
// it has been idle (RFC 5681). Where the standards leave a choice, it is that of
// Linux: timeouts are at least 200 ms above the round trip, acknowledgements
// wait at most 40 ms, the send buffer holds twice the congestion window.
//
// What it leaves out: time stamps and with them PAWS (a round trip is measured
// with segments that were sent once), duplicate selective acknowledgements (RFC
// 2883) of what lies beyond a hole, undoing cuts of the window that were not due,
// ECN, Nagle's algorithm (off, as in Go), urgent data, keep-alive, Fast Open and
// pacing. Who does not acknowledge selectively is served, but every loss waits
// for a timeout.
package tcp
