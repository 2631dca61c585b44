package protocol

import "kinetoscope/internal/prefetch"

// Foresee has a viewer fetched from memory that will soon be stepped.
func (v *Viewer) Foresee() { prefetch.All(v) }

// ForeseeHave has what an announcement needs of it fetched, which is little.
func (v *Viewer) ForeseeHave() {
	prefetch.Line(v)
	prefetch.Line(&v.player)
}

// ForeseePeer has what is known of one neighbour fetched; ForeseeHave came before.
func (v *Viewer) ForeseePeer(id NodeID) { v.table.ForeseePeer(uint32(id)) }

// ForeseeTable does so with its table of neighbours; Foresee came before.
func (v *Viewer) ForeseeTable() { v.table.Foresee() }

// Neighbours are whom the viewer exchanges tokens with, valid until its next
// Step.
func (v *Viewer) Neighbours() []uint32 { return v.table.IDs() }
