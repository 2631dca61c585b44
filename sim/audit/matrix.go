package audit

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/result"
)

// roles are what the accounts are called in the rules.
var roles = [accounts]string{creator: "creator", payee1: "payee", payee2: "collector", honest: "payer", stranger: "stranger", victim: "other"}

// A permit says who may call what of one contract.
type permit struct {
	contract string
	states   []state
	calls    func(s *stage) map[string]ask // by function, or function:variant
	rules    string                        // lines: states function answers; see answers
}

// A state is how the contract stands when it is called.
type state struct {
	name string
	set  func(s *stage, c map[string]ask)
}

// An ask is a call.
type ask struct {
	value uint64
	data  []byte
}

func permits() []permit {
	return []permit{registryPermit, splitPermit, licencesPermit, channelsPermit, ticketsPermit, hashChainPermit, reservePoolPermit,
		rollupInboxPermit, storageDealsPermit, vaultPermit, virtualChannelsPermit}
}

// A deviation is an answer that is not as declared.
type deviation struct{ state, function, role, got, want string }

// try calls everything as everybody in every state, on a contract or a twin's
// code, until so many answers deviate. It returns how many answers there were.
func (p *permit) try(l *lab, code []byte, most int) (answers int, wrong []deviation) {
	rules := p.parsed()
	for _, st := range p.states {
		s := newStage(l, p.contract, code)
		calls := s.misplaced(p.calls(s))
		if why := s.prepared(st, calls); why != "" {
			wrong = append(wrong, deviation{st.name, "the way there", "anybody", why, ""})
			continue
		}
		for _, function := range slices.Sorted(maps.Keys(calls)) {
			rule, known := rules[st.name+" "+function]
			if !known {
				panic(fmt.Sprintf("audit: %s, %s: no rule for %s", p.contract, st.name, function))
			}
			for a := range accounts {
				o := s.bare.Try(a, s.at, calls[function].value, calls[function].data)
				answers++
				if want := rule.want(roles[a]); o.Reason != want {
					wrong = append(wrong, deviation{st.name, function, roles[a], o.Reason, want})
				}
				if len(wrong) == most {
					return answers, wrong
				}
			}
		}
	}
	return answers, wrong
}

// prepared leads to a state and says what went wrong on the way: only a twin
// refuses what leads there.
func (s *stage) prepared(st state, calls map[string]ask) (why string) {
	defer func() {
		if p := recover(); p != nil {
			why = fmt.Sprint(p)
		}
	}()
	st.set(s, calls)
	s.Call(creator, nobody, 0, nil) // a block at the present time
	return ""
}

// A rule is what each role is told: the empty text where it may.
type rule map[string]string

func (r rule) want(role string) string {
	if w, named := r[role]; named {
		return w
	}
	return r["*"]
}

// parsed reads the rules: in each line states with commas, a function, and
// answers. An answer is a role that may, or role=Error; * is all other roles.
func (p *permit) parsed() map[string]rule {
	out := map[string]rule{}
	for line := range strings.Lines(p.rules) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		r := rule{}
		for _, answer := range f[2:] {
			role, why, _ := strings.Cut(answer, "=")
			r[role] = why
		}
		if _, whole := r["*"]; !whole {
			panic(fmt.Sprintf("audit: %s: a rule without *: %s", p.contract, line))
		}
		for name := range strings.SplitSeq(f[0], ",") {
			out[name+" "+f[1]] = r
		}
	}
	return out
}

// permissions compares the contracts with the rules.
func permissions(l *lab) result.Part {
	part := result.Part{ID: "permissions", Title: "Who may call what, in which state",
		Source: "the answers declared in the table of each contract, sim/audit"}
	for _, p := range permits() {
		answers, wrong := p.try(l, nil, math.MaxInt)
		part.Findings = append(part.Findings, result.Finding{
			What: fmt.Sprintf("%s: %d states, %d calls, %d roles", p.contract, len(p.states), answers/len(p.states)/len(roles), len(roles)),
			Want: float64(answers), Got: float64(answers - len(wrong)), Unit: "answers", Rule: "exactly", Passed: len(wrong) == 0})
		for _, d := range wrong {
			part.Findings = append(part.Findings, result.Finding{What: fmt.Sprintf("%s %s, %s by %s: %q instead of %q", p.contract, d.state, d.function, d.role, d.got, d.want),
				Want: 1, Rule: "exactly"})
		}
	}
	return part
}

// run makes a call, which has to succeed.
func (s *stage) run(from payment.Account, a ask) ledger.Outcome { return s.ok(from, a.value, a.data) }
