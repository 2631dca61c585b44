package protocol

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"time"

	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/token"
)

// A Publisher signs a token for each rendition of each slot as soon as the slot
// is over, spreads it, and collects what viewers have paid.
type Publisher struct {
	stream    *Stream
	key       ed25519.PrivateKey
	title     [][]Piece               // of each rendition, for each slot of the title
	other     map[uint64]Piece        // what a slot holds instead, by tokenKey
	signed    map[uint64]token.Header // of the newest slots, by tokenKey
	end       time.Duration
	collector *payment.Collector
	next      uint32 // slot to seal
	shards    map[*token.Payload][][]byte
	custody   custody
	free      time.Duration // when the processor is done with all slots so far
	met       acquaintance
	leavers   []leaver // soonest first
	referee   *payment.Referee
	recalls   []recall            // soonest first
	owed      map[NodeID][]recall // what edges have not answered
	txs       []payment.Tx
}

// A Piece is one segment as it enters a token.
type Piece struct {
	Payload *token.Payload
	Flags   token.Flags
	Config  token.ConfigID
	Warn    bool // its header goes to the edges in a Warning: not everybody can show it
	Hold    bool // its payload is sent to nobody
}

// NewPublisher makes the publisher of s. It publishes title, slot by slot and
// over again, until end.
func NewPublisher(s *Stream, key ed25519.PrivateKey, title [][]Piece, end time.Duration, c *payment.Collector) *Publisher {
	return &Publisher{stream: s, key: key, title: title, end: end, collector: c,
		other: map[uint64]Piece{}, signed: map[uint64]token.Header{}, met: newAcquaintance(), referee: payment.NewReferee(s.Terms), owed: map[NodeID][]recall{}, shards: map[*token.Payload][][]byte{}, custody: newCustody(s, key)}
}

// Piece is what the publisher signs for a slot and rendition.
func (p *Publisher) Piece(seq uint32, rendition uint8) Piece {
	if other, ok := p.other[tokenKey(seq, rendition)]; ok {
		return other
	}
	return p.title[rendition][int(seq)%len(p.stream.Slots)]
}

// Replace makes the publisher seal another piece for one slot and rendition than
// the title has there. It is called before the stream begins.
func (p *Publisher) Replace(seq uint32, rendition uint8, with Piece) {
	p.other[tokenKey(seq, rendition)] = with
}

// Header is what the publisher has signed for a slot and rendition; it is not ok
// if that is not done yet or too long ago.
func (p *Publisher) Header(seq uint32, rendition uint8) (h token.Header, ok bool) {
	if c := p.stream.Vault; c != nil {
		if t := c.Token(seq, rendition); t != nil {
			return t.Header, true
		}
		return h, false
	}
	h, ok = p.signed[tokenKey(seq, rendition)]
	return h, ok
}

// Collector is the publisher's half of the payments.
func (p *Publisher) Collector() *payment.Collector { return p.collector }

// Keepers is who is to keep which shard of a token, and who has said so; nil
// if the token is not known any more.
func (p *Publisher) Keepers(seq uint32, rendition uint8) ([]NodeID, []bool) {
	if pl := p.custody.tokens[tokenKey(seq, rendition)]; pl != nil {
		return pl.nodes, pl.acked
	}
	return nil, nil
}

// Newest is the shard that a provider acknowledged last, and which it is; nil if
// there is none.
func (p *Publisher) Newest(provider NodeID) (shard []byte, seq uint32, rendition, number uint8) {
	return p.custody.newest(provider)
}

// Timers of a publisher.
const (
	publishTimer TimerID = iota // a slot is over
	auditTimer                  // providers are challenged
	lookTimer                   // answers are due
	billTimer                   // hubs have had time to settle
	suitTimer                   // what they have not is claimed on the chain
	partTimer                   // edges have had time to say what a leaver has promised them
	turnTimer                   // an edge has had time to say what it has counted
)

// Step publishes when a slot is over, looks after the shards, and turns
// payments into transactions.
func (p *Publisher) Step(now time.Duration, in *Input, out *Output) {
	switch in.Kind {
	case Start:
		if p.stream.Vault != nil { // all is published
			return
		}
		out.wake(p.stream.End(0), publishTimer)
		p.watch(now, out)
	case Wake:
		p.wake(now, in.Timer, out)
	case Deliver:
		p.hear(now, in, out)
	case Confirm:
		p.confirm(now, in.Receipt, out)
	case Stop:
		p.finish(now, out)
	}
}

func (p *Publisher) wake(now time.Duration, id TimerID, out *Output) {
	switch id {
	case publishTimer:
		p.publish(now, out)
		p.custody.forget()
		if p.next++; p.stream.End(p.next) <= p.end {
			out.wake(p.stream.End(p.next), publishTimer)
		}
	case auditTimer:
		p.custody.challenge(now, out)
		out.wake(now+p.stream.Storage.Detect, lookTimer)
		p.watch(now, out)
	case lookTimer:
		p.custody.look(now, out)
	case billTimer:
		out.Txs = p.collector.Finish(out.Txs)
	case suitTimer:
		out.Txs = p.collector.Wake(now, out.Txs)
	case turnTimer:
		p.insist(now, out)
	case partTimer:
		p.closeLeavers(now, out)
	}
}

// watch sets the time of the next audit, as long as the stream runs.
func (p *Publisher) watch(now time.Duration, out *Output) {
	if next := now + p.stream.Storage.Audit; p.stream.Coder != nil && next > now && next < p.end {
		out.wake(next, auditTimer)
	}
}

func (p *Publisher) publish(now time.Duration, out *Output) {
	s := p.stream
	headers := make([]token.Header, len(p.title))
	payloads := make([]*token.Payload, len(p.title))
	var bytes int64
	for r := range p.title {
		piece := p.Piece(p.next, uint8(r))
		headers[r] = token.Header{Stream: s.ID, Seq: p.next, Rendition: uint8(r), Flags: piece.Flags,
			Duration: s.Length(p.next), Config: piece.Config}
		headers[r], payloads[r] = p.seal(headers[r], piece.Payload)
		bytes += int64(piece.Payload.Len())
	}
	tokens, err := token.Sign(p.key, headers, payloads)
	if err != nil {
		panic(fmt.Sprintf("protocol: slot %d cannot be signed: %v", p.next, err))
	}
	p.work(now, tokens, out)
	for _, t := range tokens {
		p.signed[tokenKey(t.Seq, t.Rendition)] = t.Header
		delete(p.signed, tokenKey(t.Seq-keepSlots, t.Rendition)) // wraps in the beginning, where there is nothing
		out.fact(Sealed, int64(s.Tokens.headers(t, t.Payload.Len())), Fact{Seq: p.next, Rendition: t.Rendition, Span: t.Duration})
		if !p.Piece(t.Seq, t.Rendition).Hold {
			p.spread(now+out.Wait+out.CPU, t, out)
		}
	}
	p.warn(tokens, out)
	p.hand(p.next, out)
	out.fact(Published, bytes, Fact{Seq: p.next, Span: out.Wait + out.CPU})
}

// work charges the processor for sealing a slot, and makes its tokens wait
// until the processor has served the streams that were there before.
func (p *Publisher) work(now time.Duration, tokens []*token.Token, out *Output) {
	s := p.stream
	var total time.Duration
	for stage, d := range s.labour(tokens) {
		out.fact(Worked, int64(stage), Fact{Seq: p.next, Span: d})
		total += d
	}
	p.free = s.Host.serve(now, s.Length(p.next), total, p.free, func(i int, d time.Duration) {
		out.fact(Delayed, int64(i), Fact{Seq: p.next, Span: d + s.Tokens.Delay})
	})
	out.CPU += total
	out.Wait += p.free - total - now + s.Tokens.Delay
}

// spread sends the shards of t to their providers or, without storage, t to
// every edge.
func (p *Publisher) spread(now time.Duration, t *token.Token, out *Output) {
	s := p.stream
	if s.Coder == nil {
		for _, e := range s.Edges {
			out.bulk(e, 0, Message{Kind: Give, Seq: t.Seq, Rendition: t.Rendition, Token: t})
		}
		return
	}
	shards := p.shards[t.Payload] // a title repeats: the same bytes give the same shards
	if shards == nil {
		shards = s.Coder.Encode(t.Payload.Bytes())
		if t.Flags&token.Sealed == 0 {
			p.shards[t.Payload] = shards
		}
	}
	p.custody.spread(now, t, shards, out)
}

func (p *Publisher) hear(now time.Duration, in *Input, out *Output) {
	m := in.Msg
	switch m.Kind {
	case Keep:
		p.custody.kept(in, out)
	case Prove:
		p.custody.proof(now, in, out)
	case Pay:
		p.paid(now, in.From, m, out)
	case Pledge:
		p.pledged(in.From, m, out)
	case Agree:
		if slices.Contains(p.stream.Edges, in.From) {
			p.asked(now, in.From, m, out)
		}
	case Right:
		p.attest(now, in.From, m, out)
	case Turn:
		p.counted(now, in.From, m, out)
	case Lease:
		p.extend(now, in.From, m, out)
	}
}

// paid takes what an edge hands in.
func (p *Publisher) paid(now time.Duration, from NodeID, m *Message, out *Output) {
	s := p.stream
	if !slices.Contains(s.Edges, from) {
		return
	}
	out.CPU += s.Host.takes(s.CPU.paying(s.Terms.CheckWork()))
	v := *m.Voucher
	if s.Terms.Needs().Direct {
		v.To = payment.Account(from)
	}
	if !p.collector.Take(m.Payer, &v) {
		return
	}
	if m.Last {
		p.part(now, from, m.Payer, out)
	}
}

func tokenKey(seq uint32, rendition uint8) uint64 { return uint64(seq)<<8 | uint64(rendition) }
