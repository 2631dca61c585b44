// Package attack plays attacks on the contracts of a run: attackers, those whom
// they attack, and those who stand guard, as actors whose transactions go
// through the same pool, gossip, blocks and fees as everybody's.
//
// An actor is a plain function that calls contracts one after the other (Actor
// has the same methods as ledger.Bare); each call stands still until its receipt
// is there. A Crew runs all actors of a run in virtual time, in a fixed order,
// and counts in a Tally what was tried, what came of it and what it cost.
//
// Actors have contracts of their own, of the same code as the run's: ours, or
// the broken twin that the scenario names. What they take is therefore each
// other's money and never the viewers', and the audit of a run stays whole.
//
// Storage deals are played in the same way (Crew.Keep): the publisher's client
// challenges whom audits off the chain have failed, and who shows no piece in
// time loses its bond.
//
// What it leaves out: attacks on the network (those are faults), and attackers
// who know more than the pool and the chain say, except the most that honest
// senders would pay.
package attack
