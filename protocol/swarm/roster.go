package swarm

import (
	"math/rand/v2"

	"kinetoscope/internal/unit"
)

// A Roster is the directory's list of who watches, by region.
type Roster struct {
	regions [][]uint32
	at      []place // by id: ids are dense
	count   int
}

// A place is where in the list of its region somebody is, from 1 on; 0: nowhere.
type place struct{ region, index uint32 }

// NewRoster makes an empty list for a number of regions.
func NewRoster(regions int) *Roster { return &Roster{regions: make([][]uint32, regions)} }

// Len is how many watch.
func (r *Roster) Len() int { return r.count }

func (r *Roster) has(id uint32) bool { return int(id) < len(r.at) && r.at[id].index > 0 }

// Add notes that id watches from region.
func (r *Roster) Add(id uint32, region int) {
	if r.has(id) {
		return
	}
	if n := int(id) + 1 - len(r.at); n > 0 {
		r.at = append(r.at, make([]place, n)...)
	}
	r.regions[region] = append(r.regions[region], id)
	r.at[id] = place{uint32(region), uint32(len(r.regions[region]))}
	r.count++
}

// Remove notes that id has left.
func (r *Roster) Remove(id uint32) {
	if !r.has(id) {
		return
	}
	p := r.at[id]
	list := r.regions[p.region]
	last := list[len(list)-1]
	list[p.index-1] = last
	r.at[last] = p
	r.regions[p.region] = list[:len(list)-1]
	r.at[id] = place{}
	r.count--
}

// Sample appends up to n distinct viewers to dst, never id itself: about the
// local share of them from id's region, the others from anywhere.
func (r *Roster) Sample(dst []uint32, id uint32, region, n int, local unit.Ratio, draw *rand.Rand) []uint32 {
	start := len(dst)
	for tries := 0; len(dst)-start < n && tries < 4*n; tries++ {
		from := region
		if draw.Float64() >= float64(local) || len(r.regions[region]) < 2 {
			from = r.weighted(draw)
		}
		if from < 0 || len(r.regions[from]) == 0 {
			continue
		}
		c := r.regions[from][draw.IntN(len(r.regions[from]))]
		if c == id || contains(dst[start:], c) {
			continue
		}
		dst = append(dst, c)
	}
	return dst
}

// weighted draws a region by how many watch from it, or -1 if nobody does.
func (r *Roster) weighted(draw *rand.Rand) int {
	if r.count == 0 {
		return -1
	}
	k := draw.IntN(r.count)
	for i, list := range r.regions {
		if k < len(list) {
			return i
		}
		k -= len(list)
	}
	panic("swarm: roster's regions and index disagree")
}

// Region draws the region of a viewer; there is at least one.
func (r *Roster) Region(draw *rand.Rand) int { return r.weighted(draw) }

func contains(list []uint32, v uint32) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}
