package media

import (
	"bytes"
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

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
	for _, name := range clipNames {
		b := clipFile(t, name)
		f := parsed(t, b)
		m, _, why := scan(b)
		if why != "" {
			t.Fatal(why)
		}
		for i, trak := range f.Moov.Traks {
			want := oracle(t, b, f, trak)
			own := m.tracks[i]
			if own.id != trak.Tkhd.TrackID || own.scale != int64(trak.Mdia.Mdhd.Timescale) || len(own.samples) != len(want) {
				t.Fatalf("%s track %d: id %d, scale %d, %d samples, want %d, %d, %d", name, i,
					own.id, own.scale, len(own.samples), trak.Tkhd.TrackID, trak.Mdia.Mdhd.Timescale, len(want))
			}
			start := own.samples[0].dts - int64(want[0].DecodeTime) // the edit list
			for k := range want {
				s, w := &own.samples[k], &want[k]
				nonSync := mp4.DecodeSampleFlags(w.Flags).SampleIsNonSync
				if s.dts-start != int64(w.DecodeTime) || s.cts != w.CompositionTimeOffset || s.dur != w.Dur ||
					s.sync == nonSync || !bytes.Equal(m.bytes(s), w.Data) {
					t.Fatalf("%s track %d sample %d: %+v, want time %d %+v", name, i, k, *s, w.DecodeTime, w.Sample)
				}
			}
		}
	}
}

// twin writes the samples of a progressive file as a fragmented one, with a
// fragment every few samples and a clock that is times faster.
func twin(t testing.TB, b []byte, perFragment int, times uint32) []byte {
	t.Helper()
	f := parsed(t, b)
	init := mp4.CreateEmptyInit()
	init.Moov.Mvhd.Timescale = f.Moov.Mvhd.Timescale
	var all [][]mp4.FullSample
	var ids []uint32
	for _, trak := range f.Moov.Traks {
		kind := map[string]string{"vide": "video", "soun": "audio"}[trak.Mdia.Hdlr.HandlerType]
		own := init.AddEmptyTrack(trak.Mdia.Mdhd.Timescale*times, kind, "und")
		own.Mdia.Minf.Stbl.Stsd = trak.Mdia.Minf.Stbl.Stsd
		own.Mdia.Minf.Stbl.Children[0] = own.Mdia.Minf.Stbl.Stsd
		for i := range trak.Edts.Elst[0].Entries {
			trak.Edts.Elst[0].Entries[i].MediaTime *= int64(times)
		}
		own.AddChild(trak.Edts)
		all = append(all, oracle(t, b, f, trak))
		ids = append(ids, own.Tkhd.TrackID)
	}
	var out bytes.Buffer
	if err := init.Encode(&out); err != nil {
		t.Fatal(err)
	}
	for nr := uint32(1); len(all[0])+len(all[1]) > 0; nr++ {
		g, err := mp4.CreateMultiTrackFragment(nr, ids)
		if err != nil {
			t.Fatal(err)
		}
		for i := range all {
			n := min(perFragment, len(all[i]))
			for _, s := range all[i][:n] {
				s.DecodeTime *= uint64(times)
				s.Dur *= times
				s.CompositionTimeOffset *= int32(times)
				if err := g.AddFullSampleToTrack(s, ids[i]); err != nil {
					t.Fatal(err)
				}
			}
			all[i] = all[i][n:]
		}
		if err := g.Encode(&out); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

// The same samples in another kind of container, cut into other fragments and
// told by another clock, are the same payload bytes.
func TestContainersDoNotShowInPayloads(t *testing.T) {
	for _, name := range []string{"180p.mp4", "360p.mp4"} {
		b := clipFile(t, name)
		want := Tokenize(name, b, 2*time.Second)
		for _, c := range []struct {
			per   int
			times uint32
		}{{50, 1}, {7, 1}, {1, 1}, {33, 7}} {
			got := Tokenize("twin.mp4", twin(t, b, c.per, c.times), 2*time.Second)
			samePayloads(t, name, got, want)
		}
	}
}

func samePayloads(t *testing.T, name string, got, want *Report) {
	t.Helper()
	a, b := got.Rendition, want.Rendition
	if got.Opaque != "" || len(a.Segments) != len(b.Segments) {
		t.Fatalf("%s: %q, %d segments, want %d", name, got.Opaque, len(a.Segments), len(b.Segments))
	}
	if a.ConfigID != b.ConfigID {
		t.Errorf("%s: configuration records differ:\n%x\n%x", name, a.ConfigRecord, b.ConfigRecord)
	}
	for i := range a.Segments {
		if !bytes.Equal(a.Segments[i].Payload, b.Segments[i].Payload) {
			t.Errorf("%s: payload of segment %d differs", name, i)
		}
	}
}

// The same with a remux by ffmpeg, where it is installed.
func TestRemuxByFFmpegDoesNotShow(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("skipped: ffmpeg is not installed; it would remux the clip as a second opinion")
	}
	for _, flags := range []string{"+frag_keyframe+delay_moov", "+faststart"} {
		out := filepath.Join(t.TempDir(), "remux.mp4")
		cmd := exec.Command(ffmpeg, "-nostdin", "-v", "error", "-i", "clip/180p.mp4", "-c", "copy", "-movflags", flags, out)
		if msg, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, msg)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		want := Tokenize("180p.mp4", clipFile(t, "180p.mp4"), 2*time.Second)
		samePayloads(t, flags, Tokenize("remux.mp4", b, 2*time.Second), want)
	}
}

func TestAgreesWithFFprobe(t *testing.T) {
	ffprobe, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Skip("skipped: ffprobe is not installed; it would list the packets of the clip as a second opinion")
	}
	for _, name := range clipNames {
		m, _, _ := scan(clipFile(t, name))
		for i, stream := range []string{"v:0", "a:0"} {
			out, err := exec.Command(ffprobe, "-v", "error", "-select_streams", stream,
				"-show_entries", "packet=dts,size,pos,flags", "-of", "csv=p=0", "clip/"+name).Output()
			if err != nil {
				t.Fatal(err)
			}
			r := csv.NewReader(bytes.NewReader(out))
			r.FieldsPerRecord = -1
			rows, err := r.ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			own := m.tracks[i].samples
			if len(rows) != len(own) {
				t.Fatalf("%s %s: %d samples, ffprobe has %d", name, stream, len(own), len(rows))
			}
			for k, row := range rows {
				s := &own[k]
				if itoa(s.dts) != row[0] || itoa(int64(s.size)) != row[1] || itoa(s.off) != row[2] || (s.key != None) != strings.HasPrefix(row[3], "K") {
					t.Fatalf("%s %s sample %d: %+v, ffprobe says %v", name, stream, k, *s, row)
				}
			}
		}
	}
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
