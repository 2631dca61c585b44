package ledger

import (
	"math/big"
	"math/rand/v2"
	"testing"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// slowBaseFee is the rule of EIP-1559 in the words of the proposal.
func slowBaseFee(gasLimit, used, base uint64) *big.Int {
	target, fee := new(big.Int).SetUint64(gasLimit/2), new(big.Int).SetUint64(base)
	delta := new(big.Int).Sub(new(big.Int).SetUint64(used), target)
	step := new(big.Int).Mul(fee, new(big.Int).Abs(delta))
	step.Quo(step, target).Quo(step, big.NewInt(8))
	switch delta.Sign() {
	case 1:
		if step.Sign() == 0 {
			step.SetInt64(1)
		}
		return fee.Add(fee, step)
	case -1:
		return fee.Sub(fee, step)
	}
	return fee
}

func TestBaseFeeIsEIP1559(t *testing.T) {
	w, rng := newWorld(0, ChainID, Osaka), rand.New(rand.NewPCG(1, 1))
	for range 20_000 {
		limit := MinGasLimit + rng.Uint64N(MaxGasLimit)
		used, base := rng.Uint64N(limit+1), 1+rng.Uint64()>>(2+rng.IntN(60))
		if rng.IntN(4) == 0 {
			used = limit/2 + rng.Uint64N(3) - 1
		}
		if got, want := w.nextBaseFee(limit, used, base, 1), slowBaseFee(limit, used, base); !want.IsUint64() || got != want.Uint64() {
			t.Fatalf("%d of %d gas at %d: %d, want %v", used, limit, base, got, want)
		}
	}
}

// The chain's base fee follows from what its blocks used, block by block.
func TestChainFollowsTheRule(t *testing.T) {
	cfg, rng := testConfig(), rand.New(rand.NewPCG(2, 1))
	cfg.GasLimit, cfg.Background = 10_000_000, 0.3
	d := newDesk(t, cfg, 900)
	if d.BaseFee().Uint64() != uint64(cfg.BaseFee) {
		t.Fatalf("the stream starts at a base fee of %v, not %v", d.BaseFee(), cfg.BaseFee)
	}
	next, rises, full := firstPayer, 0, 0
	for range 30 {
		for range rng.IntN(200) {
			if int(next) < 900 {
				d.Submit(d.Next(), d.open(next, 0, milli))
				next++
			}
		}
		base := d.baseFee
		used := min(cfg.GasLimit, uint64(3_000_000*float64(cfg.BaseFee)/float64(base)))
		d.Advance(d.Next(), func(r payment.Receipt) {
			used += r.Gas
			if want := unit.Wei(r.Gas * (base + uint64(cfg.Tip))); r.Fee != want {
				t.Fatalf("%d gas cost %v, should cost %v", r.Gas, r.Fee, want)
			}
		})
		if d.Pending() > 0 {
			full++
		}
		if want := slowBaseFee(cfg.GasLimit, used, base); d.BaseFee().Cmp(want) != 0 {
			t.Fatalf("block %d used %d gas at %d: next base fee %v, want %v", d.Height(), used, base, d.BaseFee(), want)
		}
		if d.baseFee > base {
			rises++
		}
	}
	if rises == 0 || full == 0 {
		t.Errorf("the base fee rose %d times, %d blocks were full: the test is too tame", rises, full)
	}
}

// Left alone, the base fee comes to rest at twice the background.
func TestBackgroundComesToRest(t *testing.T) {
	for _, b := range []unit.Ratio{0.25, 0.5, 0.8, 1} {
		cfg := testConfig()
		cfg.Background = b
		d := newDesk(t, cfg, 10)
		d.wait(500 * cfg.BlockTime)
		want := 2 * float64(b) * float64(cfg.BaseFee)
		if got := float64(d.baseFee); got < 0.999*want || got > 1.001*want {
			t.Errorf("background %v: the base fee rests at %v, not at %v", b, got, want)
		}
	}
	cfg := testConfig()
	d := newDesk(t, cfg, 10)
	d.wait(2000 * cfg.BlockTime)
	if d.baseFee != 7 {
		t.Errorf("with nobody there the base fee falls to %d wei, not to 7", d.baseFee)
	}
}

// Nobody is charged above its cap, and tips go to the proposer.
func TestCapBoundsThePrice(t *testing.T) {
	cfg := testConfig()
	cfg.FeeCap = cfg.BaseFee + cfg.Tip/2 // leaves half a tip at the starting base fee
	d := newDesk(t, cfg, 10)
	before := d.Tips()
	r := d.must(d.open(firstPayer, 0, milli))
	if want := unit.Wei(r.Gas) * cfg.FeeCap; r.Fee != want {
		t.Errorf("a fee of %v, want %v", r.Fee, want)
	}
	tip := new(big.Int).Sub(d.Tips(), before)
	if want := wei(unit.Wei(r.Gas) * (cfg.Tip / 2)); tip.Cmp(want) != 0 {
		t.Errorf("the proposer got %v, want %v", tip, want)
	}
}

func FuzzElastic(f *testing.F) {
	f.Add(uint64(30_000_000), uint64(1e9), uint64(1e9), uint64(60_000_000))
	f.Add(^uint64(0), ^uint64(0), uint64(1), uint64(60_000_000))
	f.Fuzz(func(t *testing.T, gas, start, now, limit uint64) {
		if now == 0 {
			return
		}
		want := new(big.Int).Mul(new(big.Int).SetUint64(gas), new(big.Int).SetUint64(start))
		want.Quo(want, new(big.Int).SetUint64(now))
		if most := new(big.Int).SetUint64(limit); want.Cmp(most) > 0 {
			want = most
		}
		if got := elastic(gas, start, now, limit, 1); got != want.Uint64() {
			t.Errorf("elastic(%d, %d, %d, %d) = %d, want %v", gas, start, now, limit, got, want)
		}
	})
}
