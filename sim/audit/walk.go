package audit

import (
	"fmt"
	"math/rand/v2"

	"github.com/ethereum/go-ethereum/common"

	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/payment"
	"kinetoscope/sim/result"
)

// Who holds money besides the accounts.
const (
	rogue  = accounts + iota // a hostile contract
	house                    // the contract that is walked over
	ashes                    // where reserve pools burn
	purses                   // how many there are
	none   = purses          // the zero address
)

var purseNames = append(roles[:], "rogue", "contract", "ashes")

// A model is a contract in plain Go, written from its description.
type model interface {
	// step makes a random call and says where the answer is not the model's.
	step(w *walk) string
}

// A witness is a model that also knows what the contract's views must say. Its
// look is at what the last call was about.
type witness interface {
	look(w *walk) string
}

// models are those there are, by contract.
func models() map[string]func() model {
	return map[string]func() model{
		"Registry": func() model { return &registryModel{} },
		"Licences": func() model { return &licenceModel{owner: creator, split: none} },
		"Channels": func() model { return &channelModel{} },
		"Split": func() model {
			return &splitModel{shares: []int64{3333, 3333, 3334}, payees: []payment.Account{creator, payee1, payee2}}
		},
		"Tickets":         func() model { return &ticketModel{admitted: map[payment.Account]bool{}} },
		"HashChain":       func() model { return &wordModel{} },
		"ReservePool":     func() model { return &poolModel{} },
		"RollupInbox":     func() model { return &inboxModel{spent: map[[32]byte]bool{}} },
		"StorageDeals":    func() model { return &dealModel{} },
		"Vault":           func() model { return &vaultModel{} },
		"VirtualChannels": func() model { return &virtualModel{} },
	}
}

// A walk is a run of random calls beside a model, which knows what everybody
// must hold.
type walk struct {
	*stage
	rng    *rand.Rand
	h      hostile
	manner uint8
	who    [purses + 1]common.Address
	due    [purses]int64 // what each must hold, in wei
	done   map[string]int
	said   []byte // what the last call returned
}

func newWalk(l *lab, name string, code []byte) *walk {
	s := newStage(l, name, code)
	w := &walk{stage: s, rng: rand.New(rand.NewPCG(l.seed, 0)), h: s.hostile(), done: map[string]int{}}
	for a := range accounts {
		w.who[a] = s.Address(a)
	}
	w.who[rogue], w.who[house], w.who[ashes] = w.h.at, s.at, common.HexToAddress("0xdead")
	for i := range w.due {
		w.due[i] = s.holds(w.who[i])
	}
	return w
}

// step makes a random call and says where the contract is not as the model.
func (w *walk) step(m model) string {
	if wrong := m.step(w); wrong != "" {
		return wrong
	}
	if wrong := w.unpaid(); wrong != "" {
		return wrong
	}
	if m, sees := m.(witness); sees {
		return m.look(w)
	}
	return ""
}

// stroll makes so many random calls and stops at the first that is not as the
// model has it.
func stroll(l *lab, name string, code []byte, calls int) (made int, wrong string) {
	w, m := newWalk(l, name, code), models()[name]()
	for made < calls {
		made++
		if wrong = w.step(m); wrong != "" {
			break
		}
	}
	return made, wrong
}

// unpaid says who does not hold what it must.
func (w *walk) unpaid() string {
	for i, must := range w.due {
		if got := w.holds(w.who[i]); got != must {
			return fmt.Sprintf("%s holds %d wei, must hold %d", purseNames[i], got, must)
		}
	}
	return ""
}

// seen says where a view does not say what it must.
func seen[T comparable](what string, got, want T) string {
	if got != want {
		return fmt.Sprintf("%s is %v, must be %v", what, got, want)
	}
	return ""
}

// move says that money must have moved.
func (w *walk) move(from, to payment.Account, amount int64) {
	w.due[from] -= amount
	w.due[to] += amount
}

// call calls the contract and compares the answer; then happens if it must
// succeed. The rogue calls through its contract, with the creator's money.
func (w *walk) call(from payment.Account, value int64, what string, data []byte, want string, then func()) string {
	var o ledger.Outcome
	payer := from
	if from == rogue {
		payer = creator
		o = w.act(w.h, w.at, uint64(value), data)
	} else {
		o = w.do(from, uint64(value), data)
	}
	return w.answered(o, what, want, func() {
		w.move(payer, house, value)
		then()
	})
}

// answered compares an answer; then happens if it must succeed.
func (w *walk) answered(o ledger.Outcome, what, want string, then func()) string {
	w.done[what+" "+want]++
	w.said = o.Data
	if o.Reason != want {
		return fmt.Sprintf("%s answers %q, must answer %q", what, o.Reason, want)
	}
	if want == "" {
		then()
	}
	return ""
}

// refusal is why paying an account fails: only the rogue can make it.
func (w *walk) refusal(to payment.Account) string {
	switch {
	case to == rogue && w.manner == refuse:
		return "Error"
	case to == rogue && w.manner == reenter:
		return "ReentrancyGuardReentrantCall"
	}
	return ""
}

// takeRefund has the rogue take what a contract keeps for it, to itself or
// another; parked is what that is by the model.
func (w *walk) takeRefund(parked *int64, pack func(to common.Address) []byte) string {
	to := pick(w, payee2, rogue)
	data := pack(w.who[to])
	w.behaves(data)
	want := w.refusal(to)
	if *parked == 0 {
		want = "NothingDue"
	}
	return w.call(rogue, 0, "takeRefund", data, want, func() {
		w.move(house, to, *parked)
		*parked = 0
	})
}

// behaves gives the rogue another manner; calling back is with data.
func (w *walk) behaves(data []byte) {
	w.manner = []uint8{0, refuse, reenter}[w.rng.IntN(3)]
	w.behave(w.h, w.manner, w.at, data)
	w.set(w.Call(creator, w.h.at, 0, w.h.PackAtMost(n(1))))
}

// next is the time of the block that the next call is in.
func (w *walk) next() uint64 { return w.Now() + 1 }

// or is the first that is not empty.
func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// until waits, every other time, so that the next call is in the second of a
// deadline or in the one before.
func (w *walk) until(deadline uint64) {
	if at := deadline - w.rng.Uint64N(2); w.rng.IntN(2) == 0 && deadline > 0 && at > w.next() {
		w.later(int(at - w.next()))
	}
}

// unless is why something is refused that is not fine.
func unless(fine bool, why string) string {
	if fine {
		return ""
	}
	return why
}

// pick draws one of a list.
func pick[T any](w *walk, list ...T) T { return list[w.rng.IntN(len(list))] }

// beside makes so many random calls of a contract beside its model.
func beside(l *lab, name string, calls int) result.Finding {
	made, wrong := stroll(l, name, nil, calls)
	f := result.Finding{What: name, Want: float64(calls), Got: float64(made), Unit: "calls", Rule: "exactly", Passed: wrong == ""}
	if wrong != "" {
		f.What += ", the last one: " + wrong
	}
	return f
}
