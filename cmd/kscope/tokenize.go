package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/media"
)

// tokenizeCommand is what the flags of tokenize say.
type tokenizeCommand struct {
	target   time.Duration
	asJSON   bool
	verify   bool
	failed   int // files whose tokens do not give them back
	outcomes outcomes
}

func newTokenize() *cobra.Command {
	t := tokenizeCommand{target: media.Default().Segment}
	c := &cobra.Command{
		Use:   "tokenize PATH...",
		Short: "Show what the tokenizer makes of files, folders or a stream",
		Long: `Tokenize reads files of any kind and prints what it found in them, the tokens
that they become, what those cost, and every repair. A folder is read with all
that is in it and ends with a table of outcomes. A dash reads standard input:
each token is out as soon as its last byte is in.

Content is never a reason to fail. What cannot be parsed becomes opaque pieces,
and the reason is printed:

  aligned     every segment starts at a key picture that can be started at
  dependent   some segment needs the one before
  opaque      pieces of the file with content-defined edges
  rejected    nothing to tokenize: empty, too large, or not to be read

With --verify each token goes through the wire form and erasure coding, of which
as many shards as may be are lost; its signature, its content id, its place in
the manifest and a proof of half of it are checked; and the source is read again
and must give the same tokens.`,
		Example: "  kscope tokenize film.mp4\n  kscope tokenize film.mp4 --segment 4s --json\n" +
			"  kscope tokenize recordings/ --verify\n  kscope tokenize - < camera.ts",
		Args: someArguments("a file, a folder or -", "kscope tokenize film.mp4"),
		RunE: t.run,
	}
	c.Flags().DurationVar(&t.target, "segment", t.target, "aim at segments of this `length`")
	c.Flags().BoolVar(&t.asJSON, "json", false, "print one JSON object a file, each on a line")
	c.Flags().BoolVar(&t.verify, "verify", false, "put the tokens together again and compare")
	return c
}

func (t *tokenizeCommand) run(c *cobra.Command, args []string) error {
	var key *unit.KeyError
	if err := (media.Config{Segment: t.target}).Validate(); errors.As(err, &key) {
		return fmt.Errorf("--segment: %s", key.Msg)
	}
	folder := make([]bool, len(args))
	for i, arg := range args { // all, before hours go into the first
		info, err := os.Stat(arg)
		if err != nil && arg != "-" {
			return fmt.Errorf("%w: name a file or folder that exists, or - for standard input", err)
		}
		folder[i] = err == nil && arg != "-" && info.IsDir()
	}
	folders := false
	for i, arg := range args {
		var err error
		switch {
		case arg == "-":
			err = t.stream(c)
		case folder[i]:
			folders = true
			err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error { return t.walk(c, arg, path, d, err) })
		default:
			err = t.file(c, arg, "")
		}
		if err != nil {
			return err
		}
	}
	if folders && !t.asJSON {
		if err := t.outcomes.print(c.OutOrStdout()); err != nil {
			return err
		}
	}
	if t.failed > 0 {
		return oursError{fmt.Errorf("%s not the same when put together again: please report this", counted(t.failed, "file"))}
	}
	return nil
}

// walk tokenizes one entry of a folder.
func (t *tokenizeCommand) walk(c *cobra.Command, root, path string, d fs.DirEntry, err error) error {
	if err == nil && d.IsDir() {
		return c.Context().Err()
	}
	class, _ := filepath.Rel(root, filepath.Dir(path))
	if err != nil {
		return t.print(c, rejected(path, err.Error()), class)
	}
	return t.file(c, path, class)
}

// headroom is how much memory beside a file tokenizing aims to get by with:
// collecting garbage early costs less than holding two copies of a film.
// Verifying holds more at a time.
const headroom = 20 << 20

// streamGarbage is how much garbage may lie beside what is held of a stream, in
// percent: a film whose index is at its end is held as a whole.
const streamGarbage = 20

// file tokenizes one file. What it cannot read it reports as rejected.
func (t *tokenizeCommand) file(c *cobra.Command, path, class string) error {
	b, why := readFile(path)
	if why != "" {
		return t.print(c, rejected(path, why), class)
	}
	debug.SetMemoryLimit(int64(len(b)) + headroom)
	if len(b) > headroom {
		defer debug.FreeOSMemory() // else it lies beside the next file of a folder
	}
	x := newTokenizing(path, t.target)
	x.cutter.Feed(b)
	x.cutter.Close()
	x.drain(nil)
	x.finish()
	if t.verify {
		debug.SetMemoryLimit(int64(len(b)) + 8*headroom)
		x.verify([][]byte{b}, false, t.target)
	}
	return t.print(c, &x.tokenized, class)
}

// stream tokenizes standard input and prints each token when it is out.
func (t *tokenizeCommand) stream(c *cobra.Command) error {
	x := newTokenizing("-", t.target)
	out := c.OutOrStdout()
	tell := func(s *media.Segment) {
		if !t.asJSON {
			fmt.Fprintf(out, "token %d: %v + %v, %d bytes, %s\n", x.Segments-1, s.Start, s.Duration, len(s.Payload), s.Flags)
		}
	}
	debug.SetGCPercent(streamGarbage)
	var all [][]byte
	piece := make([]byte, 64<<10)
	read, tidy := 0, 16<<20
	for {
		n, err := c.InOrStdin().Read(piece)
		if read += n; read > tidy { // what waits for its index has outgrown its old room
			debug.FreeOSMemory()
			tidy = read + read/4
		}
		_, _ = x.cutter.Write(piece[:n]) // it never fails
		if t.verify {
			all = append(all, bytes.Clone(piece[:n]))
		}
		x.drain(tell)
		if errors.Is(err, io.EOF) || c.Context().Err() != nil {
			break
		}
		if err != nil {
			return fmt.Errorf("standard input: %w", err)
		}
	}
	x.cutter.Close()
	x.drain(tell)
	x.finish()
	if t.verify {
		x.verify(all, true, t.target)
	}
	return errors.Join(t.print(c, &x.tokenized, ""), c.Context().Err())
}

// print tells what became of one source.
func (t *tokenizeCommand) print(c *cobra.Command, x *tokenized, class string) error {
	if err := c.Context().Err(); err != nil && class != "" {
		return err
	}
	t.outcomes.add(class, x)
	if x.Verified != nil && !*x.Verified {
		t.failed++
	}
	if t.asJSON {
		line, err := json.Marshal(x)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", line)
		return err
	}
	if class != "" {
		return x.line(c.OutOrStdout())
	}
	return x.text(c.OutOrStdout())
}

// readFile reads a plain file, or says why not.
func readFile(path string) (b []byte, why string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err.Error()
	case !info.Mode().IsRegular():
		return nil, "not a plain file"
	case info.Size() > media.MaxFile:
		return nil, fmt.Sprintf("%d bytes, allowed are %d: cut it first, or send it through standard input", info.Size(), media.MaxFile)
	}
	if b, err = os.ReadFile(path); err != nil {
		return nil, err.Error()
	}
	return b, ""
}
