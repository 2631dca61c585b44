package media

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/token"
)

// clipFile reads one file of the shipped clip.
func clipFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := shipped.ReadFile("clip/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var clipNames = []string{"180p.mp4", "270p.mp4", "360p.mp4", "540p.mp4"}

func TestClipIsWhatTheSumsSay(t *testing.T) {
	sums, err := os.ReadFile("clip/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	total, n := 0, 0
	for sc := bufio.NewScanner(bytes.NewReader(sums)); sc.Scan(); n++ {
		want, name, ok := strings.Cut(sc.Text(), "  ")
		if !ok {
			t.Fatalf("SHA256SUMS: cannot read %q", sc.Text())
		}
		b := clipFile(t, name)
		if got := fmt.Sprintf("%x", sha256.Sum256(b)); got != want {
			t.Errorf("%s: sum %s, SHA256SUMS says %s", name, got, want)
		}
		total += len(b)
	}
	if n != len(clipNames) {
		t.Errorf("SHA256SUMS names %d files, want %d", n, len(clipNames))
	}
	if total >= 2_000_000 {
		t.Errorf("the clip has %d bytes, must stay below 2 MB", total)
	}
}

func TestClipUsesBothReaders(t *testing.T) {
	for _, name := range clipNames {
		b := clipFile(t, name)
		fragmented := bytes.Contains(b, []byte("moof"))
		if want := name == "270p.mp4"; fragmented != want {
			t.Errorf("%s: fragmented %v, want %v", name, fragmented, want)
		}
	}
}

func TestShippedLadder(t *testing.T) {
	l, err := Load(Default())
	if err != nil {
		t.Fatal(err)
	}
	if l.Opaque || l.Slots != 5 || len(l.Renditions) != 4 || len(l.Sources) != 4 || len(l.Notes) != 0 {
		t.Fatalf("opaque %v, %d slots, %d renditions, %d sources, notes %q", l.Opaque, l.Slots, len(l.Renditions), len(l.Sources), l.Notes)
	}
	for i, r := range l.Renditions {
		if i > 0 && r.Bitrate <= l.Renditions[i-1].Bitrate {
			t.Errorf("%s: bitrate %d is not above that of %s", r.Name, r.Bitrate, l.Renditions[i-1].Name)
		}
		if x := r.Init().Codecs; len(x) != 2 || !strings.HasPrefix(x[0], "avc1.") || x[1] != "mp4a.40.2" {
			t.Errorf("%s: codecs %q", r.Name, x)
		}
		if sha256.Sum256(r.Init().Record) != r.Init().ID {
			t.Errorf("%s: the id is not the sum of the record", r.Name)
		}
		for n, s := range r.Segments {
			if s.Start != time.Duration(2*n)*time.Second || s.Duration != 2*time.Second || s.Flags != token.Independent {
				t.Errorf("%s segment %d: start %v, duration %v, flags %v", r.Name, n, s.Start, s.Duration, s.Flags)
			}
			tracks, err := DecodePayload(s.Payload)
			if err != nil {
				t.Fatalf("%s segment %d: %v", r.Name, n, err)
			}
			if len(tracks) != 2 || len(tracks[0].Samples) != 50 || tracks[0].Time(0) != 0 || tracks[0].Samples[0].Key != demux.Closed {
				t.Errorf("%s segment %d: does not begin with a closed key picture at 0 and 50 pictures", r.Name, n)
			}
		}
	}
	for _, want := range []struct{ width, height int }{{320, 180}, {480, 270}, {640, 360}, {960, 540}} {
		r := l.Renditions[0]
		if l.Renditions = l.Renditions[1:]; r.Init().Width != want.width || r.Init().Height != want.height {
			t.Errorf("%s: %dx%d, want %v", r.Name, r.Init().Width, r.Init().Height, want)
		}
	}
}

// Every rendition carries the same sound, so its payload samples must be the
// same bytes at the same times although the containers differ.
func TestClipSoundIsTheSameInAllContainers(t *testing.T) {
	l, err := Load(Default())
	if err != nil {
		t.Fatal(err)
	}
	for n := range l.Slots {
		first, _ := DecodePayload(l.Renditions[0].Segments[n].Payload)
		for _, r := range l.Renditions[1:] {
			own, _ := DecodePayload(r.Segments[n].Payload)
			if first[1].Start != own[1].Start || !sameSamples(first[1].Samples, own[1].Samples) {
				t.Errorf("%s segment %d: sound differs from %s", r.Name, n, l.Renditions[0].Name)
			}
		}
	}
}

func sameSamples(a, b []Sample) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Step != b[i].Step || a[i].Damaged != b[i].Damaged || a[i].Key != b[i].Key || !bytes.Equal(a[i].Bytes, b[i].Bytes) {
			return false
		}
	}
	return true
}

func ExampleLoad() {
	l, err := Load(Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range l.Renditions {
		fmt.Println(r.Name, r.Init().Codecs, len(r.Segments), "segments")
	}
	// Output:
	// 180p [avc1.4d400c mp4a.40.2] 5 segments
	// 270p [avc1.4d4015 mp4a.40.2] 5 segments
	// 360p [avc1.64001e mp4a.40.2] 5 segments
	// 540p [avc1.64001f mp4a.40.2] 5 segments
}

func ExampleTokenize() {
	r := Tokenize("letter.mp4", []byte("Dear friend, this is not a film."), 2*time.Second)
	fmt.Println(r.Opaque)
	fmt.Println(len(r.Segments), "piece of", r.Segments[0].Bytes, "bytes, counted as", r.Segments[0].Duration)
	// Output:
	// no known container: the file starts with 44 65 61 72 20 66 72 69
	// 1 piece of 32 bytes, counted as 2s
}
