package qoe

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// made is a session on the rungs 0.3 and 1.2 Mbit/s, whose HD scores are 1 and 3:
// four segments of 2 s, a switch up and one down, 1.5 s stalled, 0.5 s to start.
func made() (*Ladder, Session) {
	l := NewLadder([]unit.Rate{300_000, 1_200_000})
	s := Session{Startup: 500 * time.Millisecond}
	for i, rung := range []int{0, 1, 1, 0} {
		s.Show(l, rung, 2*time.Second)
		if i == 2 {
			s.Stall(1500 * time.Millisecond)
		}
	}
	return l, s
}

// Computed by hand: rates sum to 3 and change by 1.8; utilities, with ln 4 =
// 1.386294, sum to 2.772589 and change by as much; HD scores sum to 8 and change
// by 4; the session lasts 10 s. Bits are 6 Mbit.
func TestModelsByHand(t *testing.T) {
	l, s := made()
	for _, test := range []struct {
		name      string
		got, want float64
	}{
		{"lin", s.Lin(), (3 - 4.3*1.5 - 1.8) / 4},
		{"log", s.Log(), -2.66 * 1.5 / 4},
		{"hd", s.HD(), (8 - 8*1.5 - 4.0) / 4},
		{"sabre", s.Sabre().Score, (2*2.772589 - 5*1.5) / 10},
		{"sabre's bitrate", s.Sabre().Bitrate, 600},
		{"sabre's change", s.Sabre().Change, 1800 * 2 / 10},
		{"bitrate", s.Bitrate(), 0.75},
		{"rebuffer ratio", s.RebufferRatio(), 1.5 / 9.5},
		{"lol+", s.LoLP(l), (6 - 1.8 - 1.2*1.5) / 4},
	} {
		if math.Abs(test.got-test.want) > 1e-6 {
			t.Errorf("%s: %.7f, want %.7f", test.name, test.got, test.want)
		}
	}
	s.LiveCost += l.LiveCost(1, 1)   // near live: 0.05 * 0.3 * 1
	s.LiveCost += l.LiveCost(2, 1.1) // farther: 0.1 * 1.2 * 2, and 0.3 * 0.1 for the pace
	if got, want := s.LoLP(l), (6-1.8-1.8-0.015-0.24-0.03)/4; math.Abs(got-want) > 1e-9 {
		t.Errorf("lol+, live: %v, want %v", got, want)
	}
	if (&Session{}).Lin() != 0 || (&Session{}).Sabre() != (Sabre{}) {
		t.Error("nothing seen has a score")
	}
}

// Two sessions beside each other have the sums of both.
func TestAdd(t *testing.T) {
	_, a := made()
	_, b := made()
	a.Add(&b)
	if a.Segments != 8 || a.Stalls != 2 || a.Switches != 4 || a.Length() != 20*time.Second || math.Abs(a.Lin()-b.Lin()) > 1e-12 || a.Sabre().Score != b.Sabre().Score {
		t.Errorf("%+v", a)
	}
}

// A rung is worth the best of QoE_HD's that is not above it.
func TestHDOfOtherLadders(t *testing.T) {
	l := NewLadder([]unit.Rate{100_000, 300_000, 1_849_999, 1_850_000, 50_000_000})
	for i, want := range []float64{1, 1, 3, 12, 20} {
		if l.hd[i] != want {
			t.Errorf("rung %d: %v, want %v", i, l.hd[i], want)
		}
	}
}

func TestP1203(t *testing.T) {
	var l Log
	l.Stall(time.Second, 0)
	l.Show(300_000, 2*time.Second)
	l.Show(6_000_000, 3*time.Second)
	l.Stall(3*time.Second, 3*time.Second)
	l.Cut(time.Second)
	var in struct {
		I11 struct{ Segments []map[string]any }
		I13 struct{ Segments []map[string]any }
		I23 struct{ Stalling [][2]float64 }
	}
	if err := json.Unmarshal(l.P1203(1), &in); err != nil {
		t.Fatal(err)
	}
	v := in.I13.Segments
	if len(v) != 2 || v[1]["start"] != 2.0 || v[1]["bitrate"] != 6000.0 || v[0]["resolution"] != "640x360" || v[1]["resolution"] != "1920x1080" {
		t.Errorf("pictures: %v", v)
	}
	if in.I11.Segments[0]["duration"] != 4.0 || in.I23.Stalling[1] != [2]float64{2, 3} || in.I23.Stalling[0] != [2]float64{0, 1} {
		t.Errorf("sound %v, stalls %v", in.I11.Segments, in.I23.Stalling)
	}
}

// The page has the weights of the code.
func TestWeightsInTheDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../../docs/explanation/qoe.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"4.3 T_stall", "2.66 T_stall", "8 T_stall", "5 T_stall", "1, 2, 3, 12, 15, 20", "0.05 R_low", "0.1 R_top", "1.1 s behind live"} {
		if !strings.Contains(string(doc), want) {
			t.Errorf("docs/explanation/qoe.md does not say %q", want)
		}
	}
}
