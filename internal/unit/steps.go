package unit

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"
)

// Steps reads a CSV file of quantities that change with time: the header, then a
// step in each line, at most so many; empty lines and those that begin with # are
// skipped. parse reads one step from its values, as many as the header has; like
// is a line that it takes, for messages. The error says in which line what is wrong.
func Steps[T any](text []byte, header, like string, most int, parse func(values []string) (T, error)) ([]T, error) {
	var steps []T
	lines := bufio.NewScanner(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	begun := false
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		if !begun {
			if strings.ReplaceAll(line, " ", "") != header {
				return nil, fmt.Errorf("line %d: %.40q is not the header: write %s", n, line, header)
			}
			begun = true
			continue
		}
		if len(steps) == most {
			return nil, fmt.Errorf("line %d: there may be at most %d steps", n, most)
		}
		values := strings.Split(line, ",")
		if want := strings.Count(header, ",") + 1; len(values) != want {
			return nil, fmt.Errorf("line %d: %.40q has %d values: write %d, like %s", n, line, len(values), want, like)
		}
		for i := range values {
			values[i] = strings.TrimSpace(values[i])
		}
		s, err := parse(values)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		steps = append(steps, s)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("a line is too long: %w", err)
	}
	if len(steps) == 0 {
		return nil, fmt.Errorf("there is no step: write %s, then a line like %s for each", header, like)
	}
	return steps, nil
}
