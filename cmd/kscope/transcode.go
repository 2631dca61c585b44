package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"kinetoscope/protocol/media"
)

// transcodeLimit is how long ffmpeg may take for one rendition.
const transcodeLimit = 10 * time.Minute

// transcode encodes the video at the rates of c, with closed key pictures where
// the segments begin, into files of a folder inside dir. why says why it did
// not.
func transcode(c media.Config, dir string) (rungs, why string) {
	ffmpeg, err := exec.LookPath("ffmpeg")
	if err != nil {
		return "", "ffmpeg is not installed"
	}
	source, err := largest(c.File, dir)
	if err != nil {
		return "", err.Error()
	}
	rungs = filepath.Join(dir, "rungs")
	if err := os.Mkdir(rungs, 0o700); err != nil {
		return "", err.Error()
	}
	for i, rate := range c.Rates {
		to := filepath.Join(rungs, fmt.Sprintf("%02d-%dk.mp4", i, int64(rate)/1000))
		if why := encode(ffmpeg, source, to, int64(rate), c.Segment); why != "" {
			return "", why
		}
	}
	return rungs, ""
}

// encode makes one rendition. It needs no terminal and no network.
func encode(ffmpeg, from, to string, rate int64, segment time.Duration) (why string) {
	ctx, cancel := context.WithTimeout(context.Background(), transcodeLimit)
	defer cancel()
	bits := fmt.Sprint(rate)
	cmd := exec.CommandContext(ctx, ffmpeg, "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe", "-i", from,
		"-map", "0:v:0", "-map", "0:a:0?", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
		"-b:v", bits, "-maxrate", bits, "-bufsize", fmt.Sprint(2*rate), "-bf", "2",
		"-force_key_frames", fmt.Sprintf("expr:gte(t,n_forced*%g)", segment.Seconds()), "-sc_threshold", "0", "-x264-params", "open-gop=0",
		"-c:a", "aac", "-b:a", "64k", "-f", "mp4", to)
	cmd.WaitDelay = time.Second
	msg, err := cmd.CombinedOutput()
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Sprintf("ffmpeg took longer than %v", transcodeLimit)
	case err != nil:
		first, _, _ := strings.Cut(strings.TrimSpace(string(msg)), "\n")
		return fmt.Sprintf("ffmpeg: %v: %s", err, first)
	}
	return ""
}

// largest names the file to transcode: the largest of a folder. The shipped
// clip is written into dir first.
func largest(path, dir string) (string, error) {
	if path == "" {
		to := filepath.Join(dir, "clip.mp4")
		return to, os.WriteFile(to, media.Clip(), 0o600)
	}
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return path, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", err
	}
	var best string
	var size int64
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && info.Size() > size {
			best, size = filepath.Join(path, e.Name()), info.Size()
		}
	}
	return best, nil
}
