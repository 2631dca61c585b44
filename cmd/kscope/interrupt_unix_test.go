//go:build unix

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
)

// interrupt starts kscope run, waits until it reads its scenario, and sends it
// what Ctrl-C sends. The scenario is a pipe, so that nobody has to guess how
// long the program takes to start.
func interrupt(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile(args[0])
	pipe := ts.MkAbs("pipe.yaml")
	ts.Check(syscall.Mkfifo(pipe, 0o600))
	defer os.Remove(pipe)
	c := exec.Command("kscope", append([]string{"run", pipe}, args[1:]...)...)
	var stderr bytes.Buffer
	c.Dir, c.Stderr, c.Env = ts.MkAbs("."), &stderr, os.Environ()
	ts.Check(c.Start())
	ts.Check(os.WriteFile(pipe, []byte(text), 0o600)) // waits for the reader
	ts.Check(c.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	if err := c.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitInterrupted {
		ts.Fatalf("interrupted, kscope ended with: %v\n%s", err, stderr.String())
	}
	ts.Check(os.WriteFile(ts.MkAbs("stderr.txt"), stderr.Bytes(), 0o600))
}
