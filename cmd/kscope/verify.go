package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"kinetoscope/reports"
	"kinetoscope/scenarios"
	"kinetoscope/sim/result"
)

func newVerify() *cobra.Command {
	var workers int
	var quiet bool
	c := &cobra.Command{
		Use:   "verify FOLDER",
		Short: "Run a folder's scenario again and compare every byte",
		Long: `Verify plays the scenario of a run folder again, the same variants on the same
seeds, and compares every file with what the folder holds: results, rows,
pictures and page. It ends with 1 if one differs.`,
		Example: "  kscope verify kscope-out/latest",
		Args:    oneArgument("a run folder", "kscope verify kscope-out/latest"),
		RunE: func(c *cobra.Command, args []string) error {
			if workers < 1 {
				return fmt.Errorf("--workers: %d runs at the same time: at least 1 is allowed", workers)
			}
			set, err := again(c.Context(), args[0], workers, c.ErrOrStderr(), quiet)
			if err != nil {
				return err
			}
			return verify(c.OutOrStdout(), args[0], set, quiet)
		},
	}
	f := c.Flags()
	f.IntVar(&workers, "workers", runtime.NumCPU(), "play `n` runs at the same time (default: one for each processor)")
	f.Lookup("workers").DefValue = "0"
	f.BoolVarP(&quiet, "quiet", "q", false, "print nothing but errors")
	return c
}

// again plays what a folder holds once more. What no run can repeat (the host,
// the command line) is taken from the folder.
func again(ctx context.Context, dir string, workers int, stderr io.Writer, quiet bool) (*result.Set, error) {
	old, err := open(dir)
	if err != nil {
		return nil, err
	}
	var made result.Manifest
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err == nil {
		err = json.Unmarshal(text, &made)
	}
	if err != nil || len(old.Scenario) == 0 {
		return nil, fmt.Errorf("%s: it takes a whole run folder, with scenario.yaml and manifest.json, to play it again", dir)
	}
	all, err := scenarios.Load(filepath.Join(dir, "scenario.yaml"), old.Scenario, nil, made.Variants...)
	if err != nil {
		return nil, err
	}
	p, err := rerun(dir, &made, len(all)).plan(all)
	if err != nil {
		return nil, err
	}
	p.twice()
	set, err := p.play(ctx, workers, newProgress(stderr, len(p.jobs), quiet))
	if err != nil {
		return nil, err
	}
	stamp(&set.Manifest, time.Now())
	set.Manifest.Engine = strings.Join(p.engines(), ", ")
	set.Manifest.Command, set.Manifest.Stopped, set.Manifest.Host = made.Command, made.Stopped, made.Host
	return set, nil
}

// rerun is the command that a folder is the result of, up to what changes no
// bit of it.
func rerun(dir string, made *result.Manifest, variants int) *runCommand {
	r := &runCommand{scenario: filepath.Join(dir, "scenario.yaml"), seeds: made.Seeds}
	if len(made.Variants) < variants {
		r.variants = made.Variants
	}
	return r
}

// verify compares every file of a folder with what the Set makes.
func verify(out io.Writer, dir string, set *result.Set, quiet bool) error {
	files, err := reports.Files(set)
	if err != nil {
		return oursError{err}
	}
	var formats []string
	for _, f := range reports.Formats() {
		if drawn, _ := filepath.Glob(filepath.Join(dir, "plots", "*."+f)); len(drawn) > 0 {
			formats = append(formats, f)
		}
	}
	more, err := reports.Also(set, formats)
	if err != nil {
		return oursError{err}
	}
	files = append(files, more...)
	files = result.Crated(set, append(result.Files(set), files...))
	var apart []string
	for _, f := range files {
		var fresh bytes.Buffer
		if err := f.Write(&fresh); err != nil {
			return oursError{err}
		}
		old, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Name)))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			apart = append(apart, f.Name+": the folder has none")
		case err != nil:
			return err
		case !bytes.Equal(old, fresh.Bytes()):
			apart = append(apart, f.Name+": "+difference(old, fresh.Bytes()))
		}
	}
	if !quiet {
		mark, text := "✓", fmt.Sprintf("%d files, the same to the last bit", len(files))
		if len(apart) > 0 {
			mark, text = "✗", fmt.Sprintf("%d of %d files differ", len(apart), len(files))
		}
		fmt.Fprintf(out, "%s %s: %s, digest %.12s\n", mark, set.Name, text, set.Manifest.Digest)
		for _, line := range apart {
			fmt.Fprintf(out, "  %s\n", line)
		}
	}
	if len(apart) > 0 {
		return errVerdict
	}
	return nil
}

// difference says where two files part.
func difference(old, fresh []byte) string {
	at := 0
	for at < min(len(old), len(fresh)) && old[at] == fresh[at] {
		at++
	}
	line, start := bytes.Count(old[:at], []byte("\n"))+1, bytes.LastIndexByte(old[:at], '\n')+1
	return fmt.Sprintf("line %d, column %d: was %q, is %q", line, at-start+1, around(old[start:], at-start), around(fresh[start:], at-start))
}

// around is what stands in a line near a column.
func around(line []byte, at int) string {
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	const before, after = 12, 24
	return string(line[min(max(at-before, 0), len(line)):min(at+after, len(line))])
}
