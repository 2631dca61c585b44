package demux

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/asticode/go-astits"
)

// broadcast is a transport stream of so many seconds with pictures of 20 Mbit/s
// and sound of 128 kbit/s.
func broadcast(seconds int) []byte {
	rng := rand.NewChaCha8([32]byte{20})
	random := func(n int) []byte {
		p := make([]byte, n)
		rng.Read(p)
		for i := 2; i < n; i++ {
			if p[i-2] == 0 && p[i-1] == 0 && p[i] < 4 {
				p[i] = 4
			}
		}
		return p
	}
	w := newTSWriter(188)
	for i := range int64(25 * seconds) {
		if i%5 == 0 {
			w.tables("", avcAndAAC...)
		}
		unit, size := avcP, 90_000
		if i%25 == 0 {
			unit, size = avcIDR, 340_000
		}
		p := codedPicture(unit, 0)
		w.pes(0x100, pesPacket{0xe0, 3600*i + 7200, 3600 * i, false, append(p, random(size)...)})
		var sounds []byte
		for range 2 {
			sounds = append(sounds, adts(string(random(340)))...)
		}
		w.pes(0x101, pesPacket{0xc0, 3600 * i, -1, true, sounds})
	}
	return w.b
}

// astitsPES reads a stream with go-astits and returns the payload and stamp of
// each PES packet by identifier.
func astitsPES(tb testing.TB, b []byte, keep bool) (data map[uint16][][]byte, stamps map[uint16][]int64) {
	data, stamps = map[uint16][][]byte{}, map[uint16][]int64{}
	d := astits.NewDemuxer(context.Background(), bytes.NewReader(b))
	for {
		found, err := d.NextData()
		if errors.Is(err, astits.ErrNoMorePackets) {
			return data, stamps
		}
		if err != nil {
			tb.Fatal(err)
		}
		if found.PES == nil || !keep {
			continue
		}
		data[found.PID] = append(data[found.PID], found.PES.Data)
		h := found.PES.Header.OptionalHeader
		t := h.DTS
		if t == nil {
			t = h.PTS
		}
		stamps[found.PID] = append(stamps[found.PID], t.Base)
	}
}

// go-astits sees the same PES packets: one picture in each, two sounds.
func TestTSAgainstAstits(t *testing.T) {
	for what, b := range map[string][]byte{"small": smallTS(188), "broadcast": broadcast(1)} {
		m, _, _ := readAll(b)
		data, stamps := astitsPES(t, b, true)
		v, a := m.Tracks[0], m.Tracks[1]
		if len(data[0x100]) != v.Total() || 2*len(data[0x101]) != a.Total() {
			t.Errorf("%s: %d pictures and %d sounds, go-astits has %d and twice %d", what, v.Total(), a.Total(), len(data[0x100]), len(data[0x101]))
			continue
		}
		for i, s := range v.Samples {
			p := data[0x100][i]
			if s.Time != stamps[0x100][i] || int(s.Size) != len(p) || !bytes.HasSuffix(p, s.Bytes[4:]) {
				t.Errorf("%s: picture %d, %d bytes at %d; go-astits has %d bytes at %d", what, i, s.Size, s.Time, len(p), stamps[0x100][i])
			}
		}
		for i, p := range data[0x101] {
			x, y := a.Samples[2*i], a.Samples[2*i+1]
			if x.Time != stamps[0x101][i] || !bytes.Equal(p[7:7+len(x.Bytes)], x.Bytes) || !bytes.HasSuffix(p, y.Bytes) {
				t.Errorf("%s: sounds %d at %d; go-astits has %x at %d", what, 2*i, x.Time, p, stamps[0x101][i])
			}
		}
	}
}

// BenchmarkTS reads five seconds of 20 Mbit/s up to samples, keys and times;
// go-astits, up to PES packets. ratio is how many times as long that takes.
func BenchmarkTS(b *testing.B) {
	file := broadcast(5)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	var ours, theirs time.Duration
	for b.Loop() {
		start := time.Now()
		Read(file, forget)
		ours += time.Since(start)
		b.StopTimer()
		start = time.Now()
		astitsPES(b, file, false)
		theirs += time.Since(start)
		b.StartTimer()
	}
	b.ReportMetric(theirs.Seconds()/ours.Seconds(), "ratio")
}
