package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// spare is the memory that tokenizing any file may take beside its bytes, with
// the program itself.
const spare = 64 << 20

// Whatever a file is or claims, its tokens cost little more memory than it has
// bytes: long ones, those of a high rate, and those that claim more than there
// is. KSCOPE_CORPUS and KSCOPE_DATASETS may name folders of further files.
func TestMemory(t *testing.T) {
	dir := t.TempDir()
	for name, write := range map[string]func(*bufio.Writer){
		"hour.mov":  func(w *bufio.Writer) { soundFilm(w, 8000*3600, 1, 8000) },
		"ones.mov":  func(w *bufio.Writer) { soundFilm(w, 8000*3600, 1, 1) }, // a chunk for each sound
		"bomb.mov":  func(w *bufio.Writer) { soundFilm(w, 1<<16, 1<<15, 1<<30) },
		"rate.h264": func(w *bufio.Writer) { pictures(w, 20*25, 100_000, 0) }, // 20 Mbit/s
		"fill.h264": func(w *bufio.Writer) { pictures(w, 20*25, 25_000, 75_000) },
		"noise.bin": func(w *bufio.Writer) { noise(w, 50_000_000) },
	} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		w := bufio.NewWriter(f)
		write(w)
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	most := int64(0)
	for _, root := range []string{dir, os.Getenv("KSCOPE_CORPUS"), os.Getenv("KSCOPE_DATASETS")} {
		if root == "" {
			continue
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			taken := peak(t, path) - info.Size()
			if most = max(most, taken); taken > spare || root == dir {
				t.Logf("%s: %d bytes and %.1f MiB", filepath.Base(path), info.Size(), float64(taken)/(1<<20))
			}
			if taken > spare {
				t.Errorf("%s takes %d bytes of memory beside its own %d, allowed are %d", path, taken, info.Size(), spare)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("at most %.1f MiB", float64(most)/(1<<20))

	// Files in turn take no more than the largest of them.
	files, _ := filepath.Glob(filepath.Join(dir, "*.h264"))
	if taken := peak(t, files...) - 20*25*100_020; taken > spare {
		t.Errorf("%d files in turn take %d bytes beside the largest, allowed are %d", len(files), taken, spare)
	}
}

// peak is the most memory that a kscope of its own had resident while it
// tokenized the files. It is asked while it waits for standard input.
func peak(t *testing.T, files ...string) (bytes int64) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self, append(append([]string{"tokenize", "--json"}, files...), "-")...)
	c.Args[0] = "kscope"
	in, _ := c.StdinPipe()
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	for _, path := range files {
		if line, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(line, `{"path":`) {
			t.Errorf("%s: %.80q, %v", path, line, err)
		}
	}
	bytes = resident(t, c)
	in.Close()
	_, _ = io.Copy(io.Discard, lines)
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
	return bytes
}

// resident is the most memory that a process has had so far, without the pages
// of the program itself, which lie in its file and are the same for every input.
func resident(t *testing.T, c *exec.Cmd) int64 {
	t.Helper()
	read := func(name string) string {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", c.Process.Pid, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	kilobytes := func(line, key string) (n int64) {
		_, tail, _ := strings.Cut(line, key)
		fmt.Sscanf(tail, "%d kB", &n)
		return n
	}
	self, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", c.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	var program int64
	within := false
	for line := range strings.Lines(read("smaps")) {
		if first, _, _ := strings.Cut(line, " "); strings.Contains(first, "-") {
			within = strings.HasSuffix(strings.TrimSpace(line), self)
		} else if within && first == "Rss:" {
			program += kilobytes(line, "Rss:")
		}
	}
	high := kilobytes(read("status"), "VmHWM:")
	if high == 0 || program == 0 || program >= high {
		t.Fatalf("a process of %d kB, %d of them the program", high, program)
	}
	return (high - program) << 10
}

// A film from a pipe waits for the index at its end in one copy, or in two
// while its room grows.
func TestPipedMemory(t *testing.T) {
	const size = 60_000_000
	c := exec.CommandContext(t.Context(), os.Args[0], "tokenize", "-")
	c.Stderr = os.Stderr
	c.Args[0] = "kscope"
	in, _ := c.StdinPipe()
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(in)
	soundFilm(w, size, 1, 8000)
	w.WriteString("\x00\x00\x00\x10free........") // the index is over
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); err != nil || !strings.HasPrefix(line, "token 0:") {
		t.Fatalf("%q, %v", line, err)
	}
	taken := resident(t, c)
	t.Logf("%.1f MiB for a film of %.1f", float64(taken)/(1<<20), float64(size)/(1<<20))
	if taken > 5*size/2+spare {
		t.Errorf("a film of %d bytes takes %d bytes of memory, allowed are %d", size, taken, 5*size/2+spare)
	}
	in.Close()
	_, _ = io.Copy(io.Discard, lines)
	if err := c.Wait(); err != nil {
		t.Fatal(err)
	}
}

// soundFilm writes a QuickTime film of n bytes of raw sound, 8000 a second: in
// chunks of so many, each a sample of one byte, of which the index claims that
// there are so many times more.
func soundFilm(w *bufio.Writer, n, claim, chunk int) {
	box := func(name string, parts ...[]byte) []byte {
		p := bytes.Join(parts, nil)
		return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(p))), name...), p...)
	}
	num := func(v ...uint32) (p []byte) {
		for _, n := range v {
			p = binary.BigEndian.AppendUint32(p, n)
		}
		return p
	}
	kind := box("ftyp", []byte("qt  "), num(0), []byte("qt  "))
	start := len(kind) + 8
	var places []uint32
	for at := 0; at < n; at += chunk {
		places = append(places, uint32(start+at))
	}
	entry := box("raw ", num(0, 1, 0, 0, 1<<16|8, 0, 8000<<16))
	w.Write(kind)
	w.Write(append(num(uint32(8+n)), "mdat"...))
	noise(w, n)
	w.Write(box("moov", box("mvhd", num(0, 0, 0, 8000, uint32(n)), make([]byte, 80)),
		box("trak", box("tkhd", num(0, 0, 0, 1), make([]byte, 68)), box("mdia",
			box("mdhd", num(0, 0, 0, 8000, uint32(n), 0)), box("hdlr", num(0, 0), []byte("soun"), make([]byte, 13)),
			box("minf", box("stbl", box("stsd", num(0, 1), entry), box("stts", num(0, 1, uint32(n*claim), 1)),
				box("stsc", num(0, 1, 1, uint32(chunk), 1)), box("stsz", num(0, 1, uint32(n*claim))),
				box("stco", num(0, uint32(len(places))), num(places...))))))))
}

// pictures writes a stream of H.264, every fiftieth picture a key, each of so
// many bytes and so many of filler.
func pictures(w *bufio.Writer, n, size, filler int) {
	unit := func(head string, more int) {
		w.WriteString("\x00\x00\x00\x01" + head)
		noise(w, more)
	}
	for i := range n {
		if i%50 == 0 {
			unit("\x67\x42\xc0\x0b\xda\x0a\x0b\x91", 0) // 160x90
			unit("\x68\xce\x3c\x80", 0)
			unit("\x65\x88", size)
		} else {
			unit("\x41\x9a", size)
		}
		if filler > 0 {
			unit("\x0c", filler)
		}
	}
}

// noise writes n bytes of no meaning, none of them zero.
func noise(w *bufio.Writer, n int) {
	rng := rand.New(rand.NewPCG(1, 2))
	for ; n > 0; n-- {
		w.WriteByte(byte(1 + rng.UintN(255)))
	}
}
