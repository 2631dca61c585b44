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
		t.printf("%s %-23s twin %-6s ours %-35s %s", t.mark(b.Fell && b.Stood), b.Twin, fell(b), stood(b), b.Cost)
	}
	t.parts(a.Parts)
	t.printf("seed %d, %d random operations", a.Seed, a.Operations)
	for _, m := range a.Twins {
		if m.By == "" {
			t.printf("    %s: %s", m.What, m.Why)
		}
	}
	for _, set := range a.Mutants {
		for _, m := range set.Lived {
			t.printf("    nothing finds %s %s", m.Contract, m.What)
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

// AuditFiles is the page about an audit.
func AuditFiles(a *result.Audit) []result.File {
	var b strings.Builder
	b.WriteString("# Audit\n\nWhat the contracts did under attack, as `kscope audit` found it on the real machine. Each attack is made on a twin of the contract " +
		"with one flaw, where it has to succeed, and on the contract, which has to stand with the error named. Gas is that of the decisive " +
		"transaction, on the twin and when ours refuses; astray is what is in other hands in the end on the twin than on the contract, in wei.\n\n" +
		fmt.Sprintf("Seed %d; %d random operations on all contracts together.\n\n## Attacks\n\n", a.Seed, a.Operations) +
		"| | twin | its flaw | it | ours | what it would cost | gas | refused | astray |\n|---|---|---|---|---|---|---:|---:|---:|\n")
	for i := range a.Attacks {
		r := &a.Attacks[i]
		ours := stood(r)
		if r.Stood && r.Answer != "" {
			ours = "`" + ours + "`"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", tick(r.Fell && r.Stood), r.Twin, r.Flaw, strings.TrimSuffix(fell(r), ","), ours, r.Cost,
			num(float64(r.Gas)), num(float64(r.Refusal)), num(float64(r.Astray)))
	}
	writeParts(&b, a.Parts)
	writeCoverage(&b, a.Coverage)
	writeTwins(&b, a.Twins)
	writeMutants(&b, a.Mutants)
	return []result.File{written("audit.md", []byte(b.String()))}
}

// writeTwins says what has found each twin without its attack.
func writeTwins(b *strings.Builder, twins []result.Mutant) {
	b.WriteString("\n## Twins as mutants\n\nWould models and rules, which know nothing of a flaw, have found it?\n\n| twin | found by |\n|---|---|\n")
	for _, m := range twins {
		by := m.By
		if by == "" {
			by = "**nothing**: " + m.Why
		}
		fmt.Fprintf(b, "| %s | %s |\n", m.What, by)
	}
}

// writeMutants counts the mutants of every contract and lists what is left.
func writeMutants(b *strings.Builder, sets []result.Mutations) {
	b.WriteString("\n## Mutants by rule\n\nA script makes every change of these kinds in the sources, one at a time, and compiles it: a check, branch, assignment or guard " +
		"left out; a comparison, sum, choice or constant changed; addresses swapped; money sent before it is noted. Events, the arguments of errors and assembly are left as they are. " +
		"Mutants with the bytecode of the contract or of another are none.\n\n" +
		"| contract | mutants | looked for | found by the model | by the rules | no different | left |\n|---|---:|---:|---:|---:|---:|---:|\n")
	var all result.Mutations
	for _, s := range sets {
		row(b, s.Contract, &s)
		all.Made, all.Hunted, all.ByModel, all.ByRules = all.Made+s.Made, all.Hunted+s.Hunted, all.ByModel+s.ByModel, all.ByRules+s.ByRules
		all.Equal, all.Lived = append(all.Equal, s.Equal...), append(all.Lived, s.Lived...)
	}
	row(b, "all", &all)
	b.WriteString("\nNo different in what becomes of money, titles and licences, and why:\n\n| where | change | why |\n|---|---|---|\n")
	for _, m := range all.Equal {
		fmt.Fprintf(b, "| %s | `%s` | %s |\n", m.Contract, escaped(m.What), m.Why)
	}
	b.WriteString("\nLeft, because nothing above finds them:\n\n| where | change |\n|---|---|\n")
	for _, m := range all.Lived {
		fmt.Fprintf(b, "| %s | `%s` |\n", m.Contract, escaped(m.What))
	}
}

// escaped is code in a cell of a table.
func escaped(code string) string { return strings.ReplaceAll(code, "|", "\\|") }

func row(b *strings.Builder, name string, s *result.Mutations) {
	fmt.Fprintf(b, "| %s | %d | %d | %d | %d | %d | %d |\n", name, s.Made, s.Hunted, s.ByModel, s.ByRules, len(s.Equal), len(s.Lived))
}

// writeCoverage says how much of the contracts was executed, and what was not.
func writeCoverage(b *strings.Builder, all []result.Coverage) {
	b.WriteString("\n## What was executed\n\nInstructions of the deployed bytecode, and ways that conditional jumps can go, which attacks, permissions and random operations have gone. " +
		"Of the ways not gone some end at once in an error: in a check that the compiler makes of sums, in one of call data, or in an error of the contract or a library.\n\n" +
		"| contract | instructions | | ways | | not gone: sums | call data | errors | others |\n|---|---:|---:|---:|---:|---:|---:|---|---:|\n")
	for i := range all {
		c := &all[i]
		fmt.Fprintf(b, "| %s | %d of %d | %.0f %% | %d of %d | %.0f %% | %d | %d | %s | %d |\n", c.Contract, c.Instructions, c.AllOfThem, 100*float64(c.Instructions)/float64(c.AllOfThem),
			c.Branches, c.AllBranches, 100*float64(c.Branches)/float64(c.AllBranches), c.Sums, c.Malformed, strings.Join(c.Errors, ", "), c.Open)
	}
}
