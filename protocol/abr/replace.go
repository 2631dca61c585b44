package abr

import (
	"fmt"
	"slices"
	"strings"
)

// A Replace says which segment of the buffer is fetched once more, on a higher
// rung, before the next one, as in Sabre.
type Replace string

// Ways to replace.
const (
	ReplaceNone  Replace = "none"
	ReplaceLeft  Replace = "left"  // the first that can still come in time
	ReplaceRight Replace = "right" // the last
)

// Names lists the ways to replace.
func (Replace) Names() []string {
	return []string{string(ReplaceNone), string(ReplaceLeft), string(ReplaceRight)}
}

// UnmarshalText reads a way to replace. The error lists them.
func (r *Replace) UnmarshalText(text []byte) error {
	if !slices.Contains(r.Names(), string(text)) {
		return fmt.Errorf("unknown name %q: write %s", text, strings.Join(r.Names(), ", "))
	}
	*r = Replace(text)
	return nil
}
