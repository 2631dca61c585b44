package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// A block is what is needed to take one back.
type block struct {
	at       time.Duration
	journal  *journal
	baseFee  uint64 // before it
	excess   uint64
	slots    []slot // what it took from the pool, in order
	receipts []payment.Receipt
	outcomes []outcome
	mark     mark // of a rollup
}

// draw is the random stream of one purpose and one turn. No other draw shifts it.
func (c *Chain) draw(purpose string, turn uint64) *rand.Rand {
	text := binary.BigEndian.AppendUint64(nil, c.world.seed)
	text = binary.BigEndian.AppendUint64(text, turn)
	h := sha256.Sum256(append(text, "ledger "+purpose...))
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint64(h[8:16])))
}

// happens draws whether something of a probability happens at this turn.
func (c *Chain) happens(purpose string, share unit.Ratio) bool {
	return share > 0 && c.draw(purpose, c.turn).Float64() < float64(share)
}

// begin notes where the chain stands before a block, if it may be taken back.
func (c *Chain) begin(at time.Duration) {
	if c.cfg.Reorgs.Rate == 0 {
		return
	}
	c.world.journal = newJournal()
	c.kept = append(c.kept, block{at: at, journal: c.world.journal, baseFee: c.baseFee, excess: c.excess})
	if c.above.mark != nil {
		c.kept[len(c.kept)-1].mark = c.above.mark()
	}
	if n := len(c.kept) - MaxReorg; n > 0 {
		c.kept = append(c.kept[:0], c.kept[n:]...)
	}
}

// remember notes what a block took from the pool.
func (c *Chain) remember(s *slot, r payment.Receipt, o *outcome) {
	if n := len(c.kept); n > 0 {
		b := &c.kept[n-1]
		b.slots, b.receipts, b.outcomes = append(b.slots, *s), append(b.receipts, r), append(b.outcomes, *o)
	}
}

// reorganise takes blocks back, if this turn's draw says so.
func (c *Chain) reorganise() {
	if !c.happens("reorg", c.cfg.Reorgs.Rate) {
		return
	}
	depth := 1 + c.draw("depth", c.turn).IntN(c.cfg.Reorgs.Depth)
	c.fork(depth)
}

// fork takes the newest blocks back, as many as depth says and are not final,
// and puts others in their place that hold none of our transactions. Those wait
// again, in their old order.
func (c *Chain) fork(depth int) {
	n := len(c.kept)
	for n > 0 && len(c.kept)-n < depth && c.next-c.kept[n-1].at < c.cfg.Finality && c.kept[n-1].at > c.above.fixed {
		n--
	}
	gone := c.kept[n:]
	if len(gone) == 0 {
		return
	}
	c.stats.Reorgs++
	c.stats.BlocksTakenBack += len(gone)
	confirmed := int64(c.height) - int64(c.cfg.Confirmations)
	c.baseFee, c.excess = gone[0].baseFee, gone[0].excess
	c.reckon()
	c.height -= uint64(len(gone))
	c.light.cut(c.height)
	for len(c.waiting) > 0 && c.waiting[len(c.waiting)-1].Height > c.height {
		c.waiting = c.waiting[:len(c.waiting)-1]
	}
	times := make([]time.Duration, len(gone))
	for i := range gone {
		times[i] = gone[i].at
		c.revoke(&gone[i], confirmed)
	}
	for i := len(gone) - 1; i >= 0; i-- {
		c.undo(&gone[i])
	}
	if c.above.reset != nil {
		c.above.reset(gone[0].mark)
	}
	c.world.branch++
	clear(gone)
	c.kept = c.kept[:n]
	for _, at := range times {
		c.produce(at, false)
	}
}

// revoke takes back the receipts of b that were given out.
func (c *Chain) revoke(b *block, confirmed int64) {
	c.stats.Reorged += len(b.receipts)
	for _, r := range b.receipts {
		if int64(r.Height) <= confirmed {
			r.Reorged = true
			c.ready = append(c.ready, r)
		}
	}
}

// undo takes back what b did to the state and the pool.
func (c *Chain) undo(b *block) {
	c.world.takeBack(b.journal)
	for i := len(b.slots) - 1; i >= 0; i-- {
		s := b.slots[i]
		id := c.pool.restore(s)
		if c.cfg.BumpAfter > 0 {
			c.raises = append(c.raises, raise{c.next + c.cfg.BumpAfter, id, s.seq})
		}
		if c.above.patience > 0 {
			c.above.waiting = append(c.above.waiting, raise{c.next + c.above.patience, id, s.seq})
		}
		if s.other == nil {
			c.gas.remove(c.operation(&s.tx), &b.outcomes[i])
		}
	}
	c.stats.Delays = c.stats.Delays[:len(c.stats.Delays)-len(b.slots)]
}
