package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"kinetoscope/reports"
	"kinetoscope/sim/result"
)

// write puts the results and the reports into the run folder and points
// "latest" at it.
func (r *runCommand) write(ctx context.Context, set *result.Set) (dir string, err error) {
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	if dir = r.out; dir == "" {
		dir = unused(filepath.Join(outFolder, set.Name+"-"+time.Now().Format("20060102-150405")))
	}
	files, err := reports.Files(set)
	if err != nil {
		return "", oursError{err}
	}
	if err := result.Write(dir, set, files...); errors.Is(err, result.ErrOccupied) {
		return "", fmt.Errorf("--out: %w", err)
	} else if err != nil {
		return "", oursError{err}
	}
	if r.out == "" {
		relink(filepath.Join(outFolder, "latest"), filepath.Base(dir))
	}
	return dir, nil
}

const outFolder = "kscope-out"

// checkOut refuses a folder that could only fail after all runs.
func (r *runCommand) checkOut() error {
	if r.out == "" {
		if err := try(outFolder); err != nil {
			return fmt.Errorf("%s: cannot make a folder in it: %w: name another place with --out", outFolder, err)
		}
		return nil
	}
	dir, err := replaceable(r.out)
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	r.out = dir
	return nil
}

// replaceable is the folder that dir stands for, or why nothing can be written there.
func replaceable(dir string) (string, error) {
	if here, err := os.Getwd(); err == nil && within(here, dir) {
		return "", fmt.Errorf("%s is where you are, and would be replaced under your feet: name a folder in it", dir)
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // what a link points at is replaced, not the link
	}
	parent := filepath.Dir(filepath.Clean(dir))
	if err := try(parent); err != nil {
		return "", fmt.Errorf("%s: cannot make a folder in %s: %w: name a folder where you may write", dir, parent, err)
	}
	return dir, result.Replaceable(dir)
}

// try makes a folder in dir, with those above it, and takes all away again.
func try(dir string) error {
	var made []string
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(at); !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			break
		}
		made = append(made, at)
	}
	defer func() {
		for _, at := range made {
			os.Remove(at)
		}
	}()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	temp, err := os.MkdirTemp(dir, ".kscope-")
	if err != nil {
		return err
	}
	return os.Remove(temp)
}

// within says whether path is dir or below it.
func within(path, dir string) bool {
	at, err := os.Stat(dir)
	for err == nil {
		if fi, err := os.Stat(path); err == nil && os.SameFile(fi, at) {
			return true
		}
		above := filepath.Dir(path)
		if above == path {
			break
		}
		path = above
	}
	return false
}

// unused is path or, if something is there, path with a number behind it.
func unused(path string) string {
	for n, try := 2, path; ; n++ {
		if _, err := os.Lstat(try); err != nil {
			return try
		}
		try = fmt.Sprintf("%s-%d", path, n)
	}
}

// relink points a link at target; where links are not to be had it does
// nothing, since they are a convenience.
func relink(link, target string) {
	if fi, err := os.Lstat(link); err == nil && fi.Mode()&os.ModeSymlink == 0 {
		return // somebody else's
	}
	next := fmt.Sprintf("%s.%d", link, os.Getpid())
	if os.Symlink(target, next) == nil && os.Rename(next, link) != nil {
		os.Remove(next)
	}
}
