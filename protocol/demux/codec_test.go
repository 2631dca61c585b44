package demux

import (
	"bytes"
	"fmt"
	"testing"
)

func TestCodecStrings(t *testing.T) {
	hvcC := make([]byte, 23)
	copy(hvcC, "\x01\x01\x60\x00\x00\x00\xb0\x00\x00\x00\x00\x00\x5d")
	hvcC[21] = 0xf1
	main10 := bytes.Clone(hvcC)
	copy(main10, "\x01\x62\x20\x00\x00\x00\x90\x00\x00\x00\x00\x01\x78")
	for _, c := range []struct {
		code, box, body string
		want            string
		prefix          int
	}{
		{"avc1", "avcC", "\x01\x64\x00\x1f\xff\xe0\x00", "avc1.64001f", 4},
		{"avc3", "avcC", "\x01\x42\xc0\x1e\xfd\xe0\x00", "avc1.42c01e", 2},
		{"hvc1", "hvcC", string(hvcC), "hvc1.1.6.L93.B0", 2},
		{"hev1", "hvcC", string(main10), "hvc1.A2.4.H120.90.0.0.0.0.1", 2},
		{"av01", "av1C", "\x81\x04\x0c\x00", "av01.0.04M.08", 0},
		{"av01", "av1C", "\x81\x28\xc0\x00", "av01.1.08H.10", 0},
		{"av01", "av1C", "\x81\x4d\x60\x00", "av01.2.13M.12", 0},
		{"vp09", "vpcC", "\x01\x00\x00\x00\x02\x1f\xa2\x02", "vp09.02.31.10", 0},
		{"vvc1", "vvcC", "\x00\x00\x00\x00\xff", "vvc1", 4},
		{"mp4a", "esds", esds(0x40, "\x12\x10"), "mp4a.40.2", 0},
		{"mp4a", "esds", esds(0x40, "\xf8\xe4\x00"), "mp4a.40.39", 0},
		{"mp4a", "esds", esds(0x6b, ""), "mp4a.6b", 0},
		{"mp4v", "esds", esds(0x20, "\x00\x00\x01\xb0\x09\x00"), "mp4v.20.9", 0},
		{"Opus", "dOps", "\x00\x02", "opus", 0},
		{"fLaC", "dfLa", "\x00\x00\x00\x00", "flac", 0},
		{"ac-3", "dac3", "\x10\x3d\x40", "ac-3", 0},
	} {
		got := Codec{family: familyOf(c.code)}
		if !got.describe(c.code, c.box, []byte(c.body)) || got.Name != c.want || got.prefix != c.prefix {
			t.Errorf("%s %s: %q, prefix %d, want %q, %d", c.code, c.box, got.Name, got.prefix, c.want, c.prefix)
		}
	}
}

// esds builds an elementary stream descriptor with object type and record.
func esds(object byte, record string) string {
	own := "\x05" + string(rune(len(record))) + record
	conf := "\x04\x80\x80\x80" + string(rune(13+len(own))) + string([]byte{object}) + string(make([]byte, 12)) + own
	es := "\x00\x01\x00" + conf
	return "\x00\x00\x00\x00\x03" + string(rune(len(es))) + es
}

// A cut record is refused, at every length, and nothing reads beyond it.
func TestCutRecords(t *testing.T) {
	for _, box := range []string{"avcC", "hvcC", "vvcC", "av1C", "vpcC", "esds"} {
		full := []byte(esds(0x40, "\x12\x10\x56\xe5\x00"))
		for n := range full {
			var c Codec
			c.describe("mp4a", box, full[:n:n])
		}
	}
}

func TestAudioConfig(t *testing.T) {
	for in, want := range map[string][3]int{
		"\x11\x88":                     {2, 48000, 1},
		"\x12\x10":                     {2, 44100, 2},
		"\x13\xb8":                     {2, 22050, 8},
		"\x17\x80\x5d\xc0\x08\x00\x00": {2, 48000, 1},
		"":                             {0, 96000, 0},
	} {
		a, b, c := audioConfig([]byte(in))
		if got := [3]int{a, b, c}; got != want {
			t.Errorf("%x: %v, want %v", in, got, want)
		}
	}
}

// A codec that is guessed is that of the samples without a description, not of
// those before them.
func TestGuessOwn(t *testing.T) {
	m := &Movie{size: 1 << 20}
	tr := m.grow(1)
	tr.Kind, tr.Codec = Audio, &Codec{Name: "opus"}
	for i := range 5 {
		if i == 3 {
			tr.Codec = &Codec{}
		}
		m.add(tr, Sample{Bytes: []byte("sound"), Size: 5, Time: int64(i)})
	}
	m.settle(true)
	var got []string
	for _, s := range tr.Samples {
		got = append(got, s.Codec.Name)
	}
	if want := "[opus opus opus unknown unknown]"; fmt.Sprint(got) != want {
		t.Errorf("codecs %v, want %v", got, want)
	}
}

// A codec is guessed by the same samples however much is read at once: one that
// comes later and does not fit is wrong.
func TestGuessEarly(t *testing.T) {
	for _, often := range []bool{false, true} {
		m := &Movie{size: 1 << 20}
		tr := m.grow(1)
		for i := range guessAfter + 8 {
			s := Sample{Bytes: []byte{0, 0, 0, 2, 0x65, 0x88}, Size: 6, Time: int64(i)}
			if i == guessAfter+2 {
				s.Bytes = []byte{0, 0, 0, 9, 0x65, 0x88}
			}
			m.add(tr, s)
			if often {
				m.settle(false)
			}
		}
		m.settle(true)
		if n := len(tr.Samples); n != guessAfter+7 || tr.Codec.Name != "avc1" || tr.Samples[0].Flags != 0 {
			t.Errorf("settled often %v: %d samples of %q, flags %b, want %d of avc1", often, n, tr.Codec.Name, tr.Samples[0].Flags, guessAfter+7)
		}
	}
}
