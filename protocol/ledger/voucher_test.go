package ledger

import (
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

func TestDigestAndIdAreTheContracts(t *testing.T) {
	d := newDesk(t, testConfig(), 100)
	channels := d.suite.Channels
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		payer, n := payment.Account(rng.IntN(100)), rng.Uint64()>>rng.IntN(64)
		amount := unit.Wei(rng.Uint64() >> rng.IntN(64))
		id := d.Signer().Channel(payer, n)
		want := must(channels.UnpackChannelId(d.world.read(d.channels, channels.PackChannelId(d.address(payer), d.split, n))))
		if want != [32]byte(id) {
			t.Fatalf("channel %d of account %d: %x, the contract says %x", n, payer, id, want)
		}
		want = must(channels.UnpackDigest(d.world.read(d.channels, channels.PackDigest(id, wei(amount)))))
		if got := d.signer.digest(id, amount); want != got {
			t.Fatalf("digest of %v: %x, the contract says %x", amount, got, want)
		}
	}
}

func TestSigningTwiceGivesTheSame(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	v := payment.NewVoucher(d.Signer().Channel(firstPayer, 0), 5)
	d.Signer().Sign(firstPayer, &v)
	w := v
	d.Signer().Sign(firstPayer, &w)
	if !v.Equal(&w) || !v.Signed {
		t.Errorf("%x and %x, signed %v", v.Sig(), w.Sig(), v.Signed)
	}
}

// A separator is the domain of a signer under other names.
func separator(name, version string, chain uint64, contract common.Address) [32]byte {
	k := crypto.Keccak256
	return crypto.Keccak256Hash(k([]byte("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")),
		k([]byte(name)), k([]byte(version)), word(chain), common.LeftPadBytes(contract[:], 32))
}

// altered is signatures by payer's hand or another's, each wrong in one thing
// for good, which is payer's voucher for its channel 0.
func altered(t *testing.T, d *desk, payer, other payment.Account, good payment.Voucher) map[string]payment.Signature {
	signed := func(by payment.Account, alter func(s *signer, v *payment.Voucher)) payment.Signature {
		s, v := *d.signer, payment.NewVoucher(good.Channel(), good.Amount)
		alter(&s, &v)
		s.Sign(by, &v)
		return v.Sig()
	}
	domain := func(name, version string, chain uint64, contract common.Address) payment.Signature {
		return signed(payer, func(s *signer, v *payment.Voucher) { s.domain = separator(name, version, chain, contract) })
	}
	if domain("Kinetoscope Channels", "1", ChainID, d.channels) != good.Sig() {
		t.Fatal("the separator of this test is not the contract's: the cases prove nothing")
	}
	same := func(*signer, *payment.Voucher) {}
	twin, raw := good.Sig(), good.Sig()
	n := crypto.S256().Params().N
	new(big.Int).Sub(n, new(big.Int).SetBytes(raw[32:64])).FillBytes(twin[32:64])
	twin[64] ^= 27 ^ 28
	raw[64] -= 27
	cases := map[string]payment.Signature{
		"amount one more":  signed(payer, func(_ *signer, v *payment.Voucher) { v.Amount++ }),
		"amount one less":  signed(payer, func(_ *signer, v *payment.Voucher) { v.Amount-- }),
		"amount zero":      signed(payer, func(_ *signer, v *payment.Voucher) { v.Amount = 0 }),
		"other channel":    signed(payer, func(s *signer, v *payment.Voucher) { *v = payment.NewVoucher(s.Channel(payer, 1), v.Amount) }),
		"other payer":      signed(other, same),
		"collector":        signed(collector, same),
		"other name":       domain("Kinetoscope Channel", "1", ChainID, d.channels),
		"other version":    domain("Kinetoscope Channels", "2", ChainID, d.channels),
		"other chain":      domain("Kinetoscope Channels", "1", ChainID+1, d.channels),
		"other contract":   domain("Kinetoscope Channels", "1", ChainID, d.split),
		"malleable twin":   twin,
		"v of 0 or 1":      raw,
		"nothing but zero": {},
	}
	for i := range good.Sig() {
		sig := good.Sig()
		sig[i] ^= 0x01
		cases[fmt.Sprintf("byte %d flipped", i)] = sig
	}
	return cases
}

// Each thing that a voucher says or that its signature depends on is altered,
// one at a time. The contract takes none, and Verify agrees with it.
func TestAlteredVouchersAreRefused(t *testing.T) {
	d := newDesk(t, testConfig(), 20)
	const payer, other, amount = firstPayer, firstPayer + 1, unit.Wei(1000)
	for _, tx := range []payment.Tx{d.open(payer, 0, milli), d.open(payer, 1, milli), d.open(other, 0, milli)} {
		d.must(tx)
	}
	id := d.Signer().Channel(payer, 0)
	good := payment.NewVoucher(id, amount)
	d.Signer().Sign(payer, &good)
	cases := altered(t, d, payer, other, good)
	for _, name := range slices.Sorted(maps.Keys(cases)) {
		if v := payment.NewVoucher(id, amount).With(cases[name]); d.Signer().Verify(payer, &v) {
			t.Errorf("%s: Verify takes it", name)
		}
		tx := d.close(payer, 0, amount)
		tx.Sig = cases[name]
		d.refused(tx, "BadVoucher")
	}
	// What does not fit a payment.Signature.
	for _, sig := range [][]byte{nil, flatten(good.Sig())[:64], append(flatten(good.Sig()), 0)} {
		data := d.suite.Channels.PackClose(id, wei(amount), sig)
		if o := d.execute(call{from: d.address(collector), to: &d.channels, data: data})[0]; d.reason(&o) != "BadVoucher" {
			t.Errorf("a signature of %d bytes: %q", len(sig), d.reason(&o))
		}
	}
	if !d.Signer().Verify(payer, &good) {
		t.Error("Verify refuses the voucher itself")
	}
	d.must(d.close(payer, 0, amount))
	d.refused(d.close(payer, 0, amount), "NotOpen")
}

// Verify takes a signature exactly when the contract does.
func FuzzVerify(f *testing.F) {
	d := newDesk(f, testConfig(), 10)
	d.must(d.open(firstPayer, 0, milli))
	v := payment.NewVoucher(d.Signer().Channel(firstPayer, 0), 7)
	d.Signer().Sign(firstPayer, &v)
	f.Add(flatten(v.Sig()), uint64(7))
	f.Add(flatten(v.Sig()), uint64(8))
	f.Add(flatten(v.Sig())[:64], uint64(7))
	f.Add([]byte{}, uint64(0))
	f.Fuzz(func(t *testing.T, sig []byte, amount uint64) {
		if len(sig) != 65 || amount > uint64(milli) {
			return
		}
		w := payment.NewVoucher(v.Channel(), unit.Wei(amount)).With(payment.Signature(sig))
		c := call{from: d.address(collector), to: &d.channels, data: d.suite.Channels.PackClose(w.Channel(), wei(w.Amount), sig),
			gasLimit: 200_000, offer: price{cap: d.baseFee}}
		d.world.open(d.height+1, epoch, d.cfg.GasLimit, d.baseFee, d.blobFee)
		snapshot := d.world.state.Copy()
		o, _ := d.world.execute(&c)
		d.world.close()
		d.world.state = snapshot
		if got := d.Signer().Verify(firstPayer, &w); got != o.ok {
			t.Errorf("%x for %d wei: Verify says %v, the contract %q", sig, amount, got, d.reason(&o))
		}
	})
}

func TestKeysAreDistinctAndSeeded(t *testing.T) {
	seen := map[common.Address]bool{}
	for seed := range uint64(3) {
		for i := range uint64(50) {
			seen[address(seed, i)] = true
		}
		seen[address(seed, deployer)] = true
	}
	if len(seen) != 3*51 {
		t.Errorf("%d addresses of %d", len(seen), 3*51)
	}
	// The derivation is documented; it must not move by accident.
	if got := address(1, 5); got != common.HexToAddress("0x2E2F118f264C055d52EB45b85AB9CC655c908bC5") {
		t.Errorf("account 5 of seed 1 is %v", got)
	}
}
