package calibrate

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/scenarios"
)

// Every cost of the cpu section is measured, in its order, and the file is one
// that a scenario reads as the same costs.
func TestFileIsWhatScenariosRead(t *testing.T) {
	var told, want []string
	all, err := Measure(t.Context(), time.Millisecond, func(key string) { told = append(told, key) })
	if err != nil {
		t.Fatal(err)
	}
	got, err := scenarios.ReadCosts("costs.yaml", File(all, []string{"two", "lines"}))
	if err != nil {
		t.Fatal(err)
	}
	v := reflect.ValueOf(got)
	for i, f := range reflect.VisibleFields(v.Type()) {
		key := f.Tag.Get("yaml")
		if key == "file" {
			continue
		}
		want = append(want, key)
		at := slices.IndexFunc(all, func(c Cost) bool { return c.Key == key })
		if at < 0 {
			t.Errorf("cpu.%s is not measured", key)
			continue
		}
		c := &all[at]
		switch x := v.Field(i).Interface().(type) {
		case time.Duration:
			if x != c.Median || c.Bytes != 0 {
				t.Errorf("cpu.%s is read as %v, measured were %v for %d bytes", key, x, c.Median, c.Bytes)
			}
		case unit.Rate:
			exact := float64(c.Bytes) * 8 / c.Median.Seconds()
			if r := float64(x) / exact; r < 0.994 || r > 1.006 {
				t.Errorf("cpu.%s is read as %v, measured were %v bit/s", key, x, exact)
			}
		}
	}
	evm := all[len(all)-1]
	if want = append(want, "evm"); evm.Key != "evm" || evm.Gas < 10_000_000 {
		t.Errorf("the EVM's %+v", evm)
	}
	if rate := float64(evm.Gas) / evm.Median.Seconds(); rate < 1e7 || rate > 1e11 {
		t.Errorf("an EVM of %.0f gas a second", rate)
	}
	if !slices.Equal(told, want) {
		t.Errorf("measured are %v, the section has %v", told, want)
	}
}

// A clock that only the work moves.
type fake struct{ now time.Time }

func (f *fake) work(d ...time.Duration) func() {
	i := 0
	return func() {
		f.now = f.now.Add(d[i%len(d)])
		i++
	}
}

func TestMeasure(t *testing.T) {
	const us = time.Microsecond
	var f fake
	for _, c := range []struct {
		name      string
		run, less func()
		want      Cost
	}{
		{"long", f.work(200 * us), nil, Cost{Low: 200 * us, Median: 200 * us, High: 200 * us, Goes: 11, Repeat: 1}},
		{"short", f.work(30 * us), nil, Cost{Low: 30 * us, Median: 30 * us, High: 30 * us, Goes: 11, Repeat: 4}},
		{"more than the least goes", f.work(100 * us), nil, Cost{Low: 100 * us, Median: 100 * us, High: 100 * us, Goes: 20, Repeat: 1}},
		{"a part", f.work(300 * us), f.work(290 * us), Cost{Low: 10 * us, Median: 10 * us, High: 10 * us, Goes: 11, Repeat: 1}},
		{"uneven", f.work(200*us, 300*us, 400*us), nil, Cost{Low: 200 * us, Median: 300 * us, High: 400 * us, Goes: 11, Repeat: 1}},
	} {
		each := time.Millisecond
		if c.want.Goes > goes {
			each *= 2
		}
		got := measure(kernel{key: c.name, run: c.run, less: c.less}, each, func() time.Time { return f.now })
		if c.want.Key = c.name; got != c.want {
			t.Errorf("got  %+v\nwant %+v", got, c.want)
		}
	}
}

func TestMeasureEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var told []string
	_, err := Measure(ctx, time.Millisecond, func(key string) {
		told = append(told, key)
		cancel()
	})
	if !errors.Is(err, context.Canceled) || len(told) != 1 {
		t.Errorf("measured %v, then %v", told, err)
	}
}

// The costs that scenarios use are those of one machine; any other is within a
// factor of them that says which of the two is wrong.
func TestDefaultsAreOfThisWorld(t *testing.T) {
	all, err := Measure(t.Context(), time.Millisecond, func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	got, err := scenarios.ReadCosts("costs.yaml", File(all, nil))
	if err != nil {
		t.Fatal(err)
	}
	v, def := reflect.ValueOf(got), reflect.ValueOf(protocol.DefaultCosts())
	for i, f := range reflect.VisibleFields(v.Type()) {
		if f.Name == "File" {
			continue
		}
		if r := float64(v.Field(i).Int()) / float64(def.Field(i).Int()); r < 0.01 || r > 100 {
			t.Errorf("%s: %v here, %v by default", f.Name, v.Field(i), def.Field(i))
		}
	}
}
