package token

import "strings"

var flagNames = [...]string{"independent", "guessed", "opaque", "", "break", "damaged", "undecodable", "sealed"}

// String lists the names of the flags that are set, with commas; "" for none.
func (f Flags) String() string {
	var names []string
	for i, name := range flagNames {
		if f&(1<<i) != 0 && name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ",")
}
