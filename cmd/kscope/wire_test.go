package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol"
	"kinetoscope/protocol/payment"
	"kinetoscope/protocol/storage"
	"kinetoscope/protocol/token"
)

// An example is a vector block of a page, under its last heading.
type example struct {
	heading string
	bytes   []byte
}

// examples reads the vector blocks of a page. <header> stands for the header of
// the token page's first example.
func examples(t *testing.T, page, header string) (all []example) {
	t.Helper()
	lines := read(t, page)
	for _, b := range blocks(lines) {
		if kind, _, _ := strings.Cut(b.language, " "); kind != "vector" {
			continue
		}
		text := ""
		for _, l := range b.text {
			l, _, _ = strings.Cut(l, "#")
			text += strings.Replace(strings.TrimSpace(l), "<header>", header, 1)
		}
		raw, err := hex.DecodeString(text)
		if err != nil {
			t.Fatalf("%s:%d: %v", page, b.line+1, err)
		}
		e := example{bytes: raw}
		for _, l := range slices.Backward(lines[:b.line]) {
			if strings.HasPrefix(l, "#") {
				e.heading = strings.Trim(l, "# `")
				break
			}
		}
		all = append(all, e)
	}
	return all
}

// documented are the messages of which the wire page shows the bytes.
func documented(t *testing.T, header []byte) []protocol.Message {
	t.Helper()
	tok, _, err := token.ParseHeader(header)
	if err != nil {
		t.Fatal(err)
	}
	key := ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	about := (&protocol.Stream{ID: 300, Key: key, PerHour: 1_000_000, Rates: []unit.Rate{500_000},
		Slots: []time.Duration{2 * time.Second}}).Description()
	nonce := []byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
	proof := storage.Proof(nonce, []byte("hi"))
	v := payment.NewVoucher(payment.ChannelID(bytes.Repeat([]byte{1}, 32)), 20_000_000_000_000)
	v.Signed = true
	var sig, in payment.Signature
	copy(sig[:], bytes.Repeat([]byte{2}, 32))
	copy(in[:], sig[:])
	copy(sig[32:], bytes.Repeat([]byte{3}, 32))
	sig[64] = 27
	v.SetSig(sig)
	word := v.With(in)
	word.Short = true
	return []protocol.Message{
		{Kind: protocol.Hello},
		{Kind: protocol.Welcome, Welcome: &protocol.Invitation{Edges: []protocol.NodeID{5}, Peers: []protocol.NodeID{17, 18}, About: about}},
		{Kind: protocol.Have, Rendition: 3, Seq: 300},
		{Kind: protocol.Want, Rendition: 3, Seq: 300, Shard: protocol.Whole},
		{Kind: protocol.Deny, Rendition: 3, Seq: 300, Shard: 4, Reason: protocol.NotHere},
		{Kind: protocol.Pay, Payer: 42, Voucher: &v},
		{Kind: protocol.Pay, Payer: 42, Voucher: &word},
		{Kind: protocol.Pay, Payer: 42, Last: true, Voucher: &payment.Voucher{Amount: v.Amount}},
		{Kind: protocol.Gone, Seq: 17},
		{Kind: protocol.Warn, Rendition: 1, Seq: 5, Warning: &protocol.Warning{Tokens: []*token.Token{tok}}},
		{Kind: protocol.Audit, Rendition: 3, Seq: 300, Shard: 4, Bytes: nonce},
		{Kind: protocol.Prove, Rendition: 3, Seq: 300, Shard: 4, Bytes: proof[:]},
		{Kind: protocol.Moved, Rendition: 3, Seq: 300, Bytes: []byte{0, 0, 0, 5, 255, 255, 255, 255}},
		{Kind: protocol.Key, Rendition: 3, Seq: 300, Bytes: bytes.Repeat([]byte{9}, 32)},
		{Kind: protocol.Give, Rendition: 1, Seq: 5, Token: tok.With(token.NewPayload([]byte("high")))},
		{Kind: protocol.Part, Rendition: 1, Seq: 5, Shard: 0, Token: tok, Bytes: []byte("hi")},
	}
}

// TestWirePage holds that the page shows the bytes that the code writes and
// reads, and names every kind of message.
func TestWirePage(t *testing.T) {
	const page = "docs/reference/wire.md"
	header := examples(t, "docs/reference/token.md", "")[0].bytes
	shown := examples(t, page, hex.EncodeToString(header))
	want := documented(t, header)
	if len(shown) != len(want) {
		t.Fatalf("%d examples, want %d", len(shown), len(want))
	}
	for i, m := range want {
		if shown[i].heading != m.Kind.String() {
			t.Errorf("example %d is of %s, want %v", i, shown[i].heading, m.Kind)
		}
		if b := m.Append(nil); !bytes.Equal(b, shown[i].bytes) {
			t.Errorf("%v: the page shows\n%x, the code writes\n%x", m.Kind, shown[i].bytes, b)
		}
		if back, n, err := protocol.Parse(shown[i].bytes); err != nil || n != len(shown[i].bytes) || back.Kind != m.Kind {
			t.Errorf("%v: the example is read as %v, %d bytes: %v", m.Kind, back.Kind, n, err)
		}
	}
	text := strings.Join(read(t, page), "\n")
	for k := protocol.MsgKind(0); !strings.HasPrefix(k.String(), "message("); k++ {
		if row := fmt.Sprintf("\n| %d | `%v` |", k, k); !strings.Contains(text, row) {
			t.Errorf("the table of kinds has no row %q", row)
		}
	}
}
