package ledger

import (
	"math/big"
	"testing"
	"time"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// fullDesk is a desk with every contract that Genesis.Contracts can name.
func fullDesk(t testing.TB) *desk {
	t.Helper()
	g := testGenesis(20)
	for k := range contractNames {
		g.Contracts = append(g.Contracts, Contract(k))
	}
	c, err := New(testConfig(), 1, g)
	if err != nil {
		t.Fatal(err)
	}
	return &desk{Chain: c, t: t}
}

// A step is a call, how long to wait before it, and why it is refused.
type step struct {
	wait  time.Duration
	from  payment.Account
	value unit.Wei
	call  payment.Call
	want  string
}

// play makes the steps and holds that no wei came or went.
func (d *desk) play(steps []step) {
	d.t.Helper()
	for i, s := range steps {
		if s.wait > 0 {
			d.wait(s.wait)
		}
		if r := d.do(ask(s.from, s.value, s.call)); r.Reason != s.want || r.OK != (s.want == "") {
			d.t.Errorf("step %d, %T: %q, want %q", i, s.call, r.Reason, s.want)
		}
	}
	held := d.held()
	for _, at := range append(d.extra[:], common.HexToAddress("0xdead")) {
		held.Add(held, d.world.balance(at))
	}
	if held.Cmp(d.Supply()) != 0 {
		d.t.Errorf("all hold %v, there are %v", held, d.Supply())
	}
}

// got is what a has more than before.
func (d *desk) got(a payment.Account, before *big.Int) int64 {
	return new(big.Int).Sub(d.Balance(a), before).Int64()
}

const (
	alice = firstPayer + iota
	bob
	carol
)

func TestChannelsTopUpAndRedeem(t *testing.T) {
	d := fullDesk(t)
	d.must(d.open(alice, 0, 1000))
	id := d.Signer().Channel(alice, 0)
	voucher := func(n unit.Wei) payment.Redeem { return payment.Redeem{Voucher: d.voucher(alice, 0, n)} }
	d.play([]step{
		{call: payment.TopUp{Channel: id}, from: bob, value: 5, want: "NotPayer"},
		{call: payment.TopUp{Channel: id}, from: alice, want: "NoDeposit"},
		{call: payment.TopUp{Channel: payment.ChannelID{1}}, from: alice, value: 5, want: "NotOpen"},
		{call: voucher(1500), from: bob, want: "OverDeposit"},
		{call: payment.TopUp{Channel: id}, from: alice, value: 1000},
		{call: voucher(1500), from: bob}, // anybody may: a watchtower
		{call: voucher(1500), from: bob, want: "Stale"},
		{call: voucher(1499), from: collector, want: "Stale"},
	})
	d.refused(d.close(alice, 0, 1499), "Stale")
	request := payment.Tx{Kind: payment.Request, From: alice, Payer: alice, Channel: id}
	d.must(request)
	d.play([]step{{call: voucher(1800), from: bob}}) // the challenge
	d.wait(d.cfg.ChallengePeriod)
	request.Kind = payment.Finalize
	d.must(request)
	if got := d.SplitBalance().Int64(); got != 1800 || d.Locked().Sign() != 0 {
		t.Errorf("the split has %d of 1800, %v are locked", got, d.Locked())
	}
}

func TestHashChainPays(t *testing.T) {
	d := fullDesk(t)
	w := d.chain(100)
	id := d.Notary().WordChain(alice, w[100])
	open := payment.OpenWords{Anchor: w[100], Price: 7, Words: 100}
	none := open
	none.Words = 0
	d.play([]step{
		{call: open, from: alice, value: 699, want: "WrongDeposit"},
		{call: none, from: alice, want: "BadTerms"},
		{call: open, from: alice, value: 700},
		{call: open, from: alice, value: 700, want: "ChainExists"},
		{call: payment.RedeemWords{Chain: id, Words: 10, Word: w[91]}, from: bob, want: "BadWord"},
		{call: payment.RedeemWords{Chain: id, Words: 101, Word: w[0]}, from: bob, want: "TooMany"},
		{call: payment.RedeemWords{Chain: id, Words: 10, Word: w[90]}, from: bob},
		{call: payment.RedeemWords{Chain: payment.ChannelID{1}, Words: 1}, from: bob, want: "NotOpen"},
		{call: payment.CloseWords{Chain: id, Words: 5, Word: w[85]}, from: alice, want: "NotCollector"},
		{call: payment.RequestWords{Chain: id}, from: bob, want: "NotPayer"},
		{call: payment.FinalizeWords{Chain: id}, from: alice, want: "TooEarly"},
		{call: payment.RequestWords{Chain: id}, from: alice},
		{call: payment.RequestWords{Chain: id}, from: alice, want: "AlreadyRequested"},
		{call: payment.FinalizeWords{Chain: id}, from: bob, want: "NotPayer"},
		{call: payment.CloseWords{Chain: id, Words: 5, Word: w[85]}, from: collector},
		{call: payment.FinalizeWords{Chain: id}, from: alice, want: "NotOpen"},
		{call: open, from: alice, value: 700, want: "ChainExists"},
	})
	if got := d.SplitBalance().Int64(); got != 105 {
		t.Errorf("the split got %d wei of 105", got)
	}
}

func TestTicketsPay(t *testing.T) {
	d := fullDesk(t)
	win := func(to payment.Account, nonce uint64, face unit.Wei) payment.RedeemTicket {
		return d.winner(alice, to, nonce, face)
	}
	lose, late, forged, blind := win(bob, 9, 1), win(bob, 9, 1), win(bob, 9, 1), win(bob, 9, 1)
	lose.Ticket.WinProb = payment.Word{}
	lose.Sig = d.Notary().SignTicket(&lose.Ticket)
	late.Ticket.Expires = 0
	late.Sig = d.Notary().SignTicket(&late.Ticket)
	forged.Ticket.FaceValue++
	blind.Secret[0] ^= 1
	if d.Notary().Wins(&lose.Ticket, &lose.Sig, lose.Secret) || !d.Notary().VerifyTicket(&lose.Ticket, &lose.Sig) ||
		d.Notary().VerifyTicket(&forged.Ticket, &forged.Sig) {
		t.Error("the notary is of another mind than the contract")
	}
	before := d.Balance(bob)
	d.play([]step{
		{call: payment.Fund{Sender: alice, Reserve: 6}, from: alice, value: 5, want: "BadFunding"},
		{call: payment.Fund{Sender: alice}, from: alice, want: "BadFunding"},
		{call: payment.Fund{Sender: alice, Reserve: 500}, from: alice, value: 600},
		{call: lose, from: carol, want: "NotWinning"}, {call: late, from: carol, want: "Expired"},
		{call: forged, from: carol, want: "BadSignature"}, {call: blind, from: carol, want: "BadSecret"},
		{call: win(bob, 1, 150), from: carol}, // 100 from the deposit; bob is not admitted
		{call: win(bob, 1, 150), from: carol, want: "Broke"},
		{call: payment.Admit{Recipient: bob, May: true}, from: alice, want: "OwnableUnauthorizedAccount"},
		{call: payment.Admit{Recipient: bob, May: true}, from: creator},
		{call: payment.Admit{Recipient: bob, May: true}, from: creator, want: "NoChange"},
		{call: win(bob, 1, 150), from: carol}, // the rest of it
		{call: win(bob, 1, 150), from: carol, want: "Used"},
		{call: win(bob, 2, 150), from: carol}, // 50: a fifth of the reserve is 100
		{call: win(payment.TheSplit, 3, 70), from: carol},
		{call: payment.Lock{}, from: alice, want: "BadUnlock"}, {call: payment.Reclaim{}, from: alice, want: "TooEarly"},
		{call: payment.Unlock{}, from: alice}, {call: payment.Unlock{}, from: alice, want: "BadUnlock"},
		{call: payment.Lock{}, from: alice}, {call: payment.Unlock{}, from: alice},
		{call: payment.Reclaim{}, from: alice, want: "TooEarly"},
		{call: payment.Reclaim{}, from: alice, wait: d.cfg.ChallengePeriod},
		{call: win(payment.TheSplit, 4, 70), from: carol, want: "Broke"},
	})
	for a := payee1; a <= payee3; a++ {
		d.must(ask(creator, 0, payment.Admit{Recipient: a, May: true}))
	}
	d.refused(ask(creator, 0, payment.Admit{Recipient: alice, May: true}), "Full")
	if got := d.got(bob, before); got != 200 || d.SplitBalance().Int64() != 70 {
		t.Errorf("bob got %d of 200, the split %v of 70", got, d.SplitBalance())
	}
}

func TestReservePoolPaysAndSlashes(t *testing.T) {
	d := fullDesk(t)
	lock := func(all ...payment.Account) payment.LockPool {
		return payment.LockPool{Fund: 100, Period: time.Hour, Recipients: all}
	}
	forged := d.promise(alice, bob, 0, 10)
	forged.Promise.Amount = 11
	if d.Notary().VerifyPromise(alice, &forged.Promise) {
		t.Error("the notary takes a forged promise")
	}
	before, burnt := d.Balance(bob), common.HexToAddress("0xdead")
	d.play([]step{
		{call: lock(bob), from: alice, value: 200, want: "BadCollateral"},
		{call: lock(), from: alice, value: 250, want: "BadLength"},
		{call: lock(bob, bob), from: alice, value: 250, want: "BadRecipient"},
		{call: lock(bob, carol, payment.TheSplit), from: alice, value: 250},
		{call: forged, from: bob, want: "BadVoucher"},
		{call: d.promise(alice, alice, 0, 10), from: bob, want: "NotNamed"},
		{call: d.promise(alice, bob, 0, 101), from: bob, want: "OverFund"},
		{call: d.promise(alice, bob, 1, 10), from: bob, want: "NoPool"},
		{call: d.promise(alice, bob, 0, 60), from: carol}, {call: d.promise(alice, bob, 0, 60), from: bob, want: "Stale"},
		{call: d.promise(alice, bob, 0, 100), from: bob},
		{call: d.promise(alice, carol, 0, 100), from: carol}, // from the collateral: overspent
		{call: payment.ReleasePool{Pool: d.Notary().Pool(alice, 0)}, from: alice, want: "TooEarly"},
		{call: payment.ReleasePool{Pool: d.Notary().Pool(alice, 0)}, from: alice, wait: time.Hour},
		{call: payment.ReleasePool{Pool: d.Notary().Pool(alice, 0)}, from: alice, want: "NoPool"},
		{call: lock(bob, carol, payment.TheSplit), from: alice, value: 201},
		{call: d.promise(alice, bob, 1, 100), from: bob}, {call: d.promise(alice, carol, 1, 100), from: bob},
		{call: d.promise(alice, payment.TheSplit, 1, 100), from: bob}, // one wei is left
		{call: d.promise(alice, payment.TheSplit, 1, 100), from: bob, want: "Exhausted"},
	})
	if got, lost := d.got(bob, before), d.world.balance(burnt).Int64(); lost != 50 || d.SplitBalance().Int64() != 1 {
		t.Errorf("bob got %d with its gas paid, %d of 50 burnt, the split has %v", got, lost, d.SplitBalance())
	}
}

// A receipt names the pool that was locked, whatever the sender says.
func TestReceiptNamesThePool(t *testing.T) {
	d := fullDesk(t)
	for number := range uint64(2) {
		d.last++
		d.Submit(d.Next(), payment.Tx{ID: d.last, Kind: payment.Invoke, From: alice, Payer: alice, Amount: 250, Channel: d.Notary().Pool(alice, 0),
			Call: payment.LockPool{Fund: 100, Period: time.Hour, Recipients: []payment.Account{bob}}})
		d.Advance(d.Next(), func(r payment.Receipt) {
			if want := d.Notary().Pool(alice, number); !r.OK || r.Channel != want {
				t.Errorf("the receipt of pool %d names %x, ok %v (%s)", number, r.Channel, r.OK, r.Reason)
			}
		})
	}
}

func TestStorageDeals(t *testing.T) {
	for _, pieces := range []int{1, 2, 3, 7, 64} {
		d := fullDesk(t)
		root, piece, path := shard(pieces)
		offer := payment.OfferDeal{Provider: bob, Root: root, Pieces: uint32(pieces), Bond: 500, Period: time.Hour, Window: 10 * time.Minute, Challenges: 2}
		bad := offer
		bad.Pieces = 0
		d.play([]step{
			{call: bad, from: alice, value: 3600, want: "BadTerms"},
			{call: offer, from: alice, value: 3600}, {call: offer, from: alice, value: 3600}, {call: offer, from: alice, value: 3600},
			{call: payment.CancelDeal{Deal: 0}, from: bob, want: "NotParty"}, {call: payment.CancelDeal{Deal: 0}, from: alice},
			{call: payment.AcceptDeal{Deal: 0}, from: bob, value: 500, want: "WrongState"},
			{call: payment.AcceptDeal{Deal: 1}, from: carol, value: 500, want: "NotParty"},
			{call: payment.AcceptDeal{Deal: 1}, from: bob, value: 499, want: "WrongBond"},
			{call: payment.AcceptDeal{Deal: 1}, from: bob, value: 500}, {call: payment.AcceptDeal{Deal: 2}, from: bob, value: 500},
			{call: payment.ChallengeDeal{Deal: 1}, from: bob, want: "NotParty"},
			{call: payment.SlashDeal{Deal: 1}, from: alice, want: "NotChallenged"},
			{call: payment.ProveDeal{Deal: 1}, from: bob, want: "NotChallenged"},
			{call: payment.ChallengeDeal{Deal: 1}, from: alice}, {call: payment.ChallengeDeal{Deal: 1}, from: alice, want: "Challenging"},
			{call: payment.ChallengeDeal{Deal: 2}, from: alice},
			{call: payment.CollectDeal{Deal: 1}, from: bob, want: "Challenging"}, {call: payment.CollectDeal{Deal: 1}, from: alice, want: "NotParty"},
			{call: payment.SlashDeal{Deal: 1}, from: carol, want: "TooEarly"},
		})
		asked, open := d.Notary().Asked(1)
		if i := int(asked); open {
			d.play([]step{
				{call: payment.ProveDeal{Deal: 1, Piece: piece(i)[1:], Path: path(i)}, from: bob, want: "BadProof"},
				{call: payment.ProveDeal{Deal: 1, Piece: piece(i), Path: path(i)}, from: bob},
			})
		} else {
			t.Error("no piece is asked for")
		}
		d.play([]step{
			{call: payment.ProveDeal{Deal: 2}, from: bob, wait: 10 * time.Minute, want: "TooLate"},
			{call: payment.SlashDeal{Deal: 2}, from: carol},
			{call: payment.CollectDeal{Deal: 1}, from: bob}, {call: payment.CollectDeal{Deal: 1}, from: bob, wait: time.Hour},
			{call: payment.CollectDeal{Deal: 1}, from: bob, want: "WrongState"},
		})
		if left := d.world.balance(d.extra[StorageDeals]); left.Sign() != 0 {
			t.Errorf("%d pieces: %v wei are left", pieces, left)
		}
	}
}

func TestLicencesAndOwnership(t *testing.T) {
	d := fullDesk(t)
	id := d.genesis.ContentID
	shares := func(bps int) payment.SetShares {
		return payment.SetShares{Shares: []payment.Holding{{Payee: alice, BPS: bps}, {Payee: payee1, BPS: 10_000 - bps}}}
	}
	d.play([]step{
		{call: payment.Buy{ContentID: id, Viewers: []payment.Account{bob}}, from: bob, value: 10, want: "NotForSale"},
		{call: payment.SetTerms{ContentID: id, Price: 10, Period: time.Hour}, from: alice, want: "NotOwner"},
		{call: payment.OfferTitle{ContentID: id, To: alice}, from: alice, want: "NotOwner"},
		{call: payment.AcceptTitle{ContentID: id}, from: alice, want: "NotOffered"},
		{call: payment.OfferTitle{ContentID: id, To: bob}, from: creator}, {call: payment.OfferTitle{ContentID: id, To: alice}, from: creator},
		{call: payment.AcceptTitle{ContentID: id}, from: bob, want: "NotOffered"}, {call: payment.AcceptTitle{ContentID: id}, from: alice},
		{call: payment.SetTerms{ContentID: id, Price: 10, Period: time.Hour}, from: creator, want: "NotOwner"},
		{call: payment.SetTerms{ContentID: id, Price: 10, Period: time.Hour}, from: alice},
		{call: payment.Buy{ContentID: id}, from: bob, want: "BadLength"},
		{call: payment.Buy{ContentID: id, Viewers: []payment.Account{bob}}, from: bob, value: 9, want: "WrongPrice"},
		{call: payment.Buy{ContentID: id, Viewers: []payment.Account{bob, carol}}, from: creator, value: 20},
		{call: payment.Revoke{ContentID: id, Viewer: carol}, from: creator, want: "NotOwner"}, {call: payment.Revoke{ContentID: id, Viewer: carol}, from: alice},
		{call: payment.SetRoyalty{ContentID: id, To: alice, BPS: 100}, from: creator, want: "NotOwner"},
		{call: payment.SetRoyalty{ContentID: id, To: payment.TheSplit, BPS: 100}, from: alice},
		{call: shares(9000), from: alice, want: "OwnableUnauthorizedAccount"},
		{call: payment.OfferSplit{To: alice}, from: alice, want: "OwnableUnauthorizedAccount"},
		{call: payment.OfferSplit{To: alice}, from: creator}, {call: payment.AcceptSplit{}, from: bob, want: "OwnableUnauthorizedAccount"},
		{call: payment.AcceptSplit{}, from: alice}, {call: shares(10_000), from: alice, want: "ZeroShare"},
		{call: shares(9000), from: alice}, // the 20 wei were divided by the old shares
	})
	now := d.Next()
	if !d.Notary().Licensed(id, bob, now) || d.Notary().Licensed(id, alice, now) || d.Notary().Licensed(id, carol, now) || d.Notary().Licensed(id, bob, now+2*time.Hour) {
		t.Error("the licences are not bob's for an hour, and carol's until it was taken back")
	}
	if c := d.Credits(); c[0].Int64() != 14 || c[1].Int64() != 4 || c[2].Int64() != 2 {
		t.Errorf("credits %v of 20 wei by 70, 20 and 10 %%", c)
	}
}

// What the ledger itself refuses.
func TestInvokeRefuses(t *testing.T) {
	d := newDesk(t, testConfig(), 10)
	d.refused(ask(alice, 0, payment.Unlock{}), NoContract)
	d.refused(ask(alice, 0, nil), UnknownKind)
	d.refused(ask(alice, 0, payment.OfferTitle{To: 10}), UnknownAccount)
	g := testGenesis(10)
	g.Contracts = []Contract{Tickets, Tickets}
	if _, err := New(testConfig(), 1, g); err == nil {
		t.Error("a contract may be named twice")
	}
}

// A ledger channel pays what its newest balance and the guarantees in it say,
// and the notary computes what the contract checks.
func TestLedgerChannelsPay(t *testing.T) {
	d := fullDesk(t)
	n := d.Notary()
	id := n.Ledger(alice, bob, 3)
	balance := func(by payment.Account, version uint64, amount unit.Wei, root payment.Word) payment.RedeemLedger {
		b := payment.Balance{Ledger: id, Version: version, Amount: amount, Root: root}
		if n.SignBalance(by, &b); !n.VerifyBalance(by, &b) || n.VerifyBalance(collector, &b) {
			t.Error("the notary is of another mind than the contract")
		}
		return payment.RedeemLedger{Balance: b}
	}
	voucher := func(by payment.Account, channel byte, amount unit.Wei) payment.Voucher {
		v := payment.NewVoucher(payment.ChannelID{channel}, amount)
		if n.SignVirtual(by, &v); !n.VerifyVirtual(by, &v) || n.VerifyVirtual(bob, &v) {
			t.Error("the notary is of another mind than the contract")
		}
		return v
	}
	a := payment.Guarantee{Channel: payment.ChannelID{1}, Signer: carol, Cap: 100, Fixed: 2, BPS: 250}
	b := payment.Guarantee{Channel: payment.ChannelID{2}, Signer: carol, Cap: 100}
	root := n.Join(n.Leaf(&a), n.Leaf(&b))
	claim := func(g payment.Guarantee, beside *payment.Guarantee, v payment.Voucher) payment.ClaimLedger {
		return payment.ClaimLedger{Ledger: id, Guarantee: g, Path: [][32]byte{n.Leaf(beside)}, Voucher: v}
	}
	before := d.Balance(bob)
	d.play([]step{
		{call: payment.OpenLedger{To: bob, Agent: carol, Nonce: 3, Period: time.Hour}, from: alice, want: "NoDeposit"},
		{call: payment.OpenLedger{To: bob, Agent: carol, Nonce: 3}, from: alice, value: 5, want: "NoPeriod"},
		{call: payment.OpenLedger{To: bob, Agent: carol, Nonce: 3, Period: time.Hour}, from: alice, value: 1000},
		{call: payment.OpenLedger{To: bob, Agent: carol, Nonce: 3, Period: time.Hour}, from: alice, value: 1000, want: "LedgerExists"},
		{call: balance(alice, 2, 400, payment.Word{}), from: carol},
		{call: balance(alice, 2, 500, payment.Word{}), from: carol, want: "StaleBalance"},
		{call: balance(alice, 3, 399, payment.Word{}), from: carol, want: "StaleBalance"},
		{call: balance(alice, 3, 1001, payment.Word{}), from: carol, want: "OverDeposit"},
		{call: balance(carol, 3, 400, payment.Word{}), from: carol, want: "BadBalance"},
		{call: balance(alice, 3, 400, payment.Word{}), from: alice, want: "BadBalance"}, // its own word
		{call: claim(a, &b, voucher(carol, 1, 60)), from: carol, want: "TooEarly"},
		{call: payment.CloseLedger{Ledger: id}, from: collector, want: "NotParty"},
		{call: payment.CloseLedger{Ledger: id}, from: carol},
		{call: payment.CloseLedger{Ledger: id}, from: alice, want: "AlreadyRequested"},
		{call: balance(carol, 3, 400, root), from: alice},
		{call: claim(a, &b, voucher(carol, 1, 60)), from: carol, want: "TooEarly"},
		{wait: time.Hour, call: balance(alice, 4, 800, payment.Word{}), from: carol, want: "TooLate"},
		{call: claim(a, &a, voucher(carol, 1, 60)), from: carol, want: "NotGuaranteed"},
		{call: claim(a, &b, voucher(alice, 1, 60)), from: carol, want: "BadVoucher"},
		{call: claim(a, &b, voucher(carol, 2, 60)), from: carol, want: "BadVoucher"},
		{call: claim(a, &b, voucher(carol, 1, 60)), from: carol}, // 60 + 2 + 1
		{call: claim(a, &b, voucher(carol, 1, 70)), from: carol, want: "AlreadyClaimed"},
		{call: claim(b, &a, voucher(carol, 2, 1e18)), from: carol}, // 100
		{call: payment.FinalizeLedger{Ledger: id}, from: alice, want: "TooEarly"},
		{wait: time.Hour, call: claim(b, &a, voucher(carol, 2, 60)), from: carol, want: "TooLate"},
		{call: payment.FinalizeLedger{Ledger: id}, from: carol},
		{call: payment.FinalizeLedger{Ledger: id}, from: carol, want: "NotOpen"},
	})
	if want := a.Worth(60) + b.Worth(1e18) + 400; d.got(bob, before) != int64(want) || want != 563 {
		t.Errorf("bob got %d, the guarantees are worth %v with 400 earned", d.got(bob, before), want)
	}
}
