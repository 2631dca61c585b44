package token

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"kinetoscope/internal/unit"
)

var (
	testKey    = ed25519.NewKeyFromSeed([]byte("0123456789abcdef0123456789abcdef"))
	testPublic = testKey.Public().(ed25519.PublicKey)
)

// testSlot signs a slot of n renditions whose payloads have about size bytes.
func testSlot(tb testing.TB, n, size int, config ConfigID) []*Token {
	tb.Helper()
	draw := rand.New(rand.NewPCG(uint64(n), uint64(size)))
	headers := make([]Header, n)
	payloads := make([]*Payload, n)
	for i := range headers {
		b := make([]byte, size+i)
		for j := range b {
			b[j] = byte(draw.Uint32())
		}
		payloads[i] = NewPayload(b)
		headers[i] = Header{Stream: 0x1234_5678, Seq: 1000, Rendition: uint8(i),
			Flags: Independent, Duration: 2002 * time.Millisecond, Config: config}
	}
	tokens, err := Sign(testKey, headers, payloads)
	if err != nil {
		tb.Fatal(err)
	}
	return tokens
}

func TestSignedTokensHoldAndSurviveTheWire(t *testing.T) {
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 33, MaxRenditions} {
		for _, config := range []ConfigID{{}, {1, 2, 3}} {
			for _, tok := range testSlot(t, n, 50, config) {
				if err := tok.Check(testPublic); err != nil {
					t.Fatalf("%d renditions: %v", n, err)
				}
				wire := Append(nil, tok)
				if got := len(wire) - tok.Payload.Len(); got != tok.HeaderSize() {
					t.Fatalf("HeaderSize says %d, the header has %d bytes", tok.HeaderSize(), got)
				}
				back, err := Parse(wire)
				if err != nil {
					t.Fatal(err)
				}
				if back.Header != tok.Header || back.Sig != tok.Sig || !slices.Equal(back.Proof, tok.Proof) {
					t.Fatalf("parsed %+v, signed %+v", back, tok)
				}
				if err := back.Check(testPublic); err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(Append(nil, back), wire) {
					t.Fatal("appending what was parsed gives other bytes")
				}
			}
		}
	}
}

func TestOneSignaturePerSlot(t *testing.T) {
	tokens := testSlot(t, 4, 50, ConfigID{})
	for _, tok := range tokens {
		if tok.Sig != tokens[0].Sig || tok.Renditions != 4 {
			t.Fatalf("%+v", tok)
		}
	}
}

// Every bit of a token that travels is covered: there is no byte that a peer
// could change unnoticed.
func TestEveryBitCounts(t *testing.T) {
	for _, n := range []int{1, 3, 4} {
		for _, config := range []ConfigID{{}, {9, 8, 7, 6, 5, 4, 3, 2}} {
			tok := testSlot(t, n, 20, config)[n-1]
			wire := Append(nil, tok)
			for bit := range 8 * len(wire) {
				changed := slices.Clone(wire)
				changed[bit/8] ^= 1 << (bit % 8)
				got, err := Parse(changed)
				if err == nil {
					err = got.Check(testPublic)
				}
				if err == nil {
					t.Errorf("%d renditions: bit %d of byte %d can be flipped unnoticed", n, bit%8, bit/8)
				}
			}
		}
	}
}

func TestChangedTokensFailWithTheirError(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Token)
		want   error
	}{
		{"stream", func(t *Token) { t.Stream++ }, ErrSignature},
		{"seq", func(t *Token) { t.Seq++ }, ErrSignature},
		{"rendition", func(t *Token) { t.Rendition = 2 }, ErrSignature},
		{"rendition beyond the slot", func(t *Token) { t.Rendition = 4 }, ErrProof},
		{"renditions", func(t *Token) { t.Renditions = 3 }, ErrSignature},
		{"renditions, another depth", func(t *Token) { t.Renditions = 8 }, ErrProof},
		{"no renditions", func(t *Token) { t.Renditions = 0 }, ErrProof},
		{"flags", func(t *Token) { t.Flags |= Guessed }, ErrSignature},
		{"a flag of the wire's own", func(t *Token) { t.Flags |= configFlag }, ErrProof},
		{"duration", func(t *Token) { t.Duration += time.Microsecond }, ErrSignature},
		{"duration, below the wire's grain", func(t *Token) { t.Duration++ }, ErrProof},
		{"negative duration", func(t *Token) { t.Duration = -t.Duration }, ErrProof},
		{"size", func(t *Token) { t.Size++ }, ErrSize},
		{"config", func(t *Token) { t.Config[7]++ }, ErrSignature},
		{"no config", func(t *Token) { t.Config = ConfigID{} }, ErrSignature},
		{"content", func(t *Token) { t.Content[0]++ }, ErrContent},
		{"proof", func(t *Token) { t.Proof = slices.Clone(t.Proof); t.Proof[1][31] ^= 1 }, ErrSignature},
		{"short proof", func(t *Token) { t.Proof = t.Proof[:1] }, ErrProof},
		{"long proof", func(t *Token) { t.Proof = append(slices.Clip(t.Proof), ID{}) }, ErrProof},
		{"signature", func(t *Token) { t.Sig[40] ^= 1 }, ErrSignature},
		{"no signature", func(t *Token) { t.Sig = [64]byte{} }, ErrSignature},
		{"no payload", func(t *Token) { t.Payload = nil }, ErrContent},
		{"payload", func(t *Token) { t.Payload = t.Payload.Flip(0) }, ErrContent},
		{"shorter payload", func(t *Token) { t.Payload = NewPayload(t.Payload.Bytes()[1:]) }, ErrSize},
		{"size and payload", func(t *Token) {
			t.Payload = NewPayload(t.Payload.Bytes()[1:])
			t.Size, t.Content = unit.Size(t.Payload.Len()), t.Payload.ID()
		}, ErrSignature},
	}
	for _, test := range tests {
		tok := testSlot(t, 4, 30, ConfigID{1})[1]
		if err := tok.Check(testPublic); err != nil {
			t.Fatal(err)
		}
		test.change(tok) // the remembered verdict must not speak for the changed token
		err := tok.Check(testPublic)
		for _, kind := range []error{ErrSignature, ErrProof, ErrSize, ErrContent} {
			if errors.Is(err, kind) != (kind == test.want) {
				t.Errorf("%s: got %v, want %v", test.name, err, test.want)
			}
		}
	}
}

func TestTheKeyDecides(t *testing.T) {
	tok := testSlot(t, 2, 30, ConfigID{})[0]
	other := ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	for range 2 { // the second round is answered from memory
		if err := tok.Check(testPublic); err != nil {
			t.Fatal(err)
		}
		if err := tok.Check(other); !errors.Is(err, ErrSignature) {
			t.Fatalf("a foreign key: %v", err)
		}
		if err := tok.Check(other[:31]); !errors.Is(err, ErrSignature) {
			t.Fatalf("a short key: %v", err)
		}
	}
}

func TestHeaderChecksWithoutPayload(t *testing.T) {
	tok := testSlot(t, 4, 30, ConfigID{})[3]
	wire := AppendHeader([]byte("before"), tok)
	got, n, err := ParseHeader(append(wire, "after"...)[len("before"):])
	if err != nil || n != tok.HeaderSize() {
		t.Fatalf("%d bytes, %v", n, err)
	}
	if err := got.CheckHeader(testPublic); err != nil {
		t.Fatal(err)
	}
	if err := got.Check(testPublic); !errors.Is(err, ErrContent) {
		t.Fatalf("no payload: %v", err)
	}
	whole := got.With(tok.Payload)
	if err := whole.Check(testPublic); err != nil {
		t.Fatal(err)
	}
	if got.Payload != nil {
		t.Fatal("With changed its receiver")
	}
}

func TestCheckFromManyGoroutines(t *testing.T) {
	tok := testSlot(t, 4, 30, ConfigID{})[2]
	other := ed25519.NewKeyFromSeed(make([]byte, 32)).Public().(ed25519.PublicKey)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 50 {
				if i%2 == 0 && tok.Check(testPublic) != nil || i%2 == 1 && tok.Check(other) == nil {
					t.Error("a verdict for another key")
				}
			}
		})
	}
	wg.Wait()
}

func TestCheckingAgainIsFree(t *testing.T) {
	tok := testSlot(t, 4, 30, ConfigID{})[2]
	if n := testing.AllocsPerRun(100, func() {
		if err := tok.Check(testPublic); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations per Check of a checked token", n)
	}
}

func TestSignRefuses(t *testing.T) {
	payload := NewPayload([]byte("p"))
	good := func(i int) Header { return Header{Stream: 1, Seq: 2, Rendition: uint8(i)} }
	with := func(change func(*Header)) []Header {
		h := []Header{good(0), good(1)}
		change(&h[1])
		return h
	}
	tests := []struct {
		headers  []Header
		payloads []*Payload
		want     string
	}{
		{nil, nil, "0 headers"},
		{make([]Header, 65), make([]*Payload, 65), "1 to 64"},
		{[]Header{good(0)}, []*Payload{payload, payload}, "1 headers and 2 payloads"},
		{[]Header{good(0)}, []*Payload{nil}, "header 0 has no payload"},
		{[]Header{good(0)}, []*Payload{NewPayload(nil)}, "a payload of 0B: allowed are 1B to 64MiB"},
		{with(func(h *Header) { h.Stream = 9 }), nil, "stream 9"},
		{with(func(h *Header) { h.Seq = 9 }), nil, "slot 9"},
		{with(func(h *Header) { h.Rendition = 0 }), nil, "rendition 0"},
		{with(func(h *Header) { h.Rendition = 2 }), nil, "rendition 2 of 2"},
		{with(func(h *Header) { h.Flags = 0x48 }), nil, "unknown flags 0x08: known are 0xf7"},
		{with(func(h *Header) { h.Duration = -time.Second }), nil, "a duration of -1s"},
		{with(func(h *Header) { h.Duration = MaxDuration + time.Second }), nil, "0 to 1h0m0s"},
	}
	for _, test := range tests {
		if test.payloads == nil && len(test.headers) == 2 {
			test.payloads = []*Payload{payload, payload}
		}
		_, err := Sign(testKey, test.headers, test.payloads)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want it to say %q", err, test.want)
		}
	}
}

func TestOnlyTheUndecodableIsFree(t *testing.T) {
	for flags := range 256 {
		if got, want := Flags(flags).Billable(), flags/64%2 == 0; got != want {
			t.Errorf("flags %#02x: billable %v, want %v", flags, got, want)
		}
	}
}

func TestSignRoundsTheDuration(t *testing.T) {
	frames := 60 * 1001 * time.Second / 30000 // 2.002 s of NTSC frames
	for _, d := range []time.Duration{0, frames, time.Second / 3, MaxDuration, 1499, 1500} {
		tokens, err := Sign(testKey, []Header{{Duration: d}}, []*Payload{NewPayload([]byte("p"))})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := tokens[0].Duration, d.Round(time.Microsecond); got != want {
			t.Errorf("%v became %v, want %v", d, got, want)
		}
		if err := tokens[0].Check(testPublic); err != nil {
			t.Error(err)
		}
	}
}

func TestTheLargestHeader(t *testing.T) {
	headers := make([]Header, MaxRenditions)
	payloads := make([]*Payload, MaxRenditions)
	for i := range headers {
		headers[i] = Header{Stream: math.MaxUint64, Seq: math.MaxUint32, Rendition: uint8(i),
			Flags: allFlags, Duration: MaxDuration, Config: ConfigID{1}}
		payloads[i] = NewPayload([]byte{byte(i)})
	}
	tokens, err := Sign(testKey, headers, payloads)
	if err != nil {
		t.Fatal(err)
	}
	// A payload of MaxSize would take three more bytes to state its size.
	if got := tokens[0].HeaderSize() + 3; got != MaxHeaderSize {
		t.Errorf("the largest header has %d bytes, MaxHeaderSize is %d", got, MaxHeaderSize)
	}
	if err := tokens[63].Check(testPublic); err != nil {
		t.Error(err)
	}
}

func TestFlip(t *testing.T) {
	p := NewPayload([]byte{0, 0})
	q := p.Flip(9)
	if !bytes.Equal(p.Bytes(), []byte{0, 0}) || !bytes.Equal(q.Bytes(), []byte{0, 2}) || p.ID() == q.ID() {
		t.Errorf("%v and %v", p.Bytes(), q.Bytes())
	}
	if q.Flip(9).ID() != p.ID() {
		t.Error("flipping back gives another payload")
	}
	for _, bit := range []int{-1, 16} {
		func() {
			defer func() {
				if r := recover(); r == nil || !strings.Contains(fmt.Sprint(r), "a payload of 2 bytes") {
					t.Errorf("bit %d: %v", bit, r)
				}
			}()
			p.Flip(bit)
		}()
	}
}
