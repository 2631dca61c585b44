package storage

import (
	"crypto/sha256"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func TestWhenRepairIsDue(t *testing.T) {
	code := func(r Repair, threshold int) Config {
		return Config{Scheme: ReedSolomon, K: 4, N: 8, Repair: r, Threshold: threshold}
	}
	tests := []struct {
		c    Config
		want string // for 0 to 8 live shards
	}{
		{code(Never, 0), "........."},
		{code("", 0), "........."},
		{code(Eager, 0), "....yyyy."},
		{code(Lazy, 0), "....y...."},
		{code(Lazy, 2), "....yyy.."},
		{code(Lazy, 3), "....yyyy."},
		{Config{Scheme: Replication, N: 3, Repair: Lazy}, ".y.."},
		{Config{Scheme: None, Repair: Eager}, ".."},
	}
	for _, test := range tests {
		got := ""
		for live := range test.c.Shards() + 1 {
			if test.c.Due(live) {
				got += "y"
			} else {
				got += "."
			}
		}
		if got != test.want {
			t.Errorf("%v, %s with threshold %d: %s, want %s", test.c, test.c.Repair, test.c.Threshold, got, test.want)
		}
	}
}

func TestUpkeepIsValidated(t *testing.T) {
	with := func(change func(*Config)) Config {
		c := Default()
		c.Repair, c.Audit = Eager, time.Second
		change(&c)
		return c
	}
	tests := []struct {
		c    Config
		want string
	}{
		{with(func(*Config) {}), ""},
		{with(func(c *Config) { c.Repair, c.Threshold = Lazy, 1 }), ""},
		{with(func(c *Config) { c.Extra = 2 }), ""},
		{with(func(c *Config) { c.Repair = "soon" }), `repair: unknown name "soon": write none, eager, lazy`},
		{with(func(c *Config) { c.Repair, c.Threshold = Lazy, 2 }), "threshold: 2: with 2 shards beyond k, allowed are 0 to 1"},
		{with(func(c *Config) { c.Repair, c.Threshold = Lazy, -1 }), "threshold: -1"},
		{with(func(c *Config) { c.Audit = 0 }), "audit: 0s: who never asks"},
		{with(func(c *Config) { c.Deals.Price = 1 }), "deals.bond: 0wei: there are no deals without"},
		{with(func(c *Config) { c.Deals = Deals{Bond: 1, Period: 1500 * time.Millisecond, Window: time.Second} }), "deals.period: 1.5s is not a whole number of seconds"},
		{with(func(c *Config) { c.Deals = Deals{Bond: 1, Period: time.Minute} }), "deals.window: 0s is not a whole number of seconds"},
		{with(func(c *Config) { c.Audit = -1 }), "audit: -1ns is negative"},
		{with(func(c *Config) { c.Detect = 0 }), "detect: 0s"},
		{with(func(c *Config) { c.Extra = 3 }), "extra: 3 of the 2 shards beyond k: allowed are 0 to 2"},
		{with(func(c *Config) { c.Extra = -1 }), "extra: -1"},
	}
	for _, test := range tests {
		err := test.c.Validate()
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%+v: got %v, want %q", test.c, err, test.want)
		}
	}
	var r Repair
	for _, name := range r.Names() {
		if err := r.UnmarshalText([]byte(name)); err != nil || string(r) != name {
			t.Error(name, err)
		}
	}
	if err := r.UnmarshalText([]byte("later")); err == nil {
		t.Error("an unknown policy is read")
	}
}

// Every bit of shard and nonce counts, and the proof is what anybody computes.
func TestProof(t *testing.T) {
	draw := rand.New(rand.NewPCG(2, 9))
	nonce, shard := randomBytes(draw, 16), randomBytes(draw, 999)
	want := Proof(nonce, shard)
	if want != sha256.Sum256(append(append([]byte{}, nonce...), shard...)) {
		t.Error("the proof is not SHA-256 over nonce and shard")
	}
	for range 200 {
		b := nonce
		if draw.IntN(2) == 0 {
			b = shard
		}
		at, bit := draw.IntN(len(b)), byte(1)<<draw.IntN(8)
		b[at] ^= bit
		if Proof(nonce, shard) == want {
			t.Fatal("another nonce or shard has the same proof")
		}
		b[at] ^= bit
	}
}
