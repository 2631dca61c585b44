package ledger_test

import (
	"fmt"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
)

// A viewer opens a channel, pays by vouchers that never touch the chain, and
// the collector closes the channel with the newest.
func Example() {
	const creator, collector, composer, viewer = 0, 1, 2, 3
	cfg := ledger.Default()
	chain, err := ledger.New(cfg, 1, ledger.Genesis{
		Accounts: 4, Balance: 1e18, Creator: creator, Collector: collector,
		Payees: []ledger.Payee{{Account: creator, BPS: 6667}, {Account: composer, BPS: 3333}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	advance := func() {
		chain.Advance(chain.Next(), func(r payment.Receipt) {
			fmt.Printf("receipt %d from block %d: ok %v, %d gas\n", r.ID, r.Height, r.OK, r.Gas)
		})
	}

	id := chain.Signer().Channel(viewer, 0)
	chain.Submit(0, payment.Tx{ID: 1, Kind: payment.Open, From: viewer, Payer: viewer, Channel: id, Amount: 1e15})
	advance() // includes
	advance() // confirms

	v := payment.NewVoucher(id, 1000)
	chain.Signer().Sign(viewer, &v)
	fmt.Println("voucher is good:", chain.Signer().Verify(viewer, &v))
	chain.Submit(chain.Next(), payment.Tx{ID: 2, Kind: payment.Close, From: collector, Payer: viewer, Channel: id, Amount: v.Amount, Sig: v.Sig()})
	chain.Submit(chain.Next(), payment.Tx{ID: 3, Kind: payment.Settle, From: collector})
	advance()
	advance()
	fmt.Println("locked:", chain.Locked(), "split:", chain.SplitBalance(), "credits:", chain.Credits())
	// Output:
	// receipt 1 from block 2: ok true, 93777 gas
	// voucher is good: true
	// receipt 2 from block 4: ok true, 56042 gas
	// receipt 3 from block 4: ok true, 65661 gas
	// locked: 0 split: 1000 credits: [667 333]
}
