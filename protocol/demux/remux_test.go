package demux

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// essenceOfFile is what is the same in every container: of each kind of track the
// codec and the bytes, keys and use of its samples.
func essenceOfFile(b []byte, kinds ...Kind) (lines []string, why string) {
	m, _, why := readAll(b)
	for _, kind := range kinds {
		for _, t := range m.Tracks {
			if t.Kind != kind || len(t.Samples) == 0 {
				continue
			}
			for i := range t.Samples {
				s := &t.Samples[i]
				c := s.Codec
				lines = append(lines, fmt.Sprintf("%s %x %dx%d %d Hz %d channels, %v, disposable %v, break %v, %x", c.Name, c.Record,
					c.Width, c.Height, c.Rate, c.Channels, s.Key, s.Flags&Disposable != 0, s.Flags&Break != 0, s.Bytes))
			}
		}
	}
	return lines, why
}

// sameEssence compares two containers.
func sameEssence(t *testing.T, what string, got, want []string) {
	t.Helper()
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: sample %d: %.400s\nwant %.400s", what, i, got[i], want[i])
			return
		}
	}
	if len(got) != len(want) || len(got) == 0 {
		t.Errorf("%s: %d samples, want %d", what, len(got), len(want))
	}
}

// ebmlOf writes an element of Matroska with a size of eight bytes.
func ebmlOf(id string, parts ...[]byte) []byte {
	body := cat(parts...)
	return cat([]byte(id), be.AppendUint64(nil, 1<<56|uint64(len(body))), body)
}

// The same tiny stream, boxed by hand, is the same samples and codecs.
func TestOneEssence(t *testing.T) {
	avc := [][]string{{realAVCSPS, realAVCPPS, seiUser, avcIDR}, {avcP}, {"\x01\x9a\x01"}, {realAVCSPS, realAVCPPS, avcIDR}}
	hevc := [][]string{{realHVPS, realHSPS, realHPPS, hevcCRA}, {hevcRASL}, {hevcTrail}, {realHVPS, realHSPS, realHPPS, hevcIDR}}
	hvcC := string(recordHEVC(nil, sps{layers: 1}))
	for _, c := range []struct {
		what, fourcc, legacy, code, config string
		pictures                           [][]string
		delimiter                          string
	}{
		{"H.264", "H264", "avc1", "V_MPEG4/ISO/AVC", avcBox, avc, avcAUD},
		{"H.265", "HEVC", "hvc1", "V_MPEGH/ISO/HEVC", hvcC, hevc, hevcAUD},
	} {
		stream := []byte{}
		flv := cat([]byte(flvFront), flvTag(9, 0, "\x90"+c.legacy+c.config))
		ts := newTSWriter(188)
		ts.tables("", listed{map[string]byte{"avc1": 0x1b, "hvc1": 0x24}[c.legacy], 0x100, ""})
		var chunks, blocks [][]byte
		for i, units := range c.pictures {
			stream = append(stream, codes(append([]string{c.delimiter}, units...)...)...)
			flv = append(flv, flvTag(9, 40*i, "\xa3"+c.legacy+string(chain(units...)))...)
			ts.pes(0x100, pesPacket{0xe0, int64(3600 * i), -1, false, codes(append([]string{c.delimiter}, units...)...)})
			chunks = append(chunks, chunkAVI("00dc", codes(units...)))
			blocks = append(blocks, ebmlOf("\xa3", []byte{0x81, 0, byte(40 * i), 0}, chain(units...)))
		}
		track := ebmlOf("\xae", ebmlOf("\xd7", []byte{1}), ebmlOf("\x83", []byte{1}), ebmlOf("\x86", []byte(c.code)), ebmlOf("\x63\xa2", []byte(c.config)))
		mkv := cat(ebmlOf("\x1a\x45\xdf\xa3", ebmlOf("\x42\x82", []byte("matroska"))),
			ebmlOf("\x18\x53\x80\x67", ebmlOf("\x16\x54\xae\x6b", track), ebmlOf("\x1f\x43\xb6\x75", append([][]byte{ebmlOf("\xe7", []byte{0})}, blocks...)...)))
		want, _ := essenceOfFile(stream, Video)
		for what, b := range map[string][]byte{
			"FLV": flv, "Matroska": mkv, "MPEG-TS": ts.b,
			"AVI": moviesAVI([][]byte{headerAVI("vids", c.fourcc, 1, 25, 0, bitmap(c.fourcc, ""))}, chunks...),
		} {
			got, why := essenceOfFile(b, Video)
			sameEssence(t, c.what+" in "+what+" "+why, got, want)
		}
	}
}

// ffmpeg puts the clip into other containers without encoding it anew.
func TestRemuxedClip(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("skipped: ffmpeg is not installed; it would put the clip into other containers")
	}
	const clip = "../media/clip/180p.mp4"
	b, err := os.ReadFile(clip)
	if err != nil {
		t.Fatal(err)
	}
	all, _ := essenceOfFile(b, Video, Audio)
	pictures, _ := essenceOfFile(b, Video)
	for _, c := range []struct{ what, ext, flags string }{
		{"MP4", "mp4", "-movflags +faststart"},
		{"MP4 with parameter sets in-band", "mp4", "-bsf:v h264_mp4toannexb,dump_extra -tag:v avc3"},
		{"fragmented MP4", "mp4", "-movflags +frag_keyframe+delay_moov"},
		{"QuickTime", "mov", ""},
		{"Matroska", "mkv", ""},
		{"FLV", "flv", ""},
		{"transport stream", "ts", ""},
		{"AVI", "avi", ""},
		{"transport stream", "ts", ""},
		{"transport stream of a disc", "m2ts", ""},
		{"transport stream with LATM", "ts", "-mpegts_flags latm"},
		{"Annex B", "h264", "-an"},
		{"Annex B with delimiters", "h264", "-an -bsf:v h264_mp4toannexb,h264_metadata=aud=insert"},
	} {
		out := filepath.Join(t.TempDir(), "box."+c.ext)
		args := append([]string{"-nostdin", "-v", "error", "-i", clip, "-c", "copy"}, strings.Fields(c.flags)...)
		if msg, err := exec.Command(ffmpeg, append(args, out)...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", c.what, err, bytes.TrimSpace(msg))
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		want, kinds := all, []Kind{Video, Audio}
		if c.ext == "h264" {
			want, kinds = pictures, kinds[:1]
		}
		got, why := essenceOfFile(b, kinds...)
		sameEssence(t, c.what+" "+why, got, want)
	}
}
