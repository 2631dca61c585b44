package sim

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// Stream is the random stream of one purpose and one entity of one world.
// Streams with different names share nothing, so that a draw for one purpose
// never shifts the draws of another: two variants of a scenario see the same
// arrivals, links and faults.
func Stream(seed uint64, purpose string, entity uint64) *rand.Rand {
	return stream(seed, purpose, entity)
}

func stream(seed uint64, purpose string, entity uint64) *rand.Rand {
	d := dice(seed, purpose, entity)
	return rand.New(&d)
}

// dice is a stream's state, for who keeps many.
func dice(seed uint64, purpose string, entity uint64) rand.PCG {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], seed)
	binary.BigEndian.PutUint64(b[8:], entity)
	h := sha256.Sum256(append(b[:], purpose...))
	return *rand.NewPCG(binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint64(h[8:16]))
}

// publisherKey is what the publisher of one world signs with.
func publisherKey(seed uint64) ed25519.PrivateKey {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], seed)
	h := sha256.Sum256(append([]byte("publisher's key"), b[:]...))
	return ed25519.NewKeyFromSeed(h[:])
}
