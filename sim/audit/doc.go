// Package audit puts the contracts to the test on the real machine: known
// attacks, each on a contract and on its broken twin; who may call what in which
// state; malformed calls; long runs of random operations against a plain model;
// and whether the last three would have found each twin, and each of the
// mutants that a script makes of the sources by rule.
//
// A twin (contracts.Twin) is a contract with one flaw. That an attack fails
// against a contract means something because it succeeds against the twin.
//
// What it leaves out: the money of whole scenarios, which every run audits by
// itself, and proofs: what nobody thought of is not attacked.
package audit
