package generate

import (
	"math"
	"time"

	"kinetoscope/internal/unit"
)

// A Matrix is round-trip times between places, in ms: one row for each place, as
// they were transcribed. There is no chance in it.
type Matrix struct {
	Places []string
	RTT    [][]float64 // from, to; 0 on the diagonal
}

// Matrix is the table of a model of round-trip times.
func (m *Model) Matrix() Matrix { return Matrix{m.words, m.table} }

// Ladder is the segments of a video: how long each lasts, how its renditions are
// called, and how large each segment of each is.
func (m *Model) Ladder() (each time.Duration, names []string, sizes [][]unit.Size) {
	each = time.Duration(m.numbers[0] * 1e9)
	for i, parts := range m.table {
		mean, row := m.numbers[1+i]*1000/8*m.numbers[0], make([]unit.Size, len(parts)) // bytes of a segment
		for k, p := range parts {
			row[k] = unit.Size(math.Round(mean * p / 1000))
		}
		sizes = append(sizes, row)
	}
	return each, m.words, sizes
}
