package demux

import (
	"bytes"
	"crypto/sha256"
	"testing"

	"github.com/Eyevinn/mp4ff/mp4"
)

// parsed reads a file with mp4ff, an independent reader.
func parsed(t testing.TB, b []byte) *mp4.File {
	t.Helper()
	f, err := mp4.DecodeFile(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// oracle lists the samples that mp4ff finds in one track, with bytes.
func oracle(t testing.TB, b []byte, f *mp4.File, trak *mp4.TrakBox) []mp4.FullSample {
	t.Helper()
	if f.IsFragmented() {
		var out []mp4.FullSample
		trex, _ := f.Moov.Mvex.GetTrex(trak.Tkhd.TrackID)
		for _, s := range f.Segments {
			for _, g := range s.Fragments {
				full, err := g.GetFullSamples(trex)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, full...)
			}
		}
		return out
	}
	stbl := trak.Mdia.Minf.Stbl
	samples, err := trak.GetSampleData(1, stbl.Stsz.GetNrSamples())
	if err != nil {
		t.Fatal(err)
	}
	out := make([]mp4.FullSample, len(samples))
	for i, s := range samples {
		nr := uint32(i + 1)
		holder, err := stbl.Stsc.GetContainingChunks(nr, nr)
		if err != nil {
			t.Fatal(err)
		}
		off, err := stbl.Stco.GetOffset(int(holder[0].ChunkNr))
		if err != nil {
			t.Fatal(err)
		}
		for k := holder[0].StartSampleNr; k < nr; k++ {
			off += uint64(stbl.Stsz.GetSampleSize(int(k)))
		}
		dts, _ := stbl.Stts.GetDecodeTime(nr)
		out[i] = mp4.FullSample{Sample: s, DecodeTime: dts, Data: b[off : off+uint64(s.Size)]}
	}
	return out
}

func TestAgreesWithMp4ff(t *testing.T) {
	for _, name := range clips {
		b := clip(t, name)
		agreeMp4ff(t, name, b, b)
	}
}

// agreeMp4ff holds what is read from b against what mp4ff reads from like.
func agreeMp4ff(t *testing.T, name string, b, like []byte) {
	t.Helper()
	f := parsed(t, like)
	m := wholly(b)
	for i, trak := range f.Moov.Traks {
		want := oracle(t, like, f, trak)
		own := m.Tracks[i]
		if own.ID != trak.Tkhd.TrackID || own.Scale != int64(trak.Mdia.Mdhd.Timescale) || len(own.Samples) != len(want) {
			t.Fatalf("%s track %d: id %d, scale %d, %d samples, want %d, %d, %d", name, i,
				own.ID, own.Scale, len(own.Samples), trak.Tkhd.TrackID, trak.Mdia.Mdhd.Timescale, len(want))
		}
		start := own.Samples[0].Time - int64(want[0].DecodeTime) // the edit list
		for k := range want {
			s, w := &own.Samples[k], &want[k]
			sync := s.Flags&Sync != 0
			if s.Time-start != int64(w.DecodeTime) || s.Shift != w.CompositionTimeOffset || s.Dur != w.Dur ||
				sync == mp4.DecodeSampleFlags(w.Flags).SampleIsNonSync || !bytes.Equal(b[s.At:s.At+int64(s.Size)], w.Data) {
				t.Fatalf("%s track %d sample %d: %+v, want time %d %+v", name, i, k, *s, w.DecodeTime, w.Sample)
			}
		}
	}
}

// twin writes the samples of a progressive file as a fragmented one, with a
// fragment every few samples.
func twin(t testing.TB, b []byte, perFragment int) []byte {
	t.Helper()
	f := parsed(t, b)
	init := mp4.CreateEmptyInit()
	init.Moov.Mvhd.Timescale = f.Moov.Mvhd.Timescale
	var all [][]mp4.FullSample
	var ids []uint32
	left := 0
	for _, trak := range f.Moov.Traks {
		kind := map[string]string{"vide": "video", "soun": "audio"}[trak.Mdia.Hdlr.HandlerType]
		own := init.AddEmptyTrack(trak.Mdia.Mdhd.Timescale, kind, "und")
		own.Mdia.Minf.Stbl.Stsd = trak.Mdia.Minf.Stbl.Stsd
		own.Mdia.Minf.Stbl.Children[0] = own.Mdia.Minf.Stbl.Stsd
		if trak.Edts != nil {
			own.AddChild(trak.Edts)
		}
		all = append(all, oracle(t, b, f, trak))
		ids = append(ids, own.Tkhd.TrackID)
		left += len(all[len(all)-1])
	}
	var out bytes.Buffer
	if err := init.Encode(&out); err != nil {
		t.Fatal(err)
	}
	for nr := uint32(1); left > 0; nr++ {
		g, err := mp4.CreateMultiTrackFragment(nr, ids)
		if err != nil {
			t.Fatal(err)
		}
		for i := range all {
			n := min(perFragment, len(all[i]))
			for _, s := range all[i][:n] {
				if err := g.AddFullSampleToTrack(s, ids[i]); err != nil {
					t.Fatal(err)
				}
			}
			all[i] = all[i][n:]
			left -= n
		}
		if err := g.Encode(&out); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// What mp4ff writes is read as mp4ff reads it, and is the same film.
func TestFragmentsOfMp4ff(t *testing.T) {
	for _, name := range []string{"180p.mp4", "360p.mp4"} {
		b := clip(t, name)
		whole := wholly(b)
		for _, per := range []int{1, 7, 50} {
			x := twin(t, b, per)
			agreeMp4ff(t, name, x, x)
			alike(t, name, x, 4096, 0)
			m := wholly(x)
			for i, tr := range m.Tracks {
				for k := range tr.Samples {
					if s, w := &tr.Samples[k], &whole.Tracks[i].Samples[k]; s.Time != w.Time || s.Key != w.Key || !bytes.Equal(s.Bytes, w.Bytes) || !same(s.Codec, w.Codec) {
						t.Fatalf("%s by %d, track %d sample %d: %+v, want %+v", name, per, i, k, *s, *w)
					}
				}
			}
		}
	}
}

// largeMP4 is a minute at 4 Mbit/s: 1500 pictures of 20 kB, every 50th a key.
func largeMP4() []byte {
	const n, size, every = 1500, 20_000, 50
	body := make([]byte, size-20)
	for i := range body {
		body[i] = byte(i*i>>3) | 1
	}
	key, other := chain(avcIDR, string(body)), chain(avcP, string(body))
	body[0] &= 0x1f
	r := reel{id: 1, scale: 25, kind: "vide", entries: visual(160, 4)}
	var sizes, syncs []uint32
	for i := range n {
		p := other
		if i%every == 0 {
			p = key
			syncs = append(syncs, uint32(i+1))
		}
		sizes = append(sizes, uint32(len(p)))
		if i%25 == 0 {
			r.chunks = append(r.chunks, nil)
		}
		last := &r.chunks[len(r.chunks)-1]
		*last = append(*last, p...)
	}
	r.tables = cat(stts(n, 1), stsc(25), stsz(sizes...), boxed("stss", num(0, uint32(len(syncs))), num(syncs...)))
	return film(true, r)
}

// Reading costs little beside hashing: compare the MB/s of these.
func BenchmarkMP4(b *testing.B) {
	file := largeMP4()
	parts := twin(b, file, 25)
	for _, c := range []struct {
		name string
		do   func()
		size int
	}{
		{"progressive", func() { Read(file, forget) }, len(file)},
		{"fragmented", func() { Read(parts, forget) }, len(parts)},
		{"progressive, by 64 KiB", func() { streamed(file, 64<<10) }, len(file)},
		{"fragmented, by 64 KiB", func() { streamed(parts, 64<<10) }, len(parts)},
		{"sha256", func() { sha256.Sum256(file) }, len(file)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(c.size))
			b.ReportAllocs()
			for b.Loop() {
				c.do()
			}
		})
	}
}

func forget(m *Movie) {
	for _, t := range m.Tracks {
		t.Take(len(t.Samples))
	}
}

func streamed(b []byte, n int) {
	d := New()
	for ; len(b) > 0; b = b[min(n, len(b)):] {
		for d.Feed(b[:min(n, len(b))]); d.Step(); {
			forget(d.Movie())
		}
	}
	for d.Close(); !d.Done(); {
		d.Step()
		forget(d.Movie())
	}
}
