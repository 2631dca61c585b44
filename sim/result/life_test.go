package result

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// sample is a request that a silent neighbour does not answer and an edge does,
// with what is stated on the way.
func sampleLife() *Life {
	at := func(ms int, m Moment) Moment { m.At = time.Duration(ms) * time.Millisecond; return m }
	return &Life{Of: "viewer 17", Moments: []Moment{
		at(1000, Moment{Text: "wake"}),
		at(1000, Moment{Way: Said, Peer: "viewer 3", Text: "want 5/2", Request: "slot 5", Role: Asks}),
		at(2000, Moment{Text: "wake"}),
		at(2000, Moment{Way: Said, Peer: "viewer 3", Text: "drop 5/2", Request: "slot 5", Role: Answered}),
		at(2000, Moment{Way: Said, Peer: "edge 0", Text: "want 5/2", Request: "slot 5", Role: Asks}),
		at(2600, Moment{Peer: "edge 0", Text: "give 5/2", Request: "slot 5", Role: Comes, Span: 400 * time.Millisecond}),
		at(2600, Moment{Way: Spent, Text: "processor 1ms", Span: time.Millisecond}),
		at(2600, Moment{Way: Stated, Text: "fetched 5/2", Request: "slot 5", Role: Done, Span: 1601 * time.Millisecond}),
		at(2600, Moment{Way: Stated, Text: "stalled for 300ms", Span: 300 * time.Millisecond}),
		at(2600, Moment{Way: Transacted, Text: "open 5"}),
		at(2700, Moment{Way: Said, Peer: "edge 1", Text: "want 6/2", Request: "slot 6", Role: Asks}),
		at(2900, Moment{Way: Said, Peer: "edge 2", Text: "want 6/2", Request: "slot 6", Role: Asks}),
		at(3500, Moment{Peer: "viewer 4", Text: "give 7/2", Request: "slot 7", Role: Comes, Span: 200 * time.Millisecond}),
	}}
}

func TestLifeAsText(t *testing.T) {
	var b bytes.Buffer
	if err := sampleLife().Text(&b); err != nil {
		t.Fatal(err)
	}
	want := `  1.000000s  wake
             -> viewer 3: want 5/2
  2.000000s  wake
             -> viewer 3: drop 5/2
             -> edge 0: want 5/2
  2.600000s  <- edge 0: give 5/2
                processor 1ms
                fetched 5/2
                stalled for 300ms
             => chain open 5
             -> edge 1: want 6/2
             -> edge 2: want 6/2
  3.500000s  <- viewer 4: give 7/2
`
	if b.String() != want {
		t.Errorf("got\n%s", b.String())
	}
}

// Spans of one request nest: each ends while the one around it goes on, and
// none is left open.
func TestSpansNest(t *testing.T) {
	var b bytes.Buffer
	if err := sampleLife().Chrome(&b); err != nil {
		t.Fatal(err)
	}
	var trace struct {
		Events []event `json:"traceEvents"`
	}
	if err := json.Unmarshal(b.Bytes(), &trace); err != nil {
		t.Fatal(err)
	}
	open, shape := map[string][]event{}, ""
	for _, e := range trace.Events {
		stack := open[e.ID]
		switch e.Phase {
		case "b":
			if n := len(stack); n > 0 && e.At < stack[n-1].At {
				t.Errorf("%s begins before %s, in which it lies", e.Name, stack[n-1].Name)
			}
			open[e.ID] = append(stack, e)
			shape += "(" + e.Name
		case "e":
			top := stack[len(stack)-1]
			if e.Name != top.Name || e.At < top.At {
				t.Errorf("%s ends at %v, %s is open from %v", e.Name, e.At, top.Name, top.At)
			}
			open[e.ID] = stack[:len(stack)-1]
			shape += ")"
		case "X":
			shape += "[" + e.Name + "]"
		}
	}
	want := "[processor 1ms][stalled for 300ms](slot 5(viewer 3)(edge 0(transfer)))(slot 6(edge 1)(edge 2))(slot 7(viewer 4(transfer)))"
	if shape != want || strings.Count(b.String(), `"thread_name"`) != 4 {
		t.Errorf("got %s\nwant %s", shape, want)
	}
	for id, left := range open {
		if len(left) > 0 {
			t.Errorf("request %s: %s is left open", id, left[0].Name)
		}
	}
}
