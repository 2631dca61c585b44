package ledger

// An ordered is a binary heap with the first element by less on top. It tells
// each element its index through placed, if that is set, so that an element can
// be moved or removed from the middle.
type ordered[T any] struct {
	items  []T
	less   func(a, b T) bool
	placed func(x T, at int)
}

func (h *ordered[T]) push(x T) {
	h.items = append(h.items, x)
	h.up(len(h.items) - 1)
}

// remove takes out the element at index i; 0 is the first of all.
func (h *ordered[T]) remove(i int) T {
	x, last := h.items[i], len(h.items)-1
	h.items[i] = h.items[last]
	clear(h.items[last:])
	h.items = h.items[:last]
	if i < last {
		h.fix(i)
	}
	return x
}

// fix restores the order after the element at index i has changed.
func (h *ordered[T]) fix(i int) {
	if !h.down(i) {
		h.up(i)
	}
}

func (h *ordered[T]) up(i int) {
	x := h.items[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !h.less(x, h.items[parent]) {
			break
		}
		h.put(i, h.items[parent])
		i = parent
	}
	h.put(i, x)
}

// down reports whether the element moved.
func (h *ordered[T]) down(i int) bool {
	x, start := h.items[i], i
	for {
		child := 2*i + 1
		if child >= len(h.items) {
			break
		}
		if right := child + 1; right < len(h.items) && h.less(h.items[right], h.items[child]) {
			child = right
		}
		if !h.less(h.items[child], x) {
			break
		}
		h.put(i, h.items[child])
		i = child
	}
	h.put(i, x)
	return i > start
}

func (h *ordered[T]) put(i int, x T) {
	h.items[i] = x
	if h.placed != nil {
		h.placed(x, i)
	}
}
