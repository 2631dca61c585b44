package result

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

// enoughSeeds is from how many on no note warns that they are few. Student's t
// for 95 % is 4.3 with three, 2.8 with five, 2.3 with ten.
const enoughSeeds = 5

// AllNotes is the notes of the Set, then those of its runs, each said once: in
// the order of their first run, with the variants named if not all say it.
func (s *Set) AllNotes() []string {
	notes := slices.Clone(s.Notes)
	if n := len(s.Seeds); n > 1 && n < enoughSeeds {
		notes = append(notes, fmt.Sprintf("%d seeds are few: an interval rests on a guess of their spread that is itself uncertain; play %d or more before believing a small difference", n, enoughSeeds))
	}
	if !s.Window.Whole() {
		notes = append(notes, fmt.Sprintf("measured: %s of %s; what viewers experience and what the network carries is taken there, "+
			"money, faults and the timeline are of the whole run", s.Window.Text(), Metrics[StartupP50].Text(s.Duration.Seconds())))
	}
	if note := s.coldStart(); note != "" {
		notes = append(notes, note)
	}
	if s.Manifest.Stopped != "" {
		notes = append(notes, s.Manifest.Stopped)
	}
	var texts []string
	said := map[string][]string{} // by text: the variants that say it, in order
	for _, v := range s.Variants {
		for _, text := range s.notesOf(v.Name) {
			if said[text] == nil {
				texts = append(texts, text)
			}
			said[text] = append(said[text], v.Name)
		}
	}
	for _, text := range texts {
		if in := said[text]; len(in) < len(s.Variants) {
			text += " (" + listed(in) + ")"
		}
		if !slices.Contains(notes, text) {
			notes = append(notes, text)
		}
	}
	return notes
}

// figure is a number that stands for itself, not a part of a name.
var figure = regexp.MustCompile(`\b\d+(\.\d+)?`)

// notesOf is what the runs of a variant say, in the order of the first that does.
// What they say alike but for figures is said once, each figure as its range.
func (s *Set) notesOf(variant string) []string {
	type form struct {
		words string // the text without its figures
		nth   int    // among those of its run that have these words
	}
	var forms []form
	said := map[form][]string{}
	for _, r := range s.Runs {
		if r.Variant != variant {
			continue
		}
		seen := map[string]int{}
		for _, text := range r.Notes {
			f := form{words: figure.ReplaceAllString(text, "#")}
			f.nth, seen[f.words] = seen[f.words], seen[f.words]+1
			if said[f] == nil {
				forms = append(forms, f)
			}
			said[f] = append(said[f], text)
		}
	}
	texts := make([]string, len(forms))
	for i, f := range forms {
		texts[i] = ranged(said[f])
	}
	return texts
}

// ranged is the one text that stands for texts that differ in figures alone.
func ranged(texts []string) string {
	least, most := figure.FindAllString(texts[0], -1), figure.FindAllString(texts[0], -1)
	for _, text := range texts[1:] {
		for i, f := range figure.FindAllString(text, -1) {
			if size(f) < size(least[i]) {
				least[i] = f
			}
			if size(f) > size(most[i]) {
				most[i] = f
			}
		}
	}
	i := -1
	return figure.ReplaceAllStringFunc(texts[0], func(string) string {
		if i++; least[i] == most[i] {
			return least[i]
		}
		return least[i] + " to " + most[i]
	})
}

// size is a figure's value: figure lets none through that does not parse.
func size(figure string) float64 {
	x, _ := strconv.ParseFloat(figure, 64)
	return x
}
