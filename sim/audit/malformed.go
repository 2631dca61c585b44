package audit

import (
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"

	"github.com/ethereum/go-ethereum/accounts/abi"

	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/result"
)

// malformed makes calls that fit no function: value where none is taken, data
// that are too short or of no function, and words with more bits than their
// type has. All must be refused without a reason. It calls the views as well,
// which must answer.
func malformed(l *lab) result.Part {
	part := result.Part{ID: "malformed", Title: "Malformed calls", Source: "the contract ABI specification, strict mode"}
	for _, name := range contracts.Names() {
		s := newStage(l, name, nil)
		s.Call(creator, nobody, 0, nil)
		refused, all := 0, 0
		ask := func(value uint64, data []byte) {
			all++
			if s.bare.Try(stranger, s.at, value, data).Reason == "Reverted" {
				refused++
			}
		}
		face := l.suite.ABI(name)
		ask(0, []byte{1, 2, 3})
		ask(0, []byte{1, 2, 3, 4})
		if !face.HasReceive() {
			ask(1, nil)
		}
		for _, method := range slices.Sorted(maps.Keys(face.Methods)) {
			m := face.Methods[method]
			args := zeros(m.Inputs)
			data := must(face.Pack(method, args...))
			if m.IsConstant() {
				s.bare.Try(stranger, s.at, 0, data)
			}
			if !m.IsPayable() {
				ask(1, data)
			}
			if len(data) > 4 {
				ask(0, data[:len(data)-1])
			}
			for _, dirty := range dirtied(m.Inputs, data) {
				ask(0, dirty)
			}
		}
		part.Findings = append(part.Findings, result.Finding{What: fmt.Sprintf("%s: %d functions", name, len(face.Methods)), Want: float64(all), Got: float64(refused),
			Unit: "refused", Rule: "exactly", Passed: refused == all})
	}
	return part
}

// zeros are arguments that are nothing.
func zeros(inputs abi.Arguments) (args []any) {
	for _, in := range inputs {
		if in.Type.T == abi.IntTy || in.Type.T == abi.UintTy && in.Type.Size > 64 {
			args = append(args, new(big.Int))
			continue
		}
		args = append(args, zero(in.Type.GetType()))
	}
	return args
}

// zero is nothing of a type, with numbers for the pointers in it.
func zero(t reflect.Type) any {
	v := reflect.New(t).Elem()
	if t.Kind() == reflect.Struct {
		for i := range t.NumField() {
			if t.Field(i).Type.Kind() == reflect.Pointer {
				v.Field(i).Set(reflect.ValueOf(new(big.Int)))
			}
		}
	}
	return v.Interface()
}

// dirtied sets the topmost bit of every word that has fewer bits, one at a time,
// and of every offset to what follows. Structs, which here hold no others and
// nothing of any length, are left as they are.
func dirtied(inputs abi.Arguments, data []byte) (all [][]byte) {
	at := 4
	for _, in := range inputs {
		bits, words := in.Type.Size, max(1, len(in.Type.TupleElems))
		switch in.Type.T {
		case abi.FixedBytesTy:
			bits *= 8
		case abi.TupleTy:
			bits = 256
		}
		if bits != 256 {
			dirty := slices.Clone(data)
			dirty[at] |= 0x80
			if in.Type.T == abi.FixedBytesTy {
				dirty[at+31] |= 1
			}
			all = append(all, dirty)
		}
		at += 32 * words
	}
	return all
}
