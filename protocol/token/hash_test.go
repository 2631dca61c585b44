package token

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"
	"github.com/zeebo/blake3"
	"golang.org/x/crypto/sha3"
)

// The hashes that content ids could be made of: at the size of a node of the
// tree, of a piece and of a segment of 2 s at 6 Mbit/s.
// docs/explanation/tokens.md has what they did and what was chosen.
func BenchmarkHash(b *testing.B) {
	keccak := func(b []byte) (id [32]byte) {
		h := sha3.NewLegacyKeccak256()
		h.Write(b)
		h.Sum(id[:0])
		return id
	}
	for _, size := range []int{65, 1 + pieceSize, 1_500_000} {
		bytes := testPayload(size).Bytes()
		for _, h := range []struct {
			name string
			sum  func([]byte) [32]byte
		}{{"sha-256", sha256.Sum256}, {"blake3", blake3.Sum256}, {"keccak-256", keccak}} {
			b.Run(fmt.Sprintf("%s/%d", h.name, size), func(b *testing.B) {
				b.SetBytes(int64(size))
				for b.Loop() {
					h.sum(bytes)
				}
			})
		}
	}
}

// The signatures that a slot could have. Both sign 64 bytes; secp256k1 signs
// their hash.
func BenchmarkSignature(b *testing.B) {
	statement := testPayload(64).Bytes()
	run := func(name string, f func() bool) {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if !f() {
					b.Fatal("a signature does not hold")
				}
			}
		})
	}
	sig := ed25519.Sign(testKey, statement)
	run("ed25519/sign", func() bool { return len(ed25519.Sign(testKey, statement)) > 0 })
	run("ed25519/verify", func() bool { return ed25519.Verify(testPublic, statement, sig) })

	key := secp256k1.PrivKeyFromBytes(testKey.Seed())
	public, digest := key.PubKey(), sha256.Sum256(statement)
	other, compact := ecdsa.Sign(key, digest[:]), ecdsa.SignCompact(key, digest[:], false)
	run("secp256k1/sign", func() bool { return ecdsa.Sign(key, digest[:]) != nil })
	run("secp256k1/verify", func() bool { return other.Verify(digest[:], public) })
	run("secp256k1/recover", func() bool {
		got, _, err := ecdsa.RecoverCompact(compact, digest[:])
		return err == nil && got.IsEqual(public)
	})
}

// What a proof of a range takes and costs, by the length of the range in the
// middle of a segment of 4 MB.
func BenchmarkRange(b *testing.B) {
	p := testPayload(4_000_000)
	for _, size := range []int{16 << 10, 64 << 10, 256 << 10, 1 << 20} {
		from := 60 * pieceSize
		proof, err := p.Prove(from, from+size)
		if err != nil {
			b.Fatal(err)
		}
		part := p.Bytes()[proof.From:proof.To]
		overhead := float64(len(AppendRangeProof(nil, &proof)))
		b.Run(fmt.Sprintf("prove/%dKiB", size>>10), func(b *testing.B) {
			for b.Loop() {
				if _, err := p.Prove(from, from+size); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(overhead, "B/proof")
			b.ReportMetric(100*overhead/float64(size), "%overhead")
		})
		b.Run(fmt.Sprintf("check/%dKiB", size>>10), func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				if err := proof.Check(p.ID(), 4_000_000, part); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
