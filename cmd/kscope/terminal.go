package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"
)

// isTerminal says whether w is a terminal.
func isTerminal(w io.Writer) (*os.File, bool) {
	f, ok := w.(*os.File)
	return f, ok && isatty.IsTerminal(f.Fd())
}

// terminal says whether to print in colour, and how wide. NO_COLOR with any text
// in it, a dumb terminal, and anything but a terminal mean no colour.
func terminal(w io.Writer) (color bool, width int) {
	f, ok := isTerminal(w)
	if !ok {
		return false, 0
	}
	if cols, _, err := term.GetSize(int(f.Fd())); err == nil {
		width = cols
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb", width
}

// A progress bar shows how many runs are over; it draws on a terminal only.
type progress struct {
	bars *mpb.Progress
	bar  *mpb.Bar
}

func newProgress(w io.Writer, runs int, quiet bool) *progress {
	f, ok := isTerminal(w)
	if !ok || quiet {
		return &progress{}
	}
	bars := mpb.New(mpb.WithOutput(f), mpb.WithWidth(40), mpb.WithRefreshRate(100*time.Millisecond))
	return &progress{bars, bars.AddBar(int64(runs), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name("runs "), decor.CountersNoUnit("%d of %d")),
		mpb.AppendDecorators(decor.AverageETA(decor.ET_STYLE_GO)))}
}

func (p *progress) step() {
	if p.bar != nil {
		p.bar.Increment()
	}
}

func (p *progress) done() {
	if p.bar != nil {
		p.bar.Abort(true)
		p.bars.Wait()
	}
}

// newTransfer shows how many bytes of something have come; it draws on a
// terminal only.
func newTransfer(w io.Writer, name string, bytes int64) *progress {
	f, ok := isTerminal(w)
	if !ok {
		return &progress{}
	}
	bars := mpb.New(mpb.WithOutput(f), mpb.WithWidth(40), mpb.WithRefreshRate(100*time.Millisecond))
	return &progress{bars, bars.AddBar(bytes, mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Name(name+" "), decor.CountersKibiByte("% .1f of % .1f")),
		mpb.AppendDecorators(decor.AverageSpeed(decor.SizeB1024(0), "% .1f")))}
}

func (p *progress) add(n int64) {
	if p.bar != nil {
		p.bar.IncrInt64(n)
	}
}

// oneArgument accepts exactly one argument and says what it should be.
func oneArgument(what, example string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 1 {
			return nil
		}
		return fmt.Errorf("%s takes one argument, %s, not %d; for example: %s", c.CommandPath(), what, len(args), example)
	}
}

func someArguments(what, example string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return nil
		}
		return fmt.Errorf("%s takes at least one argument, %s; for example: %s", c.CommandPath(), what, example)
	}
}

func printJSON(c *cobra.Command, v any) error {
	e := json.NewEncoder(c.OutOrStdout())
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}
