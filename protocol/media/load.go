package media

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"kinetoscope/internal/unit"
)

// MaxFile is the largest file that is read, in bytes: it is held in memory.
const MaxFile = 1 << 30

//go:embed clip/*.mp4
var shipped embed.FS

// Load reads the files that c names, or the shipped clip, and cuts them into a
// ladder. Content never makes it fail: what cannot be parsed becomes opaque.
// It fails on a path that cannot be read, on files above 1 GiB and on files
// without a byte; the error names the key "file". Transcoding is the caller's:
// here the files are what they are.
func Load(c Config) (*Ladder, error) {
	if c.File == "" {
		files, err := readAll(shipped, "clip")
		if err != nil {
			panic("media: the shipped clip cannot be read: " + err.Error())
		}
		return c.build("Kinetoscope test clip", files)
	}
	inputs, err := files(c.File)
	if err != nil {
		return nil, unit.Bad("file", err.Error())
	}
	l, err := c.build(filepath.Base(c.File), inputs)
	if err != nil {
		return nil, unit.Bad("file", err.Error())
	}
	return l, nil
}

// files reads a file, or the plain files of a folder.
func files(name string) ([]file, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no %s; name a video or a folder of renditions, as seen from the working directory, or leave it out for the clip that is shipped", name)
	case err != nil:
		return nil, err
	case info.IsDir():
		return readAll(os.DirFS(name), ".")
	}
	f, err := readOne(filepath.Base(name), info, func() (fs.File, error) { return os.Open(name) })
	return []file{f}, err
}

// readAll reads the files of a folder in order of name, but for folders inside
// it and names that start with a dot.
func readAll(fsys fs.FS, dir string) ([]file, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return nil, err
	}
	var out []file
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || e.IsDir() {
			continue
		}
		full := path.Join(dir, e.Name())
		info, err := fs.Stat(fsys, full)
		if err != nil {
			return nil, err
		}
		f, err := readOne(e.Name(), info, func() (fs.File, error) { return fsys.Open(full) })
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	if len(out) == 0 {
		return nil, errors.New("the folder has no files; put the renditions of one video into it")
	}
	return out, nil
}

// readOne reads a file after checking that it is one and not too large.
func readOne(name string, info fs.FileInfo, open func() (fs.File, error)) (file, error) {
	if !info.Mode().IsRegular() {
		return file{}, fmt.Errorf("%s is not a plain file", name)
	}
	if info.Size() > MaxFile {
		return file{}, fmt.Errorf("%s has %d bytes, allowed are %d; cut it first", name, info.Size(), MaxFile)
	}
	f, err := open()
	if err != nil {
		return file{}, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxFile))
	return file{name: name, b: b}, err
}

// Clip is the best file of the shipped clip.
func Clip() []byte {
	b, err := shipped.ReadFile("clip/540p.mp4")
	if err != nil {
		panic("media: the shipped clip cannot be read: " + err.Error())
	}
	return b
}
