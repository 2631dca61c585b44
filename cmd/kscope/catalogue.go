package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"kinetoscope/datasets"
	"kinetoscope/datasets/catalogue"
)

// chosenSets are the sets of these names, or all.
func chosenSets(names []string) ([]catalogue.Set, error) {
	if len(names) == 0 {
		return catalogue.Sets(), nil
	}
	var all []catalogue.Set
	for _, name := range names {
		s, err := catalogue.Find(name)
		if err != nil {
			return nil, err
		}
		all = append(all, *s)
	}
	return all, nil
}

// cacheFlag is the folder that holds sets.
func cacheFlag(c *cobra.Command, to *string) {
	c.Flags().StringVar(to, "cache", "", "keep sets in this `folder` (default: what KSCOPE_DATASETS names, or kscope/datasets in the user's cache)")
}

// cacheFolder is what the flag says, or where sets are kept anyway.
func cacheFolder(flag string) (string, error) {
	if flag != "" {
		return flag, nil
	}
	return catalogue.Folder()
}

func newListSets() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list [NAME...]",
		Short: "List the public sets that can be pulled, or say all about some",
		Long: `List prints the catalogue: public data sets with their size, licence and dirt,
each file pinned by commit, size and SHA-256. With names it also says whom to cite
and where each file comes from.`,
		Example: "  kscope datasets list\n  kscope datasets list bw-hsdpa-norway-sabre",
		RunE: func(c *cobra.Command, args []string) error {
			sets, err := chosenSets(args)
			switch {
			case err != nil:
				return err
			case asJSON:
				return printJSON(c, sets)
			case len(args) > 0:
				return printOrigins(c.OutOrStdout(), sets)
			}
			t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			fmt.Fprintln(t, "set\tkind\tfiles\tbytes\tlicence\twhat it is\tdirt")
			for _, s := range sets {
				fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", s.Name, s.Kind, len(s.Files), datasets.Grouped(s.Size()), s.Licence, s.Title, s.Dirt)
			}
			return t.Flush()
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON list")
	return c
}

// printOrigins writes all that the catalogue says of sets.
func printOrigins(w io.Writer, sets []catalogue.Set) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range sets {
		fmt.Fprintf(t, "%s: %s\n  kind\t%s\n  licence\t%s\n  cite\t%s\n  dirt\t%s\n  files\t%d, %s bytes\n", s.Name, s.Title, s.Kind, s.Licence, s.Cite, s.Dirt, len(s.Files), datasets.Grouped(s.Size()))
		for _, f := range s.Files {
			fmt.Fprintf(t, "    %s  %s\n", f.SHA256[:16], f.URL)
		}
	}
	return t.Flush()
}

func newPull() *cobra.Command {
	var cache, mirror string
	c := &cobra.Command{
		Use:   "pull NAME...",
		Short: "Download sets of the catalogue, and prove them",
		Long: `Pull gets the files of sets from where the catalogue says, or from a mirror: a
folder or a URL with a folder for each set, such as another machine's cache. It
respects the proxies that the environment names (HTTPS_PROXY, NO_PROXY). A file is
called NAME.part until its length and SHA-256 are those of the catalogue; an
interrupted pull goes on where it ended. What is there and right is not got again.`,
		Example: "  kscope datasets pull bw-hsdpa-norway-sabre\n  kscope datasets pull rtt-planetlab --mirror /mnt/datasets",
		Args:    someArguments("the name of a set", "kscope datasets pull bw-hsdpa-norway-sabre"),
		RunE: func(c *cobra.Command, args []string) error {
			sets, err := chosenSets(args)
			if err != nil {
				return err
			}
			folder, err := cacheFolder(cache)
			if err != nil {
				return err
			}
			p := &catalogue.Puller{Folder: folder, Mirror: mirror, Note: func(text string) { fmt.Fprintf(c.ErrOrStderr(), "kscope: %s\n", text) }}
			for i := range sets {
				if err := pullSet(c, p, &sets[i]); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cacheFlag(c, &cache)
	c.Flags().StringVar(&mirror, "mirror", "", "get files from this `folder or URL`, in a folder for each set")
	return c
}

// pullSet pulls one set and says what came of it.
func pullSet(c *cobra.Command, p *catalogue.Puller, s *catalogue.Set) error {
	bar := newTransfer(c.ErrOrStderr(), s.Name, s.Size())
	there := map[string]int64{}
	p.Report = func(_ *catalogue.Set, f *catalogue.File, n int64) {
		bar.add(n - there[f.Name])
		there[f.Name] = n
	}
	got, err := p.Pull(c.Context(), s)
	bar.done()
	if errors.Is(err, context.Canceled) {
		return interrupted("what came is kept")
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(c.OutOrStdout(), "%s: %d of %d %s pulled, all proved by SHA-256; licence: %s; cite %s\n", s.Name, got, len(s.Files), plural(len(s.Files), "file"), s.Licence, s.Cite)
	return nil
}

func newVerifySets() *cobra.Command {
	var cache string
	c := &cobra.Command{
		Use:   "verify [NAME...]",
		Short: "Compare what was pulled with the catalogue",
		Long: `Verify reads every file of the sets that are in the cache, or of those named, and
compares its length and SHA-256 with the catalogue. It ends with exit code 2 if one
is wrong or incomplete, or if a set that was named is not there.`,
		Example: "  kscope datasets verify\n  kscope datasets verify bw-hsdpa-norway-sabre",
		RunE: func(c *cobra.Command, args []string) error {
			sets, err := chosenSets(args)
			if err != nil {
				return err
			}
			folder, err := cacheFolder(cache)
			if err != nil {
				return err
			}
			return verifySets(c.OutOrStdout(), folder, sets, len(args) > 0)
		},
	}
	cacheFlag(c, &cache)
	return c
}

// verifySets prints how each set is, and fails if one is not right.
func verifySets(w io.Writer, folder string, sets []catalogue.Set, named bool) error {
	var bad []string
	there := 0
	for i := range sets {
		s := &sets[i]
		count := map[catalogue.State]int{}
		for k := range s.Files {
			state, err := catalogue.Check(folder, s, &s.Files[k])
			if err != nil {
				return err
			}
			count[state]++
			if state == catalogue.Wrong || state == catalogue.Partial {
				fmt.Fprintf(w, "%s/%s is %s\n", s.Name, s.Files[k].Name, state)
			}
		}
		if count[catalogue.Absent] == len(s.Files) && !named {
			continue
		}
		there++
		if count[catalogue.Proved] != len(s.Files) {
			bad = append(bad, s.Name)
		}
		fmt.Fprintf(w, "%s: %d of %d %s proved, %d wrong, %d partial, %d absent\n", s.Name, count[catalogue.Proved], len(s.Files), plural(len(s.Files), "file"), count[catalogue.Wrong], count[catalogue.Partial], count[catalogue.Absent])
	}
	if len(bad) > 0 {
		return fmt.Errorf("%s: not whole: kscope datasets pull %s", strings.Join(bad, ", "), strings.Join(slices.Compact(bad), " "))
	}
	fmt.Fprintf(w, "%d %s in %s\n", there, plural(there, "set"), folder)
	return nil
}
