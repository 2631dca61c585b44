// Package protocol is the streaming protocol as state machines without I/O:
// directory, publisher, provider, edge and viewer, and hub for payments. Each is a [Node] with one
// entrance, Step, which is told one [Input] and collects in an [Output] what
// the node wants done. A driver (package sim is one) carries that out: it
// delivers messages, wakes nodes at the times they asked for, executes
// transactions and counts facts.
//
// # A segment's way
//
//  1. When a slot of the stream is over, the [Publisher] signs one token for
//     each rendition and sends the shards of each to providers that the
//     placement names (Part), or the token whole to every edge (Give).
//  2. A [Provider] stores the shard and says so (Keep).
//  3. A [Viewer] wants the next slot. It asks a neighbour that announced it
//     (Have), or waits a little for one to do so, or asks its edge (Want).
//  4. The [Edge] answers at once that it will come (Take) or why not (Deny). If it
//     does not hold the token it asks k providers for a shard each, and others
//     when some stay silent. It rebuilds the token, checks it, and sends it to
//     everybody who waited (Give).
//  5. The viewer checks the token against the publisher's key, plays it,
//     announces it to neighbours that lack the slot, and pays its edge the
//     price of one more segment (Pay).
//  6. The edge books the payment; it stops serving who owes more than its
//     credit. When a viewer leaves, and at the end, it hands the newest payment
//     to the publisher, whose collector redeems each once.
//
// With hubs, a viewer that comes has a virtual channel opened for it (Pledge,
// Agree); docs/reference/payment.md says how.
//
// What of a slot not everybody can show goes ahead of the bytes in a Warning
// (Warn); a viewer then takes another rendition or lets the slot pass as a gap.
// Of a sealed stream a viewer asks its edge for the key of each token (Unlock,
// Key). docs/explanation/fallback.md has both.
//
// # What a driver owes a node
//
//   - Inputs one at a time, in the order of time; now never goes back.
//   - Control messages of one sender to one receiver in the order they were
//     sent, each once; bulk messages each at most once.
//   - A Wake for each Timer, unless a later Timer said Only.
//   - Exactly one Sent for each bulk Send with an id, whether it left whole, was
//     lost or was cancelled.
//   - Cancels before Sends; sends leave when Output.CPU is over.
//   - A Confirm of each transaction to who sent it, and of openings to edges.
//
// What it leaves out: the network (netem) and the chain (protocol/ledger), which
// stand beside it; how bytes travel; and what is made of the facts.
package protocol
