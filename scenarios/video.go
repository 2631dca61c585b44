package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// videos looks for the videos that the file names by a relative path, so that
// a scenario and its video can be moved together.
func videos(file string, st *stack[Scenario]) error {
	if path, msg := locate(file, st.base.Video.File, st.top[videoKey]); msg == "" {
		st.base.Video.File = path // nobody plays the top: what it lacks is no problem
	}
	var found problems
	for i := range st.variants {
		s, at := &st.variants[i], st.where[i][videoKey]
		path, msg := locate(file, s.Video.File, at)
		if msg != "" {
			found.add(at.problem(videoKey, msg))
			continue
		}
		s.Video.File = path
	}
	return found.err()
}

const videoKey = "video.file"

// locate is where a file is that is named at a place: seen from the working
// directory, then beside the scenario; or it says where it is not. What --set
// names is seen from the working directory alone, like any other argument, and
// looked for when it is read.
func locate(file, path string, at site) (place, problem string) {
	if at.src == nil || at.src.layer > 0 || path == "" || filepath.IsAbs(path) || !missing(path) {
		return path, ""
	}
	near := filepath.Join(filepath.Dir(file), path)
	switch {
	case !missing(near):
		return near, ""
	case near == filepath.Clean(path):
		return "", fmt.Sprintf("there is no %s in the working directory, which is that of the scenario", path)
	}
	return "", fmt.Sprintf("there is no %s in the working directory, and no %s beside the scenario", path, near)
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
