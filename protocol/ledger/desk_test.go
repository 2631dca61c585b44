package ledger

import (
	"bytes"
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/core/types"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/protocol/payment"
)

// Accounts of a desk. Everybody from firstPayer on is a viewer.
const (
	creator payment.Account = iota
	collector
	payee1
	payee2
	payee3
	firstPayer
)

const (
	milli = unit.Wei(1_000_000_000_000_000) // a thousandth of an ether
	eth   = 1000 * milli
)

func testGenesis(accounts int) Genesis {
	return Genesis{Accounts: accounts, Balance: eth, Creator: creator, Collector: collector,
		Payees:    []Payee{{payee1, 7000}, {payee2, 2000}, {payee3, 1000}},
		ContentID: [32]byte{0xc0}, RoyaltyBPS: 500}
}

// testConfig confirms at once and has the chain to itself.
func testConfig() Config {
	c := Default()
	c.Background, c.Confirmations = 0, 0
	return c
}

// A desk is a chain and the clerk who feeds it one transaction at a time.
type desk struct {
	*Chain
	t    testing.TB
	last uint32
}

func newDesk(t testing.TB, cfg Config, accounts int) *desk {
	t.Helper()
	c, err := New(cfg, 1, testGenesis(accounts))
	if err != nil {
		t.Fatal(err)
	}
	return &desk{Chain: c, t: t}
}

// do submits tx and advances until its receipt is there.
func (d *desk) do(tx payment.Tx) (r payment.Receipt) {
	d.t.Helper()
	d.last++
	tx.ID = d.last
	d.Submit(d.Next(), tx)
	for range 100 {
		d.Advance(d.Next(), func(got payment.Receipt) {
			if got.ID == tx.ID {
				r = got
			}
		})
		if r.ID != 0 {
			return r
		}
	}
	d.t.Fatalf("no receipt for %+v", tx)
	return r
}

// must is do for a transaction that succeeds.
func (d *desk) must(tx payment.Tx) payment.Receipt {
	d.t.Helper()
	r := d.do(tx)
	if !r.OK {
		d.t.Fatalf("%s of account %d: %s", operations[tx.Kind].name, tx.From, r.Reason)
	}
	return r
}

// refused is do for a transaction that fails for the given reason.
func (d *desk) refused(tx payment.Tx, reason string) payment.Receipt {
	d.t.Helper()
	r := d.do(tx)
	if r.OK || r.Reason != reason {
		d.t.Fatalf("%s of account %d: ok %v, reason %q; want %s", operations[tx.Kind].name, tx.From, r.OK, r.Reason, reason)
	}
	return r
}

func (d *desk) open(payer payment.Account, nonce uint64, deposit unit.Wei) payment.Tx {
	return payment.Tx{Kind: payment.Open, From: payer, Payer: payer, Nonce: nonce, Amount: deposit, Channel: d.Signer().Channel(payer, nonce)}
}

func (d *desk) voucher(payer payment.Account, nonce uint64, amount unit.Wei) payment.Voucher {
	v := payment.NewVoucher(d.Signer().Channel(payer, nonce), amount)
	d.Signer().Sign(payer, &v)
	return v
}

// close is the collector's closing with a voucher that payer signed.
func (d *desk) close(payer payment.Account, nonce uint64, amount unit.Wei) payment.Tx {
	v := d.voucher(payer, nonce, amount)
	return payment.Tx{Kind: payment.Close, From: collector, Payer: payer, Channel: v.Channel(), Amount: amount, Sig: v.Sig()}
}

// ask is a Tx that makes x.
func ask(from payment.Account, value unit.Wei, x payment.Call) payment.Tx {
	return payment.Tx{Kind: payment.Invoke, From: from, Amount: value, Call: x}
}

// winner redeems a ticket that wins for sure.
func (d *desk) winner(from, to payment.Account, nonce uint64, face unit.Wei) payment.RedeemTicket {
	secret := payment.Word{1, 31: byte(nonce)}
	t := payment.Ticket{Sender: from, Recipient: to, FaceValue: face, WinProb: always, Expires: 1000 * time.Hour, Nonce: nonce,
		Commitment: d.Notary().Link(secret)}
	return payment.RedeemTicket{Ticket: t, Sig: d.Notary().SignTicket(&t), Secret: secret}
}

// always is the chance of one.
var always = payment.Word(bytes.Repeat([]byte{0xff}, 32))

// chain is a hash chain; its last word is the anchor for n words.
func (d *desk) chain(n int) []payment.Word {
	words := []payment.Word{{7}}
	for range n {
		words = append(words, d.Notary().Link(words[len(words)-1]))
	}
	return words
}

func (d *desk) withdraw(payee payment.Account) payment.Tx {
	return payment.Tx{Kind: payment.Withdraw, From: collector, Payer: payee}
}

// wait lets the chain build blocks until d has passed.
func (d *desk) wait(by time.Duration) {
	for end := d.Next() + by; d.Next() < end; {
		d.Advance(d.Next(), func(payment.Receipt) {})
	}
}

// execute builds a block of calls that no payment.Tx makes. Gas is plentiful.
func (d *desk) execute(calls ...call) []outcome {
	d.t.Helper()
	d.world.events = true
	d.height++
	d.world.open(d.height, epoch+uint64(d.next/time.Second), d.cfg.GasLimit, d.baseFee, d.blobFee)
	d.next += d.cfg.BlockTime
	var all []outcome
	for _, c := range calls {
		if c.gasLimit == 0 {
			c.gasLimit = 5_000_000 * d.cfg.Fork.dearer()
		}
		c.offer = price{tip: 0, cap: d.baseFee}
		o, included := d.world.execute(&c)
		if !included {
			d.t.Fatalf("%v cannot pay", c.from)
		}
		all = append(all, o)
	}
	d.world.close()
	return all
}

// address is the address of a, which is put into the state.
func (d *desk) address(a payment.Account) common.Address {
	d.wake(a)
	return d.wallets.address(a)
}

// hostile is the contract of bad manners, deployed by the creator.
type hostile struct {
	*contracts.Hostile
	at common.Address
}

// Manners of a hostile, as in contracts/test/Hostile.sol.
const (
	accept uint8 = iota
	refuse
	burn
	reenter
)

func (d *desk) hostile() hostile {
	d.t.Helper()
	h := contracts.NewHostile()
	return hostile{h, d.deployed(h.Code, nil)}
}

// deployed is where the creator deploys a contract.
func (d *desk) deployed(code, args []byte) common.Address {
	d.t.Helper()
	o := d.execute(call{from: d.address(creator), data: creation(code, args)})[0]
	if !o.ok {
		d.t.Fatal(d.reason(&o))
	}
	return o.created
}

// behave sets what h does when it is paid.
func (d *desk) behave(h hostile, manner uint8, target common.Address, data []byte) {
	d.t.Helper()
	if o := d.execute(call{from: d.address(creator), to: &h.at, data: h.PackBehave(manner, target, data)})[0]; !o.ok {
		d.t.Fatal(d.reason(&o))
	}
}

// act makes h call target with value.
func (d *desk) act(h hostile, target common.Address, value unit.Wei, data []byte) outcome {
	return d.execute(call{from: d.address(creator), to: &h.at, value: uint64(value), data: h.PackAct(target, data)})[0]
}

// feeToken is a token that keeps a part of every transfer, of which owner has
// plenty.
type feeToken struct {
	*contracts.FeeToken
	*desk
	at common.Address
}

func (d *desk) feeToken(owner common.Address) feeToken {
	d.t.Helper()
	f := feeToken{contracts.NewFeeToken(), d, common.Address{}}
	f.at = d.deployed(f.Code, nil)
	d.execute(call{from: owner, to: &f.at, data: f.PackMint(owner, big.NewInt(1_000_000))})
	return f
}

func (f feeToken) approve(owner, spender common.Address) {
	f.execute(call{from: owner, to: &f.at, data: f.PackApprove(spender, big.NewInt(1_000_000))})
}

func (f feeToken) of(a common.Address) int64 {
	return must(f.UnpackBalanceOf(f.world.read(f.at, f.PackBalanceOf(a)))).Int64()
}

// said is the first event in o that unpack knows.
func said[E any](t testing.TB, o *outcome, unpack func(*types.Log) (*E, error)) *E {
	t.Helper()
	for _, l := range o.events {
		if e, err := unpack(l); err == nil {
			return e
		}
	}
	t.Fatalf("no %T among %d events", *new(E), len(o.events))
	return nil
}

func wei(n unit.Wei) *big.Int { return new(big.Int).SetUint64(uint64(n)) }

// held is the sum of all balances there are.
func (d *desk) held() *big.Int {
	sum := new(big.Int)
	for a := range payment.Account(d.genesis.Accounts) {
		sum.Add(sum, d.Balance(a))
	}
	for _, n := range []*big.Int{d.Locked(), d.SplitBalance(), d.Tips(), d.Remainder()} {
		sum.Add(sum, n)
	}
	return sum
}
