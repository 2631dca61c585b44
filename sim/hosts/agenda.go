package hosts

import (
	"slices"
	"time"

	"kinetoscope/sim"
)

// An agenda holds what the loop has to do at a later time; what is due at the
// same time happens in the order in which it was added.
type agenda struct{ tasks []task }

type task struct {
	at time.Duration
	do func()
}

func (a *agenda) add(at time.Duration, do func()) {
	i := len(a.tasks)
	for i > 0 && a.tasks[i-1].at > at {
		i--
	}
	a.tasks = slices.Insert(a.tasks, i, task{at, do})
}

// next is when the first task is due, or sim.Never.
func (a *agenda) next() time.Duration {
	if len(a.tasks) == 0 {
		return sim.Never
	}
	return a.tasks[0].at
}

// due does what is due by now.
func (a *agenda) due(now time.Duration) {
	for len(a.tasks) > 0 && a.tasks[0].at <= now {
		do := a.tasks[0].do
		a.tasks = slices.Delete(a.tasks, 0, 1)
		do()
	}
}
