package result

// A Finding is one number that was measured and what it should be.
type Finding struct {
	What   string
	Want   float64
	Got    float64
	Unit   string
	Rule   string // how far Got may be from Want, in words
	Passed bool
}

// A Part is the findings of one kind.
type Part struct {
	ID       string // V1, V2, ...
	Title    string
	Source   string // where what is wanted comes from
	Findings []Finding
}

// Passed is how many of the findings are as they should be.
func (p *Part) Passed() (n int) {
	for _, c := range p.Findings {
		if c.Passed {
			n++
		}
	}
	return n
}

// A Scene is one scenario on both engines.
type Scene struct {
	Name, Title string
	Variants    []Pair
}

// A Pair is one variant on both engines, all seeds together.
type Pair struct {
	Variant      string
	Flows, Hosts Histogram // of what downloads took
}

// A Validation is what the harness was found to do when it was put to the test
// itself, and not a protocol.
type Validation struct {
	Parts  []Part
	Scenes []Scene
	Seeds  int
}

// Passed reports whether all findings are as they should be.
func (v *Validation) Passed() bool {
	for i := range v.Parts {
		if v.Parts[i].Passed() < len(v.Parts[i].Findings) {
			return false
		}
	}
	return true
}
