package storage

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
)

func (c Config) String() string { return fmt.Sprintf("%s %d of %d", c.Scheme, c.Needed(), c.Shards()) }

// every is the configurations that the conformance suite runs: each scheme there
// is, each edge of its ranges, and those of the field.
func every() []Config {
	list := append(field(), Config{Scheme: None}, Config{Scheme: Replication, N: 256})
	for _, name := range Scheme("").Names() {
		for _, n := range []int{2, 7, 256} {
			list = append(list, Config{Scheme: Scheme(name), K: n - 1, N: n})
		}
	}
	for _, kn := range [][2]int{{1, 1}, {1, 3}, {2, 2}, {100, 256}, {256, 256}} {
		list = append(list, Config{Scheme: ReedSolomon, K: kn[0], N: kn[1], Placement: Domains})
	}
	for i := range list {
		list[i].Placement = Domains
	}
	return list
}

// field is the redundancy that systems in use have: one to five copies, and
// Reed-Solomon with so many data and parity shards (10+4 is HDFS, 17+3
// Backblaze, 29+51 Storj).
func field() (list []Config) {
	for n := range 5 {
		list = append(list, Config{Scheme: Replication, N: n + 1, Placement: Domains})
	}
	for _, code := range []struct{ data, parity int }{{4, 2}, {6, 3}, {10, 4}, {10, 10}, {17, 3}, {29, 51}} {
		list = append(list, Config{Scheme: ReedSolomon, K: code.data, N: code.data + code.parity, Placement: Domains})
	}
	return list
}

func coderOf(tb testing.TB, c Config) Coder {
	tb.Helper()
	coder, err := New(c)
	if err != nil {
		tb.Fatal(err)
	}
	if coder.K() != c.Needed() || coder.N() != c.Shards() {
		tb.Fatalf("%v: the coder is %d of %d", c, coder.K(), coder.N())
	}
	return coder
}

func randomBytes(draw *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(draw.Uint32())
	}
	return b
}

// only is the shards at the given places, the others missing.
func only(shards [][]byte, at []int) [][]byte {
	some := make([][]byte, len(shards))
	for _, i := range at {
		some[i] = shards[i]
	}
	return some
}

// subsets calls f with every choice of k of n, in order.
func subsets(n, k int, f func([]int)) {
	var choose func(from int, chosen []int)
	choose = func(from int, chosen []int) {
		if len(chosen) == k {
			f(chosen)
			return
		}
		for i := from; i < n; i++ {
			choose(i+1, append(chosen, i))
		}
	}
	choose(0, nil)
}

func TestEveryChoiceOfKGivesThePayloadBack(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 1))
	list := []Config{{Scheme: ReedSolomon, K: 4, N: 6, Placement: Ring}, {Scheme: ReedSolomon, K: 6, N: 9, Placement: Ring}}
	for _, name := range Scheme("").Names() {
		list = append(list, Config{Scheme: Scheme(name), K: 3, N: 4, Placement: Ring})
	}
	for _, c := range list {
		coder := coderOf(t, c)
		for _, size := range []int{1, 2, 4, 5, 6, 7, 13, 1001} {
			payload := randomBytes(draw, size)
			shards := coder.Encode(payload)
			for m := 0; m <= coder.N(); m++ {
				subsets(coder.N(), m, func(at []int) {
					got, err := coder.Decode(only(shards, at), size)
					switch {
					case m < coder.K() && !errors.Is(err, ErrTooFew):
						t.Fatalf("%v, %d bytes, shards %v: %v", c, size, at, err)
					case m >= coder.K() && (err != nil || !bytes.Equal(got, payload)):
						t.Fatalf("%v, %d bytes, shards %v: other bytes, %v", c, size, at, err)
					}
				})
			}
		}
	}
}

func TestConformance(t *testing.T) {
	draw := rand.New(rand.NewPCG(2, 2))
	for _, c := range every() {
		t.Run(c.String(), func(t *testing.T) {
			coder := coderOf(t, c)
			k, n := coder.K(), coder.N()
			for _, size := range []int{1, k, k + 1, 5*k - 1, 5000} {
				payload := randomBytes(draw, size)
				before := slices.Clone(payload)
				shards := coder.Encode(payload)
				if len(shards) != n {
					t.Fatalf("%d shards", len(shards))
				}
				for i, s := range shards {
					if len(s) != ShardSize(coder, size) || cap(s) != len(s) {
						t.Fatalf("%d bytes: shard %d has %d bytes and room for %d", size, i, len(s), cap(s))
					}
				}
				sums := fingerprint(shards)
				for range 20 {
					at := draw.Perm(n)[:k]
					got, err := coder.Decode(only(shards, at), size)
					if err != nil || !bytes.Equal(got, before) {
						t.Fatalf("%d bytes, shards %v: other bytes, %v", size, at, err)
					}
					if cap(got) != len(got) {
						t.Fatal("appending to the result would write into a shard")
					}
					if _, err := coder.Decode(only(shards, at[1:]), size); !errors.Is(err, ErrTooFew) {
						t.Fatalf("%d shards: %v", k-1, err)
					}
				}
				if !bytes.Equal(payload, before) || fingerprint(shards) != sums {
					t.Fatal("coding changed its input")
				}
				room := randomBytes(draw, coder.Room(size))
				for _, again := range [][][]byte{coder.Encode(payload), coder.EncodeInto(room, payload), coder.EncodeInto(room, payload)} {
					if fingerprint(again) != sums {
						t.Fatal("the same payload gives other shards")
					}
				}
				if len(room) > 0 {
					room[len(room)-1] ^= 1
					if last := coder.EncodeInto(room, payload)[n-1]; &last[len(last)-1] != &room[len(room)-1] {
						t.Fatal("the room is not used")
					}
				}
			}
		})
	}
}

func fingerprint(shards [][]byte) [32]byte { return sha256.Sum256(bytes.Join(shards, nil)) }

func TestShardsThatThePayloadFillsAreNotCopied(t *testing.T) {
	payload := randomBytes(rand.New(rand.NewPCG(3, 3)), 10)
	shards := coderOf(t, Default()).Encode(payload) // 3 bytes each
	for i := range 3 {
		if &shards[i][0] != &payload[3*i] {
			t.Errorf("shard %d is a copy", i)
		}
	}
	if want := []byte{payload[9], 0, 0}; !bytes.Equal(shards[3], want) {
		t.Errorf("the last piece is %v, want %v", shards[3], want)
	}
	coder := coderOf(t, Config{Scheme: Replication, N: 3, Placement: Ring})
	for _, s := range coder.Encode(payload) {
		if &s[0] != &payload[0] {
			t.Error("a replica is a copy")
		}
	}
}

func TestWrongShapesAreRefused(t *testing.T) {
	payload := []byte("0123456789")
	for _, c := range every() {
		coder := coderOf(t, c)
		shards := coder.Encode(payload)
		shards[0] = append(slices.Clone(shards[0]), 0)
		_, err := coder.Decode(shards, len(payload))
		if !errors.Is(err, ErrShape) || !strings.Contains(err.Error(), "shard 0 has") {
			t.Errorf("%v: a long shard: %v", c, err)
		}
		shards[0] = []byte{}
		if _, err := coder.Decode(shards, len(payload)); !errors.Is(err, ErrShape) {
			t.Errorf("%v: an empty shard: %v", c, err)
		}
		for _, call := range []func(){
			func() { coder.Decode(shards[1:], len(payload)) },
			func() { coder.Decode(shards, 0) },
		} {
			func() {
				defer func() {
					if r := recover(); r == nil {
						t.Errorf("%v: a bug of the caller goes unnoticed", c)
					}
				}()
				call()
			}()
		}
	}
}

// A forged shard is not noticed here: the payload's content id is what tells.
func TestForgedShardGivesOtherBytes(t *testing.T) {
	draw := rand.New(rand.NewPCG(4, 4))
	payload := randomBytes(draw, 999)
	for _, c := range []Config{{Scheme: None, Placement: Ring}, {Scheme: Replication, N: 3, Placement: Ring}, Default()} {
		coder := coderOf(t, c)
		for range 50 {
			shards := coder.Encode(payload)
			at := draw.Perm(coder.N())[:coder.K()]
			bad := at[draw.IntN(len(at))]
			shards[bad] = slices.Clone(shards[bad])
			// A bit of the filling would change nothing.
			bit := draw.IntN(8 * (len(shards[bad]) - 1))
			shards[bad][bit/8] ^= 1 << (bit % 8)
			got, err := coder.Decode(only(shards, at), len(payload))
			if err != nil {
				t.Fatal(err)
			}
			if sha256.Sum256(got) == sha256.Sum256(payload) {
				t.Fatalf("%v: bit %d of shard %d of %v changes nothing", c, bit, bad, at)
			}
		}
	}
}

func TestOneCoderServesManyGoroutines(t *testing.T) {
	coder := coderOf(t, Default())
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			draw := rand.New(rand.NewPCG(5, uint64(g)))
			for range 50 {
				payload := randomBytes(draw, 1+draw.IntN(5000))
				shards := only(coder.Encode(payload), draw.Perm(6)[:4])
				if got, err := coder.Decode(shards, len(payload)); err != nil || !bytes.Equal(got, payload) {
					t.Error("other bytes", err)
				}
			}
		})
	}
	wg.Wait()
}

func TestValidate(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
	tests := []struct {
		c    Config
		want []string
	}{
		{Config{Scheme: "raid", K: 4, N: 6, Placement: Ring}, []string{`scheme: unknown name "raid": write ` + strings.Join(Scheme("").Names(), ", ")}},
		{Config{Scheme: None, Placement: "near"}, []string{`placement: unknown name "near": write random, ring, domains, regions`}},
		{Config{Scheme: ReedSolomon, K: 7, N: 6, Placement: Ring}, []string{"k: 7 of n=6 shards: allowed are 1 to n"}},
		{Config{Scheme: ReedSolomon, K: 0, N: 6, Placement: Ring}, []string{"k: 0 of n=6"}},
		{Config{Scheme: ReedSolomon, K: 4, N: 257, Placement: Ring}, []string{"n: 257 shards: allowed are 1 to 256"}},
		{Config{Scheme: Replication, K: 9, N: 0, Placement: Ring}, []string{"n: 0 shards"}},
		{Config{}, []string{"scheme:", "placement:"}},
	}
	for _, test := range tests {
		err := test.c.Validate()
		if _, newErr := New(test.c); err == nil || newErr == nil {
			t.Errorf("%+v is accepted", test.c)
			continue
		}
		for _, want := range test.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%+v: got %v, want it to say %q", test.c, err, want)
			}
		}
	}
}

func TestNamesRead(t *testing.T) {
	var s Scheme
	for _, name := range s.Names() {
		if err := s.UnmarshalText([]byte(name)); err != nil || string(s) != name {
			t.Error(name, err)
		}
	}
	if err := s.UnmarshalText([]byte("raid")); err == nil || string(s) != s.Names()[len(s.Names())-1] {
		t.Error("an unknown scheme is read as", s)
	}
	var p Placement
	for _, name := range p.Names() {
		if err := p.UnmarshalText([]byte(name)); err != nil || string(p) != name {
			t.Error(name, err)
		}
	}
	if err := p.UnmarshalText([]byte("")); err == nil || p != Regions {
		t.Error("no name is read as", p)
	}
}
