package token

import (
	"crypto/ed25519"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

// facts is what a header says, in the form that encoding/json writes shortest
// without losing any: hashes as base64, absent facts left out.
type facts struct {
	Version    int      `json:"version"`
	Stream     uint64   `json:"stream"`
	Seq        uint32   `json:"seq"`
	Rendition  uint8    `json:"rendition"`
	Renditions uint8    `json:"renditions"`
	Flags      uint8    `json:"flags"`
	DurationUS int64    `json:"duration_us"`
	Size       int64    `json:"size"`
	Config     []byte   `json:"config,omitempty"`
	Content    []byte   `json:"content"`
	Proof      [][]byte `json:"proof,omitempty"`
	Sig        []byte   `json:"sig"`
}

func asJSON(tb testing.TB, t *Token) []byte {
	f := facts{Version: version, Stream: t.Stream, Seq: t.Seq, Rendition: t.Rendition, Renditions: t.Renditions,
		Flags: uint8(t.Flags), DurationUS: t.Duration.Microseconds(), Size: int64(t.Size),
		Content: t.Content[:], Sig: t.Sig[:]}
	if t.Config != (ConfigID{}) {
		f.Config = t.Config[:]
	}
	for i := range t.Proof {
		f.Proof = append(f.Proof, t.Proof[i][:])
	}
	b, err := json.Marshal(f)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// asTagged writes the same facts as a protocol buffer would: a tag byte before
// every field, a length before bytes, zero fields left out.
func asTagged(t *Token) []byte {
	var b []byte
	number := func(field byte, x uint64) {
		if x != 0 {
			b = binary.AppendUvarint(append(b, field<<3), x)
		}
	}
	raw := func(field byte, x []byte) {
		b = binary.AppendUvarint(append(b, field<<3|2), uint64(len(x)))
		b = append(b, x...)
	}
	number(1, version)
	number(2, t.Stream)
	number(3, uint64(t.Seq))
	number(4, uint64(t.Rendition))
	number(5, uint64(t.Renditions))
	number(6, uint64(t.Flags))
	number(7, uint64(t.Duration.Microseconds()))
	number(8, uint64(t.Size))
	if t.Config != (ConfigID{}) {
		raw(9, t.Config[:])
	}
	raw(10, t.Content[:])
	for i := range t.Proof {
		raw(11, t.Proof[i][:])
	}
	raw(12, t.Sig[:])
	return b
}

// typical is the second of four renditions of a slot of 2 s at 1 Mbit/s, well
// into a stream.
func typical(tb testing.TB) *Token {
	return testSlot(tb, 4, 250_000, ConfigID{1, 2, 3, 4, 5, 6, 7, 8})[1]
}

func TestHeaderIsLean(t *testing.T) {
	tok := typical(t)
	ours, tagged, text := tok.HeaderSize(), len(asTagged(tok)), len(asJSON(t, tok))
	t.Logf("header of a typical token: %d bytes; tagged fields %d; JSON %d; %.3f%% of its payload",
		ours, tagged, text, 100*float64(ours)/float64(tok.Size))
	if ours != 185 || tagged <= ours || text <= 2*ours {
		t.Errorf("%d bytes, tagged fields %d, JSON %d: the documentation says otherwise", ours, tagged, text)
	}
}

// The example of the documentation is one header, line by line, as this
// package writes it.
func TestVectorInTheDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/token.md")
	if err != nil {
		t.Fatal(err)
	}
	_, vector, found := strings.Cut(string(doc), "```vector\n")
	vector, _, closed := strings.Cut(vector, "```")
	if !found || !closed {
		t.Fatal("there is no vector")
	}
	var wire []byte
	for line := range strings.Lines(vector) {
		digits, _, _ := strings.Cut(line, "#")
		b, err := hex.DecodeString(strings.Join(strings.Fields(digits), ""))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		wire = append(wire, b...)
	}
	headers := []Header{
		{Stream: 300, Seq: 5, Rendition: 0, Flags: Independent, Duration: 2 * time.Second, Config: ConfigID{1, 2, 3, 4, 5, 6, 7, 8}},
		{Stream: 300, Seq: 5, Rendition: 1, Flags: Independent | Guessed, Duration: 2 * time.Second, Config: ConfigID{1, 2, 3, 4, 5, 6, 7, 8}},
	}
	tokens, err := Sign(ed25519.NewKeyFromSeed(make([]byte, 32)), headers,
		[]*Payload{NewPayload([]byte("low")), NewPayload([]byte("high"))})
	if err != nil {
		t.Fatal(err)
	}
	if want := AppendHeader(nil, tokens[1]); hex.EncodeToString(wire) != hex.EncodeToString(want) {
		t.Errorf("the documentation has\n%x\nthe package writes\n%x", wire, want)
	}
}

func BenchmarkSign(b *testing.B) {
	tokens := testSlot(b, 4, 250_000, ConfigID{1})
	headers := make([]Header, len(tokens))
	payloads := make([]*Payload, len(tokens))
	for i, t := range tokens {
		headers[i], payloads[i] = t.Header, t.Payload
	}
	for b.Loop() {
		if _, err := Sign(testKey, headers, payloads); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(tokens)), "µs/token")
}

func BenchmarkCheckFirst(b *testing.B) {
	tok := typical(b)
	for b.Loop() {
		tok.seen.Store(nil)
		if err := tok.Check(testPublic); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheckAgain(b *testing.B) {
	tok := typical(b)
	for b.Loop() {
		if err := tok.Check(testPublic); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkContentID(b *testing.B) {
	payload := typical(b).Payload.Bytes()
	b.SetBytes(int64(len(payload)))
	for b.Loop() {
		NewPayload(payload)
	}
}

func BenchmarkHeader(b *testing.B) {
	tok := typical(b)
	b.Run("append", func(b *testing.B) {
		wire := make([]byte, 0, MaxHeaderSize)
		for b.Loop() {
			wire = AppendHeader(wire[:0], tok)
		}
		b.ReportMetric(float64(len(wire)), "header-bytes")
	})
	b.Run("parse", func(b *testing.B) {
		wire := AppendHeader(nil, tok)
		for b.Loop() {
			if _, _, err := ParseHeader(wire); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(wire)), "header-bytes")
	})
	b.Run("json", func(b *testing.B) {
		var wire []byte
		for b.Loop() {
			wire = asJSON(b, tok)
		}
		b.ReportMetric(float64(len(wire)), "header-bytes")
	})
	b.Run("tagged", func(b *testing.B) {
		var wire []byte
		for b.Loop() {
			wire = asTagged(tok)
		}
		b.ReportMetric(float64(len(wire)), "header-bytes")
	})
}
