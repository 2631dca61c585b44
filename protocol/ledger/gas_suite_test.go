package ledger

import (
	"fmt"
	"math/big"
	"slices"
	"time"

	"github.com/ethereum/go-ethereum/common"
	"github.com/ethereum/go-ethereum/crypto"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// tickets measures a sender and a recipient of lottery tickets.
func (m *meter) tickets() {
	const from, to = firstPayer + 1, firstPayer + 2
	m.ask("first", from, 10*milli, payment.Fund{Sender: from, Reserve: 5 * milli})
	m.ask("later", from, 10*milli, payment.Fund{Sender: from, Reserve: 5 * milli})
	m.ask("", creator, 0, payment.Admit{Recipient: to, May: true})
	for i, of := range []string{"from the deposit, first of a recipient", "from the deposit, later", "from deposit and reserve",
		"from the reserve"} {
		face := []unit.Wei{milli, milli, 9 * milli, milli / 2}[i]
		m.ask(of, to, 0, m.winner(from, to, uint64(i), face))
	}
	m.ask("", from, 0, payment.Unlock{})
	m.ask("", from, 0, payment.Lock{})
	m.must(payment.Tx{Kind: payment.Invoke, From: from, Call: payment.Unlock{}})
	m.wait(m.cfg.ChallengePeriod)
	m.ask("", from, 0, payment.Reclaim{})
}

// words measures hash chains; the redemptions differ in length.
func (m *meter) words() {
	const from = firstPayer + 3
	chain := m.chain(3700)
	open := func(n int) payment.OpenWords {
		return payment.OpenWords{Anchor: chain[n], Price: gwei, Words: uint32(n)}
	}
	id := func(n int) payment.ChannelID { return m.Notary().WordChain(from, chain[n]) }
	m.ask("", from, 3700*gwei, open(3700))
	words, at := 3700, 0
	for _, n := range []uint32{1, 100, 3500} {
		at += int(n)
		m.ask(fmt.Sprintf("count %d", n), collector, 0, payment.RedeemWords{Chain: id(words), Words: n, Word: chain[words-at]})
	}
	m.ask("count 1, after redemptions", collector, 0, payment.CloseWords{Chain: id(words), Words: 1, Word: chain[words-at-1]})
	for _, n := range []int{3600, 200} {
		m.must(payment.Tx{Kind: payment.Invoke, From: from, Amount: unit.Wei(n) * gwei, Call: open(n)})
	}
	m.ask("count 3600, all there are", collector, 0, payment.CloseWords{Chain: id(3600), Words: 3600, Word: chain[0]})
	m.ask("", from, 0, payment.RequestWords{Chain: id(200)})
	m.wait(m.cfg.ChallengePeriod)
	m.ask("", from, 0, payment.FinalizeWords{Chain: id(200)})
}

// tree measures splits of splits with so many payees, 16 at each: what it takes
// to make them, and until everybody has its part. No loop is longer than the
// payees of one split, so the largest transaction stays as it is.
func (m *meter) tree(payees int) {
	s, from := m.suite.Split, m.address(creator)
	var level, next []common.Address
	below := map[common.Address][]common.Address{}
	for i := range payees {
		level = append(level, common.BigToAddress(big.NewInt(int64(payees<<16+i))))
	}
	total, depth, splits := uint64(0), 0, 0
	for ; len(level) > 1; level, next, depth = next, nil, depth+1 {
		for owners := range slices.Chunk(level, payment.MaxPayees) {
			shares := make([]uint16, len(owners))
			for i, h := range holdings(len(owners)) {
				shares[i] = uint16(h.BPS)
			}
			o := m.execute(call{from: from, data: creation(s.Code, s.PackConstructor(owners, shares)), gasLimit: bareGas})[0]
			below[o.created] = owners
			next, total, splits = append(next, o.created), total+o.gas, splits+1
		}
	}
	of := fmt.Sprintf("%d payees, %d splits, depth %d", payees, splits, depth)
	m.rows = append(m.rows, gasRow{"Split", "deploy a tree", of + ": all", total})
	total, most := uint64(0), uint64(0)
	spend := func(to common.Address, value uint64, data []byte) {
		o := m.execute(call{from: from, to: &to, value: value, data: data, gasLimit: bareGas})[0]
		if !o.ok {
			m.t.Fatalf("a tree of %d: %s", payees, m.reason(&o))
		}
		total, most = total+o.gas, max(most, o.gas)
	}
	spend(level[0], 1_000_000_007, nil)
	for level := level; len(level) > 0; level, next = next, nil {
		for _, at := range level {
			if below[at] == nil {
				continue
			}
			spend(at, 0, s.PackSettle())
			for _, owner := range below[at] {
				spend(at, 0, s.PackWithdraw(owner))
			}
			next = append(next, below[at]...)
		}
	}
	paid := new(big.Int)
	for i := range payees {
		paid.Add(paid, m.world.balance(common.BigToAddress(big.NewInt(int64(payees<<16+i)))))
	}
	if paid.Uint64() != 1_000_000_007 {
		m.t.Errorf("a tree of %d pays %v of 1,000,000,007 wei", payees, paid)
	}
	m.rows = append(m.rows, gasRow{"Split", "pay a tree out", of + ": all", total}, gasRow{"Split", "pay a tree out", of + ": largest transaction", most})
}

// ownership measures titles and the split changing hands.
func (m *meter) ownership() {
	id := m.genesis.ContentID
	m.ask("", creator, 0, payment.OfferTitle{ContentID: id, To: firstPayer})
	m.ask("", firstPayer, 0, payment.AcceptTitle{ContentID: id})
	m.ask("", firstPayer, 0, payment.SetRoyalty{ContentID: id, To: payment.TheSplit, BPS: 700})
	m.ask("", creator, 0, payment.OfferSplit{To: firstPayer})
	m.ask("", firstPayer, 0, payment.AcceptSplit{})
	for _, n := range []int{3, payment.MaxPayees} {
		m.ask(fmt.Sprintf("%d payees", n), firstPayer, 0, payment.SetShares{Shares: holdings(n)})
	}
}

// holdings are nearly even shares of the first n accounts.
func holdings(n int) []payment.Holding {
	shares := make([]payment.Holding, n)
	for i := range shares {
		shares[i] = payment.Holding{Payee: payment.Account(i), BPS: 10_000 / n}
	}
	shares[0].BPS += 10_000 - n*shares[0].BPS
	return shares
}

// licences measures plays paid on the chain; firstPayer owns the title now.
func (m *meter) licences() {
	id := m.genesis.ContentID
	m.ask("", firstPayer, 0, payment.SetTerms{ContentID: id, Price: 1000, Period: time.Hour})
	for i, n := range []int{1, 1, 2, 10} {
		viewers := make([]payment.Account, n)
		for j := range viewers {
			viewers[j] = payment.Account(j)
		}
		of := fmt.Sprintf("count %d", n)
		if i == 1 {
			of += ", later of a viewer"
		}
		m.ask(of, creator, unit.Wei(1000*n), payment.Buy{ContentID: id, Viewers: viewers})
	}
	var all []common.Address
	for i := range 256 {
		all = append(all, common.BigToAddress(big.NewInt(int64(0xffff+i))))
	}
	m.raw("Licences", "buy for many", "count 256", call{from: m.address(creator), to: &m.extra[Licences], value: 256_000, gasLimit: m.cfg.limit(buyMany),
		data: m.suite.Licences.PackBuy(new(big.Int).SetBytes(id[:]), all)})
	m.ask("", firstPayer, 0, payment.Revoke{ContentID: id, Viewer: 1})
}

// promise is a signed promise to a recipient of from's pool.
func (d *desk) promise(from, to payment.Account, pool uint64, amount unit.Wei) payment.RedeemPool {
	p := payment.Promise{Pool: d.Notary().Pool(from, pool), Recipient: to, Amount: amount}
	d.Notary().SignPromise(from, &p)
	return payment.RedeemPool{Promise: p}
}

// reserves measures a sender and recipients of reserve pools.
func (m *meter) reserves() {
	const from = firstPayer + 4
	for _, n := range []int{1, 2, payment.MaxPayees} {
		var to []payment.Account
		for a := range n {
			to = append(to, payment.Account(a))
		}
		m.ask(fmt.Sprintf("count %d", n), from, 3*milli, payment.LockPool{Fund: milli, Period: time.Hour, Recipients: to})
	}
	m.ask("first of a pool", creator, 0, m.promise(from, creator, 1, milli/2))
	m.ask("later of a recipient", creator, 0, m.promise(from, creator, 1, milli))
	m.ask("overspending", creator, 0, m.promise(from, collector, 1, milli))
	m.wait(time.Hour)
	m.ask("gives the rest back", from, 0, payment.ReleasePool{Pool: m.Notary().Pool(from, 0)})
	m.ask("burns the rest", from, 0, payment.ReleasePool{Pool: m.Notary().Pool(from, 1)})
}

// ledgers measures a ledger channel whose balance guarantees many virtual ones.
func (m *meter) ledgers() {
	const from, to = firstPayer + 7, firstPayer + 8
	n := m.Notary()
	open := payment.OpenLedger{To: to, Agent: to, Period: time.Hour}
	m.ask("", from, 10*milli, open)
	id := n.Ledger(from, to, 0)
	g := payment.Guarantee{Channel: payment.ChannelID{1}, Signer: from, Cap: milli, BPS: 100}
	root, path := n.Leaf(&g), [][32]byte(nil)
	redeem := func(of string, version uint64, amount unit.Wei, root payment.Word) {
		b := payment.Balance{Ledger: id, Version: version, Amount: amount, Root: root}
		n.SignBalance(from, &b)
		m.ask(of, to, 0, payment.RedeemLedger{Balance: b})
	}
	redeem("first", 1, milli, payment.Word{})
	redeem("later", 2, 2*milli, payment.Word{})
	for i := range 10 { // a balance with 1024 guarantees
		path = append(path, payment.Word{byte(i + 1)})
		root = n.Join(root, payment.Word{byte(i + 1)})
	}
	redeem("with guarantees", 3, 3*milli, root)
	m.ask("", from, 0, payment.CloseLedger{Ledger: id})
	m.wait(time.Hour)
	v := payment.NewVoucher(g.Channel, milli)
	n.SignVirtual(from, &v)
	m.ask("one of 1024", to, 0, payment.ClaimLedger{Ledger: id, Guarantee: g, Path: path, Voucher: v})
	m.wait(time.Hour)
	m.ask("", from, 0, payment.FinalizeLedger{Ledger: id})
}

// deals measures a client and a provider.
func (m *meter) deals() {
	const client, provider = firstPayer + 5, firstPayer + 6
	root, piece, path := shard(64)
	offer := payment.OfferDeal{Provider: provider, Root: root, Pieces: 64, Bond: milli, Period: time.Hour, Window: 10 * time.Minute, Challenges: 9}
	m.ask("", client, milli, offer)
	m.ask("", client, 0, payment.CancelDeal{Deal: 0})
	m.must(ask(client, milli, offer))
	m.must(ask(client, milli, offer))
	m.ask("", provider, milli, payment.AcceptDeal{Deal: 1})
	m.must(ask(provider, milli, payment.AcceptDeal{Deal: 2}))
	m.ask("", client, 0, payment.ChallengeDeal{Deal: 1})
	m.must(ask(client, 0, payment.ChallengeDeal{Deal: 2}))
	i, _ := m.Notary().Asked(1)
	m.ask("16 KiB, path of 6", provider, 0, payment.ProveDeal{Deal: 1, Piece: piece(int(i)), Path: path(int(i))})
	m.ask("while it runs", provider, 0, payment.CollectDeal{Deal: 1})
	m.wait(time.Hour)
	m.ask("at the end, with the bond", provider, 0, payment.CollectDeal{Deal: 1})
	m.ask("", client, 0, payment.SlashDeal{Deal: 2})
}

// inbox measures what a rollup does on the first layer.
func (m *meter) inbox() {
	in, to := m.suite.RollupInbox, m.address(collector)
	at := m.raw("RollupInbox", "deploy rollup inbox", "", call{from: to,
		data: creation(in.Code, in.PackConstructor(to, to, 3600, 60))}).created
	do := func(name, of string, blobs int, value uint64, data []byte) {
		m.raw("RollupInbox", name, of, call{from: to, to: &at, value: value, data: data, blobs: blobs})
	}
	for _, n := range []int{1000, 10_000, 100_000} {
		do("post data", fmt.Sprintf("%s B", thousands(uint64(n))), 0, 0, in.PackPostData(noise(1, n), 0, [32]byte{}))
	}
	root := m.exit(at, to, 5)
	do("post blobs", "1 blob", 1, 0, in.PackPostBlobs(0, [32]byte{}))
	do("post blobs", "6 blobs", 6, 0, in.PackPostBlobs(0, [32]byte{}))
	do("post blobs", "1 blob, with a root of withdrawals", 1, 0, in.PackPostBlobs(0, root))
	do("force", "first, 100 B", 0, 1000, in.PackForce(noise(2, 100)))
	do("force", "later, 100 B", 0, 1000, in.PackForce(noise(3, 100)))
	m.wait(time.Minute)
	do("withdraw", "path of 1", 0, 0, in.PackWithdraw(5, to, big.NewInt(5), new(big.Int), [][32]byte{{}}))
	m.wait(time.Hour)
	do("include", "count 2", 0, 0, in.PackInclude(2))
	m.execute(call{from: to, to: &at, data: in.PackPostBlobs(2, root), blobs: 1})
	do("object to", "", 0, 0, in.PackObjectTo(7))
}

// exit is the root of a tree of two withdrawals, one of them amount to somebody
// with nonce 0, whose path is a word of zeros.
func (d *desk) exit(inbox, to common.Address, amount int64) [32]byte {
	in := d.suite.RollupInbox
	leaf := must(in.UnpackLeaf(d.world.read(inbox, in.PackLeaf(to, big.NewInt(amount), new(big.Int)))))
	return crypto.Keccak256Hash(append(make([]byte, 32), leaf[:]...))
}

// vault measures payments in a token.
func (m *meter) vault() {
	v, from, to := m.suite.Vault, m.address(firstPayer), m.address(payee1)
	coin := m.feeToken(from)
	at := m.raw("Vault", "deploy vault", "", call{from: from, data: creation(v.Code, v.PackConstructor(coin.at))}).created
	coin.approve(from, at)
	for _, c := range []struct {
		name, of string
		data     []byte
	}{{"deposit", "first", v.PackDeposit(big.NewInt(10_000))}, {"deposit", "later", v.PackDeposit(big.NewInt(10_000))},
		{"pay", "first", v.PackPay(to, big.NewInt(10))}, {"pay", "later", v.PackPay(to, big.NewInt(10))},
		{"withdraw", "", v.PackWithdraw(big.NewInt(10))}} {
		m.raw("Vault", c.name, c.of, call{from: from, to: &at, data: c.data})
	}
}
