package ledger

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"

	"github.com/ethereum/go-ethereum/accounts/abi"
	"github.com/ethereum/go-ethereum/common"
)

// The compiled contracts. contracts/compile.mjs makes them from the sources
// beside them; a build of this package needs no Solidity compiler.
//
//go:embed contracts/build/*.json
var artefacts embed.FS

// A contract is a compiled contract: how to call it, and its creation code.
type contract struct {
	abi  abi.ABI
	code []byte
}

// suite is every contract of the chain.
type suite struct {
	registry, split, channels contract
}

// loadSuite reads the embedded artefacts. They are part of this program, so a
// bad one is a bug of ours.
func loadSuite() *suite {
	read := func(name string) contract {
		text, err := artefacts.ReadFile("contracts/build/" + name + ".json")
		if err != nil {
			panic(fmt.Sprintf("ledger: %v", err))
		}
		c, err := parseContract(text)
		if err != nil {
			panic(fmt.Sprintf("ledger: contract %s: %v", name, err))
		}
		return c
	}
	return &suite{registry: read("Registry"), split: read("Split"), channels: read("Channels")}
}

func parseContract(text []byte) (c contract, err error) {
	var a struct {
		ABI      json.RawMessage
		Bytecode string
	}
	if err = json.Unmarshal(text, &a); err != nil {
		return c, err
	}
	if c.abi, err = abi.JSON(bytes.NewReader(a.ABI)); err != nil {
		return c, err
	}
	if c.code = common.FromHex(a.Bytecode); len(c.code) == 0 {
		return c, fmt.Errorf("no bytecode")
	}
	return c, nil
}

// create is the data of a transaction that deploys c.
func (c *contract) create(args ...any) []byte {
	return append(bytes.Clone(c.code), c.call("", args...)...)
}

// call is the data of a transaction that calls method.
func (c *contract) call(method string, args ...any) []byte {
	data, err := c.abi.Pack(method, args...)
	if err != nil {
		panic(fmt.Sprintf("ledger: arguments of %s: %v", method, err))
	}
	return data
}

// result reads what a call of method returned.
func (c *contract) result(method string, data []byte) []any {
	out, err := c.abi.Unpack(method, data)
	if err != nil {
		panic(fmt.Sprintf("ledger: result of %s: %v", method, err))
	}
	return out
}

// reason names the error that a reverted call returned: a custom error of any
// of our contracts, since one may pass on what another said, else Error or
// Panic, which the compiler itself uses, else Reverted.
func (s *suite) reason(data []byte) string {
	if len(data) >= 4 {
		id := [4]byte(data[:4])
		for _, c := range []*contract{&s.channels, &s.split, &s.registry} {
			if e, err := c.abi.ErrorByID(id); err == nil {
				return e.Name
			}
		}
		switch id {
		case [4]byte{0x08, 0xc3, 0x79, 0xa0}:
			return "Error"
		case [4]byte{0x4e, 0x48, 0x7b, 0x71}:
			return "Panic"
		}
	}
	return "Reverted"
}
