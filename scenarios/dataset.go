package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"kinetoscope/datasets"
	"kinetoscope/datasets/catalogue"
)

// An input is what a key dataset names, read, with what is to be made of it.
type input struct {
	set  *datasets.Set
	name string // without options
	says string // format, hash, licence, repairs

	part  int     // which trace, series or rendition, from 1; 0: not said
	scale float64 // factor on rates, times or fees
	up    float64 // way up as a share of the way down, where it was not measured
	every time.Duration
	bins  int
	state string // of churn: up or down
}

// inputs are the data sets that one file names, each read once.
type inputs map[string]*input

// inputOptions are those of a data set, in the order in which messages list
// them; unit and column may be followed by .ROLE.
var inputOptions = []string{"format", "unit", "unit.ROLE", "column.ROLE", "step", "comma", "strict", "part", "scale", "up", "every", "bins", "state", "seed"}

// get reads what a key names as NAME?option=value&..., or says what is wrong.
func (in inputs) get(file, text string, at site) (*input, string) {
	id := fmt.Sprint(text, at.src != nil && at.src.layer > 0)
	if x := in[id]; x != nil {
		return x, ""
	}
	name, query, _ := strings.Cut(text, "?")
	x := &input{name: name, scale: 1, up: 1, bins: 60, state: "up"}
	desc, seed, err := x.options(query)
	if err != nil {
		return nil, err.Error()
	}
	path, licence, msg := find(file, name, at)
	if msg != "" {
		return nil, msg
	}
	if x.set, err = datasets.OpenSeeded(path, desc, seed); err != nil {
		msg := strings.TrimPrefix(err.Error(), name+": ")
		if strings.Contains(msg, "say --") {
			msg += "; in a scenario such flags stand behind the name: " + name + "?unit=ms"
		}
		return nil, msg
	}
	hash, err := hashOf(path, query)
	if err != nil {
		return nil, err.Error()
	}
	x.says = fmt.Sprintf("%s, read as %s, SHA-256 %s, licence %s: %s", text, x.set.Format, hash[:16], licence, &x.set.Repairs)
	in[id] = x
	return x, ""
}

// options reads what stands behind the question mark.
func (x *input) options(query string) (d datasets.Descriptor, seed uint64, err error) {
	d = datasets.Descriptor{Units: map[string]string{}, Columns: map[string]string{}}
	values, err := url.ParseQuery(query)
	if err != nil {
		return d, 0, fmt.Errorf("%q are no options: write name=value, with & between them", cut(query))
	}
	for _, key := range slices.Sorted(mapKeys(values)) {
		v := values[key][0]
		word, role, _ := strings.Cut(key, ".")
		var err error
		switch {
		case word == "unit":
			d.Units[role] = v
		case word == "column" && role != "":
			d.Columns[role] = v
		case key == "format":
			d.Format = v
		case key == "step":
			d.Step, err = time.ParseDuration(v)
		case key == "every":
			x.every, err = time.ParseDuration(v)
		case key == "comma":
			d.Comma, err = strconv.ParseBool(v)
		case key == "strict":
			d.Strict, err = strconv.ParseBool(v)
		case key == "part":
			x.part, err = strconv.Atoi(v)
		case key == "bins":
			x.bins, err = strconv.Atoi(v)
		case key == "seed":
			seed, err = strconv.ParseUint(v, 10, 64)
		case key == "scale":
			x.scale, err = strconv.ParseFloat(v, 64)
		case key == "up":
			x.up, err = strconv.ParseFloat(v, 64)
		case key == "state":
			x.state = v
		default:
			return d, 0, fmt.Errorf("%s is no option of a data set: use %s", clip(key), strings.Join(inputOptions, ", "))
		}
		if err != nil {
			return d, 0, fmt.Errorf("%s=%s makes no sense", key, clip(v))
		}
	}
	switch {
	case !(x.scale > 0 && x.scale <= 1e6) || !(x.up > 0 && x.up <= 1e3):
		return d, 0, fmt.Errorf("scale and up are above 0, and at most a million and a thousand")
	case x.bins < 2 || x.bins > 1000 || x.part < 0 || x.every < 0:
		return d, 0, fmt.Errorf("bins are 2 to 1000, part counts from 1, every is a positive time")
	case x.state != "up" && x.state != "down":
		return d, 0, fmt.Errorf("state=%s: write up or down", clip(x.state))
	}
	return d, seed, nil
}

// mapKeys are the names of options.
func mapKeys(values url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range values {
			if !yield(k) {
				return
			}
		}
	}
}

// find is where a data set lies, and its licence: generated, a set of the
// catalogue or one of its files, or a path. What is of the catalogue is proved.
func find(file, name string, at site) (path, licence, problem string) {
	if strings.HasPrefix(name, datasets.Generated) {
		return name, "that of this program", ""
	}
	first, rest, _ := strings.Cut(name, "/")
	s, err := catalogue.Find(first)
	if err != nil {
		path, problem = locate(file, name, at)
		if problem == "" && missing(path) {
			problem = fmt.Sprintf("there is no file %s, and no set of that name in the catalogue, which kscope datasets list prints", clip(name))
		}
		return path, "not known", problem
	}
	folder, err := catalogue.Folder()
	if err != nil {
		return "", "", err.Error()
	}
	known := rest == ""
	for i := range s.Files {
		f := &s.Files[i]
		if rest != "" && f.Name != rest && !strings.HasPrefix(f.Name, rest+"/") {
			continue
		}
		known = true
		if state, err := catalogue.Check(folder, s, f); err != nil || state != catalogue.Proved {
			return "", "", fmt.Sprintf("%s/%s is %s in %s: get it by kscope datasets pull %s", s.Name, f.Name, state, folder, s.Name)
		}
	}
	if !known {
		return "", "", fmt.Sprintf("the set %s has no file %s: kscope datasets list %s prints them", s.Name, clip(rest), s.Name)
	}
	return filepath.Join(folder, filepath.FromSlash(name)), s.Licence, ""
}

// hashOf is the SHA-256 of a file; of a folder, that of the names and hashes of
// its files; of what is generated, that of its name and options.
func hashOf(path, query string) (string, error) {
	if strings.HasPrefix(path, datasets.Generated) {
		sum := sha256.Sum256([]byte(path + "?" + query))
		return hex.EncodeToString(sum[:]), nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.IsDir() {
		return fileHash(path)
	}
	h := sha256.New()
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		sum, err := fileHash(p)
		rel, _ := filepath.Rel(path, p)
		fmt.Fprintf(h, "%s  %s\n", sum, filepath.ToSlash(rel))
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

func fileHash(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), err
}
