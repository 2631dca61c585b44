package datasets

import (
	"math"
	"strings"
	"time"

	"kinetoscope/datasets/generate"
)

// Generated begins the names of data that is made up from models of real sets.
const Generated = "generated/"

// OpenSeeded is Open, and makes what is named generated/NAME, from a seed.
func OpenSeeded(path string, d Descriptor, seed uint64) (*Set, error) {
	name, ok := strings.CutPrefix(path, Generated)
	if !ok {
		return Open(path, d)
	}
	m, err := generate.Find(name)
	if err != nil {
		return nil, err
	}
	return made(m, seed), nil
}

// made is a set of made-up data.
func made(m *generate.Model, seed uint64) *Set {
	s := &Set{Name: Generated + m.Name, Format: "a model of " + m.Source, Why: "you named it"}
	s.Repairs.Rows, s.Repairs.Kept = generate.Length, generate.Length
	switch m.Kind {
	case "rates":
		s.Kind = Bandwidth
		s.Traces = []Trace{{Name: s.Name, Steps: m.Rates(seed, generate.Length)}}
	case "times":
		s.Kind = Viewers
		s.Viewers = &Crowd{Lengths: m.Times(seed, generate.Length)}
	case "arrivals":
		s.Kind = Viewers
		s.Viewers = &Crowd{}
		for _, at := range m.Arrivals(seed, generate.Length) {
			s.Viewers.Sessions = append(s.Viewers.Sessions, Session{Start: at, Length: time.Hour})
		}
	case "matrix":
		s.Kind, s.Latency = Latency, matrixOf(m)
		s.Repairs.Rows, s.Repairs.Kept = int64(len(s.Latency.Pairs)), int64(len(s.Latency.Pairs))
	case "ladder":
		s.Kind = Video
		each, names, sizes := m.Ladder()
		l := Ladder{Name: s.Name}
		for i, row := range sizes {
			l.Renditions = append(l.Renditions, Sizes{Name: names[i], Sizes: row})
		}
		for range sizes[0] {
			l.Durations = append(l.Durations, each)
		}
		s.Videos = []Ladder{l}
		s.Repairs.Rows, s.Repairs.Kept = int64(len(sizes)*len(sizes[0])), int64(len(sizes)*len(sizes[0]))
	case "fees":
		s.Kind = Fees
		series := Series{Name: m.Name, Unit: "wei"}
		for i, wei := range m.Fees(seed, generate.Length) {
			series.Points = append(series.Points, Point{At: int64(i) * int64(24*time.Hour), Value: wei})
		}
		s.Fees = []Series{series}
	}
	return s
}

// matrixOf is a table of round-trip times as a model.
func matrixOf(m *generate.Model) *Matrix {
	out, table := &Matrix{}, m.Matrix()
	for i, name := range table.Places {
		out.Places = append(out.Places, Place{Name: name})
		for k, rtt := range table.RTT[i] {
			if i != k && rtt > 0 {
				out.Pairs = append(out.Pairs, Pair{From: int32(i), To: int32(k), RTT: time.Duration(math.Round(rtt * 1e6))})
			}
		}
	}
	return out
}
