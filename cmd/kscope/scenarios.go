package main

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"kinetoscope/internal/unit"
	"kinetoscope/scenarios"
)

func newScenarios() *cobra.Command {
	c := &cobra.Command{
		Use:   "scenarios",
		Short: "List, show and check scenarios",
		Example: `  kscope scenarios                       list the built-in scenarios
  kscope scenarios show flash-crowd      print one, to start your own from
  kscope scenarios check my.yaml         say what is wrong with a file
  kscope scenarios schema > kscope.json  JSON Schema for your editor`,
		Args: noArgument,
		RunE: func(c *cobra.Command, _ []string) error { return listScenarios(c, false) },
	}
	c.AddCommand(newList(), newShow(), newCheck(), newSchema())
	return c
}

func newList() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "list",
		Short:   "List the built-in scenarios",
		Example: "  kscope scenarios list",
		Args:    noArgument,
		RunE:    func(c *cobra.Command, _ []string) error { return listScenarios(c, asJSON) },
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}

// A listing is one built-in scenario as `scenarios list --json` has it.
type listing struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Claim string `json:"claim"`
}

func listScenarios(c *cobra.Command, asJSON bool) error {
	var list []listing
	for _, n := range scenarios.Names() {
		text, _ := scenarios.Builtin(n)
		all, err := scenarios.Load(n+".yaml", text, nil)
		if err != nil {
			return oursError{err}
		}
		list = append(list, listing{n, all[0].Title, all[0].Claim})
	}
	if asJSON {
		return printJSON(c, list)
	}
	t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, l := range list {
		fmt.Fprintf(t, "%s\t%s\n", l.Name, l.Title)
	}
	return t.Flush()
}

func newShow() *cobra.Command {
	var effective bool
	c := &cobra.Command{
		Use:   "show SCENARIO",
		Short: "Print a scenario as it is written, or with every value filled in",
		Example: `  kscope scenarios show flash-crowd > my.yaml
  kscope scenarios show my.yaml --effective`,
		Args:              oneArgument("the name of a built-in scenario or a file", "kscope scenarios show flash-crowd"),
		ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error {
			file, text, err := scenarios.Open(args[0])
			if err == nil && effective {
				var all []scenarios.Scenario
				if all, err = scenarios.Load(file, text, nil); err == nil {
					text = scenarios.Effective(all)
				}
			}
			if err != nil {
				return err
			}
			_, err = c.OutOrStdout().Write(text)
			return err
		},
	}
	c.Flags().BoolVar(&effective, "effective", false, "fill in every default")
	return c
}

func newCheck() *cobra.Command {
	var k checkCommand
	c := &cobra.Command{
		Use:   "check SCENARIO",
		Short: "Say whether a scenario is valid, and where it is not",
		Example: `  kscope scenarios check my.yaml
  kscope scenarios check my.yaml --json     the problems, for an editor`,
		Args:              oneArgument("the name of a built-in scenario or a file", "kscope scenarios check my.yaml"),
		ValidArgsFunction: completeScenarios,
		RunE:              func(c *cobra.Command, args []string) error { return k.run(c, args[0]) },
	}
	c.Flags().StringArrayVar(&k.sets, "set", nil, "lay `key=value` over the scenario (repeatable)")
	c.Flags().BoolVar(&k.json, "json", false, "print JSON")
	return c
}

// A checkCommand is `kscope scenarios check` with its flags.
type checkCommand struct {
	sets []string
	json bool
}

// A checked scenario is what `scenarios check --json` prints.
type checked struct {
	File     string              `json:"file"`
	Valid    bool                `json:"valid"`
	Variants []string            `json:"variants"`
	Seeds    int                 `json:"seeds"`
	Problems []scenarios.Problem `json:"problems"`
}

func (k *checkCommand) run(c *cobra.Command, arg string) error {
	r := checked{File: arg, Variants: []string{}, Problems: []scenarios.Problem{}}
	file, text, err := scenarios.Open(arg)
	if err == nil {
		var all []scenarios.Scenario
		r.File = file
		if all, err = scenarios.Load(file, text, k.sets); err == nil {
			err = r.look(all)
		}
	}
	var bad *scenarios.Error
	var key *unit.KeyError
	switch {
	case k.json && errors.As(err, &bad):
		r.Problems = bad.Problems
		return errors.Join(errInvalid, printJSON(c, r))
	case k.json && errors.As(err, &key):
		r.Problems = []scenarios.Problem{{File: file, Key: key.Key, Message: key.Msg}}
		return errors.Join(errInvalid, printJSON(c, r))
	case err != nil:
		return err
	case k.json:
		return printJSON(c, r)
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s: valid, %s, %s\n", r.File, counted(len(r.Variants), "variant"), counted(r.Seeds, "seed"))
	return err
}

// look fills in what there is to say of variants, if they fit their videos.
func (r *checked) look(all []scenarios.Scenario) error {
	ladders := videos{}
	for _, s := range all {
		if _, _, err := ladders.read(&s); err != nil {
			return err
		}
	}
	r.Valid, r.Seeds = true, all[0].Seeds
	for _, s := range all {
		r.Variants = append(r.Variants, s.Variant)
	}
	return nil
}

// counted is a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of scenario files, for editors",
		Long: `Schema prints the JSON Schema of scenario files. Editors with a YAML language
server use it for completion, descriptions and checks when a scenario begins with

  # yaml-language-server: $schema=kscope.json`,
		Example: "  kscope scenarios schema > kscope.json",
		Args:    noArgument,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(scenarios.Schema())
			return err
		},
	}
}
