// Package catalogue lists public data sets: where each of their files is, pinned
// by commit, size and SHA-256, under which licence, whom to cite, and what dirt
// to expect. It gets them from there, or from a mirror, and proves them.
//
// A file has its final name only when all of its bytes have been proved; until
// then it is called NAME.part, and the next pull goes on from there.
//
// What it leaves out: what the files say is read by package datasets.
package catalogue

import (
	_ "embed"
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"
)

//go:embed catalogue.tsv
var table string

// A Set is some files of one origin about one thing.
type Set struct {
	Name    string `json:"name"`
	Kind    string `json:"kind"` // as of package datasets, or media
	Licence string `json:"licence"`
	Title   string `json:"title"`
	Cite    string `json:"cite"`
	Dirt    string `json:"dirt"` // what to expect of it
	Files   []File `json:"files"`
}

// A File is one file of a set.
type File struct {
	Name   string `json:"name"` // below the folder of its set, with slashes
	Size   int64  `json:"bytes"`
	SHA256 string `json:"sha256"` // in hexadecimal
	URL    string `json:"url"`
}

// Size is that of all files.
func (s *Set) Size() (n int64) {
	for i := range s.Files {
		n += s.Files[i].Size
	}
	return n
}

// Sets lists the catalogue by name.
func Sets() []Set { return parse(table) }

// Find is the set of that name. The error lists the names that begin like it,
// or all.
func Find(name string) (*Set, error) {
	all := Sets()
	var names, near []string
	for i := range all {
		if all[i].Name == name {
			return &all[i], nil
		}
		names = append(names, all[i].Name)
		if prefix, _, _ := strings.Cut(name, "-"); prefix != "" && strings.HasPrefix(all[i].Name, prefix+"-") {
			near = append(near, all[i].Name)
		}
	}
	if len(near) == 0 {
		near = names
	}
	return nil, fmt.Errorf("%.60q is no set of the catalogue: use one of %s", name, strings.Join(near, ", "))
}

// parse reads the table. A bad line is a bug of ours.
func parse(text string) (all []Set) {
	var repo, commit string
	for line := range strings.Lines(text) {
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch {
		case c[0] == "set" && len(c) == 7:
			all = append(all, Set{Name: c[1], Kind: c[2], Licence: c[3], Title: c[4], Cite: c[5], Dirt: c[6]})
		case c[0] == "from" && len(c) == 3:
			repo, commit = c[1], c[2]
		case c[0] == "file" && (len(c) == 4 || len(c) == 5):
			size, err := strconv.ParseInt(c[2], 10, 64)
			if err != nil {
				panic(fmt.Sprintf("catalogue: %q: %v", line, err))
			}
			f := File{Name: path.Base(c[3]), Size: size, SHA256: c[1], URL: source(repo, commit, c[3])}
			if len(c) == 5 {
				f.Name = c[4]
			}
			s := &all[len(all)-1]
			s.Files = append(s.Files, f)
		case !strings.HasPrefix(line, "#"):
			panic(fmt.Sprintf("catalogue: %q is no line of it", line))
		}
	}
	slices.SortFunc(all, func(a, b Set) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// source is where a file of a public repository is read.
func source(repo, commit, file string) string {
	return (&url.URL{Scheme: "https", Host: "raw.githubusercontent.com", Path: "/" + repo + "/" + commit + "/" + file}).String()
}
