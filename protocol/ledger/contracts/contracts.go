// Package contracts holds the compiled contracts and their typed bindings.
//
// compile.mjs makes the artefacts in build/ from the sources in src/, and
// generate.go makes bindings.go from the artefacts; "make contracts" does both
// again and compares. A build needs neither: artefacts and bindings are
// committed. What a contract does is said in its source.
//
// It leaves out sending and mining: package ledger does that.
package contracts

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
)

//go:embed build/*.json build/test/*.json build/mutants.json.gz
var artefacts embed.FS

var (
	errNoEvent    = errors.New("contracts: a log without an event's signature")
	errOtherEvent = errors.New("contracts: a log of another event")
)

// load reads an embedded artefact. It is part of this program, so a bad one is
// a bug of ours.
func load(name string) (abi.ABI, []byte) {
	a := read(name)
	c, err := abi.JSON(bytes.NewReader(a.ABI))
	if err != nil {
		panic(fmt.Sprintf("contracts: %s: %v", name, err))
	}
	return c, common.FromHex(a.Bytecode)
}

// An artefact is what compile.mjs writes of a contract or of a twin, which has
// no interface of its own.
type artefact struct {
	ABI            json.RawMessage
	Bytecode       string
	Twin, Of, Flaw string
}

func read(name string) (a artefact) {
	text, err := artefacts.ReadFile("build/" + name + ".json")
	if err != nil {
		text, err = artefacts.ReadFile("build/test/" + name + ".json")
	}
	if err == nil {
		err = json.Unmarshal(text, &a)
	}
	if err == nil && len(common.FromHex(a.Bytecode)) == 0 {
		err = errors.New("no bytecode")
	}
	if err != nil {
		panic(fmt.Sprintf("contracts: %s: %v", name, err))
	}
	return a
}

// A Twin is a contract with one flaw, to show that an attack would succeed. It
// is called like the contract that it is a twin of.
type Twin struct {
	Name, Of string // the contract's name with a word more, and the contract's
	Flaw     string // what is wrong
	Code     []byte // creates it when the constructor's arguments follow
}

// TwinOf is the twin with this name. It panics if there is none.
func TwinOf(name string) Twin {
	a := read(name)
	if a.Twin != name {
		panic(fmt.Sprintf("contracts: %s is no twin", name))
	}
	return Twin{a.Twin, a.Of, a.Flaw, common.FromHex(a.Bytecode)}
}

// TwinNames lists all twins.
func TwinNames() (names []string) {
	files, err := artefacts.ReadDir("build/test")
	if err != nil {
		panic(fmt.Sprintf("contracts: %v", err))
	}
	for _, f := range files {
		name := strings.TrimSuffix(f.Name(), ".json")
		if slices.ContainsFunc(Names(), func(of string) bool { return strings.HasPrefix(name, of) }) {
			names = append(names, name)
		}
	}
	return names
}

// Twins lists all by name.
func Twins() (all []Twin) {
	for _, name := range TwinNames() {
		all = append(all, TwinOf(name))
	}
	return all
}

// A Suite is every contract.
type Suite struct {
	Registry        *Registry
	Split           *Split
	Licences        *Licences
	Channels        *Channels
	Tickets         *Tickets
	HashChain       *HashChain
	ReservePool     *ReservePool
	RollupInbox     *RollupInbox
	StorageDeals    *StorageDeals
	Vault           *Vault
	VirtualChannels *VirtualChannels

	names map[[4]byte]string // of errors
}

// New reads the embedded artefacts, which takes about a millisecond each.
func New() *Suite {
	s := &Suite{Registry: NewRegistry(), Split: NewSplit(), Licences: NewLicences(), Channels: NewChannels(), Tickets: NewTickets(),
		HashChain: NewHashChain(), ReservePool: NewReservePool(), RollupInbox: NewRollupInbox(), StorageDeals: NewStorageDeals(), Vault: NewVault(),
		VirtualChannels: NewVirtualChannels(),
		names:           map[[4]byte]string{{0x08, 0xc3, 0x79, 0xa0}: "Error", {0x4e, 0x48, 0x7b, 0x71}: "Panic"}}
	for _, c := range s.ABIs() {
		for _, name := range slices.Sorted(maps.Keys(c.Errors)) {
			e := c.Errors[name]
			s.names[[4]byte(e.ID[:4])] = name
		}
	}
	return s
}

// ABIs are the interfaces of all contracts, in the order of the fields.
func (s *Suite) ABIs() []abi.ABI {
	return []abi.ABI{s.Registry.abi, s.Split.abi, s.Licences.abi, s.Channels.abi, s.Tickets.abi, s.HashChain.abi,
		s.ReservePool.abi, s.RollupInbox.abi, s.StorageDeals.abi, s.Vault.abi, s.VirtualChannels.abi}
}

// ABI is the interface of the contract with this name. It panics if there is
// none.
func (s *Suite) ABI(name string) abi.ABI {
	i := slices.Index(Names(), name)
	if i < 0 {
		panic(fmt.Sprintf("contracts: there is no %s", name))
	}
	return s.ABIs()[i]
}

// Names are those of all contracts, in the order of the fields of Suite.
func Names() []string {
	return []string{"Registry", "Split", "Licences", "Channels", "Tickets", "HashChain", "ReservePool", "RollupInbox", "StorageDeals", "Vault", "VirtualChannels"}
}

// Reason names the error that a reverted call returned: a custom error of any
// of the contracts, since one may pass on what another said, else Error or
// Panic, which the compiler itself uses, else Reverted. What a contract's
// UnpackError makes of the same bytes has the error's arguments.
func (s *Suite) Reason(data []byte) string {
	if len(data) >= 4 {
		if name, ok := s.names[[4]byte(data[:4])]; ok {
			return name
		}
	}
	return "Reverted"
}
