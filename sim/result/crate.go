package result

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"path"
)

// crateName is where RO-Crate 1.2 wants a folder to describe itself
// (https://www.researchobject.org/ro-crate/specification/1.2/).
const crateName = "ro-crate-metadata.json"

// Crated is files and, behind them, one that describes them as an RO-Crate:
// what made them from what, each with its size and hash. It is to be written
// when they have been.
func Crated(s *Set, files []File) []File {
	parts := make([]*part, len(files))
	var all []File
	for i, f := range files {
		p := &part{name: f.Name, sum: sha256.New()}
		parts[i] = p
		all = append(all, File{f.Name, func(w io.Writer) error {
			p.sum.Reset()
			p.size = 0
			return f.Write(io.MultiWriter(w, p))
		}})
	}
	return append(all, File{crateName, func(w io.Writer) error { return writeCrate(w, s, parts) }})
}

// A part is a file of a crate as it was written.
type part struct {
	name string
	size int64
	sum  hash.Hash
}

// Write counts and hashes what is written.
func (p *part) Write(b []byte) (int, error) {
	p.size += int64(len(b))
	return p.sum.Write(b)
}

// media is the type of a file by its ending.
var media = map[string]string{".csv": "text/csv", ".html": "text/html", ".json": "application/json", ".parquet": "application/vnd.apache.parquet",
	".pdf": "application/pdf", ".png": "image/png", ".svg": "image/svg+xml", ".txt": "text/plain", ".yaml": "application/yaml"}

// A thing is an entity of a crate, a ref names one.
type thing map[string]any

func ref(id string) thing { return thing{"@id": id} }

func writeCrate(w io.Writer, s *Set, parts []*part) error {
	m := &s.Manifest
	var files []thing
	var names []thing
	for _, p := range parts {
		names = append(names, ref(p.name))
		files = append(files, thing{"@id": p.name, "@type": "File", "name": p.name, "contentSize": p.size,
			"sha256": hex.EncodeToString(p.sum.Sum(nil)), "encodingFormat": media[path.Ext(p.name)]})
	}
	inputs := []thing{ref(scenarioName)}
	for _, in := range m.Inputs {
		id := "#input-" + in.SHA256
		inputs = append(inputs, ref(id))
		files = append(files, thing{"@id": id, "@type": "CreativeWork", "name": in.Name, "contentSize": in.Bytes, "sha256": in.SHA256})
	}
	graph := []thing{
		{"@id": crateName, "@type": "CreativeWork", "conformsTo": ref("https://w3id.org/ro/crate/1.2"), "about": ref("./")},
		{"@id": "./", "@type": "Dataset", "name": "kscope run of " + s.Name, "description": s.Title, "datePublished": m.Host.Started,
			"license": "None is stated here: ask whoever published the folder.", "identifier": m.Digest, "hasPart": names, "mentions": ref("#run")},
		{"@id": "#run", "@type": "CreateAction", "name": "The command that made this folder", "instrument": ref("#kscope"),
			"object": inputs, "result": ref("./"), "startTime": m.Host.Started, "actionStatus": ref("http://schema.org/CompletedActionStatus")},
		{"@id": "#kscope", "@type": "SoftwareApplication", "name": "kscope", "softwareVersion": m.Version, "runtimePlatform": m.Go},
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(thing{"@context": "https://w3id.org/ro/crate/1.2/context", "@graph": append(graph, files...)})
}
