package protocol

import "kinetoscope/internal/prefetch"

// Foresee has a viewer fetched from memory that will soon be stepped.
func (v *Viewer) Foresee() { prefetch.All(v) }

// ForeseeTable does so with its table of neighbours; Foresee came before.
func (v *Viewer) ForeseeTable() { v.table.Foresee() }

// Neighbours are whom the viewer exchanges tokens with, valid until its next
// Step.
func (v *Viewer) Neighbours() []uint32 { return v.table.IDs() }
