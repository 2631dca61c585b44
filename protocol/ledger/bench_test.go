package ledger

import (
	"fmt"
	"testing"

	"kinetoscope/protocol/payment"
)

// What a chain costs before the first transaction, by number of accounts.
func BenchmarkNew(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprintf("accounts=%d", n), func(b *testing.B) {
			g := testGenesis(n)
			for b.Loop() {
				if _, err := New(Default(), 1, g); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A block without transactions.
func BenchmarkEmptyBlock(b *testing.B) {
	d := newDesk(b, Default(), 10)
	for b.Loop() {
		d.Advance(d.Next(), func(payment.Receipt) {})
	}
}

// A channel's two transactions: the open of a payer new to the chain and the
// close, whose voucher the contract checks. Keys, addresses and signatures are
// made outside the clock: BenchmarkSigner has them.
func BenchmarkSession(b *testing.B) {
	const payers, batch = 20_000, 500
	measure := func(name string, before, measured func(d *desk, a payment.Account) payment.Tx) {
		b.Run(name, func(b *testing.B) {
			var d *desk
			next := payment.Account(payers)
			for b.Loop() {
				b.StopTimer()
				if next >= payers {
					cfg := testConfig()
					cfg.GasLimit, cfg.FeeCap = MaxGasLimit, MaxFeeCap/100
					d, next = newDesk(b, cfg, payers+int(firstPayer)), 0
					for a := range payment.Account(payers) {
						if before != nil {
							d.Submit(d.Next(), before(d, firstPayer+a))
						}
					}
					d.wait(20 * cfg.BlockTime)
				}
				var txs []payment.Tx
				for range batch {
					txs = append(txs, measured(d, firstPayer+next))
					next++
				}
				b.StartTimer()
				for _, tx := range txs {
					d.Submit(d.Next(), tx)
				}
				d.Advance(d.Next(), func(r payment.Receipt) {
					if !r.OK {
						b.Fatal(r.Reason)
					}
				})
			}
			b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "tx/s")
		})
	}
	open := func(d *desk, a payment.Account) payment.Tx { return d.open(a, 0, milli) }
	shut := func(d *desk, a payment.Account) payment.Tx { return d.close(a, 0, milli/2) }
	measure("open", nil, open)
	measure("close", open, shut)
}

// What the signer costs: an address that was not derived yet, a voucher signed,
// a voucher verified.
func BenchmarkSigner(b *testing.B) {
	d := newDesk(b, testConfig(), 10)
	v := payment.NewVoucher(d.Signer().Channel(firstPayer, 0), 5)
	d.Signer().Sign(firstPayer, &v)
	b.Run("address", func(b *testing.B) {
		for i := uint64(0); b.Loop(); i++ {
			address(1, i)
		}
	})
	b.Run("sign", func(b *testing.B) {
		for b.Loop() {
			d.Signer().Sign(firstPayer, &v)
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if !d.Signer().Verify(firstPayer, &v) {
				b.Fatal("refused")
			}
		}
	})
}
