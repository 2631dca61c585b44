package protocol

import (
	"bytes"
	"crypto/ed25519"
	"testing"
	"time"

	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/token"
)

// sealed is a token of two renditions.
func sealed(t testing.TB) *token.Token {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))
	pay := []*token.Payload{token.NewPayload([]byte("low")), token.NewPayload([]byte("high"))}
	heads := []token.Header{{Stream: 9, Seq: 300, Duration: 2 * time.Second},
		{Stream: 9, Seq: 300, Rendition: 1, Duration: 2 * time.Second}}
	ts, err := token.Sign(key, heads, pay)
	if err != nil {
		t.Fatal(err)
	}
	return ts[1]
}

// messages is one of each kind, with every field that the kind carries set.
func messages(t testing.TB) []Message {
	tok := sealed(t)
	v := payment.NewVoucher(payment.ChannelID{1}, 1<<40)
	short := payment.NewVoucher(payment.ChannelID{2}, 7).With(payment.Signature{9})
	v.Signed, short.Signed, short.Short = true, true, true
	v.SetSig(payment.Signature{3: 9})
	return []Message{
		{Kind: Hello}, {Kind: Bye}, {Kind: Link}, {Kind: Linked}, {Kind: Full},
		{Kind: Welcome, Welcome: &Invitation{Edges: []NodeID{1}, Peers: []NodeID{2, 1 << 30}, About: []byte("about")}},
		{Kind: Have, Seq: 300, Rendition: 3},
		{Kind: Want, Seq: 1 << 31, Rendition: 3, Shard: Whole},
		{Kind: Want, Seq: 300, Rendition: 3, Shard: Onward, Wait: 300}, {Kind: Want, Seq: 300, Rendition: 3, Shard: Onward},
		{Kind: Take, Seq: 0, Rendition: 3, Shard: 2},
		{Kind: Deny, Seq: 127, Rendition: 3, Shard: 2, Reason: Unpaid},
		{Kind: Have, Seq: 127, Rendition: 3, Busy: 2}, {Kind: Probe}, {Kind: Meet}, {Kind: Known, Bytes: []byte{0, 0, 0, 7}}, {Kind: Known}, {Kind: Find}, {Kind: Found, Bytes: []byte{1, 0, 0, 0, 7, 0, 0, 0, 8}}, {Kind: Store}, {Kind: Load, Wait: 300},
		{Kind: Deny, Seq: 127, Rendition: 3, Shard: Whole, Reason: Busy, Wait: 4000},
		{Kind: Drop, Seq: 128, Rendition: 3, Shard: Whole},
		{Kind: Gone, Seq: 1 << 30},
		{Kind: Warn, Seq: 300, Rendition: 2, Warning: &Warning{Tokens: []*token.Token{tok, tok}}},
		{Kind: Unlock, Seq: 300, Rendition: 2},
		{Kind: Key, Seq: 300, Rendition: 2, Bytes: bytes.Repeat([]byte{9}, 32)},
		{Kind: Keep, Seq: 5, Rendition: 1, Shard: 4},
		{Kind: Pay, Payer: 77, Voucher: &payment.Voucher{Amount: 5}, Last: true},
		{Kind: Pay, Payer: 77, Voucher: &v},
		{Kind: Pay, Payer: 77, Voucher: &short},
		{Kind: Audit, Seq: 300, Rendition: 1, Shard: 4, Bytes: []byte("sixteen byte num")},
		{Kind: Prove, Seq: 300, Rendition: 1, Shard: 4, Bytes: []byte("proof")},
		{Kind: Prove, Seq: 300, Rendition: 1, Shard: 4},
		{Kind: Moved, Seq: 300, Rendition: 1, Bytes: []byte{0, 0, 0, 5, 255, 255, 255, 255}},
		{Kind: Pledge, Payer: 77, Bytes: (&payment.Pledge{Settles: true, Voucher: 5}).Append(nil)},
		{Kind: Agree, Payer: 77, Bytes: (&payment.Answer{Version: 5}).Append(nil)}, {Kind: Agree, Payer: 78},
		{Kind: Lease, Bytes: []byte{0, 0, 0, 0, 0, 0, 1, 0}}, {Kind: Turn, Payer: 78}, {Kind: Turn, Payer: 78, Bytes: []byte{0, 0, 0, 0, 0, 0, 1, 0}},
		{Kind: Right, Payer: 78}, {Kind: Right, Payer: 78, Bytes: []byte("proof")},
		{Kind: Give, Seq: 300, Rendition: 1, Token: tok},
		{Kind: Part, Seq: 300, Rendition: 1, Shard: 5, Token: tok, Bytes: []byte("shard")},
	}
}

// The engine charges Size, the wire carries Append: they must not differ.
func TestSizeIsLengthOnTheWire(t *testing.T) {
	seen := map[MsgKind]bool{}
	for _, m := range messages(t) {
		seen[m.Kind] = true
		b := m.Append(nil)
		if int(m.Size()) != len(b) {
			t.Errorf("%v: Size says %d, Append gives %d bytes", m.Kind, m.Size(), len(b))
		}
		back, n, err := Parse(append(b, "rest"...))
		if err != nil || n != len(b) {
			t.Errorf("%v: Parse took %d of %d bytes: %v", m.Kind, n, len(b), err)
			continue
		}
		if again := back.Append(nil); !bytes.Equal(again, b) {
			t.Errorf("%v: encoding changed from %x to %x", m.Kind, b, again)
		}
	}
	for k := range msgKinds {
		if !seen[k] {
			t.Errorf("%v is not tested", k)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, m := range messages(t) {
		b := m.Append(nil)
		for n := range b {
			if _, _, err := Parse(b[:n]); err == nil {
				t.Errorf("%v: %d of %d bytes are taken for a message", m.Kind, n, len(b))
			}
		}
	}
	for _, b := range [][]byte{{1, byte(msgKinds)}, {2, byte(Hello), 0}, {0}, {0x81, 0x00, 0}, {4, byte(Want), 0, 0x80, 0}} {
		if m, _, err := Parse(b); err == nil {
			t.Errorf("%x is taken for %v", b, m.Kind)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, m := range messages(f) {
		f.Add(m.Append(nil))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, n, err := Parse(b)
		if err != nil {
			return
		}
		if again := m.Append(nil); !bytes.Equal(again, b[:n]) {
			t.Fatalf("%x is encoded anew as %x", b[:n], again)
		}
		if int(m.Size()) != n {
			t.Fatalf("Size says %d of %d bytes", m.Size(), n)
		}
	})
}
