package demux

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// The small corpus: short clips in every container that is read, made by
// ffmpeg, and what damage does to some of them.

// A recipe is one clip: its name and what ffmpeg is told behind its inputs, a
// moving picture and a tone of two seconds.
type recipe struct{ name, how string }

const (
	x264 = "-c:v libx264 -preset ultrafast -threads 1 -bf 2 -g 12 "
	x265 = "-c:v libx265 -preset ultrafast -x265-params log-level=none:pools=none:frame-threads=1:keyint=12:bframes=2 "
	aac  = "-c:a aac -b:a 48k "
	vpx  = "-c:v libvpx -deadline realtime -cpu-used 8 -g 12 "
	vp9x = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 12 "
	aom  = "-c:v libaom-av1 -usage realtime -cpu-used 8 -g 12 "
	opus = "-c:a libopus -b:a 32k "
	frag = "-movflags +frag_keyframe+empty_moov+default_base_moof "
)

var recipes = []recipe{
	{"mp4_h264_aac.mp4", x264 + aac},
	{"mp4_faststart.mp4", x264 + aac + "-movflags +faststart"},
	{"mp4_opengop.mp4", x264 + "-x264-params open-gop=1:scenecut=0 " + aac},
	{"mp4_intrarefresh.mp4", x264 + "-x264-params intra-refresh=1 " + aac},
	{"mp4_onekey.mp4", x264 + "-g 999 -an"},
	{"mp4_negcts.mp4", x264 + aac + "-movflags +negative_cts_offsets"},
	{"mp4_delayed.mp4", x264 + aac + "-output_ts_offset 3"},
	{"mp4_hevc.mp4", x265 + "-tag:v hvc1 " + aac},
	{"mp4_hevc_cra.mp4", x265 + "-x265-params log-level=none:pools=none:frame-threads=1:keyint=12:open-gop=1 -an"},
	{"mp4_av1_opus.mp4", aom + opus},
	{"mp4_vp9.mp4", vp9x + "-an"},
	{"mp4_mpeg4_mp3.mp4", "-c:v mpeg4 -bf 2 -g 12 -c:a libmp3lame"},
	{"mp4_mpeg2_ac3.mp4", "-c:v mpeg2video -g 12 -bf 2 -c:a ac3"},
	{"mp4_mjpeg.mp4", "-c:v mjpeg -an"},
	{"mp4_audio.m4a", "-vn " + aac},
	{"mp4_cenc.mp4", x264 + aac + "-encryption_scheme cenc-aes-ctr -encryption_key 00112233445566778899aabbccddeeff -encryption_kid 0123456789abcdef0123456789abcdef"},
	{"fmp4_key.mp4", x264 + aac + frag},
	{"fmp4_everyframe.mp4", x264 + aac + "-movflags +frag_every_frame+empty_moov+default_base_moof"},
	{"fmp4_offsets.mp4", x264 + aac + "-movflags +frag_keyframe+empty_moov"},
	{"fmp4_separate.mp4", x264 + aac + "-movflags +frag_keyframe+empty_moov+separate_moof"},
	{"fmp4_hybrid.mp4", x264 + aac + "-movflags +frag_keyframe"},
	{"fmp4_dash.mp4", x264 + aac + frag + "-movflags +dash+global_sidx -frag_duration 500000"},
	{"fmp4_cmaf.mp4", x264 + "-an " + frag + "-movflags +cmaf"},
	{"fmp4_ismv.ismv", x264 + aac},
	{"fmp4_hevc.mp4", x265 + "-an " + frag},
	{"mov_pcm.mov", x264 + "-c:a pcm_s16le"},
	{"mov_adpcm.mov", "-c:v mjpeg -c:a adpcm_ima_qt -ar 44100"},
	{"mov_prores.mov", "-c:v prores_ks -c:a pcm_s24be"},
	{"ts_h264_aac.ts", x264 + aac},
	{"ts_hevc.ts", x265 + aac},
	{"ts_mpeg2.ts", "-c:v mpeg2video -g 12 -bf 2 -c:a mp2"},
	{"ts_m2ts.m2ts", x264 + "-c:a ac3 -mpegts_m2ts_mode 1"},
	{"ps_mpeg2.vob", "-c:v mpeg2video -g 12 -bf 2 -c:a ac3"},
	{"mkv_h264_aac.mkv", x264 + aac},
	{"mkv_hevc.mkv", x265 + opus},
	{"mkv_live.mkv", x264 + aac + "-live 1"},
	{"webm_vp8_vorbis.webm", vpx + "-c:a libvorbis"},
	{"webm_vp9_opus.webm", vp9x + opus},
	{"webm_av1.webm", aom + opus},
	{"flv_h264_aac.flv", x264 + aac},
	{"avi_mpeg4_mp3.avi", "-c:v mpeg4 -bf 0 -g 12 -c:a libmp3lame"},
	{"ogg_theora_vorbis.ogv", "-c:v libtheora -g 12 -c:a libvorbis"},
	{"ivf_vp8.ivf", vpx + "-an"},
	{"es_h264.h264", x264 + "-an"},
	{"es_hevc.h265", x265 + "-an"},
	{"es_av1.obu", aom + "-an"},
}

// broken are the clips that are damaged, by every kind of damage.
var broken = []string{
	"mp4_h264_aac.mp4", "mp4_faststart.mp4", "mp4_hevc.mp4", "mp4_av1_opus.mp4", "fmp4_key.mp4", "fmp4_everyframe.mp4",
	"ts_h264_aac.ts", "mkv_h264_aac.mkv", "mkv_live.mkv", "webm_vp8_vorbis.webm", "flv_h264_aac.flv", "es_h264.h264",
}

// harm is what may happen to a file of n bytes.
var harm = []struct {
	name string
	do   func(b []byte, rng *rand.Rand) []byte
}{
	{"trunc10", func(b []byte, _ *rand.Rand) []byte { return b[:len(b)/10] }},
	{"trunc50", func(b []byte, _ *rand.Rand) []byte { return b[:len(b)/2] }},
	{"trunc90", func(b []byte, _ *rand.Rand) []byte { return b[:len(b)*9/10] }},
	{"tailonly", func(b []byte, _ *rand.Rand) []byte { return b[len(b)/3:] }},
	{"flip_head8", func(b []byte, rng *rand.Rand) []byte { return flip(b, 8, min(4096, len(b)), rng) }},
	{"flip_1e-4", func(b []byte, rng *rand.Rand) []byte { return flip(b, len(b)/10_000, len(b), rng) }},
	{"noise_1pc", func(b []byte, rng *rand.Rand) []byte { return flip(b, len(b)/100, len(b), rng) }},
	{"zerohole", func(b []byte, _ *rand.Rand) []byte {
		n := len(b)
		return cat(b[:n/2], make([]byte, n/10), b[n/2+n/10:])
	}},
	{"zerohead", func(b []byte, _ *rand.Rand) []byte { return cat(make([]byte, 512), b[512:]) }},
	{"cut_middle", func(b []byte, _ *rand.Rand) []byte { return cat(b[:len(b)*2/5], b[len(b)*3/5:]) }},
	{"dup_middle", func(b []byte, _ *rand.Rand) []byte { return cat(b[:len(b)*3/5], b[len(b)*2/5:]) }},
	{"concat_self", func(b []byte, _ *rand.Rand) []byte { return cat(b, b) }},
	{"junk_before", func(b []byte, _ *rand.Rand) []byte { return cat(bytes.Repeat([]byte("junk? "), 111), b) }},
	{"junk_after", func(b []byte, _ *rand.Rand) []byte { return cat(b, bytes.Repeat([]byte("junk! "), 111)) }},
}

// flip turns n bits among the first most bytes of a copy of b.
func flip(b []byte, n, most int, rng *rand.Rand) []byte {
	b = bytes.Clone(b)
	for range n {
		b[rng.IntN(most)] ^= 1 << rng.IntN(8)
	}
	return b
}

// made is the small corpus of this run, once it is needed.
var made struct {
	sync.Once
	root string
	err  error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if made.root != "" {
		os.RemoveAll(made.root)
	}
	os.Exit(code)
}

// makeCorpus makes the small corpus in a folder that is removed in the end.
func makeCorpus(t *testing.T, ffmpeg, ffprobe string) string {
	made.Do(func() {
		if made.root, made.err = os.MkdirTemp("", "corpus"); made.err == nil {
			made.err = fill(made.root, ffmpeg, ffprobe)
		}
	})
	if made.err != nil {
		t.Fatal(made.err)
	}
	return made.root
}

func fill(root, ffmpeg, ffprobe string) error {
	for _, sub := range []string{"clean", "damaged", "truth"} {
		if err := os.Mkdir(filepath.Join(root, sub), 0o755); err != nil {
			return err
		}
	}
	const picture, tone = "testsrc2=size=160x90:rate=25:duration=2", "sine=frequency=440:sample_rate=48000:duration=2"
	for i, c := range recipes {
		path := filepath.Join(root, "clean", c.name)
		args := append(strings.Fields("-nostdin -v error -y -bitexact -f lavfi -i "+picture+" -f lavfi -i "+tone+" -shortest -pix_fmt yuv420p"), strings.Fields(c.how)...)
		if strings.Contains(c.how, "prores") {
			args = append(args, "-pix_fmt", "yuv422p10le")
		}
		if msg, err := exec.Command(ffmpeg, append(args, "-strict", "-2", "-flags", "+bitexact", "-fflags", "+bitexact", path)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ffmpeg makes no %s: %w: %s", c.name, err, msg)
		}
		list, err := exec.Command(ffprobe, "-v", "error", "-show_entries",
			"packet=codec_type,stream_index,pts,dts,duration,size,pos,flags", "-of", "csv=p=0", path).Output()
		if err != nil {
			return fmt.Errorf("ffprobe reads no %s: %w", c.name, err)
		}
		if err := os.WriteFile(filepath.Join(root, "truth", c.name+".packets.csv"), list, 0o644); err != nil {
			return err
		}
		streams, err := exec.Command(ffprobe, "-v", "error", "-show_entries", "stream=time_base", "-of", "json", path).Output()
		if err != nil {
			return fmt.Errorf("ffprobe reads no %s: %w", c.name, err)
		}
		if err := os.WriteFile(filepath.Join(root, "truth", c.name+".streams.json"), streams, 0o644); err != nil {
			return err
		}
		if err := spoil(root, c.name, uint64(i)); err != nil {
			return err
		}
	}
	return nil
}

// spoil writes damaged copies of a clip, if it is one of those.
func spoil(root, name string, seed uint64) error {
	for _, n := range broken {
		if n != name {
			continue
		}
		b, err := os.ReadFile(filepath.Join(root, "clean", name))
		if err != nil {
			return err
		}
		ext := filepath.Ext(name)
		for i, h := range harm {
			x := h.do(b, rand.New(rand.NewPCG(seed, uint64(i))))
			to := filepath.Join(root, "damaged", strings.TrimSuffix(name, ext)+"__"+h.name+ext)
			if err := os.WriteFile(to, x, 0o644); err != nil {
				return err
			}
		}
	}
	return nil
}
