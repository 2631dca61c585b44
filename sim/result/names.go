package result

import (
	"fmt"
	"strings"
)

// metricNames lists the metrics in order.
func metricNames() []string {
	names := make([]string, len(Metrics))
	for i := range Metrics {
		names[i] = Metrics[i].Name
	}
	return names
}

// unknown words an error about a name that is not among the known ones, with
// the nearest of them where one is near.
func unknown(kind, found string, known []string) string {
	near := ""
	best := max(2, len(found)/3) + 1
	for _, name := range known {
		if d := distance(found, name); d < best {
			best, near = d, fmt.Sprintf(" (did you mean %q?)", name)
		}
	}
	return fmt.Sprintf("no %s %q%s; there is %s", kind, found, near, strings.Join(known, ", "))
}

// distance is Levenshtein's: the fewest characters to insert, delete or
// replace to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

// firstWord is s up to its first blank.
func firstWord(s string) string {
	if i := strings.IndexAny(s, " \t"); i > 0 {
		return s[:i]
	}
	return s
}
