package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/media"
)

func newTokenize() *cobra.Command {
	var asJSON bool
	target := media.Default().Segment
	c := &cobra.Command{
		Use:   "tokenize FILE",
		Short: "Show what the tokenizer makes of a file",
		Long: `Tokenize reads a file of any kind and prints its tracks, its segments and every
repair. What cannot be parsed becomes opaque pieces, and the reason is printed:
content is never a reason to fail.`,
		Example: "  kscope tokenize film.mp4\n  kscope tokenize film.mp4 --segment 4s --json",
		Args:    oneArgument("a file", "kscope tokenize film.mp4"),
		RunE: func(c *cobra.Command, args []string) error {
			b, err := readFile(args[0])
			if err != nil {
				return err
			}
			var key *unit.KeyError
			if err := (media.Config{Segment: target}).Validate(); errors.As(err, &key) {
				return fmt.Errorf("--segment: %s", key.Msg)
			}
			r := media.Tokenize(filepath.Base(args[0]), b, target)
			if asJSON {
				return printJSON(c, r)
			}
			return reportText(c.OutOrStdout(), r)
		},
	}
	c.Flags().DurationVar(&target, "segment", 2*time.Second, "aim at segments of this `length`")
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

func readFile(path string) ([]byte, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file: name a file to tokenize", path)
	}
	return os.ReadFile(path)
}
