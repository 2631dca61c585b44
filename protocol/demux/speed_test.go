package demux

import (
	"strings"
	"testing"
)

// benchRead measures reading file, and says what 100 MB would take.
func benchRead(b *testing.B, file []byte) {
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		Read(file, func(m *Movie) {
			for _, t := range m.Tracks {
				t.Take(len(t.Samples))
			}
		})
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)*1e8/float64(len(file)), "ms/100MB")
}

// Pictures of 20 Mbit/s, a key in fifty, for twenty seconds.
const benchPictures, pictureSize = 500, 100_000

func BenchmarkMatroska(b *testing.B) {
	unit := string(chain(avcP + strings.Repeat("x", pictureSize)))
	body := cat(mkvFront, elOpen(idSegment, mkvInfo, el(idTracks, mkvEntry(1, 1, "V_MPEG4/ISO/AVC", elText(idPrivate, avcBox)), mkvAudio)))
	for i := range benchPictures {
		if i%50 == 0 {
			body = append(body, elOpen(idCluster, elNum(idTime, byte(i*40>>8), byte(i*40)))...)
		}
		body = append(body, el(idSimpleBlock, mkvBlock(1, int16(i%50*40), 0, unit))...)
		body = append(body, el(idSimpleBlock, mkvBlock(2, int16(i%50*40), 0x80, mp3Sound))...)
	}
	benchRead(b, body)
}

func BenchmarkOgg(b *testing.B) {
	w := oggWriter{}
	file := cat(w.page(2, 0, vp8Head), w.page(0, 0, "OVP80\x02 "))
	part := strings.Repeat("x", 255*255)
	for i := range benchPictures {
		file = append(file, w.page(0, -1, vp8Inter[:3]+part[3:]+"...")...)
		file = append(file, w.page(1, int64(i+1)<<32|3<<30, part[:pictureSize-len(part)])...)
	}
	benchRead(b, file)
}

func BenchmarkIVF(b *testing.B) {
	file := ivfHead("VP80", 25, 1)
	for i := range benchPictures {
		file = append(file, ivfOf(uint64(i), vp8Inter+strings.Repeat("x", pictureSize))...)
	}
	benchRead(b, file)
}

func BenchmarkOBU(b *testing.B) {
	var file []byte
	for range benchPictures {
		frame := obu{head: []byte{obuFrame << 3}, body: append([]byte{0x30}, make([]byte, pictureSize)...)}
		file = frame.append(append(file, delimiter...))
	}
	benchRead(b, file)
}
