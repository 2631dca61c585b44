package ledger

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"github.com/ethereum/go-ethereum/common"
)

// TestFlat does the same to a flat and to a map; keys are few, so that they meet
// in the index and come again after they were deleted.
func TestFlat(t *testing.T) {
	draw := rand.New(rand.NewPCG(1, 2))
	var f flat[common.Hash, uint64]
	twin := map[common.Hash]uint64{}
	for step := range uint64(40_000) {
		var key common.Hash
		binary.BigEndian.PutUint64(key[24:], draw.Uint64N(1+step/20))
		if draw.IntN(3) == 0 {
			f.delete(key)
			delete(twin, key)
		} else {
			f.set(key, step)
			twin[key] = step
		}
		binary.BigEndian.PutUint64(key[24:], draw.Uint64N(1+step/20))
		want, ok := twin[key]
		if got := f.get(key); (got != nil) != ok || ok && *got != want {
			t.Fatalf("step %d: %x is %v: want %d, %v", step, key, got, want, ok)
		}
		if f.len() != len(twin) {
			t.Fatalf("step %d: %d entries: want %d", step, f.len(), len(twin))
		}
	}
	for _, key := range f.keys() {
		if _, ok := twin[key]; !ok {
			t.Errorf("%x is there: want it deleted", key)
		}
		delete(twin, key)
	}
	if len(twin) > 0 {
		t.Errorf("%d keys are missing", len(twin))
	}
}
