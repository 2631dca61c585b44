// Package tidy holds the tests about the code itself: which package may import
// which, what pure packages may not touch, where each heavy dependency lives,
// and how files, names and comments look. There is nothing in it to import.
//
// Each rule is a function from one package to its complaints, so that each is
// also tried on a few lines of bad code that it must catch. ARCHITECTURE.md has
// the reasons.
//
// It leaves out what go vet finds, and spelling and grammar.
package tidy
