package token

import "testing"

// typical is the second of four renditions of a slot of 2 s at 1 Mbit/s, well
// into a stream.
func typical(tb testing.TB) *Token {
	return testSlot(tb, 4, 250_000, ConfigID{1, 2, 3, 4, 5, 6, 7, 8})[1]
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
}
