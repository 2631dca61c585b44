//go:build !unix

package main

import "github.com/rogpeppe/go-internal/testscript"

func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	ts.Fatalf("there is no Ctrl-C to send on this system")
}
