package scenarios

import (
	"strings"
	"testing"
	"time"

	"kinetoscope/sim/result"
)

func TestMeasure(t *testing.T) {
	for _, c := range []struct {
		set, complaint string
		want           result.Window
	}{
		{"measure={warm_up: 0s}", "", result.Window{}},
		{"measure={warm_up: 20s, cool_down: 5s}", "", result.Window{From: 20 * time.Second, To: 55 * time.Second}},
		{"measure.cool_down=59s", "", result.Window{To: time.Second}},
		{"measure={warm_up: 20s, cool_down: 40s}", "measure: 20s of warm-up and 40s of cool-down leave nothing of the 1m0s", result.Window{}},
		{"measure.warm_up=-1s", "measure.warm_up: -1s: nothing is measured before", result.Window{}},
		{"measure.cool_down=-1s", "measure.cool_down: -1s: nothing is measured after", result.Window{}},
	} {
		all, err := Load("m.yaml", []byte("title: x\n"), []string{c.set})
		if c.complaint != "" {
			if err == nil || !strings.Contains(err.Error(), c.complaint) {
				t.Errorf("%s: %v", c.set, err)
			}
		} else if err != nil || all[0].Window() != c.want {
			t.Errorf("%s: %v, %v", c.set, all, err)
		}
	}
	if _, err := Load("m.yaml", []byte("economy: {on: true}\n"), []string{"measure.warm_up=1s"}); err == nil || !strings.Contains(err.Error(), "an economy has no stream to warm up") {
		t.Errorf("an economy: %v", err)
	}
}
