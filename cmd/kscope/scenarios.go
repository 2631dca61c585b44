package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

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
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return listScenarios(c) },
	}
	c.AddCommand(newList(), newShow(), newCheck(), newSchema())
	return c
}

func newList() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List the built-in scenarios", Example: "  kscope scenarios list",
		Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error { return listScenarios(c) }}
}

func listScenarios(c *cobra.Command) error {
	t := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, n := range scenarios.Names() {
		text, _ := scenarios.Builtin(n)
		all, err := scenarios.Load(n+".yaml", text, nil)
		if err != nil {
			return oursError{err}
		}
		fmt.Fprintf(t, "%s\t%s\n", n, all[0].Title)
	}
	return t.Flush()
}

func newShow() *cobra.Command {
	var effective bool
	c := &cobra.Command{
		Use: "show SCENARIO", Short: "Print a scenario as it is written, or with every value filled in",
		Example:           "  kscope scenarios show flash-crowd > my.yaml\n  kscope scenarios show my.yaml --effective",
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
	var sets []string
	c := &cobra.Command{
		Use: "check SCENARIO", Short: "Say whether a scenario is valid, and where it is not",
		Example:           "  kscope scenarios check my.yaml",
		Args:              oneArgument("the name of a built-in scenario or a file", "kscope scenarios check my.yaml"),
		ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error {
			file, text, err := scenarios.Open(args[0])
			if err != nil {
				return err
			}
			all, err := scenarios.Load(file, text, sets)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%s: valid, %d variants, %d seeds\n", file, len(all), all[0].Seeds)
			return err
		},
	}
	c.Flags().StringArrayVar(&sets, "set", nil, "lay `key=value` over the scenario (repeatable)")
	return c
}

func newSchema() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of scenario files, for editors",
		Long: `Schema prints the JSON Schema of scenario files. Editors with a YAML language
server use it for completion, descriptions and checks when a scenario begins with

  # yaml-language-server: $schema=kscope.json`,
		Example: "  kscope scenarios schema > kscope.json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := c.OutOrStdout().Write(scenarios.Schema())
			return err
		},
	}
}
