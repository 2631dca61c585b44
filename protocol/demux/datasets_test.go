package demux

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A difference is a real file of which ffprobe sees something else, to the picture.
type difference struct{ ours, theirs, why string }

const (
	noHeader  = "a segment without its initialization segment, which ffprobe does not read"
	notChains = "ffprobe lists what its own decoder then refuses: pictures that are not a chain of NAL units"
	noChunks  = "chunks whose sizes lead to no other chunk, which ffprobe lists as they are"
	noSamples = "made up: zeros where samples should be"
)

// differences are those of ffprobe 5.1.
var differences = map[string]difference{
	"media-androidx/cmaf__multi-segment__video_1.m4s":                    {"video 8 [0]", "", noHeader},
	"media-androidx/cmaf__multi-segment__video_2.m4s":                    {"video 7 [0]", "", noHeader},
	"media-androidx/mp4__sample_fragmented_sideloaded_track.mp4":         {"video 30 [0]", "", noHeader},
	"media-envivio/1.m4s":                                                {"video 100 [0 9 50 59 90]", "", noHeader},
	"media-envivio/2.m4s":                                                {"video 100 [0 27 50 66]", "", noHeader},
	"media-envivio/49.m4s":                                               {"video 84 [0 29 42 71]", "", noHeader},
	"media-livesim2/alt_seg_dur__V300__0.m4s":                            {"video 120 [0 30 60 90]", "", noHeader},
	"media-livesim2/alt_seg_dur__V300__360000.m4s":                       {"video 240 [0 30 60 90 120 150 180 210]", "", noHeader},
	"media-livesim2/testpic_2s__V300__1.m4s":                             {"video 60 [0 30]", "", noHeader},
	"media-livesim2/testpic_2s__V300__2.m4s":                             {"video 60 [0 30]", "", noHeader},
	"media-mp4ff/interleaved_sidxs_segment.m4s":                          {"video 3 [0 1]", "", noHeader},
	"media-mp4ff/seg_cenc_no_seig.m4v":                                   {"video 12 [0]", "", noHeader},
	"media-androidx/drm__sample_fragmented_clearkey.mp4":                 {"audio 46, video 30 [0]", "", "ffprobe lists no packet of it without the key"},
	"media-androidx/mp4__sample_malformed_free_box.mp4":                  {"audio 45, video 30 [0]", "", "ffprobe gives up at a box that claims more than there is"},
	"media-mp4parse/chunk_out_of_range.mp4":                              {"video 17 [0]", "", "ffprobe gives up at a table that points beyond the file; what lies inside is there"},
	"media-libwebm/invalid__blockgroup_block_ends_beyond_blockgroup.mkv": {"video 1 [0]", "", "ffprobe gives up at a block that is longer than its group; the one before is a chain of NAL units"},
	"media-androidx/mp4__sample_fragmented_uuid.mp4":                     {"audio 46, video 30 [0]", "audio 46, video 30 []", "the container flags no key; the first picture is an IDR"},
	"media-androidx/mkv__subsample_encrypted_altref.webm":                {"video 1 []", "video 1 [0]", "encrypted, so that the container's word counts, which is no; ffprobe's parser took the ciphertext for a key"},
	"media-androidx/mp4__sample_with_invalid_nalu.mp4":                   {"video 29 [0]", "video 30 [0]", notChains},
	"media-mp4parse/no_timescale.mp4":                                    {"video 171 [0 30 59 79 109 139 169]", "video 182 [0 30 60 90 120 150 180]", notChains + "; the keys are the same pictures, eleven of 182 are left out between them"},
	"media-mp4parse/test_case_1185230.mp4":                               {"", "audio 1, video 3 []", notChains + ", and a sound behind them"},
	"media-mp4parse/zero_empty_stsc.mp4":                                 {"", "video 2 []", notChains},
	"media-androidx/mp4__sample_fpcm_32le.mp4":                           {"audio 26, video 30 [0]", "audio 44, video 30 [0]", "raw sound has no bounds: ours are the chunks, ffprobe's are 1,024 moments"},
	"media-mp4parser/MOV00006.3gp":                                       {"audio 760, video 222 [0 50 100 150 200]", "audio 16, video 222 [0 50 100 150 200]", "ffprobe lists a chunk of AMR as one packet; its frames are 760"},
	"media-androidx/ts__sample_ac3.ts":                                   {"audio 9", "audio 10", "ffprobe counts the 73 bytes before the first frame as a packet"},
	"media-androidx/ts__sample_dts_hd_across_pes.ts":                     {"audio 1", "audio 2", "no table names the stream: ffprobe takes it for MP3, and finds no header of that; it is one frame of DTS"},
	"media-exiftool/M2TS.mts":                                            {"video 1 [0]", "audio 1, video 1 [0]", "the sound is 167 bytes of a frame of AC-3 that does not end"},
	"media-exiftool/QuickTime.mov":                                       {"", "video 1 [0]", "ffprobe lists the thumbnail in the movie header; the samples are cut off"},
	"media-libwebm/accurate_cluster_duration_two_tracks.webm":            {"", "audio 8, video 4 [0 1 2 3]", noSamples},
	"media-libwebm/invalid__invalid_vp9_bitstream-bug_1416.webm":         {"", "video 2 [0 1]", noSamples},
	"media-libwebm/invalid__block_ends_beyond_cluster.mkv":               {"", "video 1 []", "nothing vouches for the only block: no element follows, and its bytes are no chain"},
	"media-unifuzz/avi__test_dv2_head.avi":                               {"audio 2, video 1 [0]", "audio 4, video 2 [0 1]", "ffprobe lists a chunk that the end of the file cuts off, and those of raw sound by 1,024 moments"},
	"media-unifuzz/avi__ffmp3_bad_rate_detection.avi":                    {"audio 81, video 35 [0 25]", "audio 82, video 36 [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35]", "no index: ffprobe calls every picture a key, where 33 say that they are none; the last chunk is cut off; a rest of a sound counts as one"},
	"media-unifuzz/ffmpeg100__2":                                         {"", "video 2 [0 1]", noChunks},
	"media-unifuzz/ffmpeg100__73":                                        {"", "video 2 [0 1]", noChunks},
	"media-unifuzz/ffmpeg100__99":                                        {"", "video 1 [0]", noChunks},
	"media-exiftool/DV.dv":                                               {"", "audio 1, audio 1, video 1 [0]", "a container that is not read"},
	"media-exiftool/MXF.mxf":                                             {"", "audio 1", "a container that is not read"},
}

// Real files, half of them damaged, odd or encrypted: each track has as many
// samples as ffprobe finds packets, and the same pictures are keys, counted in
// decoding order. What differs is told apart one by one. KSCOPE_DATASETS may
// name a folder with media-*/; without it the clip is read.
func TestRealFiles(t *testing.T) {
	ffprobe, err := exec.LookPath("ffprobe")
	if err != nil {
		t.Skip("skipped: ffprobe is not installed; it would list the packets of real files")
	}
	files, same := realFiles(t), 0
	formats := map[string]int{}
	for name, path := range files {
		b := contents(t, path)
		modest(t, name, b)
		m, format, why := readAll(b)
		if why != "" {
			format = "opaque"
		}
		formats[format]++
		if strings.HasPrefix(name, "media-playlists/") {
			continue // ffprobe would wait for what a live one announces
		}
		ours, theirs := tracks(m), packetsOf(t, ffprobe, path)
		switch d, known := differences[name]; {
		case ours == theirs && known:
			t.Errorf("%s is as ffprobe has it: %q explains nothing", name, d.why)
		case ours == theirs:
			same++
		case !known || d.ours != ours || d.theirs != theirs:
			t.Errorf("%s, %s: %q, ffprobe has %q; explained are %q and %q\n%v", name, format, ours, theirs, d.ours, d.theirs, m.Repairs)
		}
	}
	t.Logf("%d real files: %v; %d as ffprobe has them", len(files), formats, same)
}

// realFiles are the files in media-* folders, or those of the clip, by name.
func realFiles(t *testing.T) map[string]string {
	t.Helper()
	root, pattern := os.Getenv("KSCOPE_DATASETS"), "media-*"
	if root == "" {
		root, pattern = filepath.Join("..", "media"), "clip"
	}
	out := map[string]string{}
	dirs, _ := filepath.Glob(filepath.Join(root, pattern))
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				name, _ := filepath.Rel(root, path)
				out[filepath.ToSlash(name)] = path
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s has no files in media-* folders: name one that has, or unset KSCOPE_DATASETS", root)
	}
	return out
}

// tracks says how many samples the tracks of m have, and which pictures are keys.
func tracks(m *Movie) string {
	var all []packetList
	for _, t := range m.Tracks {
		all = append(all, samplesOf(t))
	}
	return written(all)
}

// packetsOf says the same of what ffprobe finds in a file.
func packetsOf(t *testing.T, ffprobe, path string) string {
	t.Helper()
	// What it cannot read it complains of; what it could it has listed.
	out, err := exec.Command(ffprobe, "-v", "quiet", "-show_entries", "packet=codec_type,stream_index,flags", "-of", "csv=p=0", path).Output()
	if _, gaveUp := err.(*exec.ExitError); err != nil && !gaveUp {
		t.Fatal(err)
	}
	streams := map[int]*packetList{}
	for line := range strings.Lines(string(out)) {
		f := strings.Split(line, ",")
		if len(f) < 3 {
			continue // side data
		}
		i, err := strconv.Atoi(f[1])
		if err != nil {
			continue
		}
		if streams[i] == nil {
			streams[i] = &packetList{kind: f[0]}
		}
		s := streams[i]
		if strings.HasPrefix(f[2], "K") {
			s.keys = append(s.keys, s.n)
		}
		s.n++
	}
	var all []packetList
	for _, s := range streams {
		all = append(all, *s)
	}
	return written(all)
}

// written is "audio 46, video 30 [0 12]": every stream of sound or pictures that
// has samples. All sounds are keys, which says nothing.
func written(all []packetList) string {
	var out []string
	for _, p := range all {
		switch {
		case p.n == 0:
		case p.kind == string(Video):
			out = append(out, fmt.Sprintf("video %d %v", p.n, p.keys))
		case p.kind == string(Audio):
			out = append(out, fmt.Sprintf("audio %d", p.n))
		}
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
