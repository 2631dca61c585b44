package token

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"kinetoscope/internal/unit"
)

var testSecret = Secret{1, 2, 3}

// sealedToken is a signed token of one rendition with p sealed in it.
func sealedToken(tb testing.TB, s *Secret, h Header, p *Payload) *Token {
	tb.Helper()
	h, sealed, err := SealPayload(s, h, p)
	if err != nil {
		tb.Fatal(err)
	}
	tokens, err := Sign(testKey, []Header{h}, []*Payload{sealed})
	if err != nil {
		tb.Fatal(err)
	}
	return tokens[0]
}

func TestOnlyTheKeyOpens(t *testing.T) {
	for _, size := range []int{1, 15, 16, 17, pieceSize, 100_000} {
		p := testPayload(size)
		tok := sealedToken(t, &testSecret, Header{Stream: 7, Seq: 3}, p)
		if tok.Flags&Sealed == 0 || tok.Size != unit.Size(size+SealOverhead) || bytes.Contains(tok.Payload.Bytes(), p.Bytes()[size/2:]) && size > 16 {
			t.Fatalf("%d bytes: %+v", size, tok.Header)
		}
		if err := tok.Check(testPublic); err != nil {
			t.Fatalf("who has no key cannot check: %v", err)
		}
		key := testSecret.TokenKey(7, 3, 0)
		open, err := tok.Open(&key)
		if err != nil || open.ID() != p.ID() || !bytes.Equal(open.Bytes(), p.Bytes()) {
			t.Fatalf("%d bytes: %v", size, err)
		}
		other := Secret{1, 2, 4}
		for _, wrong := range []TokenKey{{}, testSecret.TokenKey(8, 3, 0), testSecret.TokenKey(7, 2, 0),
			testSecret.TokenKey(7, 3, 1), other.TokenKey(7, 3, 0)} {
			if open, err := tok.Open(&wrong); !errors.Is(err, ErrKey) || open != nil {
				t.Fatalf("a wrong key opens: %v", err)
			}
		}
	}
}

func TestEveryBitOfASealedPayloadCounts(t *testing.T) {
	tok := sealedToken(t, &testSecret, Header{Stream: 7, Seq: 3}, NewPayload([]byte("ten seconds")))
	key := testSecret.TokenKey(7, 3, 0)
	for bit := range 8 * tok.Payload.Len() {
		if _, err := tok.With(tok.Payload.Flip(bit)).Open(&key); !errors.Is(err, ErrKey) {
			t.Errorf("bit %d of byte %d: %v", bit%8, bit/8, err)
		}
	}
	for n := range tok.Payload.Len() {
		if _, err := tok.With(NewPayload(slices.Clone(tok.Payload.Bytes()[:n]))).Open(&key); !errors.Is(err, ErrKey) {
			t.Errorf("cut to %d bytes: %v", n, err)
		}
	}
	plain := *testSlot(t, 1, 200, ConfigID{})[0].With(tok.Payload)
	if _, err := plain.Open(&key); !errors.Is(err, ErrKey) {
		t.Errorf("a token that does not say so: %v", err)
	}
	if _, err := tok.With(nil).Open(&key); !errors.Is(err, ErrKey) {
		t.Errorf("no payload: %v", err)
	}
}

// Sealing repeats, and whatever differs in what is sealed, where or by whom
// gives other bytes; a place that is sealed twice has two nonces.
func TestSealingRepeatsAndNeverReusesANonce(t *testing.T) {
	high, low := testPayload(1000), testPayload(999)
	other := Secret{9}
	base := sealedToken(t, &testSecret, Header{Stream: 7, Seq: 3}, high).Payload
	if again := sealedToken(t, &testSecret, Header{Stream: 7, Seq: 3}, high).Payload; again.ID() != base.ID() {
		t.Error("the same payload at the same place has another content id")
	}
	tests := []struct {
		name string
		tok  *Token
	}{
		{"another payload", sealedToken(t, &testSecret, Header{Stream: 7, Seq: 3}, low)},
		{"another publisher", sealedToken(t, &other, Header{Stream: 7, Seq: 3}, high)},
		{"another slot", sealedToken(t, &testSecret, Header{Stream: 7, Seq: 4}, high)},
		{"another stream", sealedToken(t, &testSecret, Header{Stream: 8, Seq: 3}, high)},
	}
	nonce := func(p *Payload) []byte { return p.Bytes()[32:44] }
	for _, test := range tests {
		if test.tok.Payload.ID() == base.ID() || bytes.Equal(nonce(test.tok.Payload), nonce(base)) {
			t.Errorf("%s: the same content id or nonce", test.name)
		}
	}
	if testSecret.TokenKey(7, 3, 0) == testSecret.TokenKey(7, 3, 1) {
		t.Error("two renditions have one key")
	}
}

// A part of a sealed payload is checked before anybody has paid for the key.
func TestSealedRangesAreProved(t *testing.T) {
	tok := sealedToken(t, &testSecret, Header{Stream: 7, Seq: 3}, testPayload(100_000))
	proof, err := tok.Payload.Prove(0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := proof.Check(tok.Content, tok.Size, tok.Payload.Bytes()[:proof.To]); err != nil {
		t.Error(err)
	}
}

func TestSealRefuses(t *testing.T) {
	for _, test := range []struct {
		h    Header
		p    *Payload
		want string
	}{
		{Header{Seq: 3, Flags: Sealed}, testPayload(5), "slot 3, rendition 0 is sealed already"},
		{Header{}, NewPayload(nil), "sealing 0 bytes: allowed are 1 to 67108804"},
		{Header{}, NewPayload(make([]byte, MaxSize-SealOverhead+1)), "sealing 67108805 bytes"},
	} {
		if _, p, err := SealPayload(&testSecret, test.h, test.p); err == nil || p != nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("got %v, want it to say %q", err, test.want)
		}
	}
}

// The two ciphers that the standard documents know, at the sizes of segments
// of 2 s at 1.5, 6 and 16 Mbit/s, and what sealing takes in all.
func BenchmarkSealing(b *testing.B) {
	key := testSecret.TokenKey(7, 3, 0)
	chacha, err := chacha20poly1305.New(key[:])
	if err != nil {
		b.Fatal(err)
	}
	var nonce [nonceSize]byte
	for _, size := range []int{375_000, 1_500_000, 4_000_000} {
		p := testPayload(size)
		to := make([]byte, 0, size+SealOverhead)
		run := func(name string, f func()) {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.SetBytes(int64(size))
				for b.Loop() {
					f()
				}
			})
		}
		run("aes-256-gcm", func() { key.cipher().Seal(to, nonce[:], p.Bytes(), nil) })
		run("chacha20-poly1305", func() { chacha.Seal(to, nonce[:], p.Bytes(), nil) })
		run("seal-payload", func() {
			if _, _, err := SealPayload(&testSecret, Header{Stream: 7, Seq: 3}, p); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func FuzzOpen(f *testing.F) {
	tok := sealedToken(f, &testSecret, Header{Stream: 7, Seq: 3}, NewPayload([]byte("ten seconds")))
	right := testSecret.TokenKey(7, 3, 0)
	f.Add(tok.Payload.Bytes(), right[:])
	f.Add(tok.Payload.Bytes()[:SealOverhead], right[:])
	f.Add([]byte{}, right[:1])
	f.Fuzz(func(t *testing.T, b, k []byte) {
		var key TokenKey
		copy(key[:], k)
		open, err := tok.With(NewPayload(b)).Open(&key)
		ok := key == right && bytes.Equal(b, tok.Payload.Bytes())
		if (err == nil) != ok || err != nil && !errors.Is(err, ErrKey) {
			t.Fatalf("%v, %v", open, err)
		}
	})
}
