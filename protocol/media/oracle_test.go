package media

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kinetoscope/protocol/token"
)

// The same pictures and sounds in another container are the same tokens: all
// of them. ffmpeg moves the clip from box to box, without encoding anew.
func TestContainersDoNotShowInTokens(t *testing.T) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		t.Skip("skipped: ffmpeg is not installed; it would put the clip into other containers")
	}
	for _, clip := range []string{"180p.mp4", "360p.mp4"} {
		want := Tokenize(clip, clipFile(t, clip), 2*time.Second)
		for _, c := range []struct{ what, ext, flags string }{
			{"progressive MP4", "mp4", "-movflags +faststart"},
			{"fragmented MP4", "mp4", "-movflags +frag_keyframe+delay_moov"},
			{"QuickTime", "mov", ""},
			{"Matroska", "mkv", ""},
			{"live Matroska", "mkv", "-live 1"},
			{"Flash video", "flv", ""},
			{"transport stream", "ts", ""},
			{"Blu-ray transport stream", "m2ts", ""},
		} {
			out := filepath.Join(t.TempDir(), "box."+c.ext)
			args := append([]string{"-nostdin", "-v", "error", "-i", "clip/" + clip, "-c", "copy"}, strings.Fields(c.flags)...)
			if msg, err := exec.Command(ffmpeg, append(args, out)...).CombinedOutput(); err != nil {
				t.Fatalf("%s: %v: %s", c.what, err, msg)
			}
			b, err := os.ReadFile(out)
			if err != nil {
				t.Fatal(err)
			}
			sameTokens(t, c.what+" "+clip, Tokenize(clip, b, 2*time.Second), want)
		}
	}
}

// sameTokens compares content ids and configurations.
func sameTokens(t *testing.T, what string, got, want *Report) {
	t.Helper()
	a, b := got.Rendition.Segments, want.Rendition.Segments
	if got.Opaque != "" || len(a) != len(b) {
		t.Errorf("%s: %q, %d segments, want %d", what, got.Opaque, len(a), len(b))
		return
	}
	same := 0
	for i := range a {
		if token.NewPayload(a[i].Payload).ID() == token.NewPayload(b[i].Payload).ID() {
			same++
			continue
		}
		p, q := decoded(t, &a[i]), decoded(t, &b[i])
		for k := range min(len(p), len(q)) {
			t.Logf("%s segment %d track %d: clock %v, start %d, %d samples; want %v, %d, %d", what, i, k,
				p[k].Clock, p[k].Start, len(p[k].Samples), q[k].Clock, q[k].Start, len(q[k].Samples))
			for n := range min(len(p[k].Samples), len(q[k].Samples)) {
				x, y := &p[k].Samples[n], &q[k].Samples[n]
				if x.Step != y.Step || x.Key != y.Key || !bytes.Equal(x.Bytes, y.Bytes) {
					t.Logf("sample %d: step %d, %v, %d bytes; want %d, %v, %d", n, x.Step, x.Key, len(x.Bytes), y.Step, y.Key, len(y.Bytes))
					break
				}
			}
		}
	}
	if same != len(b) {
		t.Errorf("%s: %d of %d tokens are the same", what, same, len(b))
	}
	if a[0].Init.ID != b[0].Init.ID {
		t.Errorf("%s: configurations differ:\n%x\n%x", what, a[0].Init.Record, b[0].Init.Record)
	}
}
