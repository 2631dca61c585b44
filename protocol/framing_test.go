package protocol

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/fxamacker/cbor/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/token"
)

// facts is what a header says, as one would give it to an encoder. Real
// encoders of each form are the judges of what sizer adds up.
type facts struct {
	Version    uint64   `json:"version,omitempty" cbor:"1,keyasint,omitempty"`
	Stream     uint64   `json:"stream,omitempty" cbor:"2,keyasint,omitempty"`
	Seq        uint64   `json:"seq,omitempty" cbor:"3,keyasint,omitempty"`
	Rendition  uint64   `json:"rendition,omitempty" cbor:"4,keyasint,omitempty"`
	Renditions uint64   `json:"renditions,omitempty" cbor:"5,keyasint,omitempty"`
	Flags      uint64   `json:"flags,omitempty" cbor:"6,keyasint,omitempty"`
	Duration   uint64   `json:"duration_us,omitempty" cbor:"7,keyasint,omitempty"`
	Size       uint64   `json:"size,omitempty" cbor:"8,keyasint,omitempty"`
	Fragment   uint64   `json:"fragment,omitempty" cbor:"9,keyasint,omitempty"`
	Index      uint64   `json:"index,omitempty" cbor:"10,keyasint,omitempty"`
	Config     []byte   `json:"config,omitempty" cbor:"11,keyasint,omitempty"`
	Content    []byte   `json:"content,omitempty" cbor:"12,keyasint,omitempty"`
	Hashes     [][]byte `json:"hashes,omitempty" cbor:"13,keyasint,omitempty"`
	Path       [][]byte `json:"path,omitempty" cbor:"14,keyasint,omitempty"`
	Sig        []byte   `json:"sig,omitempty" cbor:"15,keyasint,omitempty"`
}

func encoders(t *testing.T) map[Encoding]func(facts) []byte {
	message := description(t)
	return map[Encoding]func(facts) []byte{
		JSON: func(f facts) []byte { return must(t)(json.Marshal(f)) },
		CBOR: func(f facts) []byte { return must(t)(cbor.Marshal(f)) },
		Protobuf: func(f facts) []byte {
			m := dynamicpb.NewMessage(message)
			v := reflect.ValueOf(f)
			for i := range v.NumField() {
				field := message.Fields().Get(i)
				switch x := v.Field(i).Interface().(type) {
				case uint64:
					m.Set(field, protoreflect.ValueOfUint64(x))
				case []byte:
					m.Set(field, protoreflect.ValueOfBytes(x))
				case [][]byte:
					list := m.Mutable(field).List()
					for _, b := range x {
						list.Append(protoreflect.ValueOfBytes(b))
					}
				}
			}
			return must(t)(proto.Marshal(m))
		},
	}
}

func must(t *testing.T) func([]byte, error) []byte {
	return func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

// description is facts as a proto3 message: the order of the fields is their
// number.
func description(t *testing.T) protoreflect.MessageDescriptor {
	m := &descriptorpb.DescriptorProto{Name: proto.String("Header")}
	for i, f := range reflect.VisibleFields(reflect.TypeFor[facts]()) {
		kind, label := descriptorpb.FieldDescriptorProto_TYPE_BYTES, descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL
		if f.Type.Kind() == reflect.Uint64 {
			kind = descriptorpb.FieldDescriptorProto_TYPE_UINT64
		}
		if f.Type == reflect.TypeFor[[][]byte]() {
			label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED
		}
		m.Field = append(m.Field, &descriptorpb.FieldDescriptorProto{Name: proto.String(strings.ToLower(f.Name)),
			Number: proto.Int32(int32(i + 1)), Type: &kind, Label: &label})
	}
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{Name: proto.String("header.proto"),
		Syntax: proto.String("proto3"), MessageType: []*descriptorpb.DescriptorProto{m}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return file.Messages().Get(0)
}

// sealedSlot is a slot of n renditions; the first has the given payload bytes.
func sealedSlot(t testing.TB, n, size int, stream uint64, seq uint32, config token.ConfigID) []*token.Token {
	headers := make([]token.Header, n)
	payloads := make([]*token.Payload, n)
	for i := range headers {
		headers[i] = token.Header{Stream: stream, Seq: seq, Rendition: uint8(i), Flags: token.Independent,
			Duration: 2002 * time.Millisecond, Config: config}
		payloads[i] = token.NewPayload(make([]byte, size+i))
	}
	tokens, err := token.Sign(ed25519.NewKeyFromSeed(make([]byte, 32)), headers, payloads)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func hashes(n int) (list [][]byte) {
	for range n {
		list = append(list, bytes.Repeat([]byte{0xff}, 32))
	}
	return list
}

// segment is the facts of a segment's header; fragments is 0 if it is not cut.
func segment(c TokenConfig, t *token.Token, fragments int) facts {
	f := facts{Version: 1, Stream: t.Stream, Seq: uint64(t.Seq), Rendition: uint64(t.Rendition),
		Renditions: uint64(t.Renditions), Flags: uint64(t.Flags), Duration: uint64(t.Duration.Microseconds()),
		Size: uint64(t.Size), Content: t.Content[:], Sig: t.Sig[:]}
	if t.Config != (token.ConfigID{}) {
		f.Config = t.Config[:]
	}
	if c.Proof != BySignature {
		f.Path = hashes(len(t.Proof))
	}
	if fragments > 0 {
		f.Fragment = uint64(c.Fragment)
		if c.Proof == ByList {
			f.Hashes = hashes(fragments)
		}
	}
	return f
}

func fragment(c TokenConfig, t *token.Token, i, count int) facts {
	f := facts{Version: 1, Stream: t.Stream, Seq: uint64(t.Seq), Rendition: uint64(t.Rendition), Index: uint64(i)}
	switch c.Proof {
	case ByPath:
		f.Path = hashes(steps(i, count))
	case BySignature:
		f.Sig = t.Sig[:]
	}
	return f
}

// What headers adds up is what real encoders write.
func TestHeaderSizesAreThoseOfRealEncoders(t *testing.T) {
	encode := encoders(t)
	for _, tok := range []*token.Token{
		sealedSlot(t, 4, 250_000, 0x1234_5678_9abc_def0, 1000, token.ConfigID{1})[1],
		sealedSlot(t, 1, 3, 7, 0, token.ConfigID{})[0],
		sealedSlot(t, 64, 70_000, math.MaxUint64, math.MaxUint32, token.ConfigID{9})[63],
		sealedSlot(t, 30, 5_000_000, 300, 70_000, token.ConfigID{9})[29],
	} {
		for enc, write := range encode {
			for _, proof := range []Proof{ByPath, ByList, BySignature} {
				for _, cut := range []unit.Size{0, 4 << 10, 64 << 10, 1 << 20} {
					c := TokenConfig{Encoding: enc, Proof: proof, Fragment: cut}
					count := c.fragments(tok.Payload.Len())
					want := len(write(segment(c, tok, 0)))
					if count > 1 {
						want = len(write(segment(c, tok, count)))
						for i := range count {
							want += len(write(fragment(c, tok, i, count)))
						}
					}
					if got := c.headers(tok, tok.Payload.Len()); got != want {
						t.Errorf("%v by %v, %d fragments of %v: %d bytes, encoders write %d", enc, proof, count, cut, got, want)
					}
				}
			}
		}
	}
}

// The binary form of a header that is not cut is the one that is executed.
func TestBinaryHeadersAreTheExecutedOnes(t *testing.T) {
	for _, n := range []int{1, 2, 5, 64} {
		for _, config := range []token.ConfigID{{}, {1}} {
			for _, tok := range sealedSlot(t, n, 100, 1<<40, 1000, config) {
				c := DefaultTokens()
				if got, want := c.segmentHeader(tok, 0), tok.HeaderSize(); got != want || c.headers(tok, 100) != want {
					t.Fatalf("rendition %d of %d: %d bytes, executed are %d", tok.Rendition, n, got, want)
				}
			}
		}
	}
}

// A path of the slot's tree has as many steps as package token gives it.
func TestStepsAreThoseOfTheTree(t *testing.T) {
	for n := 1; n <= token.MaxRenditions; n++ {
		for i, tok := range sealedSlot(t, n, 10, 7, 1, token.ConfigID{}) {
			if got := steps(i, n); got != len(tok.Proof) {
				t.Fatalf("leaf %d of %d: %d steps, the token has %d", i, n, got, len(tok.Proof))
			}
		}
	}
}

// An assumed header is there once for each fragment, and nothing else changes.
func TestWireIsPayloadAndHeaders(t *testing.T) {
	tok := sealedSlot(t, 2, 200_000, 7, 1, token.ConfigID{})[0]
	give := Message{Kind: Give, Seq: 1, Token: tok}
	part := Message{Kind: Part, Seq: 1, Token: tok, Bytes: make([]byte, 50_000)}
	have := Message{Kind: Have, Seq: 1}
	for _, c := range []struct {
		fragment, header unit.Size
		gives, parts     unit.Size // header bytes
	}{
		{0, 0, unit.Size(tok.HeaderSize()), unit.Size(tok.HeaderSize())},
		{0, 32, 32, 32},
		{4 << 10, 32, 49 * 32, 13 * 32},
		{64 << 10, 1 << 10, 4 << 10, 1 << 10},
		{1 << 20, 4 << 10, 4 << 10, 4 << 10},
	} {
		s := &Stream{Tokens: TokenConfig{Fragment: c.fragment, Header: c.header, Encoding: Binary, Proof: ByPath}}
		bare := func(m *Message) unit.Size { return m.Size() - m.HeaderBytes() }
		if got, headers := s.Wire(&give); got != bare(&give)+c.gives || headers != c.gives {
			t.Errorf("%v of %v: a token takes %v, of it headers %v, want %v", c.header, c.fragment, got, headers, c.gives)
		}
		if got, headers := s.Wire(&part); got != bare(&part)+c.parts || headers != c.parts {
			t.Errorf("%v of %v: a shard takes %v, of it headers %v, want %v", c.header, c.fragment, got, headers, c.parts)
		}
		if got, headers := s.Wire(&have); got != have.Size() || headers != 0 {
			t.Error("an announcement has no header")
		}
	}
}

// The table of the documentation is what headers adds up, for a segment of four
// renditions with a config id.
func TestTableOfHeadersInTheDocumentation(t *testing.T) {
	doc, err := os.ReadFile("../docs/explanation/headers.md")
	if err != nil {
		t.Fatal(err)
	}
	const size = 250_000
	tok := sealedSlot(t, 4, size, 0x1234_5678, 1000, token.ConfigID{1})[1]
	for _, enc := range []Encoding{Binary, CBOR, Protobuf, JSON} {
		row := fmt.Sprintf("| %s | %d |", enc, (&TokenConfig{Encoding: enc, Proof: ByPath}).headers(tok, size))
		for _, proof := range []Proof{ByPath, ByList, BySignature} {
			row += fmt.Sprintf(" %d |", (&TokenConfig{Encoding: enc, Proof: proof, Fragment: 16 << 10}).headers(tok, size))
		}
		if !bytes.Contains(doc, []byte(row+"\n")) {
			t.Errorf("docs/explanation/headers.md lacks the row\n%s", row)
		}
	}
}
