package datasets

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An entry is one file of an archive that a test makes.
type entry struct {
	name, text string
	mode       os.FileMode
}

func zipped(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode | 0o644)
		w, err := z.CreateHeader(h)
		if err == nil {
			_, err = w.Write([]byte(e.text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func tarred(t testing.TB, entries ...entry) string {
	t.Helper()
	var b bytes.Buffer
	z := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.text)), Typeflag: tar.TypeReg}
		if e.mode&os.ModeSymlink != 0 {
			h.Typeflag, h.Size, h.Linkname, e.text = tar.TypeSymlink, 0, e.text, ""
		}
		if err := z.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := z.Write([]byte(e.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const ride = "time_s,down_Mbps\n0,1\n1,2\n2,3\n"

func TestArchives(t *testing.T) {
	plain := entry{"a/ride.csv", ride, 0}
	twice := "6 rows, all kept as read"
	for _, c := range []struct{ what, text, want string }{
		{"zip", zipped(t, plain), "3 rows, all kept as read"},
		{"gzip", gzipped(t, ride), "3 rows, all kept as read"},
		{"tar", tarred(t, plain, entry{"b.csv", ride, 0}), twice},
		{"tar.gz", gzipped(t, tarred(t, plain, entry{"b.csv", ride, 0})), twice},
		{"zip in zip", zipped(t, plain, entry{"in.zip", zipped(t, plain), 0}), twice + ": nested 1"},
		{"gzip in zip", zipped(t, entry{"ride.gz", gzipped(t, ride), 0}, plain), twice + ": nested 1"},
		{"junk", zipped(t, plain, entry{"__MACOSX/a/._ride.csv", "\x00\x05\x16\x07", 0}, entry{".DS_Store", "\x00", 0}), "3 rows, all kept as read: junk 2"},
		{"traversal", zipped(t, plain, entry{"../../etc/passwd", ride, 0}, entry{`..\x.csv`, ride, 0}, entry{"/abs.csv", ride, 0}, entry{"C:/x.csv", ride, 0}), "3 rows, all kept as read: unsafe-path 4"},
		{"link", zipped(t, plain, entry{"l.csv", "a/ride.csv", os.ModeSymlink}), "3 rows, all kept as read: link 1"},
		{"tar with a link", tarred(t, plain, entry{"l.csv", "/etc/passwd", os.ModeSymlink}, entry{"../up.csv", ride, 0}), "3 rows, all kept as read: unsafe-path 1, link 1"},
		{"empty and foreign", zipped(t, entry{"README", "Hello.\n", 0}, plain, entry{"e.csv", "\n", 0}), "3 rows, all kept as read: empty-file 1, unread-file 1"},
	} {
		s, err := Read("x", []byte(c.text), Descriptor{})
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		balanced(t, s)
		if got := s.Repairs.String(); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
		_, err = Read("x", []byte(c.text), Descriptor{Strict: true})
		if skips := strings.Contains(c.want, "unsafe") || strings.Contains(c.want, "link") || strings.Contains(c.want, "empty"); skips != (err != nil) {
			t.Errorf("%s: strict reading says %v", c.what, err)
		}
	}
}

// What an archive does to harm or by damage is an error that says so, and never
// costs more memory than is read.
func TestBadArchives(t *testing.T) {
	zeros := strings.Repeat(strings.Repeat("0", 1<<14-1)+"\n", 20<<6)
	deep := ride
	for range maxDeep {
		deep = zipped(t, entry{"in", deep, 0})
	}
	whole := zipped(t, entry{"a.csv", strings.Repeat(ride, 100), 0})
	for _, c := range []struct{ what, text, want string }{
		{"zip bomb", zipped(t, entry{"a.csv", zeros, 0}), "made to fill memory"},
		{"gzip bomb", gzipped(t, zeros), "made to fill memory"},
		{"deep", deep, "deep in each other"},
		{"cut zip", whole[:len(whole)/2], "damaged or cut"},
		{"cut gzip", gzipped(t, strings.Repeat(ride, 1000))[:60], "damaged or cut"},
		{"cut tar", tarred(t, entry{"a.csv", strings.Repeat(ride, 100), 0})[:700], "damaged or cut"},
		{"gzip of nothing", "\x1f\x8b\x08", "gzip header is broken"},
		{"empty zip", zipped(t), "there is no file in it"},
		{"two kinds of nothing", zipped(t, entry{"a", "x", 0}, entry{"b", "y", 0}), "none of 2 files can be read, the first because: x!a: text of no format"},
	} {
		s, err := Read("x", []byte(c.text), Descriptor{})
		if err == nil {
			t.Errorf("%s is read: %v", c.what, &s.Repairs)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", c.what, err, c.want)
		}
	}
}

// write makes files below a folder.
func write(t *testing.T, dir string, entries ...entry) {
	t.Helper()
	for _, e := range entries {
		path := filepath.Join(dir, e.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(e.text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// Files of a folder are read in the order of their names; what belongs together
// is put together.
func TestFolders(t *testing.T) {
	clip, err := os.ReadFile("../protocol/media/clip/180p.mp4")
	if err != nil {
		t.Fatal(err)
	}
	pings := "source,destination,min,avg,max,mdev\n1,2,10,20,30,1\n2,1,10,20,30,1\n1,9,10,20,30,1\n9,1,10,20,30,1\n"
	child := "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\ns0.ts\n#EXTINF:2,\ngone.ts\n"
	for _, c := range []struct {
		what    string
		entries []entry
		path    string
		want    string
	}{
		{"pings and places", []entry{{"pings.csv", pings, 0}, {"servers.csv", "id,title,country,latitude,longitude\n1,Oslo,Norway,59.9,10.7\n2,Rome,Italy,41.9,12.5\n", 0}}, ".",
			"6 rows, all kept as read: missing-pair 1, unknown-place 1: 1-2=20ms 2-1=20ms 1-9=20ms 9-1=20ms 1 is Oslo 2 is Rome"},
		{"size lists", []entry{{"v/video_size_0", "10\n20\n30\n", 0}, {"v/video_size_1", "40\n15\n", 0}}, ".",
			"0 of 5 rows repaired, 1 dropped: not-monotone 1, uneven-ladder 1: [4s 4s] video_size_0[10 20] video_size_1[40 15]"},
		{"playlist", []entry{{"p.m3u8", child, 0}, {"s0.ts", "12345", 0}}, "p.m3u8", "2 rows, all kept as read: no-file 1: [4s 2s] p.m3u8[5 0]"},
		{"multivariant", []entry{{"top.m3u8", "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000,RESOLUTION=2x1\nlo/p.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=x\n../up.m3u8\n", 0}, {"lo/p.m3u8", child, 0}, {"lo/s0.ts", "123", 0}}, "top.m3u8",
			"0 of 4 rows repaired, 1 dropped: bad-tag 1, no-file 1, no-playlist 1, remote 1: [4s 2s] 2x1 lo/p.m3u8[3 0]"},
		{"video", []entry{{"clip.mp4", string(clip), 0}}, ".", "5 rows, all kept as read"},
		{"damaged video", []entry{{"clip.mp4", string(clip[:len(clip)/2]), 0}}, ".", "media-repair"},
	} {
		dir := t.TempDir()
		write(t, dir, c.entries...)
		s, err := Open(filepath.Join(dir, c.path), Descriptor{})
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		balanced(t, s)
		if got := fmt.Sprintf("%v: %s", &s.Repairs, brief(s)); !strings.Contains(got, c.want) {
			t.Errorf("%s:\n got %s\nwant %s", c.what, got, c.want)
		}
	}
}

// A link in a folder is not followed, and neither is one that a playlist names.
func TestLinksAreNotFollowed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, entry{"in/a.csv", ride, 0}, entry{"out.ts", "1234567", 0}, entry{"in/p.m3u8", "#EXTM3U\n#EXTINF:4,\nlink.ts\n", 0})
	for link, to := range map[string]string{"in/b.csv": "a.csv", "in/link.ts": "../out.ts"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(filepath.Join(dir, "in"), Descriptor{})
	if err != nil || s.Repairs.Count("link") != 2 || s.Repairs.Count("unread-file") != 1 {
		t.Errorf("%v, %+v", err, s)
	}
	if s, err = Open(filepath.Join(dir, "in/p.m3u8"), Descriptor{}); err != nil || s.Videos[0].Renditions[0].Sizes[0] != 0 || s.Repairs.Count("no-file") != 1 {
		t.Errorf("%v, %+v", err, s)
	}
}
