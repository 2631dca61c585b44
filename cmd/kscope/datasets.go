package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"kinetoscope/datasets"
	"kinetoscope/netem"
	"kinetoscope/reports"
	"kinetoscope/sim/result"
)

func newDatasets() *cobra.Command {
	c := &cobra.Command{
		Use:   "datasets",
		Short: "Read real-world data, repair what can be repaired, and say what was",
		Long: `Datasets reads recordings as they are found: rates of links, round-trip times,
churn, viewers, sizes of video, fees. It recognises the format by content, takes
units from the format, the header or a flag and never from the size of numbers,
and counts every row that it repairs or drops, by rule. docs/reference/datasets.md
lists the formats and the rules. It also has a catalogue of public sets, and gets
them with proof.`,
		Example: `  kscope datasets list
  kscope datasets pull bw-hsdpa-norway-sabre
  kscope datasets inspect trace.json
  kscope datasets import trace.json --to trace.csv`,
		Args: noArgument,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newListSets(), newPull(), newVerifySets(), newInspect(), newImport(), newFormats())
	return c
}

// descriptorFlags are the flags that state what a file cannot say of itself.
func descriptorFlags(c *cobra.Command, d *descriptorText) {
	f := c.Flags()
	f.StringVar(&d.format, "format", "", "read it as this `format`; kscope datasets formats lists them")
	f.StringSliceVar(&d.units, "unit", nil, "`unit` of the main column, or of another as column=unit, like ms or time=s")
	f.StringSliceVar(&d.columns, "column", nil, "which column is what, as `what=name`, by header or number: down=3")
	f.DurationVar(&d.step, "step", 0, "how long a row lasts that has no `length`")
	f.BoolVar(&d.comma, "decimal-comma", false, "a comma in a number is the decimal sign, as in 8,5")
	f.BoolVar(&d.strict, "strict", false, "refuse what would be repaired or dropped")
}

// descriptorText is a descriptor as flags write it.
type descriptorText struct {
	format         string
	units, columns []string
	step           time.Duration
	comma, strict  bool
}

// descriptor makes sense of the flags.
func (d *descriptorText) descriptor() (datasets.Descriptor, error) {
	out := datasets.Descriptor{Format: d.format, Step: d.step, Comma: d.comma, Strict: d.strict, Units: map[string]string{}, Columns: map[string]string{}}
	for _, u := range d.units {
		role, unit, named := strings.Cut(u, "=")
		if !named {
			role, unit = "", u
		}
		out.Units[role] = unit
	}
	for _, text := range d.columns {
		role, name, ok := strings.Cut(text, "=")
		if !ok {
			return out, fmt.Errorf("--column %s: write what=name, like down=3", text)
		}
		out.Columns[role] = name
	}
	return out, nil
}

// openSet reads what a command names.
func (d *descriptorText) openSet(path string) (*datasets.Set, error) {
	desc, err := d.descriptor()
	if err != nil {
		return nil, err
	}
	return datasets.OpenSeeded(path, desc, 1)
}

func newInspect() *cobra.Command {
	var d descriptorText
	var asJSON bool
	var out string
	c := &cobra.Command{
		Use:   "inspect PATH",
		Short: "Show what a file of data is, its moments and its dirt",
		Long: `Inspect reads a file, a folder or an archive and prints the format that it has
and why, where each unit comes from, moments of all that it tells, and each rule
of repair that it met: how often, what was done, and where first. With --out it
also draws it.`,
		Example: "  kscope datasets inspect trace.json\n  kscope datasets inspect matrix.txt --unit ms --out plots",
		Args:    oneArgument("a file or a folder", "kscope datasets inspect trace.json"),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := d.openSet(args[0])
			if err != nil {
				return err
			}
			if out != "" {
				files, err := sketch(s)
				if err != nil {
					return oursError{err}
				}
				if err := save(out, files); err != nil {
					return err
				}
			}
			if asJSON {
				return printJSON(c, struct {
					*datasets.Set
					Moments []datasets.Moment `json:"moments"`
				}{s, s.Moments()})
			}
			return printSet(c.OutOrStdout(), s)
		},
	}
	descriptorFlags(c, &d)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	c.Flags().StringVarP(&out, "out", "o", "", "write a plot into `folder`, as SVG and as PNG")
	return c
}

// sketchPoints bounds the points of a plot.
const sketchPoints = 2000

// sketch draws a set.
func sketch(s *datasets.Set) ([]result.File, error) {
	var panels []reports.Panel
	curves := s.Curves()
	if spread, ok := s.Spread(sketchPoints); ok {
		curves = append(curves, spread)
	}
	for _, c := range curves {
		c = c.Thinned(sketchPoints)
		panels = append(panels, reports.Panel(c))
	}
	name := strings.TrimSuffix(filepath.Base(s.Name), filepath.Ext(s.Name))
	return reports.Sketch(name, fmt.Sprintf("%s, %s, read as %s. %s.", filepath.Base(s.Name), s.Kind, s.Format, &s.Repairs), panels)
}

// printSet writes what a set is for a terminal.
func printSet(w io.Writer, s *datasets.Set) error {
	fmt.Fprintf(w, "%s: %s, read as %s: %s\n", s.Name, s.Kind, s.Format, s.Why)
	for _, u := range s.Units {
		fmt.Fprintf(w, "  %s\n", u)
	}
	fmt.Fprintf(w, "%d %s, %s bytes: %s\n\n", s.Files, plural(s.Files, "file"), datasets.Grouped(s.Bytes), headline(&s.Repairs))
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "what\tunit\tn\tmean\tmin\tp10\tmedian\tp90\tp99\tmax")
	for _, m := range s.Moments() {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\n", m.Name, m.Unit, m.N, figures(m.Mean, m.Min, m.P10, m.Median, m.P90, m.P99, m.Max))
	}
	if len(s.Repairs.Tallies) > 0 {
		fmt.Fprintln(t, "\nrule\twhat was done\tcount\tfirst")
		for _, r := range s.Repairs.Tallies {
			fmt.Fprintf(t, "%s\t%s\t%d\t%s\n", r.Rule, r.Act, r.Count, r.First[0])
		}
	}
	if len(s.Columns) > 0 {
		fmt.Fprintln(t, "\ncolumn\tmarks for nothing")
		for _, c := range s.Columns {
			fmt.Fprintf(t, "%s\t%d\n", c.Name, c.Missing)
		}
	}
	return t.Flush()
}

// headline is the line of repairs without its rules, which a table lists.
func headline(r *datasets.Repairs) string {
	line, _, _ := strings.Cut(r.String(), ":")
	return line
}

func plural(n int, word string) string {
	if n == 1 {
		return word
	}
	return word + "s"
}

// figures writes numbers with five digits.
func figures(xs ...float64) string {
	cells := make([]string, len(xs))
	for i, x := range xs {
		cells[i] = strconv.FormatFloat(x, 'g', 5, 64)
	}
	return strings.Join(cells, "\t")
}

func newImport() *cobra.Command {
	var d descriptorText
	var to string
	c := &cobra.Command{
		Use:   "import PATH --to FILE",
		Short: "Turn data of any format into a plain CSV file",
		Long: `Import reads a file, a folder or an archive like inspect and writes it as plain
CSV that any tool reads: a header with units, numbers without ornaments, and
above them lines that begin with # and say what was repaired. Rates become a
trace that network.classes takes as trace.file. A set of several traces needs a
folder: each becomes a file in it.`,
		Example: "  kscope datasets import trace.json --to trace.csv\n  kscope datasets import rates.csv --unit Mbit/s --column down=3 --to trace.csv --strict",
		Args:    oneArgument("a file or a folder", "kscope datasets import trace.json --to trace.csv"),
		RunE: func(c *cobra.Command, args []string) error {
			if to == "" {
				return fmt.Errorf("--to is missing: say where the CSV shall go, like --to trace.csv")
			}
			s, err := d.openSet(args[0])
			if err != nil {
				return err
			}
			written, err := writeSheets(s, to)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "%s: %s\n%s: %s\n", s.Name, &s.Repairs, to, written)
			for _, t := range s.Traces {
				if len(t.Steps) > netem.MaxSteps {
					fmt.Fprintf(c.ErrOrStderr(), "kscope: %s has %s steps: a scenario takes %s at most, so cut it first\n", t.Name, datasets.Grouped(int64(len(t.Steps))), datasets.Grouped(netem.MaxSteps))
				}
			}
			return nil
		},
	}
	descriptorFlags(c, &d)
	c.Flags().StringVar(&to, "to", "", "write this CSV `file`, or into this folder")
	return c
}

// writeSheets writes a set to a file, or to a folder, and says what is there.
func writeSheets(s *datasets.Set, to string) (string, error) {
	sheets := s.Sheets()
	info, err := os.Stat(to)
	folder := strings.HasSuffix(to, string(filepath.Separator)) || err == nil && info.IsDir()
	if !folder && len(sheets) > 1 {
		return "", fmt.Errorf("--to %s: there are %d tables in it, the first of %s: name a folder, with a slash at its end", to, len(sheets), sheets[0].Name)
	}
	if !folder {
		return "1 table", writeSheet(sheets[0], to)
	}
	if err := os.MkdirAll(to, 0o777); err != nil {
		return "", fmt.Errorf("--to: %w: name a folder where you may write", err)
	}
	for i, sheet := range sheets {
		if err := writeSheet(sheet, filepath.Join(to, fmt.Sprintf("%03d.csv", i+1))); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d tables, 001.csv and so on", len(sheets)), nil
}

// writeSheet writes one table, whole or not at all.
func writeSheet(sheet datasets.Sheet, path string) error {
	var text bytes.Buffer
	if err := sheet.Write(&text); err != nil {
		return oursError{err}
	}
	part := path + ".part"
	err := os.WriteFile(part, text.Bytes(), 0o666)
	if err == nil {
		err = os.Rename(part, path)
	}
	if err != nil {
		_ = os.Remove(part)
		return fmt.Errorf("--to: %w: name a file that you may write", err)
	}
	return nil
}

func newFormats() *cobra.Command {
	return &cobra.Command{
		Use:     "formats",
		Short:   "List the formats of data that can be read",
		Example: "  kscope datasets formats",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			for _, f := range datasets.Formats() {
				fmt.Fprintf(t, "%s\t%s\t%s\n", f.Kind, f.Name, f.Doc)
			}
			return t.Flush()
		},
	}
}
