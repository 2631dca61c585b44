package audit

import (
	"slices"
	"strings"
	"testing"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/result"
)

// Every twin falls to an attack, which proves that the attack is one; the
// contract itself refuses it with the error that it should, and takes no harm.
func TestTwinsFallAndContractsStand(t *testing.T) {
	l := newLab(1)
	for _, twin := range contracts.Twins() {
		t.Run(twin.Name, func(t *testing.T) {
			a := l.attack(twin.Name)
			if !a.Fell {
				t.Error("the twin withstands, so the attack proves nothing")
			}
			if !a.Stood {
				t.Errorf("the contract says %q, want no harm and %q", a.Answer, a.Wanted)
			}
		})
	}
	if got, want := len(all()), len(contracts.Twins()); got != want {
		t.Errorf("%d attacks on %d twins", got, want)
	}
}

// Everybody gets the declared answer in every state.
func TestPermissions(t *testing.T) {
	for _, f := range permissions(newLab(1)).Findings {
		if !f.Passed {
			t.Errorf("%s: %v of %v", f.What, f.Got, f.Want)
		}
	}
}

// What fits no function is refused.
func TestMalformed(t *testing.T) {
	for _, f := range malformed(newLab(1)).Findings {
		if !f.Passed {
			t.Errorf("%s: %v of %v are refused", f.What, f.Got, f.Want)
		}
	}
}

// There are rules for every contract, and they have every function that can
// change something, receive included, in every state and for every role.
func TestEveryFunctionHasRules(t *testing.T) {
	l := newLab(1)
	var ruled []string
	for _, p := range permits() {
		ruled = append(ruled, p.contract)
		rules := p.parsed()
		for _, st := range p.states {
			s := newStage(l, p.contract, nil)
			for call := range s.misplaced(p.calls(s)) {
				if rules[st.name+" "+call] == nil {
					t.Errorf("%s, %s: no rule for %s", p.contract, st.name, call)
				}
			}
		}
		calls := p.calls(newStage(l, p.contract, nil))
		abi := l.suite.ABI(p.contract)
		for name, m := range abi.Methods {
			if _, asked := calls[name]; !asked && !m.IsConstant() {
				t.Errorf("%s: nobody calls %s", p.contract, name)
			}
		}
		if _, asked := calls["receive"]; !asked && abi.HasReceive() {
			t.Errorf("%s: nobody sends to it", p.contract)
		}
	}
	slices.Sort(ruled)
	if all := slices.Sorted(slices.Values(contracts.Names())); !slices.Equal(ruled, all) {
		t.Errorf("there are rules for %v, of %v", ruled, all)
	}
}

// Random operations go as the models have it, and every answer occurs that a
// model knows of.
func TestContractsGoAsModels(t *testing.T) {
	for _, name := range contracts.Names() {
		w, m := newWalk(newLab(2), name, nil), models()[name]()
		for i := range 3000 {
			if wrong := w.step(m); wrong != "" {
				t.Fatalf("%s, call %d: %s", name, i, wrong)
			}
		}
		for _, want := range strings.Split(answers[name], ", ") {
			if w.done[want] == 0 {
				t.Errorf("%s: %q never happened", name, want)
			}
		}
	}
}

// answers are what has to occur for a walk to prove something.
var answers = map[string]string{
	"Registry": "register , register AlreadyRegistered, register ERC2981InvalidTokenRoyalty, offer , offer NotOwner, accept , accept NotOffered, setRoyalty , send OfferInstead",
	"Split":    "pay , settle , setShares , setShares BadSum, setShares OwnableUnauthorizedAccount, withdraw , withdraw Error, withdraw ReentrancyGuardReentrantCall",
	"Licences": "setTerms , setTerms NotOwner, buy , buy NotForSale, buy WrongPrice, buy Error, revoke , revoke NotOwner",
	"Channels": "open , open ChannelExists, redeem , redeem BadVoucher, redeem Stale, redeem ReentrancyGuardReentrantCall, close , close Error, close NotCollector, " +
		"requestClose AlreadyRequested, finalize , finalize TooEarly, takeRefund , topUp ",
	"Tickets": "fund , redeem , redeem Broke, redeem NotWinning, redeem Used, redeem ReentrancyGuardReentrantCall, unlock , lock , withdraw , withdraw TooEarly, admit NoChange",
	"HashChain": "open , open ChainExists, open WrongDeposit, redeem , redeem BadWord, redeem TooMany, redeem ReentrancyGuardReentrantCall, close , close NotCollector, " +
		"requestClose AlreadyRequested, finalize , finalize TooEarly, takeRefund ",
	"ReservePool": "lock , lock BadCollateral, redeem , redeem OverFund, redeem ReentrancyGuardReentrantCall, release , release TooEarly, release Error",
	"RollupInbox": "force , include , include NothingDue, postData , postData Censored, postBlobs , postBlobs BadCount, objectTo , withdraw , withdraw BadProof, withdraw Spent, " +
		"withdraw TooEarly, withdraw ReentrancyGuardReentrantCall",
	"StorageDeals": "offer , cancel , accept , accept WrongBond, challenge , challenge Challenging, challenge NoMoreChallenges, prove , prove BadProof, prove TooLate, " +
		"collect , collect Challenging, slash , slash TooEarly",
	"Vault": "deposit , pay , pay OverCredit, withdraw , withdraw OverCredit",
	"VirtualChannels": "open , open LedgerExists, redeem , redeem StaleBalance, redeem OverDeposit, redeem BadBalance, redeem TooLate, redeem ReentrancyGuardReentrantCall, requestClose , " +
		"requestClose AlreadyRequested, claim , claim TooEarly, claim NotGuaranteed, claim AlreadyClaimed, claim BadVoucher, claim ReentrancyGuardReentrantCall, finalize , finalize TooEarly",
}

// A twin that nothing finds is a gap in rules and models. Of the mutants one in
// thirty is tried here; kscope audit tries all.
func TestMutantsAreFound(t *testing.T) {
	l := newLab(1)
	twins := flawed(l)
	for _, m := range twins {
		if m.By == "" {
			t.Errorf("%s: %s", m.What, m.Why)
		}
	}
	var sets []result.Mutations
	said := map[string]bool{}
	for _, set := range contracts.MutantsOfAll() {
		for _, m := range set.All {
			said[set.Of+": "+m.What] = true
		}
		sets = append(sets, mutated(l, set, 30))
	}
	for _, f := range findings(twins, sets).Findings {
		if !f.Passed {
			t.Errorf("%s: %v %%", f.What, f.Got)
		}
	}
	for what := range equivalent {
		if !said[what] {
			t.Errorf("%s: there is no such mutant", what)
		}
	}
}

// What a contract says of itself is as its page has it.
func TestConstants(t *testing.T) {
	for _, name := range contracts.Names() {
		if wrong := unkept(newStage(newLab(1), name, nil)); wrong != "" {
			t.Errorf("%s: %s", name, wrong)
		}
	}
}
