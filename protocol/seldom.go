package protocol

// What is seldom needed is shared by viewers of a kind, and empty, until one calls apart:
// nobody writes there before.
type seldom struct {
	manner
	own      bool      // one viewer's
	early    []early   // asked for before their turn
	mesh     *mesh     // its part of the hash table, if that is how viewers find each other
	shunned  *shunned  // nil: nobody
	gather   *gather   // while it gathers, which few ever do
	swap     *swap     // nil: segments are not replaced
	suspects *suspects // of who keeps shards; nil: it has never gathered
	outlooks []outlook // of slots from player.next on
	lock     *lock     // to the key; nil: not needed yet
	papers   *papers   // what it shows hubs and edges; nil: nothing
	chart    *chart    // of edges; nil if it keeps to the assigned one
}

// apart is what is seldom needed, as the viewer's own.
func (v *Viewer) apart() *seldom {
	if !v.own {
		v.seldom = &seldom{manner: v.manner, own: true}
	}
	return v.seldom
}
