package netem

import (
	"fmt"
	"slices"

	"kinetoscope/internal/unit"
)

// A Backbone is the most that one region sends to another, or that passes
// within one, together.
type Backbone struct {
	From string    `yaml:"from" doc:"Region that sends."`
	To   string    `yaml:"to" doc:"Region that receives; the same one stands for what stays within it."`
	Rate unit.Rate `yaml:"rate" doc:"Rate that all transfers this way share."`
}

// check calls bad for each row of the backbone that is wrong.
func checkBackbone(rows []Backbone, bad func(key, format string, args ...any)) {
	for i, b := range rows {
		key := fmt.Sprintf("backbone[%d]", i)
		for _, end := range [2]struct{ field, name string }{{".from", b.From}, {".to", b.To}} {
			if _, err := Region(end.name); err != nil {
				bad(key+end.field, "%v", err)
			}
		}
		if b.Rate < minRate || b.Rate > maxRate {
			bad(key+".rate", "%v is not between %v and %v", b.Rate, minRate, maxRate)
		}
		if slices.ContainsFunc(rows[:i], func(o Backbone) bool { return o.From == b.From && o.To == b.To }) {
			bad(key, "%s to %s is limited twice: write each way once", b.From, b.To)
		}
	}
}

// A backbone is the links between regions that have a limit. They are numbered
// behind the links of all accesses.
type backbone struct {
	row   [len(regions)][len(regions)]uint8 // from, to: one more than the row of the config, 0 if there is none
	rates []float64                         // by row, bytes a nanosecond
}

func newBackbone(rows []Backbone) (b backbone, err error) {
	for i, r := range rows {
		from, err := Region(r.From)
		if err != nil {
			return b, err
		}
		to, err := Region(r.To)
		if err != nil {
			return b, err
		}
		b.row[from][to] = uint8(i + 1)
		b.rates = append(b.rates, bytesPerNano(r.Rate))
	}
	return b, nil
}

// route is the links that a transfer from one node to another crosses: both
// accesses, and the backbone where it has a limit, twice if it goes over a relay.
func (t *Topology) route(from, to int32) (r route) {
	r.add(uplink(from))
	r.add(downlink(to))
	a, b := int(t.ends[from].region), int(t.ends[to].region)
	if via, ok := t.Relay(from, to); ok {
		t.cross(&r, a, via)
		a = via
	}
	t.cross(&r, a, b)
	return r
}

// cross adds the link from one region to another if it has a limit.
func (t *Topology) cross(r *route, from, to int) {
	if row := t.backbone.row[from][to]; row > 0 {
		r.add(uplink(int32(len(t.ends))) + int32(row-1))
	}
}
