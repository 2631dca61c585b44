package ledger

import "github.com/ethereum/go-ethereum/common"

// slots is the storage of one contract. What Solidity keeps of one thing lies in slots
// beside each other, so that several share one key here; and most words are those of
// many, as who collects and for how long, so that each is kept once. A channel of three
// slots takes 130 bytes instead of 220.
type slots struct {
	strips flat[common.Hash, strip]
	words  flat[common.Hash, uint32] // how many slots hold each; never zero
	count  int                       // slots that are not zero
}

// A strip is the slots of four keys that differ in their two lowest bits: each the entry
// of its word, plus one; 0: it is zero.
type strip [4]uint32

// locate is the key of a slot's strip, and its place there.
func locate(key common.Hash) (common.Hash, int) {
	at := key[31] % uint8(len(strip{}))
	key[31] -= at
	return key, int(at)
}

func (s *slots) get(key common.Hash) (word common.Hash) {
	key, at := locate(key)
	if of := s.strips.get(key); of != nil && of[at] != 0 {
		word = s.words.entry(of[at] - 1).key
	}
	return word
}

func (s *slots) set(key, word common.Hash) {
	key, at := locate(key)
	var now strip
	if of := s.strips.get(key); of != nil {
		now = *of
	}
	was := now[at]
	now[at] = 0
	if word != (common.Hash{}) {
		now[at] = s.take(word) + 1
		s.count++
	}
	if was != 0 {
		s.release(was - 1)
		s.count--
	}
	if now == (strip{}) {
		s.strips.delete(key)
		return
	}
	s.strips.set(key, now)
}

// take is the entry of a word that one more slot holds.
func (s *slots) take(word common.Hash) uint32 {
	if i, ok := s.words.find(word); ok {
		n := s.words.index[i] - 1
		s.words.entry(n).value++
		return n
	}
	return s.words.set(word, 1)
}

// release lets a word go once no slot holds it.
func (s *slots) release(n uint32) {
	e := s.words.entry(n)
	if e.value--; e.value == 0 {
		s.words.delete(e.key)
	}
}

// len is how many slots are not zero; nil has none.
func (s *slots) len() int {
	if s == nil {
		return 0
	}
	return s.count
}

// keys are those of all slots that are not zero, in any order.
func (s *slots) keys() []common.Hash {
	if s == nil {
		return nil
	}
	keys := make([]common.Hash, 0, s.count)
	for _, key := range s.strips.keys() {
		for at, word := range s.strips.get(key) {
			if word != 0 {
				slot := key
				slot[31] += uint8(at)
				keys = append(keys, slot)
			}
		}
	}
	return keys
}
