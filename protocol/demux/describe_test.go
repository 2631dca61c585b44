package demux

import (
	"bytes"
	"testing"
)

// configBoxes are the boxes that describe reads, each behind a code of the
// sample entries that have it.
var configBoxes = [][2]string{{"avc1", "avcC"}, {"dvh1", "hvcC"}, {"vvc1", "vvcC"}, {"av01", "av1C"}, {"vp09", "vpcC"},
	{"mp4a", "esds"}, {"mp4v", "esds"}, {"Opus", "dOps"}, {"fLaC", "dfLa"}, {"ec-3", "dec3"}}

// A configuration record of any bytes is read without a fault, leaves them as
// they are, and what is written of its parameter sets reads as the same.
func FuzzDescribe(f *testing.F) {
	hevc := recordHEVC(sets(nil).with(h265, []byte("\x40\x01\x0c\x01")), sps{})
	for i, seed := range []string{avcBox, string(hevc), "\x00\x00\x00\x00\xfe\x00", "\x81\x05\x0c\x00\x0a\x0b\x00\x00\x00\x24\xcf\x7f\x0d\xbf\xff\x30\x08",
		"\x01\x00\x00\x00\x00\x1f\x80\x02", "\x00\x00\x00\x00\x03\x19\x00\x01\x00\x04\x11\x40\x15\x00\x00\x00\x00\x01\xf4\x00\x00\x01\xf4\x00\x05\x02\x11\x90\x06\x01\x02",
		"\x00\x00\x00\x00\x03\x19\x00\x01\xe0\x00\x00\x01a\x00\x01\x04\x0d\x20\x11", "\x00\x02\x01\x38\x00\x00\xbb\x80\x00\x00\x00",
		"\x00\x00\x00\x00\x80\x00\x00\x22" + string(make([]byte, 34)), "\x07\xc0\x20\x00"} {
		f.Add(uint8(i), []byte(seed))
	}
	f.Fuzz(func(t *testing.T, which uint8, p []byte) {
		if len(p) > 1<<12 {
			return
		}
		box, before := configBoxes[int(which)%len(configBoxes)], bytes.Clone(p)
		c := &Codec{family: familyOf(box[0])}
		c.describe(box[0], box[1], p)
		if !bytes.Equal(p, before) {
			t.Fatal("the record was written over")
		}
		if box[1] != "avcC" && box[1] != "hvcC" || len(c.Record) == 0 {
			return
		}
		again := &Codec{family: familyOf(box[0])}
		if !again.describe(box[0], box[1], c.Record) || !same(c, again) {
			t.Fatalf("%s %x is written as %x, which reads as %s %x", c.Name, p, c.Record, again.Name, again.Record)
		}
	})
}
