package ledger

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/ethereum/go-ethereum/consensus/misc/eip4844"
	"github.com/ethereum/go-ethereum/core/types"

	"kinetoscope/internal/unit"
)

// The blob base fee and the excess after a block are go-ethereum's, on every
// fork, wherever they fit 64 bits.
func TestBlobFeesAreTheStandards(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, fork := range []Fork{Cancun, Prague, Osaka, Amsterdam} {
		cfg := testConfig()
		cfg.Fork = fork
		c, err := New(cfg, 1, testGenesis(10))
		if err != nil {
			t.Fatal(err)
		}
		for range 400 {
			c.excess = rng.Uint64N(1 << (1 + rng.UintN(30)))
			header := types.Header{Number: new(big.Int), Time: epoch, ExcessBlobGas: &c.excess}
			want := eip4844.CalcBlobFee(c.world.forks, &header)
			got, fits := exponential(c.excess, c.world.fraction())
			if fits && new(big.Int).SetUint64(got).Cmp(want) != 0 || !fits && want.BitLen() < 38 {
				t.Fatalf("%s: an excess of %d: %d (%v), want %v", fork, c.excess, got, fits, want)
			}
			if !fits {
				continue
			}
			c.blobFee, c.baseFee = got, rng.Uint64N(uint64(1)<<(1+rng.UintN(40)))
			used := uint64(rng.IntN(c.maxBlobs+1)) * blobGas
			header.BlobGasUsed, header.BaseFee = &used, new(big.Int).SetUint64(c.baseFee)
			if got, want := c.nextExcess(used), eip4844.CalcExcessBlobGas(c.world.forks, &header, epoch); got != want {
				t.Fatalf("%s: %d after %d and %d at %v: want %d", fork, got, c.excess, used, unit.Wei(c.baseFee), want)
			}
		}
	}
}
