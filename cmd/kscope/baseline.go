package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"kinetoscope/sim/result"
)

// baselines is where baselines are stored, below the folder where kscope runs:
// small text files, made to be committed.
const baselines = "baselines"

func newBaseline() *cobra.Command {
	c := &cobra.Command{
		Use:   "baseline",
		Short: "Store results, and check later ones against them",
		Long: `Baseline keeps the record of a run in the folder baselines, small enough to be
committed, and compares later runs with it: a gate against regressions.`,
		Example: `  kscope baseline save kscope-out/latest
  kscope baseline check kscope-out/latest
  kscope baseline list`,
		Args: noArgument,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newBaselineSave(), newBaselineCheck(), newBaselineList())
	return c
}

func newBaselineSave() *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:     "save FOLDER",
		Short:   "Store the record of a run as a baseline",
		Example: "  kscope baseline save kscope-out/latest --name gate",
		Args:    oneArgument("a run folder", "kscope baseline save kscope-out/latest"),
		RunE: func(c *cobra.Command, args []string) error {
			s, err := open(args[0])
			if err != nil {
				return err
			}
			if name == "" {
				name = s.Name
			}
			if name == "" || name != filepath.Base(name) || strings.HasPrefix(name, ".") {
				return fmt.Errorf("--name: %q is no name of a folder: use letters, digits and hyphens", name)
			}
			to := filepath.Join(baselines, name)
			if err := result.Keep(to, os.DirFS(args[0])); err != nil {
				return err
			}
			fmt.Fprintf(c.OutOrStdout(), "kept %s of %s: %s, digest %.12s\n", counted(len(s.Runs), "run"), s.Name, to, s.Manifest.Digest)
			return nil
		},
	}
	c.Flags().StringVar(&name, "name", "", "call it `name` (default: the name of the scenario)")
	return c
}

func newBaselineCheck() *cobra.Command {
	var r compareCommand
	var name string
	c := &cobra.Command{
		Use:   "check FOLDER",
		Short: "Compare a run with its baseline",
		Long: `Check compares the record of a run with the baseline of the same name as its
scenario, as kscope compare does, and ends with 1 if a metric became worse.`,
		Example: "  kscope baseline check kscope-out/latest --min-effect 2%",
		Args:    oneArgument("a run folder", "kscope baseline check kscope-out/latest"),
		RunE: func(c *cobra.Command, args []string) error {
			if name == "" {
				s, err := open(args[0])
				if err != nil {
					return err
				}
				name = s.Name
			}
			return r.run(c, filepath.Join(baselines, name), args)
		},
	}
	r.flags(c)
	c.Flags().StringVar(&name, "name", "", "the `name` of the baseline (default: that of the scenario)")
	return c
}

func newBaselineList() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "List the baselines that are stored",
		Example: "  kscope baseline list",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			names := stored()
			if len(names) == 0 {
				fmt.Fprintf(c.OutOrStdout(), "no baseline is stored in %s yet\n", baselines)
			}
			for _, name := range names {
				s, err := open(filepath.Join(baselines, name))
				if err != nil {
					return err
				}
				fmt.Fprintf(c.OutOrStdout(), "%s: %s × %s of %s, version %s, digest %.12s\n", name, counted(len(s.Variants), "variant"),
					counted(len(s.Seeds), "seed"), s.Name, s.Manifest.Version, s.Manifest.Digest)
			}
			return nil
		},
	}
}

// stored is the names of all baselines.
func stored() (names []string) {
	entries, _ := os.ReadDir(baselines)
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// open reads a record: a folder, a file, a stored baseline, or what git keeps.
func open(name string) (*result.Set, error) {
	if _, err := os.Stat(name); err == nil {
		return result.Read(os.DirFS(filepath.Dir(name)), filepath.Base(name), name)
	}
	if _, err := os.Stat(filepath.Join(baselines, name)); err == nil && filepath.IsLocal(name) {
		return result.Read(os.DirFS(baselines), filepath.ToSlash(name), name)
	}
	if revision, folder, ok := strings.Cut(name, ":"); ok && revision != "" {
		return fromGit(revision, folder, name)
	}
	have := "none is stored yet"
	if names := stored(); len(names) > 0 {
		have = "stored are " + strings.Join(names, ", ")
	}
	return nil, fmt.Errorf("%s: there is no such folder or file, and no baseline of that name (%s)", name, have)
}

// fromGit reads the record of a folder as a revision has it.
func fromGit(revision, folder, name string) (*result.Set, error) {
	temp, err := os.MkdirTemp("", "kscope-")
	if err != nil {
		return nil, oursError{err}
	}
	defer os.RemoveAll(temp)
	for _, file := range result.Kept() {
		// "./" makes the folder one below this folder, not below the top of the tree
		text, err := exec.Command("git", "show", revision+":./"+filepath.ToSlash(filepath.Join(folder, file))).Output()
		var failed *exec.ExitError
		switch {
		case errors.As(err, &failed) && file != result.Kept()[0]:
			continue // only the first is needed
		case errors.As(err, &failed):
			return nil, fmt.Errorf("%s: git: %s", name, strings.TrimSpace(string(failed.Stderr)))
		case err != nil:
			return nil, fmt.Errorf("%s: git: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(temp, file), text, fs.FileMode(0o666)); err != nil {
			return nil, oursError{err}
		}
	}
	return result.Read(os.DirFS(temp), ".", name)
}
