package ledger

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/ethereum/go-ethereum/common"
)

// The same is done to slots and to a map; keys are few and beside each other, words fewer,
// so that strips empty and fill, and words go and come again.
func TestSlots(t *testing.T) {
	draw := rand.New(rand.NewPCG(3, 4))
	var s slots
	twin := map[common.Hash]common.Hash{}
	for step := range 60_000 {
		key := common.BytesToHash(word(draw.Uint64N(40 + uint64(step/50))))
		var value common.Hash // zero, of a few, or its own
		switch draw.IntN(3) {
		case 1:
			value[0] = uint8(draw.IntN(5)) // they differ in their highest byte only
		case 2:
			value = common.BytesToHash(word(uint64(step)))
		}
		s.set(key, value)
		if twin[key] = value; value == (common.Hash{}) {
			delete(twin, key)
		}
		key = common.BytesToHash(word(draw.Uint64N(40 + uint64(step/50))))
		if got, want := s.get(key), twin[key]; got != want {
			t.Fatalf("step %d: %x holds %x, want %x", step, key, got, want)
		}
		if s.len() != len(twin) {
			t.Fatalf("step %d: %d slots, want %d", step, s.len(), len(twin))
		}
	}
	held := map[common.Hash]bool{}
	for _, key := range s.keys() {
		if twin[key] != s.get(key) || twin[key] == (common.Hash{}) {
			t.Errorf("%x is among the keys", key)
		}
		held[twin[key]] = true
		delete(twin, key)
	}
	if len(twin) > 0 || s.words.len() != len(held) {
		t.Errorf("%d keys are missing; %d words are kept, %d are held", len(twin), s.words.len(), len(held))
	}
}

// Words that differ in a few bits anywhere are found as fast as others.
func TestFlatSpreads(t *testing.T) {
	for at := range 32 {
		var f flat[common.Hash, uint32]
		for i := range 5000 {
			var key common.Hash
			key[at], key[(at+9)%32] = uint8(i), uint8(i>>8)
			f.set(key, 0)
		}
		long := 0
		for i, n := range f.index {
			if n != 0 && (i-f.at(f.entry(n-1).key))&(len(f.index)-1) > 100 {
				long++
			}
		}
		if long > 50 {
			t.Errorf("of 5000 words that differ in byte %d, %d lie far from where the search begins", at, long)
		}
	}
}

// Pages of these fill their size class: 48 bytes by 128.
func TestFlatEntrySize(t *testing.T) {
	if a, s := unsafe.Sizeof(flatEntry[common.Address, account]{}), unsafe.Sizeof(flatEntry[common.Hash, strip]{}); a != 48 || s != 48 {
		t.Errorf("an account takes %d bytes, a strip %d, want 48", a, s)
	}
}
