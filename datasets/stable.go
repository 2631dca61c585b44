package datasets

import "slices"

// stably sorts rows and keeps those that are equal in their order: most files are
// in order as they are, and for the others the place of a row decides between
// equals, which costs a copy and is several times as fast as slices.SortStableFunc.
func stably[T any](rows []T, compare func(a, b T) int) {
	if slices.IsSortedFunc(rows, compare) {
		return
	}
	old := slices.Clone(rows)
	order := make([]int32, len(rows)) // MaxRows fits
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		if c := compare(old[a], old[b]); c != 0 {
			return c
		}
		return int(a) - int(b)
	})
	for i, k := range order {
		rows[i] = old[k]
	}
}
