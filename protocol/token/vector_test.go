package token

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"
)

// vectors are the examples of the documentation: the same text, a line for each
// field, lies in testdata and stands in docs/reference/token.md, and is what
// this package writes and reads.
func vectors(t *testing.T) map[string][]byte {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	low, high := NewPayload([]byte("low")), NewPayload([]byte("high"))
	headers := []Header{
		{Stream: 300, Seq: 5, Rendition: 0, Flags: Independent, Duration: 2 * time.Second, Config: ConfigID{1, 2, 3, 4, 5, 6, 7, 8}},
		{Stream: 300, Seq: 5, Rendition: 1, Flags: Independent | Guessed, Duration: 2 * time.Second, Config: ConfigID{1, 2, 3, 4, 5, 6, 7, 8}},
	}
	tokens, err := Sign(key, headers, []*Payload{low, high})
	if err != nil {
		t.Fatal(err)
	}
	ramp := make([]byte, 100_000)
	for i := range ramp {
		ramp[i] = byte(i % 251)
	}
	part, err := NewPayload(ramp).Prove(20_000, 40_000)
	if err != nil {
		t.Fatal(err)
	}
	a := NewArchive(300)
	for _, e := range []*Entry{
		{Seq: 5, Root: rootOf(t, tokens[0]), Facts: []Facts{{}, {Lost: 3, Guessed: 120, Doubt: 25, Repairs: []Repair{{"times went back", 2}}}}},
		{Seq: 6, Root: ID(bytes.Repeat([]byte{6}, 32)), Facts: make([]Facts, 2)},
		{Seq: 8, Root: ID(bytes.Repeat([]byte{8}, 32)), Facts: []Facts{{Broken: 1, Skipped: 70_000}, {}}},
	} {
		if err := a.Append(e); err != nil {
			t.Fatal(err)
		}
	}
	in, err := a.Prove(0, 3)
	if err != nil {
		t.Fatal(err)
	}
	grown, err := a.Consistency(2, 3)
	if err != nil {
		t.Fatal(err)
	}
	var secret Secret
	for i := range secret {
		secret[i] = byte(i)
	}
	tokenKey := secret.TokenKey(300, 5, 1)
	_, sealed, err := SealPayload(&secret, headers[1], high)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"header": AppendHeader(nil, tokens[1]), "range": AppendRangeProof(nil, &part),
		"entry": AppendEntry(nil, &in.Entry), "head": AppendHead(nil, a.Head(key)), "inclusion": AppendInclusion(nil, &in),
		"consistency": AppendConsistency(nil, &grown), "key": tokenKey[:], "sealed": sealed.Bytes(),
	}
}

func TestVectors(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/token.md")
	if err != nil {
		t.Fatal(err)
	}
	want := vectors(t)
	shown := 0
	for section := range strings.SplitSeq(string(doc), "```vector ") {
		if shown++; shown == 1 {
			continue // what stands before the first
		}
		name, text, _ := strings.Cut(section, "\n")
		text, _, closed := strings.Cut(text, "```")
		file, err := os.ReadFile("testdata/" + name + ".hex")
		if err != nil || !closed {
			t.Fatalf("vector %s: %v", name, err)
		}
		if text != string(file) {
			t.Errorf("testdata/%s.hex and the documentation differ", name)
		}
		if got := digits(t, text); !bytes.Equal(got, want[name]) {
			t.Errorf("%s: the documentation has\n%x\nthe package writes\n%x", name, got, want[name])
		}
	}
	if shown-1 != len(want) {
		t.Errorf("the documentation shows %d vectors of %d", shown-1, len(want))
	}
}

// digits reads lines of hexadecimal digits, each with a comment.
func digits(t *testing.T, text string) (b []byte) {
	for line := range strings.Lines(text) {
		field, _, _ := strings.Cut(line, "#")
		x, err := hex.DecodeString(strings.TrimSpace(field))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		b = append(b, x...)
	}
	return b
}

// What is read from the vectors holds: somebody else's reader has to come to
// the same verdicts.
func TestVectorsHold(t *testing.T) {
	v := vectors(t)
	public := ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	tok, _, err := ParseHeader(v["header"])
	if err != nil || tok.CheckHeader(public) != nil {
		t.Error(err, "header")
	}
	head, _, err := ParseHead(v["head"])
	if err != nil || head.Check(public) != nil {
		t.Fatal(err, "head")
	}
	in, _, err := ParseInclusion(v["inclusion"], head.Size)
	if err != nil || in.Check(head, tok) != nil {
		t.Error(err, "inclusion")
	}
	tok.Flags |= Sealed
	key := TokenKey(v["key"])
	open, err := tok.With(NewPayload(v["sealed"])).Open(&key)
	if err != nil || string(open.Bytes()) != "high" {
		t.Error(err, "sealed")
	}
}
