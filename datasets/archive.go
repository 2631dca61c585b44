package datasets

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// Limits of archives. Nothing in them is ever written to disk under its name.
const (
	maxDeep    = 4         // archives inside archives
	maxMembers = 100_000   // files in one archive or folder
	maxInner   = 256 << 20 // bytes of an archive that is held because it lies inside another
	maxTotal   = 8 << 30   // bytes unpacked of one set
	maxRatio   = 400       // bytes unpacked for one packed: DEFLATE itself ends at 1,032
	ratioFree  = 16 << 20  // bytes unpacked before the ratio counts
)

// A gauge stops what unpacks to far more than it is.
type gauge struct {
	out    int64
	packed func() int64 // bytes of the packed file that were read
}

// metered counts what is unpacked.
type metered struct {
	in    io.Reader
	g     *gauge
	r     *reading
	again bool // its bytes are counted where they came from
}

func (m metered) Read(b []byte) (int, error) {
	n, err := m.in.Read(b)
	m.g.out += int64(n)
	if !m.again {
		m.r.set.Bytes += int64(n)
	}
	switch {
	case m.r.set.Bytes > maxTotal:
		return n, fmt.Errorf("more than %s bytes when unpacked: cut it into parts", Grouped(maxTotal))
	case m.g.packed != nil && m.g.out > ratioFree && m.g.out > maxRatio*(m.g.packed()+1):
		return n, fmt.Errorf("%s bytes come of %s packed ones, more than %d of each: an archive that was made to fill memory is not read", Grouped(m.g.out), Grouped(m.g.packed()), maxRatio)
	}
	return n, err
}

// counted counts what was read of a packed file.
type counted struct {
	in io.Reader
	n  int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.in.Read(b)
	c.n += int64(n)
	return n, err
}

// open reads a file, or all files of a folder in the order of their names.
func (r *reading) open(name string) error {
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("%w: name a file or folder that exists", err)
	}
	if !info.IsDir() {
		return r.openFile(name)
	}
	return filepath.WalkDir(name, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if err := r.more(path); err != nil {
			return err
		}
		if isJunk(path) {
			r.journal.note(junk, func() string { return path })
			return nil
		}
		if !d.Type().IsRegular() {
			r.journal.note(link, func() string { return path })
			return r.journal.err
		}
		return r.openFile(path)
	})
}

// openFile reads one plain file.
func (r *reading) openFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%w: name a file that may be read", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s: not a plain file: name one", path)
	}
	r.folder = filepath.Dir(path)
	defer func() { r.folder = "" }()
	return r.stream(path, f, f, info.Size())
}

// more counts the files that were looked at.
func (r *reading) more(path string) error {
	if r.files++; r.files > maxMembers {
		return fmt.Errorf("%s: more than %s files: name a part of them", path, Grouped(maxMembers))
	}
	return nil
}

// stream reads what may be packed. at is for archives whose index is at the end;
// nil where there is only a stream.
func (r *reading) stream(name string, in io.Reader, at io.ReaderAt, size int64) error {
	if r.deep++; r.deep > maxDeep {
		return fmt.Errorf("%s: archives are %d deep in each other: unpack them first", name, r.deep)
	}
	defer func() { r.deep-- }()
	b := bufio.NewReaderSize(in, headSize)
	head, err := b.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return r.zip(name, b, at, size)
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		packed := &counted{in: b}
		z, err := gzip.NewReader(packed)
		if err != nil {
			return fmt.Errorf("%s: its gzip header is broken: %w", name, err)
		}
		return r.unpacked(name, z, packed)
	case bytes.HasPrefix(head, []byte("BZh")):
		packed := &counted{in: b}
		return r.unpacked(name, bzip2.NewReader(packed), packed)
	case len(head) > 262 && string(head[257:262]) == "ustar":
		return r.tar(name, b)
	}
	if r.deep == 1 {
		r.set.Bytes += size
	}
	return r.take(name, b)
}

// unpacked reads what a packed stream holds.
func (r *reading) unpacked(name string, in io.Reader, packed *counted) error {
	r.inside(name)
	outer := r.gauge
	r.gauge = gauge{packed: func() int64 { return packed.n }}
	defer func() { r.gauge = outer }()
	inner := strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".bz2"), ".tgz")
	return broken(name, r.stream(inner, metered{in, &r.gauge, r, false}, nil, 0))
}

// inside counts an archive that is a file of another.
func (r *reading) inside(name string) {
	r.folder = ""
	if strings.Contains(name, "!") {
		r.journal.note(nested, func() string { return name })
	}
}

// broken says which archive an error of unpacking came from.
func broken(name string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, zip.ErrChecksum) {
		return fmt.Errorf("%s: the archive is damaged or cut: %w: fetch it again", name, err)
	}
	return err
}

// zip reads the files of a zip archive in its order.
func (r *reading) zip(name string, in io.Reader, at io.ReaderAt, size int64) error {
	r.inside(name)
	if at == nil {
		b, err := io.ReadAll(io.LimitReader(in, maxInner+1))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if len(b) > maxInner {
			return fmt.Errorf("%s: an archive of more than %s bytes inside another: unpack the outer one first", name, Grouped(maxInner))
		}
		at, size = bytes.NewReader(b), int64(len(b))
	}
	z, err := zip.NewReader(at, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return fmt.Errorf("%s: the archive is damaged or cut: %w: fetch it again", name, err)
	}
	for _, m := range z.File {
		if m.Name == "[Content_Types].xml" || m.Name == "content.xml" {
			return fmt.Errorf("%s: a document of a spreadsheet or text program, which is not read: save the sheet as CSV", name)
		}
		if r.skips(name, m.Name, m.Mode()) {
			continue
		}
		if err := r.more(name); err != nil {
			return err
		}
		if err := r.member(name, m); err != nil {
			return err
		}
	}
	return r.journal.err
}

// member reads one file of a zip archive.
func (r *reading) member(name string, m *zip.File) error {
	f, err := m.Open()
	if err != nil {
		return fmt.Errorf("%s!%s: %w: unpack it with another program", name, m.Name, err)
	}
	defer f.Close()
	outer := r.gauge
	r.gauge = gauge{packed: func() int64 { return int64(m.CompressedSize64) }}
	defer func() { r.gauge = outer }()
	return broken(name, r.stream(name+"!"+m.Name, metered{f, &r.gauge, r, false}, nil, 0))
}

// tar reads the files of a tar archive. A sparse file of one unpacks to more than
// was packed.
func (r *reading) tar(name string, in io.Reader) error {
	r.inside(name)
	packed := &counted{in: in}
	outer := r.gauge
	defer func() { r.gauge = outer }()
	for t, again := tar.NewReader(packed), r.deep > 1; ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return r.journal.err
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) {
			return fmt.Errorf("%s: the archive is damaged or cut: %w: fetch it again", name, err)
		}
		if r.skips(name, h.Name, h.FileInfo().Mode()) {
			continue
		}
		if err := r.more(name); err != nil {
			return err
		}
		r.gauge = gauge{packed: func() int64 { return packed.n }}
		if err := broken(name, r.stream(name+"!"+h.Name, metered{t, &r.gauge, r, again}, nil, 0)); err != nil {
			return err
		}
	}
}

// skips says whether an entry of an archive is left out, and counts why.
func (r *reading) skips(archive, name string, mode fs.FileMode) bool {
	where := func() string { return archive + "!" + name }
	clean := path.Clean(strings.ReplaceAll(name, `\`, "/"))
	switch {
	case clean == ".." || strings.HasPrefix(clean, "../") || strings.HasPrefix(clean, "/") || len(clean) > 1 && clean[1] == ':':
		r.journal.note(unsafePath, where)
	case mode.IsDir():
	case !mode.IsRegular():
		r.journal.note(link, where)
	case isJunk(name):
		r.journal.note(junk, where)
	default:
		return r.journal.err != nil
	}
	return true
}

// isJunk says whether a name is that of a file which an operating system leaves
// behind: AppleDouble halves, folder views, thumbnails.
func isJunk(name string) bool {
	base := path.Base(filepath.ToSlash(name))
	return strings.HasPrefix(base, "._") || base == ".DS_Store" || base == "Thumbs.db" || base == "desktop.ini" ||
		strings.HasPrefix(name, "__MACOSX/") || strings.Contains(name, "/__MACOSX/")
}
