package payment

import "testing"

// A book gives back what was set last, of accounts by number and of those beyond.
func TestBook(t *testing.T) {
	var b Book[int]
	for i, a := range []Account{3, 0, 100, 101, known - 1, known, 1<<32 - 1, 3, known} {
		b.Set(a, i+1)
		if b.Of(a) != i+1 {
			t.Errorf("account %d has %d, set to %d", a, b.Of(a), i+1)
		}
	}
	for a, want := range map[Account]int{0: 2, 3: 8, 100: 3, 101: 4, known - 1: 5, known: 9, 1<<32 - 1: 7, 1: 0, 99: 0, known + 1: 0} {
		if b.Of(a) != want {
			t.Errorf("account %d has %d, not %d", a, b.Of(a), want)
		}
	}
}
