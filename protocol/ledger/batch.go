package ledger

import (
	"math/big"
	"sort"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// Underpriced is why a transaction that came by the first layer is not
// executed: its fee cap is below the second layer's base fee.
const Underpriced = "Underpriced"

// What a batch takes on the first layer.
const (
	calldataGas = 40      // of a byte that is not zero, by the floor of EIP-7623
	batchGas    = 200_000 // limit of what posting executes besides
	maxTxBytes  = 1000    // of one transaction of any kind
)

// other is the kind of a transaction on the first layer that is no payment.Tx.
const other = payment.TxKind(255)

// A batch is what the sequencer posts at once.
type batch struct {
	first    uint32          // number of the first transaction that posts it; the others follow
	parts    []int           // bytes of each of these
	times    []int           // that each was confirmed on the first layer: twice if it was posted again in vain
	left     int             // of the parts, not confirmed
	index    uint64          // of the last in the inbox, once confirmed
	bytes    int             // of what it holds, before compression
	since    time.Duration   // when it began to fill
	txs      []time.Duration // when what it holds was submitted
	exits    []exit          // withdrawals that it says
	receipts []payment.Receipt
	given    bool          // the receipts
	at       time.Duration // when the last part was confirmed
	fee      unit.Wei
	blobs    int
}

// empty says whether it holds nothing.
func (b *batch) empty() bool { return len(b.txs)+len(b.receipts)+len(b.exits) == 0 }

func (b *batch) posted() bool { return b.left == 0 }

// take hears what the second layer has executed.
func (r *Rollup) take(s *slot, t *call, p payment.Receipt) {
	r.duties.Add(&r.duties, new(big.Int).SetUint64(t.duty))
	if s.tx.Kind == other && p.OK {
		r.begin()
		r.open.exits = append(r.open.exits, exit{s.tx.From, s.tx.Amount, r.exits, p.Fee})
		r.exits++
	}
	if s.forced {
		return // its bytes are there
	}
	r.begin()
	r.open.bytes += t.size()
	r.open.txs = append(r.open.txs, s.since)
}

// A mark is what the batch that fills held at some time.
type mark struct {
	bytes, txs, exits int
	number            uint64 // of withdrawals
	duties            big.Int
}

// mark notes what is in the batch that fills.
func (r *Rollup) mark() (m mark) {
	m = mark{bytes: r.open.bytes, txs: len(r.open.txs), exits: len(r.open.exits), number: r.exits}
	m.duties.Set(&r.duties)
	return m
}

// reset takes out what came since.
func (r *Rollup) reset(m mark) {
	r.open.bytes, r.open.txs, r.open.exits, r.exits = m.bytes, r.open.txs[:m.txs], r.open.exits[:m.exits], m.number
	r.duties.Set(&m.duties)
}

// begin notes when a batch begins to fill.
func (r *Rollup) begin() {
	if r.open.empty() {
		r.open.since = r.Chain.next
	}
}

// executed hears of a receipt of the second layer. A refusal is in no batch.
func (r *Rollup) executed(p payment.Receipt) {
	switch {
	case p.Kind == other: // a withdrawal: it shows on the first layer
		return
	case r.cfg.Receipt == Soft || p.Gas == 0:
		r.news = append(r.news, p)
		return
	}
	r.begin()
	r.open.receipts = append(r.open.receipts, p)
}

// batch posts what has filled or waited for long enough, and gives out the
// receipts of what has come far enough.
func (r *Rollup) batch(now time.Duration) {
	for r.handed < len(r.batches) && r.batches[r.handed].given {
		r.handed++
	}
	for _, b := range r.batches[r.handed:] {
		if b.posted() && !b.given && (r.cfg.Receipt != Final || now >= b.at+r.first.cfg.Finality) {
			b.given = true
			r.news = append(r.news, b.receipts...)
		}
	}
	full := r.packed(r.open.bytes) >= int(r.cfg.BatchSize)
	if r.open.empty() || r.cfg.Outage.covers(now) || !full && now < r.open.since+r.cfg.BatchEvery {
		return
	}
	b := r.open
	r.open, r.above.fixed = batch{}, now
	r.batches = append(r.batches, &b)
	b.first = r.sent + 1
	for left := max(1, r.packed(b.bytes)); left > 0; left -= b.parts[len(b.parts)-1] {
		r.sent++
		b.parts = append(b.parts, min(left, r.most()))
	}
	b.left, b.times = len(b.parts), make([]int, len(b.parts))
	if len(b.exits) > 0 {
		r.owed = append(r.owed, &b)
	}
	for i := range b.parts {
		r.post(now, &b, i)
	}
}

// most is how many bytes one transaction can post.
func (r *Rollup) most() int {
	if r.cfg.Data == Calldata {
		return int(maxCalldata)
	}
	return int(maxBatch)
}

// packed is the bytes after compression.
func (r *Rollup) packed(bytes int) int { return int(portion(uint64(bytes), r.cfg.Compression)) }

// post sends one part of b to the inbox. The last has the root of withdrawals.
func (r *Rollup) post(now time.Duration, b *batch, part int) {
	var root [32]byte
	if part == len(b.parts)-1 {
		root = r.tree(b).root()
	}
	n, id := b.parts[part], b.first+uint32(part)
	in, t := r.first.suite.RollupInbox, &call{to: &r.first.inbox, gasLimit: batchGas * r.first.cfg.Fork.dearer()}
	if r.cfg.Data == Blobs {
		t.blobs = (n + blobBytes - 1) / blobBytes
		t.data = in.PackPostBlobs(r.heard, root)
		b.blobs += t.blobs
	} else {
		t.data = in.PackPostData(noise(id, n), r.heard, root)
		t.gasLimit += calldataGas * uint64(len(t.data))
	}
	r.send(now, sequencer, id, t)
}

// noise is n bytes as compressed data has them: without a pattern. Zeros, which
// are cheaper, are as rare as among random bytes.
func noise(seed uint32, n int) []byte {
	data, x := make([]byte, n), uint64(seed)*0x9e3779b97f4a7c15+1
	for i := range data { // xorshift64
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		data[i] = byte(x >> 32)
	}
	return data
}

// send submits what one of the staff, or a user who goes around the sequencer,
// does on the first layer.
func (r *Rollup) send(now time.Duration, who payment.Account, id uint32, t *call) {
	r.sendAs(now, r.staff(who), id, t, Offer{r.first.cfg.Tip, MaxFeeCap})
}

func (r *Rollup) sendAs(now time.Duration, from payment.Account, id uint32, t *call, offer Offer) {
	r.first.wake(from)
	t.from = r.first.wallets.address(from)
	r.first.send(slot{tx: payment.Tx{ID: id, Kind: other, From: from}, price: offer.price(), gas: t.gasLimit, since: now, other: t})
}

// hear takes a receipt of the first layer: the staff's own, that of a user who
// went around the sequencer, or one to hand on.
func (r *Rollup) hear(now time.Duration, p payment.Receipt) {
	switch {
	case p.Kind != other:
		r.news = append(r.news, p)
	case p.From == r.staff(sequencer):
		r.posted(now, p)
	case p.From == r.staff(claimant):
		if e, first := r.claims[p.ID]; first && p.OK && !p.Reorged { // if it is taken back it comes again
			delete(r.claims, p.ID)
			r.landed = append(r.landed, Landing{e.from, e.amount, e.fee, p.Fee})
		}
	case !p.Reorged: // once on its way it is not called back
		r.arrived(p)
	}
}

// posted hears that a part of a batch is on the first layer, or is no longer, or
// that the inbox did not take it: because blocks were taken back it did not know
// of a forced transaction that the part counts. Then it is posted again.
func (r *Rollup) posted(now time.Duration, p payment.Receipt) {
	b := r.batches[sort.Search(len(r.batches), func(i int) bool { return r.batches[i].first > p.ID })-1]
	part := int(p.ID - b.first)
	switch {
	case !p.OK && !p.Reorged:
		r.post(now, b, part)
	case !p.OK: // it comes again, and with it what was posted in its stead
	case !p.Reorged:
		if b.times[part]++; b.times[part] == 1 {
			b.left, b.at = b.left-1, now
		}
		b.fee, b.index = b.fee+p.Fee, r.confirmed
		r.confirmed++
	default:
		if b.times[part]--; b.times[part] == 0 {
			b.left++
			r.revoke(b)
		}
		b.fee -= p.Fee
		r.confirmed--
	}
}

// revoke takes back the receipts that rested on b's being posted.
func (r *Rollup) revoke(b *batch) {
	if !b.given {
		return
	}
	b.given, r.handed = false, 0
	for _, q := range b.receipts {
		q.Reorged = true
		r.news = append(r.news, q)
	}
}

// reprice sets what a byte costs: its part of a full batch at the fees of the
// first layer now.
func (r *Rollup) reprice() {
	f := r.first
	base := min(f.baseFee, uint64(f.cfg.FeeCap)) + uint64(f.cfg.Tip)
	wei := calldataGas * base
	if r.cfg.Data == Blobs {
		wei = min(wei, blobGas*f.blobFee/blobBytes+21_000*base/uint64(r.cfg.BatchSize))
	}
	r.above.byteFee = max(1, portion(wei, r.cfg.Compression))
}

// goAround sends by the first layer what has waited too long for the sequencer.
func (r *Rollup) goAround(now time.Duration) {
	a := &r.Chain.above
	for len(a.waiting) > 0 && a.waiting[0].at <= now {
		w := a.waiting[0]
		a.waiting = a.waiting[1:]
		if !r.pool.holds(w.id, w.seq) || r.pool.lines[r.pool.slots[w.id].tx.From].first != w.id {
			continue // included, or behind one that is not forced yet
		}
		s := r.pool.drop(w.id)
		t := r.Chain.call(&s)
		data := r.first.suite.RollupInbox.PackForce(noise(s.tx.ID, t.size()))
		around := &call{to: &r.first.inbox, data: data, gasLimit: batchGas*r.first.cfg.Fork.dearer() + calldataGas*uint64(len(data))}
		s.forced = true
		r.detours = append(r.detours, s)
		r.forced++
		r.sendAs(now, s.tx.From, uint32(s.seq), around, Offer{r.first.cfg.Tip, r.first.cfg.FeeCap})
	}
}

// arrived puts what came by the first layer before all else.
func (r *Rollup) arrived(p payment.Receipt) {
	for i, s := range r.detours {
		if s.tx.From == p.From && uint32(s.seq) == p.ID {
			r.detours = append(r.detours[:i], r.detours[i+1:]...)
			if p.OK {
				r.heard++
				s.toll = p.Fee
				r.above.forced = append(r.above.forced, s)
			} else {
				r.Chain.ready = append(r.Chain.ready, r.Chain.receipt(&s.tx, p.Reason))
			}
			return
		}
	}
}
