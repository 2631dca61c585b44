package reports

import (
	"fmt"
	"io"
	"strings"

	"kinetoscope/sim/result"
)

// Audit writes what an audit has found for a terminal: a line for each attack
// and for each other part, below it what is not as it should be, and the
// mutants that nothing found.
func Audit(w io.Writer, a *result.Audit, opts Options) error {
	t := &terminal{Options: opts, w: w}
	for i := range a.Attacks {
		b := &a.Attacks[i]
		t.printf("%s %-19s twin %-6s ours %-35s %s", t.mark(b.Fell && b.Stood), b.Twin, fell(b), stood(b), b.Cost)
	}
	t.parts(a.Parts)
	if killed := found(a.Mutants); len(a.Mutants) > 0 {
		t.printf("%d of %d mutants are found by rules and models that know no flaw", killed, len(a.Mutants))
	}
	for _, m := range a.Mutants {
		if m.By == "" {
			t.printf("    %s: %s", m.Twin, m.Why)
		}
	}
	return t.err
}

// fell is what became of a twin.
func fell(b *result.Attack) string {
	if b.Fell {
		return "fell,"
	}
	return "STOOD,"
}

// stood is what became of the contract.
func stood(b *result.Attack) string {
	switch {
	case !b.Stood && b.Answer == b.Wanted:
		return "FELL"
	case !b.Stood:
		return fmt.Sprintf("FELL: %q, not %q", b.Answer, b.Wanted)
	case b.Answer == "":
		return "unharmed"
	}
	return b.Answer
}

// found is how many mutants something found.
func found(mutants []result.Mutant) (n int) {
	for _, m := range mutants {
		if m.By != "" {
			n++
		}
	}
	return n
}

// AuditFiles is the page about an audit.
func AuditFiles(a *result.Audit) []result.File {
	var b strings.Builder
	b.WriteString("# Audit\n\nWhat the contracts did under attack, as `kscope audit` found it on the real machine. Each attack is made on a twin of the contract " +
		"with one flaw, where it has to succeed, and on the contract, which has to stand with the error named.\n\n## Attacks\n\n" +
		"| | twin | its flaw | it | ours | what it would cost |\n|---|---|---|---|---|---|\n")
	for i := range a.Attacks {
		r := &a.Attacks[i]
		ours := stood(r)
		if r.Stood && r.Answer != "" {
			ours = "`" + ours + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", tick(r.Fell && r.Stood), r.Twin, r.Flaw, strings.TrimSuffix(fell(r), ","), ours, r.Cost)
	}
	writeParts(&b, a.Parts)
	if len(a.Mutants) > 0 {
		fmt.Fprintf(&b, "\n## Mutants\n\nThe twins again, as mutants: would the tests above, which know nothing of a flaw, have found it? %d of %d are found.\n\n"+
			"| mutant | found by |\n|---|---|\n", found(a.Mutants), len(a.Mutants))
		for _, m := range a.Mutants {
			by := m.By
			if by == "" {
				by = "**nothing**: " + m.Why
			}
			fmt.Fprintf(&b, "| %s | %s |\n", m.Twin, by)
		}
	}
	return []result.File{written("audit.md", []byte(b.String()))}
}
