package media

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestReportText(t *testing.T) {
	b := clipFile(t, "180p.mp4")
	for _, c := range []struct {
		name string
		b    []byte
		want string
	}{
		{"180p.mp4", b, `
180p.mp4: mp4, 162928 bytes, 10s

track  kind   codec        format       samples  bytes   duration  keys closed/open/gradual
1      video  avc1.4d400c  320x180      250      126886  10s       5/0/0
2      audio  mp4a.40.2    48000 Hz x1  470      27676   10.021s   -

segment  start  duration  bytes  kbit/s  samples  start here
0        0s     2s        29328  117     145      yes
1        2s     2s        27666  110     144      yes
2        4s     2s        31985  127     143      yes
3        6s     2s        33244  132     144      yes
4        8s     2s        34867  139     144      yes

bytes: 154562 in samples, 0 in opaque pieces, 8366 in headers and tables, 0 not carried
`},
		{"cut.mp4", b[:60_000], `
cut.mp4: mp4, 60000 bytes, 3.72s

track  kind   codec        format       samples  bytes  duration  keys closed/open/gradual
1      video  avc1.4d400c  320x180      91       41670  3.72s     2/0/0
2      audio  mp4a.40.2    48000 Hz x1  166      9926   3.541s    -

segment  start  duration  bytes  kbit/s  samples  start here
0        0s     2s        29328  117     145      yes
1        2s     1.72s     23160  107     112      yes

repaired, guessed or dropped
  1    boxes that claim more than the file has, cut
  463  samples that lie outside the file, dropped

bytes: 51596 in samples, 0 in opaque pieces, 8366 in headers and tables, 38 not carried
`},
		{"letter", []byte("Dear friend"), `
letter: unknown format, 11 bytes, 2s
opaque: no known container: the file starts with 44 65 61 72 20 66 72 69

segment  start  duration  bytes  kbit/s  samples  start here
0        0s     2s        11     0       0        yes, times guessed

bytes: 0 in samples, 11 in opaque pieces, 0 in headers and tables, 0 not carried
`},
	} {
		var out bytes.Buffer
		if err := Tokenize(c.name, c.b, 2*time.Second).Text(&out); err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, l := range strings.Split(out.String(), "\n") {
			lines = append(lines, strings.TrimRight(l, " "))
		}
		if got := strings.Join(lines, "\n"); got != c.want[1:] {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want[1:])
		}
	}
}

func TestReportOfALongFile(t *testing.T) {
	r := Tokenize("noise", noise(6, 12<<20), 2*time.Second)
	var out bytes.Buffer
	if err := r.Text(&out); err != nil {
		t.Fatal(err)
	}
	if n := len(r.Segments); n < 30 || !strings.Contains(out.String(), "... and ") {
		t.Errorf("%d segments:\n%s", n, out.String())
	}
}

func TestReportJSON(t *testing.T) {
	r := Tokenize("cut.mp4", clipFile(t, "180p.mp4")[:60_000], 2*time.Second)
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var back Report
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	r.Rendition = Rendition{}
	if !reflect.DeepEqual(r, &back) {
		t.Errorf("%s reads back as %+v", b, back)
	}
	if len(b) > 3000 || bytes.Contains(b, []byte("Payload")) {
		t.Errorf("%d bytes of JSON", len(b))
	}
}

// What is recognised by content, whatever the name.
func TestRecognise(t *testing.T) {
	packets := bytes.Repeat(cat([]byte{0x47}, make([]byte, 187)), 6)
	for _, c := range []struct{ head, want string }{
		{"\x00\x00\x00\x18ftypisom", "mp4"},
		{"\x00\x00\x00\x08wide\x00\x00\x00\x00mdat", "mp4"},
		{"junk\x00\x00\x00\x14ftypisom\x00\x00\x00\x00isom", "mp4"},
		{"\x1a\x45\xdf\xa3\x01", "matroska"},
		{"FLV\x01\x05", "flv"},
		{"RIFF\x00\x00\x00\x00AVI LIST", "avi"},
		{"RIFF\x00\x00\x00\x00WAVEfmt ", ""},
		{"OggS", "ogg"},
		{string(packets), "mpeg-ts"},
		{"\x00\x00\x00\x01\x67\x4d", "elementary stream"},
		{"plain text, and long enough", ""},
		{"", ""},
	} {
		if got := recognise([]byte(c.head)).name; got != c.want {
			t.Errorf("%q: %q, want %q", c.head[:min(len(c.head), 20)], got, c.want)
		}
	}
}
