package swarm

// A Least finds the first of the smallest of many counts at once, while they change:
// a tournament, in which of two neighbours the smaller goes on, and of equals the first.
type Least struct {
	counts  []int // shared with whoever changes them
	players []int // of counts, in order of preference
	won     []int // won[1] is the place of the winner in players; won[i] that of the better of won[2i] and won[2i+1]
}

// NewLeast begins a tournament of some of counts; players are their places in it, at
// least one. Whoever changes a count calls Changed.
func NewLeast(counts, players []int) *Least {
	n := len(players)
	l := &Least{counts: counts, players: players, won: make([]int, 2*n)}
	for i := range n {
		l.won[n+i] = i
	}
	for i := n - 1; i > 0; i-- {
		l.play(i)
	}
	return l
}

func (l *Least) play(i int) {
	a, b := l.won[2*i], l.won[2*i+1]
	x, y := l.counts[l.players[a]], l.counts[l.players[b]]
	if y < x || y == x && b < a {
		a = b
	}
	l.won[i] = a
}

// Players is how many there are.
func (l *Least) Players() int { return len(l.players) }

// First is the place in counts of the first of the smallest.
func (l *Least) First() int { return l.players[l.won[min(1, len(l.won)-1)]] }

// Changed hears that the count of the i-th player has changed.
func (l *Least) Changed(i int) {
	for i = (i + len(l.players)) / 2; i > 0; i /= 2 {
		l.play(i)
	}
}
