package token

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"google.golang.org/protobuf/encoding/protowire"
)

// facts is what a header says, as one would hand it to an encoder: hashes as
// bytes, absent facts left out.
type facts struct {
	Version    int      `json:"version" cbor:"1,keyasint"`
	Stream     uint64   `json:"stream" cbor:"2,keyasint"`
	Seq        uint32   `json:"seq" cbor:"3,keyasint"`
	Rendition  uint8    `json:"rendition" cbor:"4,keyasint,omitempty"`
	Renditions uint8    `json:"renditions" cbor:"5,keyasint"`
	Flags      uint8    `json:"flags" cbor:"6,keyasint,omitempty"`
	DurationUS int64    `json:"duration_us" cbor:"7,keyasint,omitempty"`
	Size       int64    `json:"size" cbor:"8,keyasint"`
	Config     []byte   `json:"config,omitempty" cbor:"9,keyasint,omitempty"`
	Content    []byte   `json:"content" cbor:"10,keyasint"`
	Proof      [][]byte `json:"proof,omitempty" cbor:"11,keyasint,omitempty"`
	Sig        []byte   `json:"sig" cbor:"12,keyasint"`
}

func factsOf(t *Token) facts {
	f := facts{Version: version, Stream: t.Stream, Seq: t.Seq, Rendition: t.Rendition, Renditions: t.Renditions,
		Flags: uint8(t.Flags), DurationUS: t.Duration.Microseconds(), Size: int64(t.Size),
		Content: t.Content[:], Sig: t.Sig[:]}
	if t.Config != (ConfigID{}) {
		f.Config = t.Config[:]
	}
	for i := range t.Proof {
		f.Proof = append(f.Proof, t.Proof[i][:])
	}
	return f
}

// tuple is facts without names: what CBOR writes shortest. Nothing can be left
// out of it or added to it later.
type tuple struct {
	_ struct{} `cbor:",toarray"`
	facts
}

// protobuf writes the same facts as proto3 does: zero fields left out.
func protobuf(f facts) (b []byte) {
	number := func(field protowire.Number, x uint64) {
		if x != 0 {
			b = protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), x)
		}
	}
	raw := func(field protowire.Number, x []byte) {
		if len(x) != 0 {
			b = protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), x)
		}
	}
	number(1, uint64(f.Version))
	number(2, f.Stream)
	number(3, uint64(f.Seq))
	number(4, uint64(f.Rendition))
	number(5, uint64(f.Renditions))
	number(6, uint64(f.Flags))
	number(7, uint64(f.DurationUS))
	number(8, uint64(f.Size))
	raw(9, f.Config)
	raw(10, f.Content)
	for _, id := range f.Proof {
		raw(11, id)
	}
	raw(12, f.Sig)
	return b
}

// encodings write one header each, ours first.
var encodings = []struct {
	name  string
	write func(*Token) ([]byte, error)
}{
	{"ours", func(t *Token) ([]byte, error) { return AppendHeader(nil, t), nil }},
	{"protobuf", func(t *Token) ([]byte, error) { return protobuf(factsOf(t)), nil }},
	{"cbor", func(t *Token) ([]byte, error) { return cbor.Marshal(factsOf(t)) }},
	{"cbor-tuple", func(t *Token) ([]byte, error) { return cbor.Marshal(tuple{facts: factsOf(t)}) }},
	{"json", func(t *Token) ([]byte, error) { return json.Marshal(factsOf(t)) }},
}

// leanCases are the headers of the table in the documentation.
var leanCases = []struct {
	name       string
	renditions int
	size       int
	config     ConfigID
}{
	{"1 rendition, no config id, 30 bytes", 1, 30, ConfigID{}},
	{"4 renditions, 1 Mbit/s for 2 s", 4, 250_000, ConfigID{1}},
	{"6 renditions, 6 Mbit/s for 2 s", 6, 1_500_000, ConfigID{1}},
	{"64 renditions, 70 kB", 64, 70_000, ConfigID{1}},
}

// No encoding of the same facts is as short as ours, and the documentation has
// the figures.
func TestHeaderIsLean(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/token.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range leanCases {
		tok := testSlot(t, c.renditions, c.size, c.config)[0]
		row := "| " + c.name
		var ours int
		for i, e := range encodings {
			b, err := e.write(tok)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				ours = len(b)
			} else if len(b) <= ours {
				t.Errorf("%s: %s takes %d bytes, ours %d", c.name, e.name, len(b), ours)
			}
			row += fmt.Sprintf(" | %d", len(b))
		}
		if row += " |\n"; !strings.Contains(string(doc), row) {
			t.Errorf("the documentation has no row\n%s", row)
		}
	}
}

func BenchmarkEncoding(b *testing.B) {
	tok := typical(b)
	for _, e := range encodings {
		b.Run(e.name, func(b *testing.B) {
			var wire []byte
			for b.Loop() {
				var err error
				if wire, err = e.write(tok); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(wire)), "B/header")
		})
	}
}

// What a proof takes at most, by the length of its range and of the payload:
// the table in the documentation.
func TestRangeOverhead(t *testing.T) {
	doc, err := os.ReadFile("../../docs/reference/token.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, kib := range []int{16, 64, 256, 1024} {
		row := fmt.Sprintf("| %d KiB", kib)
		for _, size := range []int{375_000, 1_500_000, 4_000_000} {
			p := NewPayload(make([]byte, size))
			n, most := kib<<10, 0
			for from := 0; from+n <= size; from += pieceSize {
				proof, err := p.Prove(from, from+n)
				if err != nil {
					t.Fatal(err)
				}
				most = max(most, len(AppendRangeProof(nil, &proof)))
			}
			if most == 0 {
				row += " | –"
			} else {
				row += fmt.Sprintf(" | %d (%.2f %%)", most, 100*float64(most)/float64(n))
			}
		}
		if row += " |\n"; !strings.Contains(string(doc), row) {
			t.Errorf("the documentation has no row\n%s", row)
		}
	}
}
