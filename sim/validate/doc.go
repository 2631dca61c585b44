// Package validate puts the harness itself to the test: what the two networks
// do against what they were told to do, textbook cases against their
// solutions, another simulator's worked examples against ours, the model of
// transfers against real hosts, and whole scenarios on both engines against
// each other.
//
// A check that fails is a finding and not an error: Run reports all of them.
//
// What it leaves out: the protocol's own claims, which are scenarios, and what
// neither engine can show, which docs/explanation/engines.md lists.
package validate
