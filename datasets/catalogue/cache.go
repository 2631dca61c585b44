package catalogue

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder is where pulled sets lie: each in a folder of its name. It is
// kscope/datasets below the user's cache, $XDG_CACHE_HOME where that is the
// custom, or what KSCOPE_DATASETS names.
func Folder() (string, error) {
	if dir := os.Getenv("KSCOPE_DATASETS"); dir != "" {
		return dir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no cache folder for data sets: %w: set KSCOPE_DATASETS to a folder", err)
	}
	return filepath.Join(dir, "kscope", "datasets"), nil
}

// A State says how a file of the cache is.
type State string

// States.
const (
	Proved  State = "proved"  // its bytes are those of the catalogue
	Absent  State = "absent"  // it was not pulled
	Partial State = "partial" // a pull was interrupted
	Wrong   State = "wrong"   // other bytes
)

// Check compares one file of a set with the catalogue. The error is one of
// reading.
func Check(folder string, s *Set, f *File) (State, error) {
	path := filepath.Join(folder, s.Name, filepath.FromSlash(f.Name))
	n, sum, err := sumOf(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(path + partial); err == nil {
			return Partial, nil
		}
		return Absent, nil
	case err != nil:
		return Wrong, err
	case n == f.Size && sum == f.SHA256:
		return Proved, nil
	}
	return Wrong, nil
}

// sumOf is the length and the SHA-256 of a file.
func sumOf(path string) (int64, string, error) {
	in, err := os.Open(path)
	if err != nil {
		return 0, "", err
	}
	defer in.Close()
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
		return 0, "", fmt.Errorf("%s is no plain file", path)
	}
	h := sha256.New()
	n, err := io.Copy(h, in)
	return n, hex.EncodeToString(h.Sum(nil)), err
}
