package token_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"time"

	"kinetoscope/protocol/token"
)

// A publisher signs one slot of two renditions; a viewer who knows the
// publisher's key checks what arrives.
func Example() {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	public := key.Public().(ed25519.PublicKey)

	headers := []token.Header{
		{Stream: 7, Seq: 3, Rendition: 0, Flags: token.Independent, Duration: 2 * time.Second},
		{Stream: 7, Seq: 3, Rendition: 1, Flags: token.Independent, Duration: 2 * time.Second},
	}
	payloads := []*token.Payload{
		token.NewPayload([]byte("a small picture")),
		token.NewPayload([]byte("a larger and better picture")),
	}
	tokens, err := token.Sign(key, headers, payloads)
	if err != nil {
		fmt.Println(err)
		return
	}

	wire := token.Append(nil, tokens[1])
	got, err := token.Parse(wire)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("rendition %d of %d: %v of header, %v of payload\n",
		got.Rendition, got.Renditions, got.HeaderSize(), got.Size)
	fmt.Println("as signed:", got.Check(public))

	forged := got.With(got.Payload.Flip(5))
	fmt.Println("one bit changed:", errors.Is(forged.Check(public), token.ErrContent))
	// Output:
	// rendition 1 of 2: 138 of header, 27B of payload
	// as signed: <nil>
	// one bit changed: true
}
