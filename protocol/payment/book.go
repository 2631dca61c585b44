package payment

// A Book keeps something small of each account: by number as far as those are
// known, which takes less than a map, and of whoever calls itself more in a map.
type Book[V any] struct {
	known []V
	rest  map[Account]V // looked up, never walked
}

// Of is what was set last, or nothing.
func (b *Book[V]) Of(a Account) V {
	if int(a) < len(b.known) {
		return b.known[a]
	}
	return b.rest[a]
}

// Set replaces it.
func (b *Book[V]) Set(a Account, v V) {
	switch n := int(a); {
	case n < known:
		if n >= len(b.known) {
			more := make([]V, min(n+n/8+1, known))
			copy(more, b.known)
			b.known = more
		}
		b.known[n] = v
	default:
		if b.rest == nil {
			b.rest = map[Account]V{}
		}
		b.rest[a] = v
	}
}
