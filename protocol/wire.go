package protocol

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/token"
)

// A MsgKind names a message.
type MsgKind uint8

// Kinds of Message. The first ones travel on the control lane.
const (
	Hello   MsgKind = iota // viewer -> directory: I want to watch
	Welcome                // directory -> viewer: the stream, edges and possible neighbours
	Bye                    // viewer -> directory, neighbours: I leave
	Link                   // viewer -> viewer: let us be neighbours
	Linked                 // viewer -> viewer: yes
	Full                   // viewer -> viewer: no more room
	Have                   // viewer -> neighbour: I hold this token now
	Want                   // anyone -> holder: send me this token, or one shard of it
	Take                   // holder -> anyone: it will come
	Deny                   // holder -> anyone: it will not come, for Reason
	Drop                   // anyone -> holder: no longer wanted
	Pay                    // viewer -> edge -> publisher: a payment; publisher -> edge: the newest one of a leaver, if Last
	Keep                   // provider -> publisher: the shard is stored
	Gone                   // viewer -> directory: a neighbour, whose number is Seq, does not answer
	Warn                   // publisher -> edge -> viewer: what of a slot not everybody can show
	Audit                  // publisher -> provider: prove that you hold the shard; the nonce is in Bytes
	Prove                  // provider -> publisher: the proof is in Bytes, or nothing if the shard is not here
	Moved                  // publisher -> edges, provider: who keeps the shards now, four bytes each; a provider named lacks its own
	Unlock                 // viewer -> edge: grant me the key to this token
	Key                    // publisher -> edge -> viewer: the key to a token
	Pledge                 // viewer -> hub -> publisher: a newer balance of a ledger channel, in Bytes, for Payer's virtual channel
	Agree                  // publisher -> hub -> viewer: what is said to that, in Bytes; publisher -> edge, without: Payer's virtual channel is open; edge -> publisher: Payer asks here, what of it?
	Probe                  // viewer -> edge: how loaded are you?
	Load                   // edge -> viewer: what I send takes so long to leave
	Turn                   // publisher -> edge: another counts what Payer pays now, what have you? or, with what others have in Bytes: it is your turn; edge -> publisher: I have counted what is in Bytes
	Meet                   // viewer -> neighbour: whom do you know?
	Known                  // viewer -> neighbour: these, four bytes each
	Find                   // viewer -> viewer, edge: who is nearer to the stream's key, and who watches?
	Found                  // viewer, edge -> viewer: so many nodes, one byte; these, and who watches, four bytes each
	Store                  // viewer -> viewer, edge: I watch
	Right                  // viewer -> edge: what shows that it may watch is in Bytes; edge -> viewer, viewer -> publisher, edge -> publisher, without: what does? publisher -> viewer: a capability; publisher -> edge: whether Payer may, one byte or none
	Lease                  // edge -> publisher: do I owe an answer to a Turn? publisher -> edge: no, as of what you said; the edge's time is in Bytes
	Give                   // holder -> anyone, bulk: a token
	Part                   // holder -> anyone, bulk: one shard of a token
	msgKinds
)

var msgNames = [msgKinds]string{"hello", "welcome", "bye", "link", "linked", "full", "have",
	"want", "take", "deny", "drop", "pay", "keep", "gone", "warn", "audit", "prove", "moved", "unlock", "key", "pledge", "agree", "probe", "load", "turn", "meet", "known", "find", "found", "store", "right", "lease", "give", "part"}

// String is the message's name in traces.
func (k MsgKind) String() string {
	if k < msgKinds {
		return msgNames[k]
	}
	return fmt.Sprintf("message(%d)", uint8(k))
}

// Bulk says whether messages of this kind ride the bulk lane.
func (k MsgKind) Bulk() bool { return k >= Give }

// A Reason says why a request was denied.
type Reason uint8

// Reasons of a Deny.
const (
	NotHere    Reason = iota // the holder does not have it and will not get it
	Busy                     // all upload slots are taken
	Unpaid                   // the asker owes more than its credit
	Locked                   // the key is not granted: the asker owes more than its credit, or the slot is too old
	Unlicensed               // the chain knows of no licence of the asker
)

// Whole is the shard index of a Want, Take, Deny or Drop for a whole token.
const Whole uint8 = 255

// Onward is the shard index of a Want, Take, Deny or Drop for a subscription: the
// whole token, and those that follow.
const Onward uint8 = 254

// A Message is what one node tells another. Which fields count depends on the
// kind; the rest are zero.
//
// Pointers in a message that a node sends are read by the driver before the
// node's next Step, and those in a message that a node gets are valid during
// the Step. Tokens, shards and invitations never change; a voucher may.
type Message struct {
	Kind      MsgKind
	Rendition uint8 // Warn: the number of headers
	Shard     uint8 // Want, Take, Deny, Drop, Part, Keep, Audit, Prove: which shard, or Whole
	Reason    Reason
	Seq       uint32
	Payer     payment.Account  // Pay, Pledge, Agree, Turn, Right
	Last      bool             // Pay: the payer leaves, no payment follows
	Busy      uint8            // Have: how many tokens it is sending, if the swarm goes by that
	Wait      uint16           // Deny: for how many ms not to ask again, 0 if that is not said; Load: in ms; Want, Onward: how many ms ago the token before came, 0 if that is no matter; Take, Onward: how many viewers stand between the sender and a server
	Voucher   *payment.Voucher // Pay
	Token     *token.Token     // Give; Part: its header
	Bytes     []byte           // Part: the shard; Audit: the nonce; Prove: the proof; Moved: the keepers; Key: the key; Pledge, Agree: as package payment writes it; Turn: wei; Lease: a time; Right: a proof, or a capability
	Welcome   *Invitation      // Welcome
	Warning   *Warning         // Warn
}

// An Invitation is what a newcomer needs.
type Invitation struct {
	Edges []NodeID // to fetch from, in this order
	Peers []NodeID // possible neighbours
	About []byte   // the stream's Description
}

// Size is the number of bytes that m takes on the wire, framing included:
// exactly the length of Append's result.
func (m *Message) Size() unit.Size { return m.size(m.HeaderBytes()) }

// size is that, if its token's header takes so many bytes.
func (m *Message) size(header unit.Size) unit.Size {
	n := 2 + unit.Size(uvarintLen(uint64(m.Seq))) // frame length is counted below
	switch m.Kind {
	case Hello, Bye, Link, Linked, Full, Probe, Meet, Find, Store:
		n = 1
	case Known, Found, Lease:
		n = 1 + unit.Size(len(m.Bytes))
	case Load:
		n = 1 + 2
	case Welcome:
		w := m.Welcome
		n = 3 + 4*unit.Size(len(w.Edges)+len(w.Peers)) + unit.Size(len(w.About))
	case Gone:
		n = 1 + 4
	case Have:
		if m.Busy > 0 {
			n++
		}
	case Unlock:
	case Want, Take, Drop, Keep:
		if n++; m.Wait > 0 {
			n += 2
		}
	case Audit, Prove:
		n += 1 + unit.Size(len(m.Bytes))
	case Moved, Key:
		n += unit.Size(len(m.Bytes))
	case Deny:
		n += 2
		if m.Wait > 0 {
			n += 2
		}
	case Pledge, Agree, Turn, Right:
		n = 1 + 4 + unit.Size(len(m.Bytes))
	case Pay:
		n = 2 + 4 + 8
		if m.Voucher.Channel() != (payment.ChannelID{}) {
			n += 32 + unit.Size(m.Voucher.ProofLen())
		}
	case Warn:
		for _, t := range m.Warning.Tokens {
			n += unit.Size(t.HeaderSize())
		}
	case Give:
		n += header + unit.Size(m.Token.Payload.Len())
	case Part:
		n += 1 + header + unit.Size(len(m.Bytes))
	}
	return n + unit.Size(uvarintLen(uint64(n)))
}

// Append encodes m behind b: the body's length as a varint, then kind,
// rendition, sequence number and what the kind adds. docs/reference/wire.md
// has the layout of each kind.
func (m *Message) Append(b []byte) []byte {
	start := len(b)
	b = m.appendBody(slices.Grow(b, int(m.Size())))
	size := len(b) - start
	var head [binary.MaxVarintLen64]byte
	k := binary.PutUvarint(head[:], uint64(size))
	b = append(b, head[:k]...)
	copy(b[start+k:], b[start:start+size])
	copy(b[start:], head[:k])
	return b
}

func (m *Message) appendBody(b []byte) []byte {
	b = append(b, byte(m.Kind))
	switch m.Kind {
	case Hello, Bye, Link, Linked, Full, Probe, Meet, Find, Store:
	case Known, Found, Lease:
		b = append(b, m.Bytes...)
	case Load:
		b = binary.BigEndian.AppendUint16(b, m.Wait)
	case Welcome:
		w := m.Welcome
		b = append(b, byte(len(w.Edges)), byte(len(w.Peers)))
		for _, p := range w.Edges {
			b = binary.BigEndian.AppendUint32(b, uint32(p))
		}
		for _, p := range w.Peers {
			b = binary.BigEndian.AppendUint32(b, uint32(p))
		}
		b = append(b, w.About...)
	case Gone:
		b = binary.BigEndian.AppendUint32(b, m.Seq)
	case Pledge, Agree, Turn, Right:
		b = append(binary.BigEndian.AppendUint32(b, uint32(m.Payer)), m.Bytes...)
	case Pay:
		b = m.appendPay(b)
	default:
		b = append(b, m.Rendition)
		b = binary.AppendUvarint(b, uint64(m.Seq))
		b = m.appendRest(b)
	}
	return b
}

func (m *Message) appendPay(b []byte) []byte {
	flags := byte(0)
	if m.Last {
		flags |= 1
	}
	signed := m.Voucher.Channel() != (payment.ChannelID{})
	if signed {
		flags |= 2
	}
	if signed && m.Voucher.Short {
		flags |= 4
	}
	b = append(b, flags)
	b = binary.BigEndian.AppendUint32(b, uint32(m.Payer))
	b = binary.BigEndian.AppendUint64(b, uint64(m.Voucher.Amount))
	if signed {
		id := m.Voucher.Channel()
		b = append(b, id[:]...)
		b = append(b, m.Voucher.Proof()...)
	}
	return b
}

func (m *Message) appendRest(b []byte) []byte {
	switch m.Kind {
	case Have:
		if m.Busy > 0 {
			b = append(b, m.Busy)
		}
	case Want, Take, Drop, Keep:
		if b = append(b, m.Shard); m.Wait > 0 {
			b = binary.BigEndian.AppendUint16(b, m.Wait)
		}
	case Audit, Prove:
		b = append(append(b, m.Shard), m.Bytes...)
	case Moved, Key:
		b = append(b, m.Bytes...)
	case Deny:
		b = append(b, m.Shard, byte(m.Reason))
		if m.Wait > 0 {
			b = binary.BigEndian.AppendUint16(b, m.Wait)
		}
	case Warn:
		for _, t := range m.Warning.Tokens {
			b = token.AppendHeader(b, t)
		}
	case Give:
		b = token.AppendHeader(b, m.Token)
		b = append(b, m.Token.Payload.Bytes()...)
	case Part:
		b = append(b, m.Shard)
		b = token.AppendHeader(b, m.Token)
		b = append(b, m.Bytes...)
	}
	return b
}

// ErrMessage is wrapped by every error of Parse.
var ErrMessage = errors.New("not a message")

// maxMessage bounds a message: a segment of 10 s at 100 Mbit/s and its header.
const maxMessage = 128 << 20

// Parse decodes the message at the start of b and says how many bytes it took.
// Bytes of the result alias b.
func Parse(b []byte) (m Message, n int, err error) {
	size, k := binary.Uvarint(b)
	if k <= 0 || size == 0 || size > maxMessage || uint64(len(b)-k) < size || k != uvarintLen(size) {
		return m, 0, fmt.Errorf("%w: bad length", ErrMessage)
	}
	r := reader{b: b[k : k+int(size)]}
	m.Kind = MsgKind(r.byte())
	switch {
	case m.Kind >= msgKinds:
		return m, 0, fmt.Errorf("%w: unknown kind %d", ErrMessage, m.Kind)
	case m.Kind <= Full && m.Kind != Welcome || m.Kind == Probe || m.Kind == Meet || m.Kind == Find || m.Kind == Store:
	case m.Kind == Known || m.Kind == Found || m.Kind == Lease:
		m.Bytes, r.b = r.b, nil
	case m.Kind == Load:
		m.Wait = binary.BigEndian.Uint16(r.take(2))
	case m.Kind == Welcome:
		r.welcome(&m)
	case m.Kind == Gone:
		m.Seq = binary.BigEndian.Uint32(r.take(4))
	case m.Kind == Pledge || m.Kind == Agree || m.Kind == Turn || m.Kind == Right:
		m.Payer = payment.Account(binary.BigEndian.Uint32(r.take(4)))
		m.Bytes, r.b = r.b, nil
	case m.Kind == Pay:
		r.pay(&m)
	default:
		m.Rendition = r.byte()
		m.Seq = uint32(r.uvarint(1<<32 - 1))
		r.rest(&m)
	}
	if r.bad || len(r.b) != 0 {
		return m, 0, fmt.Errorf("%w: bad %v body", ErrMessage, m.Kind)
	}
	return m, k + int(size), nil
}

// A reader takes fields off the front of b; once one is missing it is bad for
// good.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if r.bad || len(r.b) < n {
		r.bad, r.b = true, nil
		return make([]byte, min(n, 128))
	}
	p := r.b[:n]
	r.b = r.b[n:]
	return p
}

func (r *reader) byte() byte { return r.take(1)[0] }

func (r *reader) uvarint(most uint64) uint64 {
	v, k := binary.Uvarint(r.b)
	if k <= 0 || v > most || k != uvarintLen(v) {
		r.bad, r.b = true, nil
		return 0
	}
	r.b = r.b[k:]
	return v
}

func (r *reader) welcome(m *Message) {
	w := &Invitation{}
	edges, peers := int(r.byte()), int(r.byte())
	if r.bad || len(r.b) < 4*(edges+peers) {
		r.bad = true
		return
	}
	for range edges {
		w.Edges = append(w.Edges, NodeID(binary.BigEndian.Uint32(r.take(4))))
	}
	for range peers {
		w.Peers = append(w.Peers, NodeID(binary.BigEndian.Uint32(r.take(4))))
	}
	w.About, r.b = r.b, nil
	m.Welcome = w
}

func (r *reader) pay(m *Message) {
	flags := r.byte()
	m.Last = flags&1 != 0
	m.Payer = payment.Account(binary.BigEndian.Uint32(r.take(4)))
	m.Voucher = &payment.Voucher{Amount: unit.Wei(binary.BigEndian.Uint64(r.take(8)))}
	if flags&2 != 0 {
		var id payment.ChannelID
		copy(id[:], r.take(32))
		*m.Voucher = payment.NewVoucher(id, m.Voucher.Amount)
		m.Voucher.Short = flags&4 != 0
		var sig payment.Signature
		copy(sig[:], r.take(m.Voucher.ProofLen()))
		m.Voucher.SetSig(sig)
		m.Voucher.Signed = sig != (payment.Signature{})
		r.bad = r.bad || id == (payment.ChannelID{})
	}
	r.bad = r.bad || flags > 7 || flags&6 == 4
}

func (r *reader) rest(m *Message) {
	switch m.Kind {
	case Have:
		if len(r.b) > 0 {
			m.Busy = r.byte()
			r.bad = r.bad || m.Busy == 0
		}
	case Want, Take, Drop, Keep:
		m.Shard = r.byte()
		if (m.Kind == Want || m.Kind == Take) && m.Shard == Onward && len(r.b) > 0 {
			m.Wait = binary.BigEndian.Uint16(r.take(2))
			r.bad = r.bad || m.Wait == 0
		}
	case Audit, Prove:
		m.Shard = r.byte()
		m.Bytes, r.b = r.b, nil
	case Moved:
		m.Bytes, r.b = r.b, nil
	case Key:
		m.Bytes = r.take(len(token.TokenKey{}))
	case Deny:
		m.Shard, m.Reason = r.byte(), Reason(r.byte())
		r.bad = r.bad || m.Reason > Unlicensed
		if len(r.b) > 0 {
			m.Wait = binary.BigEndian.Uint16(r.take(2))
			r.bad = r.bad || m.Wait == 0
		}
	case Part:
		m.Shard = r.byte()
		m.Token = r.header()
		m.Bytes, r.b = r.b, nil
	case Warn:
		r.warning(m)
	case Give:
		if m.Token = r.header(); m.Token != nil {
			m.Token.Payload = token.NewPayload(r.b)
			r.b = nil
		}
	}
}

func (r *reader) warning(m *Message) {
	m.Warning = &Warning{}
	for range m.Rendition {
		m.Warning.Tokens = append(m.Warning.Tokens, r.header())
	}
}

func (r *reader) header() *token.Token {
	t, n, err := token.ParseHeader(r.b)
	if r.bad || err != nil {
		r.bad, r.b = true, nil
		return nil
	}
	r.b = r.b[n:]
	return t
}
