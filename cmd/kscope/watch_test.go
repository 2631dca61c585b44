package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"kinetoscope/sim/result"
	"kinetoscope/sim/sweep"
)

// A watch sees what comes while it looks, and ends with the last run.
func TestWatch(t *testing.T) {
	store := sweep.Store{Dir: t.TempDir()}
	p := &sweep.Plan{Head: sweep.Head{Name: "loss"}}
	for i, point := range []string{"001", "001", "002", "002"} {
		p.Tasks = append(p.Tasks, sweep.Task{Index: i, Point: point, Sets: []string{"live.delay=4s"}, ID: sweep.ID(point, string(rune(i)))})
	}
	put := func(i int) {
		r := &result.Run{Values: result.NewValues()}
		r.Seal()
		if err := store.Put(p.Tasks[i].ID, r); err != nil {
			t.Error(err)
		}
	}
	put(0)
	come := &comer{do: func() { put(1) }, then: func() { put(2); put(3) }}
	w := watchCommand{every: 10 * time.Millisecond}
	if err := w.watch(t.Context(), come, false, p, store); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(come.String()), "\n")
	if len(lines) != 3 || lines[0] != "loss: 1 of 4 runs are there" || !strings.HasPrefix(lines[1], "loss: 2 of 4 runs are there, ") || lines[2] != "loss: 4 of 4 runs are there" {
		t.Errorf("%q", lines)
	}
	var live bytes.Buffer
	if err := w.watch(t.Context(), &live, true, p, store); err != nil || !strings.Contains(live.String(), "  002 ████████████████████ 2/2  live.delay=4s\n") {
		t.Errorf("%v: %s", err, live.String())
	}
	p.Tasks = append(p.Tasks, sweep.Task{Index: 4, Point: "003", ID: "none"})
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := w.watch(ctx, &live, true, p, store); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
}

// A comer lets runs come when the first and the second line are written.
type comer struct {
	bytes.Buffer
	do, then func()
	lines    int
}

func (c *comer) Write(b []byte) (int, error) {
	switch c.lines++; c.lines {
	case 1:
		c.do()
	case 2:
		c.then()
	}
	return c.Buffer.Write(b)
}
