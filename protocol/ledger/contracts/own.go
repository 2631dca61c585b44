package contracts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common/hexutil"
)

// An Own is a contract that somebody has compiled from sources of its own, to
// stand in the place of one of ours.
type Own struct {
	Contract string          `json:"contract"` // which of ours
	ABI      json.RawMessage `json:"abi"`
	Bytecode hexutil.Bytes   `json:"bytecode"` // creates it when the constructor's arguments follow
}

// ReadOwn reads a JSON artefact as compile.mjs writes it, or Hardhat, which
// says contractName for contract. It may have more than the contract in whose
// place it stands, and whatever that has it must have too; the error says what
// is missing or different.
func ReadOwn(text []byte) (o Own, err error) {
	var named struct {
		Own
		ContractName string
	}
	if err := json.Unmarshal(text, &named); err != nil {
		if strings.Contains(err.Error(), "hex") {
			return o, fmt.Errorf("its bytecode is not in hexadecimal (%v): link its libraries", err)
		}
		return o, fmt.Errorf("it is not the JSON of a compiled contract: %v", err)
	}
	o = named.Own
	if o.Contract == "" {
		o.Contract = named.ContractName
	}
	if !slices.Contains(Names(), o.Contract) {
		return o, fmt.Errorf("its contract is %q: use one of %s", o.Contract, strings.Join(Names(), ", "))
	}
	if len(o.Bytecode) == 0 {
		return o, errors.New("it has no bytecode, as of an interface or an abstract contract: name one that can be deployed")
	}
	face, err := abi.JSON(bytes.NewReader(o.ABI))
	if err != nil {
		return o, fmt.Errorf("its ABI cannot be read: %v", err)
	}
	ours, _ := load(o.Contract)
	if missing := without(ours, face); len(missing) > 0 {
		return o, fmt.Errorf("its ABI does not match that of %s: there is no %s: compile a version that keeps what ours has", o.Contract, few(missing))
	}
	var flat bytes.Buffer
	if err := json.Compact(&flat, o.ABI); err != nil {
		return o, err
	}
	o.ABI = flat.Bytes()
	return o, nil
}

// String is o as JSON on one line.
func (o Own) String() string {
	text, err := json.Marshal(o)
	if err != nil {
		panic(fmt.Sprintf("contracts: %v", err))
	}
	return string(text)
}

// without lists what a has that b has not, or otherwise.
func without(a, b abi.ABI) []string {
	has := parts(b)
	return slices.DeleteFunc(parts(a), func(p string) bool { return slices.Contains(has, p) })
}

// few names the first of what is missing.
func few(missing []string) string {
	const most = 5
	if n := len(missing); n > most {
		return fmt.Sprintf("%s, and %d more of ours are not there", strings.Join(missing[:most], ", no "), n-most)
	}
	return strings.Join(missing, ", no ")
}

// parts are all that can be asked of a contract or come from it, each with its
// types and, for a function, what it returns and whether it only looks.
func parts(a abi.ABI) []string {
	all := []string{"constructor" + tuple(a.Constructor.Inputs)}
	if a.HasReceive() {
		all = append(all, "receive()")
	}
	for _, name := range slices.Sorted(maps.Keys(a.Methods)) {
		m := a.Methods[name]
		all = append(all, fmt.Sprintf("function %s %s returns %s", m.Sig, m.StateMutability, tuple(m.Outputs)))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Errors)) {
		all = append(all, "error "+a.Errors[name].Sig)
	}
	for _, name := range slices.Sorted(maps.Keys(a.Events)) {
		all = append(all, "event "+a.Events[name].Sig)
	}
	return all
}

// tuple is the types of arguments.
func tuple(args abi.Arguments) string {
	var types []string
	for _, a := range args {
		types = append(types, a.Type.String())
	}
	return "(" + strings.Join(types, ",") + ")"
}
