package ledger

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/vm"

	"kinetoscope/protocol/payment"
)

// counted counts how often the machine's own contract is asked.
type counted struct {
	vm.PrecompiledContract
	runs int
}

func (c *counted) Run(input []byte) ([]byte, error) {
	c.runs++
	return c.PrecompiledContract.Run(input)
}

// A recovery answers as the machine's own contract does, whatever it is asked and
// however often: right and wrong signatures, and each with any byte of it changed,
// left off or put behind.
func TestRecoveryIsExact(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	own := vm.ActivePrecompiledContracts(d.world.rules)[common.Address{19: 1}]
	counts := &counted{PrecompiledContract: own}
	r := &recovery{PrecompiledContract: counts, recent: map[question]common.Address{}}
	check := func(input []byte) {
		t.Helper()
		want, _ := own.Run(input)
		for range 2 {
			if got, err := r.Run(bytes.Clone(input)); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("of %x it says %x, %v; the machine %x", input, got, err, want)
			}
		}
	}
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range uint64(8) {
		v := d.voucher(firstPayer, n, 5)
		hash := d.signer.digest(v.Channel(), v.Amount)
		sig := v.Sig()
		input := append(append(append(hash[:], make([]byte, 31)...), sig[64]), sig[:64]...)
		asked := counts.runs
		if check(input); counts.runs != asked+1 {
			t.Errorf("the machine was asked %d times", counts.runs-asked)
		}
		for at := range input {
			other := bytes.Clone(input)
			other[at] ^= byte(1 + rng.IntN(255))
			check(other)
			check(input)
		}
		check(input[:127])
		check(append(bytes.Clone(input), 1))
	}
	check(nil)
}

// Of a voucher that was attested the machine remembers what it would compute, and
// computes nothing.
func TestAttestedIsRemembered(t *testing.T) {
	d := newDesk(t, testConfig(), 30)
	r := d.signer.signers
	counts := &counted{PrecompiledContract: r.PrecompiledContract}
	r.PrecompiledContract = counts
	for payer := firstPayer; payer < 30; payer++ {
		v := payment.NewVoucher(d.signer.Channel(payer, 0), 5)
		d.signer.Attest(payer, &v)
		sig := v.Sig()
		q := asked(d.signer.digest(v.Channel(), v.Amount), &sig)
		got, _ := r.Run(q[:])
		if counts.runs > 0 || !d.signer.Verify(payer, &v) || d.signer.Verify(payer-1, &v) {
			t.Fatalf("account %d: the machine has recovered %d signers, and says %x", payer, counts.runs, got)
		}
		if want, _ := counts.PrecompiledContract.Run(q[:]); !bytes.Equal(got, want) {
			t.Fatalf("account %d: it remembers %x, the machine says %x", payer, got, want)
		}
	}
}

// What is remembered has a bound, and the newest is in it.
func TestRecoveryForgets(t *testing.T) {
	r := &recovery{recent: map[question]common.Address{}}
	for i := range 5 * recalled {
		q := question(bytes.Repeat(word(uint64(i)), 4))
		r.keep(&q, common.Address{1})
		if n := len(r.recent) + len(r.older); n > 2*recalled {
			t.Fatalf("%d answers are kept", n)
		}
		old := question(bytes.Repeat(word(uint64(max(0, i-recalled+1))), 4))
		if _, ok := r.known(&old); !ok {
			t.Fatalf("after %d answers the one %d before is forgotten", i, recalled-1)
		}
	}
}

// A voucher that was checked off the chain is checked again on it: neither takes one
// that was changed since.
func TestCheckedVoucherIsStillChecked(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	d.must(d.open(firstPayer, 0, milli))
	good := d.close(firstPayer, 0, 500)
	if v := payment.NewVoucher(good.Channel, 500).With(good.Sig); !d.Signer().Verify(firstPayer, &v) || d.Signer().Verify(firstPayer+1, &v) {
		t.Fatal("a voucher is its signer's and nobody else's")
	}
	for at := range good.Sig {
		bad := good
		bad.Sig[at] ^= 1
		d.refused(bad, "BadVoucher")
		if d.Signer().Verify(firstPayer, new(payment.NewVoucher(bad.Channel, 500).With(bad.Sig))) {
			t.Errorf("a signature with byte %d changed passes", at)
		}
	}
	more := good
	more.Amount++
	d.refused(more, "BadVoucher")
	d.must(good)
}
