package token

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"testing"
)

// The reference tree of Certificate Transparency: RFC 6962's hash over these
// leaves, as the test suites of its implementations have it.
func TestTreeOfCertificateTransparency(t *testing.T) {
	leaves := []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657",
		"606162636465666768696a6b6c6d6e6f"}
	roots := []string{
		"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
		"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
		"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
		"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
		"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
		"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
		"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
	}
	var ids []ID
	for i, leaf := range leaves {
		b, err := hex.DecodeString(leaf)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, contentTree.leaf(b))
		if got := contentTree.root(ids, nil).String(); got != roots[i] {
			t.Errorf("root of %d leaves: %s, want %s", i+1, got, roots[i])
		}
	}
}

// slowID is the content id by the letter of RFC 6962, section 2.1.
func slowID(pieces [][]byte) ID {
	if len(pieces) == 1 {
		return sha256.Sum256(append([]byte{0}, pieces[0]...))
	}
	k := 1
	for 2*k < len(pieces) {
		k *= 2
	}
	left, right := slowID(pieces[:k]), slowID(pieces[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

func TestContentIDAgainstTheLetter(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	seen := map[ID]int{}
	for _, size := range []int{1, 31, 16383, 16384, 16385, 32768, 32769, 16384*5 - 1, 16384 * 8, 16384*11 + 7} {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(draw.Uint32())
		}
		var pieces [][]byte
		for rest := b; len(rest) > 0; {
			n := min(len(rest), 16384)
			pieces, rest = append(pieces, rest[:n]), rest[n:]
		}
		got := NewPayload(b).ID()
		if want := slowID(pieces); got != want {
			t.Errorf("%d bytes: %v, want %v", size, got, want)
		}
		if was, twice := seen[got]; twice {
			t.Errorf("%d and %d bytes have one id", was, size)
		}
		seen[got] = size
	}
	if got := NewPayload(nil).ID(); got != sha256.Sum256(nil) {
		t.Errorf("nothing: %v", got)
	}
}

// iterative is the check of an inclusion proof of RFC 9162, section 2.1.3.2,
// in which the same tree is walked from below.
func iterative(leaf ID, index, count int, path []ID) (ID, bool) {
	fn, sn, r := index, count-1, leaf
	for i := range path {
		if sn == 0 {
			return ID{}, false
		}
		if fn%2 == 1 || fn == sn {
			r = headerTree.node(&path[i], &r)
			for fn%2 == 0 && fn != 0 {
				fn, sn = fn/2, sn/2
			}
		} else {
			r = headerTree.node(&r, &path[i])
		}
		fn, sn = fn/2, sn/2
	}
	return r, sn == 0
}

func TestPaths(t *testing.T) {
	for count := 1; count <= MaxRenditions; count++ {
		leaves := make([]ID, count)
		paths := make([][]ID, count)
		for i := range leaves {
			leaves[i] = headerTree.leaf([]byte{byte(i)})
		}
		root := headerTree.root(leaves, paths)
		for i, leaf := range leaves {
			if len(paths[i]) > maxPath || len(paths[i]) != pathLen(i, count) {
				t.Fatalf("leaf %d of %d has %d steps", i, count, len(paths[i]))
			}
			if got, ok := headerTree.climb(leaf, i, count, paths[i]); !ok || got != root {
				t.Fatalf("leaf %d of %d does not lead to the root", i, count)
			}
			if got, ok := iterative(leaf, i, count, paths[i]); !ok || got != root {
				t.Fatalf("leaf %d of %d does not lead to the root by RFC 9162", i, count)
			}
			for j := range leaves {
				got, ok := headerTree.climb(leaf, j, count, paths[i])
				if j != i && ok && got == root {
					t.Fatalf("leaf %d of %d is taken for leaf %d", i, count, j)
				}
			}
		}
	}
}

func TestTreesDoNotMix(t *testing.T) {
	a, b := ID{1}, ID{2}
	if contentTree.leaf([]byte("x")) == headerTree.leaf([]byte("x")) || contentTree.node(&a, &b) == headerTree.node(&a, &b) {
		t.Error("a piece of a payload can stand for a header")
	}
}
