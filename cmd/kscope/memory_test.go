package main

import (
	"math"
	"runtime"
	"strings"
	"testing"
)

func TestShortage(t *testing.T) {
	for _, c := range []struct {
		inUse uint64
		limit int64
		want  string
	}{
		{95 << 20, 100 << 20, "95MiB are in use, and GOMEMLIMIT allows 100MiB"},
		{300 << 20, 100 << 20, "300MiB are in use"}, // it could not be held
		{80 << 20, 100 << 20, ""},
		{80 << 20, math.MaxInt64, ""}, // there is none
	} {
		if got := shortage(c.inUse, c.limit); !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%d under %d: %q, want %q", c.inUse, c.limit, got, c.want)
		}
	}
	runtime.GC()
	before, held := live(), make([]byte, 40<<20)
	runtime.GC()
	if now := live(); now < before+uint64(len(held)/2) {
		t.Errorf("40 MiB more are held: %d, then %d", before, now)
	}
	runtime.KeepAlive(held)
}
