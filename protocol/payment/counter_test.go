package payment

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

// A counter is where one viewer meets an edge, or several: a stream of segments
// of a second, a chain that takes its time, and a network that may lose, repeat
// and reorder payments.
type counter struct {
	on       *Terms
	now      time.Duration
	payer    Payer
	tab      *Tab // of the edge that it is at
	tabs     []*Tab
	coll     *Collector
	till     *Till // of that edge
	tills    []*Till
	met      []bool        // which edges it has asked
	lazy     bool          // edges hand payments in when the viewer leaves, not at once
	silent   bool          // edges and collector say nothing to each other of a goodbye: a broken twin
	careless bool          // nor of who counts: another one
	deaf     []bool        // edges that the collector's side cannot reach; nil: none
	lapsed   time.Duration // when their leases end; 0: never
	referee  *Referee
	way      *way
	wallet   unit.Wei // of the edges, or of the hubs
	chance   *rand.Rand
	unruly   bool       // the network loses, repeats and reorders
	refuses  bool       // the chain refuses every transaction of the payer
	late     []Voucher  // payments under way
	blocks   []included // transactions under way
	denied   int        // segments
	spoken   int        // payments sent
	first    time.Duration
	used     map[Signature]bool // tickets
	// What a ledger in plain integers makes of the transactions.
	locked, paidIn, refunded unit.Wei
}

type included struct {
	at time.Duration
	tx Tx
}

const viewer, collector, edge = Account(5), Account(1), Account(3)

func newCounter(on *Terms) *counter { return newTown(on, 1) }

// newTown is a counter of n edges, the first of which the viewer is at.
func newTown(on *Terms, n int) *counter {
	c := &counter{on: on, payer: NewPayer(on, viewer), coll: NewCollector(on, collector, []Account{8, 9}),
		referee: NewReferee(on), chance: rand.New(rand.NewPCG(1, 2)), first: -1, used: map[Signature]bool{}}
	if on.needs.Virtual {
		c.way = newWay(c)
	}
	for i := range Account(n) {
		tab := on.NewTab(0, edge+i, false)
		c.tabs, c.tills, c.met = append(c.tabs, &tab), append(c.tills, NewTill(on, edge+i)), append(c.met, false)
	}
	c.turn(0)
	if on.needs.Standing {
		c.locked = on.needs.Lock
	}
	return c
}

// turn makes the viewer go to an edge, and pay it from now on.
func (c *counter) turn(to int) {
	c.tab, c.till = c.tabs[to], c.tills[to]
	c.payer.Turn(edge + Account(to))
	if c.met[to] = true; c.coll.Left(viewer) && c.on.Closes() && !c.silent {
		c.tab.Ended = true
	}
	c.count(to)
}

// count makes it an edge's turn to count, if it is not. Its request and the others'
// answers take no time.
func (c *counter) count(to int) {
	if c.careless {
		c.tab.booked = 1
		return
	}
	turns := c.referee.Asked(viewer, edge+Account(to), nil)
	for len(turns) > 0 {
		t := turns[0]
		turns = turns[1:]
		if c.deaf != nil && c.deaf[t.Edge-edge] {
			if t.Stop { // and says no more than that it is asked again
				next, _ := c.referee.Silent(viewer, t.Edge, nil)
				turns = append(turns, next[:len(next)-1]...)
			}
			continue
		}
		if tab := c.tabs[t.Edge-edge]; t.Stop {
			tab.Trust(forever, c.on)
			turns = c.referee.Counted(viewer, t.Edge, tab.Stop(c.on), tab.Best.Amount, turns)
		} else {
			tab.Count(c.now, c.on, t.Elsewhere, second)
		}
	}
}

// goodbye says goodbye to an edge with a payment. The others that were asked
// hear of it and hand in what they have before the collector redeems.
func (c *counter) goodbye(to int, v Voucher) {
	t := c.tabs[to]
	t.Take(c.now, c.on, viewer, &v, second)
	t.Ended = true
	if t.Best.Amount == 0 || t.Best != v {
		return
	}
	for _, tx := range c.tills[to].Cash(viewer, t.Best, nil) {
		c.submit(tx)
	}
	if c.coll.Take(viewer, &t.Best); !c.coll.Leave(viewer) {
		return
	}
	for i, o := range c.tabs {
		if i != to && c.met[i] && c.on.Closes() && !c.silent {
			o.Ended = true
			c.coll.Take(viewer, &o.Best)
		}
	}
	for _, tx := range c.coll.Close(viewer, nil) {
		c.submit(tx)
	}
	if c.way != nil {
		c.way.demand(viewer)
	}
}

func (c *counter) open() {
	if tx, needed := c.payer.Open(); needed {
		c.submit(tx)
	}
}

func (c *counter) submit(tx Tx) { c.blocks = append(c.blocks, included{c.now + 3*time.Second, tx}) }

// do carries out what the payer wants.
func (c *counter) do(d Deed) {
	if d.Tx != nil {
		c.submit(*d.Tx)
	}
	if !d.Tell {
		return
	}
	c.spoken++
	if c.first < 0 {
		c.first = c.now
	}
	if c.unruly && c.chance.IntN(4) == 0 {
		return
	}
	c.late = append(c.late, *c.payer.Voucher())
	if c.unruly && c.chance.IntN(4) == 0 {
		c.late = append(c.late, *c.payer.Voucher())
	}
}

// deliver hands payments over, in a bad order if the network is unruly.
func (c *counter) deliver() {
	if c.unruly {
		c.chance.Shuffle(len(c.late), func(i, j int) { c.late[i], c.late[j] = c.late[j], c.late[i] })
	}
	for i := range c.late {
		if c.tab.Take(c.now, c.on, viewer, &c.late[i], second) == nil && (!c.lazy || c.tab.Wins) {
			c.coll.Take(viewer, &c.tab.Best)
		}
	}
	c.late = c.late[:0]
}

// mine executes what is due on the chain.
func (c *counter) mine(until time.Duration) {
	for len(c.blocks) > 0 && c.blocks[0].at <= until {
		tx := c.blocks[0].tx
		c.blocks = c.blocks[1:]
		if c.way != nil && tx.Kind == Request {
			c.way.wake(tx.From)
			continue
		}
		r := Receipt{ID: tx.ID, Kind: tx.Kind, From: tx.From, Payer: tx.Payer, Channel: tx.Channel, Amount: tx.Amount, Call: tx.Call, OK: c.execute(&tx)}
		if tx.From == viewer {
			if again, more := c.payer.Confirm(&r); more {
				c.submit(again)
			}
			for _, t := range c.tabs {
				t.Watch(c.now, c.on, &r)
			}
		}
		if c.isEdge(tx.From) {
			for _, tx := range c.tills[tx.From-edge].Confirm(&r, nil) {
				c.submit(tx)
			}
		}
		if c.way != nil {
			c.way.confirm(&r)
		}
		for _, tx := range c.coll.Confirm(&r, nil) {
			c.submit(tx)
		}
	}
}

func (c *counter) isEdge(a Account) bool { return a >= edge && int(a-edge) < len(c.tabs) }

func (c *counter) execute(tx *Tx) bool {
	switch {
	case c.refuses && tx.From == viewer:
		return false
	case tx.Kind == Open:
		c.locked += tx.Amount
	case tx.Kind == Pay:
		c.paidIn += tx.Amount
		if c.isEdge(tx.From) {
			c.wallet -= tx.Amount
		}
	case tx.Kind == Close:
		v := NewVoucher(tx.Channel, tx.Amount).With(tx.Sig)
		if tx.Amount > c.locked || !c.on.Signer.Verify(viewer, &v) {
			return false
		}
		c.paidIn += tx.Amount
		c.refunded += c.locked - tx.Amount
		c.locked = 0
	case tx.Kind == Invoke:
		return c.call(tx)
	}
	return true
}

// call executes what a plain reading of the contracts behind a Call does.
func (c *counter) call(tx *Tx) bool {
	switch x := tx.Call.(type) {
	case OpenWords:
		c.locked += x.Price * unit.Wei(x.Words)
		return tx.Amount == c.locked
	case Fund:
		c.locked += tx.Amount
	case OpenLedger, RedeemLedger, CloseLedger, ClaimLedger:
		return c.way.call(tx)
	case LockPool:
		c.locked += tx.Amount
		return tx.Amount > 2*x.Fund
	case RedeemPool:
		p := x.Promise
		if !c.on.Notary.VerifyPromise(viewer, &p) || p.Recipient != tx.From || p.Amount > c.locked || p.Amount != tx.Amount {
			return false
		}
		c.locked, c.wallet = c.locked-p.Amount, c.wallet+p.Amount
	case CloseWords:
		w := x.Word
		for range x.Words {
			w = c.on.Notary.Link(w)
		}
		due := c.on.Most * unit.Wei(x.Words)
		if ChannelID(w) != x.Chain || due > c.locked || due != tx.Amount {
			return false
		}
		c.paidIn += due
		c.refunded, c.locked = c.refunded+c.locked-due, 0
	case RedeemTicket:
		n := c.on.Notary
		if c.used[x.Sig] || !n.VerifyTicket(&x.Ticket, &x.Sig) || !n.Wins(&x.Ticket, &x.Sig, x.Secret) ||
			n.Link(x.Secret) != x.Ticket.Commitment || x.Ticket.FaceValue > c.locked {
			return false
		}
		c.used[x.Sig] = true
		c.paidIn += x.Ticket.FaceValue
		c.locked -= x.Ticket.FaceValue
	}
	return true
}

// lease is until when the edge that the viewer is at is sure that it counts.
func (c *counter) lease() time.Duration {
	if i := slices.Index(c.tabs, c.tab); c.lapsed > 0 && c.deaf[i] {
		return c.lapsed
	}
	return forever
}

// play is n seconds of the stream. pays says whether the viewer pays for what
// it gets.
func (c *counter) play(n int, pays bool) {
	for range n {
		if c.tab.Trust(c.lease(), c.on); c.tab.Owes(c.now, c.on, second) {
			c.denied++
			if pays {
				c.do(c.payer.Rest(c.now))
				if c.payer.Voucher().Amount > 0 {
					c.late = append(c.late, *c.payer.Voucher())
				}
			}
		} else {
			c.tab.Served += second
			if pays {
				c.do(c.payer.Pay(c.now, second))
			}
		}
		if c.way != nil && pays {
			c.way.lossy = c.way.lossy || c.unruly
			c.way.ask(c.payer.Pledge())
		}
		c.now += time.Second
		c.deliver()
		c.mine(c.now)
	}
}

// end is the viewer leaving, and the collector settling.
func (c *counter) end(t *testing.T) {
	t.Helper()
	c.unruly = false
	c.do(c.payer.Rest(c.now))
	c.late = append(c.late, *c.payer.Voucher())
	c.deliver()
	c.mine(c.now + time.Minute)
	for i, tab := range c.tabs {
		if tab.Best.Amount == 0 {
			continue
		}
		if c.coll.Take(viewer, &tab.Best); !c.on.needs.Direct {
			continue
		}
		for _, tx := range c.tills[i].Finish(c.tills[i].Cash(viewer, tab.Best, nil)) {
			c.submit(tx)
		}
		c.settle()
	}
	if c.way != nil {
		c.way.settle()
		c.settle()
	}
	for _, tx := range c.coll.Finish(nil) {
		c.submit(tx)
	}
	c.settle()
	if c.coll.Phase() != Done || c.coll.Failed() > 0 {
		t.Fatalf("the collector is %v, %d of its transactions failed", c.coll.Phase(), c.coll.Failed())
	}
}

// settle waits until the chain has executed everything.
func (c *counter) settle() {
	for len(c.blocks) > 0 {
		c.now += time.Minute
		c.mine(c.now)
	}
}
