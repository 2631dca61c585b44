package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// videos looks for the videos that the file names by a relative path: seen from
// the working directory, then beside the file, so that a scenario and its video
// can be moved together. What --set names is seen from the working directory
// alone, like any other argument.
func videos(file string, st *stack[Scenario]) error {
	locate(file, &st.base, st.top) // nobody plays the top: what it lacks is no problem
	var found problems
	for i := range st.variants {
		if msg := locate(file, &st.variants[i], st.where[i]); msg != "" {
			found.add(st.where[i][videoKey].problem(videoKey, msg))
		}
	}
	return found.err()
}

const videoKey = "video.file"

// locate puts the place of the video into s, or says where it is not.
func locate(file string, s *Scenario, where map[string]site) string {
	path := s.Video.File
	at, written := where[videoKey]
	if !written || at.src.layer > 0 || path == "" || filepath.IsAbs(path) || !missing(path) {
		return ""
	}
	near := filepath.Join(filepath.Dir(file), path)
	switch {
	case !missing(near):
		s.Video.File = near
		return ""
	case near == filepath.Clean(path):
		return fmt.Sprintf("there is no %s in the working directory, which is that of the scenario", path)
	}
	return fmt.Sprintf("there is no %s in the working directory, and no %s beside the scenario", path, near)
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
