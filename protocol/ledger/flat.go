package ledger

import "encoding/binary"

// A flat does what a map does with little more memory than what is in it: its
// entries lie in pages, which are never copied, and an index of their numbers, which is
// open addressing with linear probing.
type flat[K interface {
	comparable
	Bytes() []byte
}, V any] struct {
	pages [][]flatEntry[K, V]
	free  []uint32 // entries that were deleted
	made  uint32   // entries that were ever made
	index []uint32 // an entry's number plus one; 0: nobody
}

type flatEntry[K, V any] struct {
	key   K
	value V
}

// flatPage is how many entries a page has.
const flatPage = 128

// len is how many entries there are; nil has none.
func (f *flat[K, V]) len() int {
	if f == nil {
		return 0
	}
	return int(f.made) - len(f.free)
}

func (f *flat[K, V]) entry(n uint32) *flatEntry[K, V] {
	return &f.pages[n/flatPage][n%flatPage]
}

// at is where in the index the search for a key begins.
func (f *flat[K, V]) at(key K) int {
	const odd = 0x9e3779b97f4a7c15
	b, hash := key.Bytes(), uint64(0)
	for ; len(b) >= 8; b = b[:len(b)-8] { // of an address four bytes are left over
		hash = (hash ^ binary.BigEndian.Uint64(b[len(b)-8:])) * odd
		hash ^= hash >> 32
	}
	return int(hash*odd>>32) & (len(f.index) - 1)
}

// find is the place of a key in the index, and whether it is there; if not, the
// place is free.
func (f *flat[K, V]) find(key K) (i int, ok bool) {
	if f.index == nil {
		return 0, false
	}
	for i = f.at(key); ; i = (i + 1) & (len(f.index) - 1) {
		switch n := f.index[i]; {
		case n == 0:
			return i, false
		case f.entry(n-1).key == key:
			return i, true
		}
	}
}

// get is the value of a key, nil if it has none. It is valid until the next set.
func (f *flat[K, V]) get(key K) *V {
	if i, ok := f.find(key); ok {
		return &f.entry(f.index[i] - 1).value
	}
	return nil
}

// set gives a key a value, and says which entry is its own until it is deleted.
func (f *flat[K, V]) set(key K, value V) uint32 {
	i, ok := f.find(key)
	if ok {
		f.entry(f.index[i] - 1).value = value
		return f.index[i] - 1
	}
	if 8*(f.len()+1) > 7*len(f.index) {
		f.grow()
		i, _ = f.find(key)
	}
	f.index[i] = f.put(key, value) + 1
	return f.index[i] - 1
}

// put stores an entry where there is room, and says where.
func (f *flat[K, V]) put(key K, value V) (n uint32) {
	if last := len(f.free) - 1; last >= 0 {
		n, f.free = f.free[last], f.free[:last]
	} else {
		n = f.made
		if f.made++; n/flatPage == uint32(len(f.pages)) {
			f.pages = append(f.pages, make([]flatEntry[K, V], flatPage))
		}
	}
	*f.entry(n) = flatEntry[K, V]{key, value}
	return n
}

func (f *flat[K, V]) grow() {
	old := f.index
	f.index = make([]uint32, max(16, 2*len(old)))
	for _, n := range old {
		if n != 0 {
			i, _ := f.find(f.entry(n - 1).key)
			f.index[i] = n
		}
	}
}

// delete takes a key and its value away; those behind it in the index move up.
func (f *flat[K, V]) delete(key K) {
	i, ok := f.find(key)
	if !ok {
		return
	}
	n, mask := f.index[i]-1, len(f.index)-1
	f.free = append(f.free, n)
	*f.entry(n) = flatEntry[K, V]{}
	hole := i
	for j := (i + 1) & mask; f.index[j] != 0; j = (j + 1) & mask {
		if home := f.at(f.entry(f.index[j] - 1).key); (j-home)&mask >= (j-hole)&mask {
			f.index[hole], hole = f.index[j], j
		}
	}
	f.index[hole] = 0
}

// keys are all keys, in any order.
func (f *flat[K, V]) keys() []K {
	keys := make([]K, 0, f.len())
	if f == nil {
		return keys
	}
	for _, n := range f.index {
		if n != 0 {
			keys = append(keys, f.entry(n-1).key)
		}
	}
	return keys
}
