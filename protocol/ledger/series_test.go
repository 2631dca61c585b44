package ledger

import (
	"math/big"
	"strings"
	"testing"
	"time"
)

func TestParseSeriesSaysWhere(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "there is no step: write for,base_fee, then a line like 12s,1.5gwei for each"},
		{"12s,1gwei", `line 1: "12s,1gwei" is not the header: write for,base_fee`},
		{"for,base_fee\n\n12s", `line 3: "12s" has 1 values: write 2, like 12s,1.5gwei`},
		{"for,base_fee\n12s,1gwei,2", `line 2: "12s,1gwei,2" has 3 values: write 2, like 12s,1.5gwei`},
		{"for,base_fee\n12,1gwei", `line 2: for: "12" is not a duration: write it like 12s or 5m`},
		{"for,base_fee\n12s,fast", `line 2: base_fee: `},
		{"for,base_fee\n10ms,1gwei", "line 2: for: 10ms is not between 1s and 720h0m0s"},
		{"for,base_fee\n12s,3wei", "line 2: base_fee: 3wei is not between 7wei and 10000gwei"},
	} {
		if _, err := ParseSeries([]byte(c.text)); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
	got, err := ParseSeries([]byte("\ufeff# recorded\nfor, base_fee\n12s, 1.5gwei\n\n24s,7wei\n"))
	if want := []Fee{{12 * time.Second, 1_500_000_000}, {24 * time.Second, 7}}; err != nil || len(got) != 2 || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("%v, %v", got, err)
	}
}

// slowCourse walks over the steps each time.
func slowCourse(s Series, now time.Duration) (fee uint64) {
	for {
		for _, f := range s.Steps {
			fee = uint64(f.BaseFee)
			if now < f.For {
				return fee
			}
			now -= f.For
		}
		if s.Loop == Hold {
			return fee
		}
	}
}

func FuzzParseSeries(f *testing.F) {
	f.Add([]byte("for,base_fee\n12s,1gwei\n30s,2gwei\n"), int64(80))
	f.Add([]byte("for,base_fee\n1h,100wei"), int64(0))
	f.Fuzz(func(t *testing.T, text []byte, at int64) {
		steps, err := ParseSeries(text)
		if err != nil {
			return
		}
		now := time.Duration(at&0xffff) * time.Second
		for _, loop := range []Loop{Repeat, Hold} {
			s := Series{Steps: steps, Loop: loop}
			c := newCourse(s)
			if got, want := uint64(c.at(now, 1)), slowCourse(s, now); got != want {
				t.Errorf("%v of %v at %v: %d, want %d", loop, steps, now, got, want)
			}
		}
		s := Series{Steps: steps}
		s.check(func(key, format string, args ...any) { t.Errorf("%s: "+format, append([]any{key}, args...)...) })
	})
}

// A higher power is the same step as often.
func TestElasticPower(t *testing.T) {
	for _, c := range []struct {
		start, now uint64
		power      int
		want       uint64
	}{{1, 1, 5, 1000}, {1, 2, 1, 500}, {1, 2, 3, 125}, {2, 1, 1, 2000}, {2, 1, 3, 8000}, {2, 1, 4, 10_000}, {3, 1, 8, 10_000}} {
		if got := elastic(1000, c.start, c.now, 10_000, c.power); got != c.want {
			t.Errorf("(%d/%d)^%d of 1000 is %d, want %d", c.start, c.now, c.power, got, c.want)
		}
	}
}

// A slower chain moves its fee by the part that its blocks are shorter.
func TestDragSlowsTheFee(t *testing.T) {
	w := newWorld(0, RollupID, Osaka)
	for _, c := range []struct{ used, drag, want uint64 }{
		{60_000_000, 1, 1_125_000_000}, {60_000_000, 10, 1_012_500_000}, {0, 1, 875_000_000}, {0, 100, 998_750_000},
		{30_000_000, 10, 1_000_000_000}, {30_000_001, 1000, 1_000_000_001},
	} {
		if got := w.nextBaseFee(60_000_000, c.used, 1_000_000_000, c.drag); got != c.want {
			t.Errorf("%d gas, %d times slower: %d, want %d", c.used, c.drag, got, c.want)
		}
	}
	if new(big.Int).SetUint64(w.nextBaseFee(60_000_000, 0, 7, 100)).Cmp(big.NewInt(7)) != 0 {
		t.Error("below 7 wei")
	}
}
