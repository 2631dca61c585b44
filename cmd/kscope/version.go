package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// stamped is set by the linker (-X main.stamped=...) to the version-control
// state of the build.
var stamped = ""

// A build says what this program was made of.
type build struct {
	Version  string `json:"version"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Geth     string `json:"go_ethereum"` // the EVM that ran
}

func version() build {
	v := build{Version: stamped, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, d := range info.Deps {
		if d.Path == "github.com/ethereum/go-ethereum" {
			v.Geth = d.Version
		}
	}
	if v.Version == "" {
		v.Version = "development"
		revision, modified := "", ""
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				revision = "+" + s.Value[:min(12, len(s.Value))]
			case s.Key == "vcs.modified" && s.Value == "true":
				modified = ".modified"
			}
		}
		v.Version += revision + modified
	}
	return v
}

// String is the build in a line.
func (v build) String() string {
	return fmt.Sprintf("kscope %s (%s, %s, go-ethereum %s)", v.Version, v.Go, v.Platform, v.Geth)
}

func newVersion() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "version", Short: "Print the version of kscope and of what it runs on",
		Example: "  kscope version --json",
		Args:    noArgument,
		RunE: func(c *cobra.Command, _ []string) error {
			v := version()
			if asJSON {
				return printJSON(c, v)
			}
			_, err := fmt.Fprintln(c.OutOrStdout(), v)
			return err
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return c
}
