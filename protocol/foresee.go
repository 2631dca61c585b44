package protocol

import "kinetoscope/internal/prefetch"

// Foresee has a viewer fetched from memory that will soon be stepped.
func (v *Viewer) Foresee() { prefetch.All(v) }

// ForeseePushed does so with what a pushed token needs of it: all but the last line.
func (v *Viewer) ForeseePushed() { prefetch.Before(v, &v.table) }

// ForeseeHave has what an announcement needs of it fetched, which is little.
func (v *Viewer) ForeseeHave() {
	prefetch.Line(v)
	prefetch.Line(&v.table)
}

// ForeseeSent has what it needs fetched to hear that a token has left.
func (v *Viewer) ForeseeSent() {
	prefetch.Line(v)
	prefetch.Line(&v.player)
	prefetch.Line(&v.held)
}

// ForeseePeer has what is known of one neighbour fetched; ForeseeHave came before.
func (v *Viewer) ForeseePeer(id NodeID) { v.table.ForeseePeer(uint32(id)) }

// ForeseeTable does so with its table of neighbours; Foresee came before.
func (v *Viewer) ForeseeTable() {
	if len(v.edges) > 0 { // it pays one of them
		prefetch.Line(&v.edges[0])
	}
	switch {
	case !v.subscribes():
		v.table.Foresee()
	case len(v.followers) > 0:
		prefetch.Line(&v.followers[0])
	}
}

// Foreseen calls for every node that the viewer will tell of its next token.
func (v *Viewer) Foreseen(tell func(NodeID)) {
	if v.subscribes() {
		for i := range v.followers {
			tell(v.followers[i].id)
		}
		return
	}
	for _, id := range v.table.IDs() {
		tell(NodeID(id))
	}
}
