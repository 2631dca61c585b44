package demux

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The same pictures and sounds are the same samples of the same codec in every
// container.
func TestSameEssence(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("skipped: ffmpeg is not installed; it would put one clip into several containers")
	}
	for _, c := range []struct{ name, how, others string }{
		{"h264_aac.mp4", x264 + aac, "a.mkv live.mkv b.mov c.flv"},
		{"hevc_opus.mp4", x265 + opus, "a.mkv"},
		{"av1_opus.mkv", aom + opus, "a.webm b.mp4 video.ivf video.obu audio.ogg"},
		{"vp9_opus.webm", vp9x + opus, "a.mkv b.mp4 video.ivf audio.opus"},
		{"vp8_vorbis.webm", vpx + "-c:a libvorbis", "a.mkv video.ivf both.ogv audio.ogg"},
		{"mpeg4_mp3.mp4", "-c:v mpeg4 -bf 2 -g 12 -c:a libmp3lame", "a.mkv"},
		{"mpeg2_ac3.mkv", "-c:v mpeg2video -g 12 -c:a ac3", "a.mp4"},
		{"flac.mkv", "-vn -c:a flac", "audio.ogg audio.mp4"},
		{"theora_vorbis.ogv", "-c:v libtheora -g 12 -c:a libvorbis", "a.mkv"},
	} {
		dir := t.TempDir()
		run := func(name string, args ...string) *Movie {
			path := filepath.Join(dir, name)
			args = append([]string{"-nostdin", "-v", "error", "-y"}, append(args, path)...)
			if msg, err := exec.Command(ffmpeg, args...).CombinedOutput(); err != nil {
				t.Fatalf("%s: ffmpeg makes no %s: %v: %s", c.name, name, err, msg)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			m, _, _ := readAll(b)
			return m
		}
		inputs := "-f lavfi -i testsrc2=size=160x90:rate=25:duration=2 -f lavfi -i sine=frequency=440:sample_rate=48000:duration=2 -pix_fmt yuv420p "
		first := run(c.name, strings.Fields(inputs+c.how+" -strict -2")...)
		for _, other := range strings.Fields(c.others) {
			args := []string{"-i", filepath.Join(dir, c.name), "-c", "copy", "-strict", "-2"}
			kinds := []Kind{Video, Audio}
			switch {
			case strings.HasPrefix(other, "video"):
				args, kinds = append(args, "-an"), kinds[:1]
			case strings.HasPrefix(other, "audio"):
				args, kinds = append(args, "-vn"), kinds[1:]
			case strings.HasPrefix(other, "live"):
				args = append(args, "-live", "1")
			}
			m := run(other, args...)
			for _, kind := range kinds {
				compare(t, c.name+" and "+other, kind, trackOf(first, kind), trackOf(m, kind))
			}
		}
	}
}

func trackOf(m *Movie, kind Kind) *Track {
	for _, t := range m.Tracks {
		if t.Kind == kind && len(t.Samples) > 0 {
			return t
		}
	}
	return nil
}

func compare(t *testing.T, what string, kind Kind, a, b *Track) {
	t.Helper()
	if a == nil || b == nil {
		if a != b {
			t.Errorf("%s: no %s in one of them", what, kind)
		}
		return
	}
	if !same(a.Codec, b.Codec) {
		t.Errorf("%s: %s %+v\n%x, %+v\n%x", what, kind, *a.Codec, a.Codec.Record, *b.Codec, b.Codec.Record)
	}
	if len(a.Samples) != len(b.Samples) {
		t.Errorf("%s: %s %d samples, %d", what, kind, len(a.Samples), len(b.Samples))
		return
	}
	shift := a.Nanos(a.Samples[0].Shown()) - b.Nanos(b.Samples[0].Shown())
	for i := range a.Samples {
		x, y := &a.Samples[i], &b.Samples[i]
		if !bytes.Equal(x.Bytes, y.Bytes) || x.Key != y.Key {
			t.Errorf("%s: %s sample %d: %d bytes %v, %d bytes %v", what, kind, i, len(x.Bytes), x.Key, len(y.Bytes), y.Key)
			return
		}
		if d := a.Nanos(x.Shown()) - b.Nanos(y.Shown()) - shift; d > 2e6 || d < -2e6 {
			t.Errorf("%s: %s sample %d is shown %d ns apart", what, kind, i, d)
			return
		}
	}
}
