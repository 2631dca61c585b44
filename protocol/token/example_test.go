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

// A viewer checks a part of a segment before the rest is there.
func ExamplePayload_Prove() {
	payload := token.NewPayload(make([]byte, 100_000))
	proof, err := payload.Prove(20_000, 40_000)
	if err != nil {
		fmt.Println(err)
		return
	}
	part := append([]byte(nil), payload.Bytes()[proof.From:proof.To]...)
	fmt.Printf("bytes %d to %d, %d of proof\n", proof.From, proof.To, len(token.AppendRangeProof(nil, &proof)))
	fmt.Println("as published:", proof.Check(payload.ID(), 100_000, part))
	part[7]++
	fmt.Println("corrupted:", errors.Is(proof.Check(payload.ID(), 100_000, part), token.ErrContent))
	// Output:
	// bytes 16384 to 49152, 98 of proof
	// as published: <nil>
	// corrupted: true
}

// A publisher appends each slot to the manifest of its stream. Who keeps all of
// it proves single segments under a head.
func ExampleArchive() {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	archive := token.NewArchive(7)
	var last *token.Token
	for seq := range uint32(5) {
		tokens, err := token.Sign(key, []token.Header{{Stream: 7, Seq: seq}}, []*token.Payload{token.NewPayload([]byte{byte(seq)})})
		if err != nil {
			fmt.Println(err)
			return
		}
		last = tokens[0]
		root, _ := last.Root()
		facts := []token.Facts{{Lost: seq % 2}}
		if err := archive.Append(&token.Entry{Seq: seq, Root: root, Facts: facts}); err != nil {
			fmt.Println(err)
			return
		}
	}
	head := archive.Head(key)
	proof, err := archive.Prove(4, head.Size)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(head.Check(key.Public().(ed25519.PublicKey)), proof.Check(head, last), "lost:", proof.Entry.Facts[0].Lost)
	proof.Entry.Facts[0].Lost = 1
	fmt.Println("another fact:", errors.Is(proof.Check(head, last), token.ErrManifest))
	// Output:
	// <nil> <nil> lost: 0
	// another fact: true
}
