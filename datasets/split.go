package datasets

import "fmt"

// split makes a trace of the rows of each name in the column of traces, where
// there are several and rows share them.
func (c *course) split(t *sheetReader, m *rateMemory) {
	if len(m.names) < 2 || len(m.names)*2 > len(c.legs) {
		c.rides()
		return
	}
	c.r.unit("traces: %d, told apart by column %q", len(m.names), t.bound[bwTrace].header)
	parts := make([]course, len(m.names))
	for i := range parts {
		parts[i] = *c
		parts[i].legs, parts[i].name = nil, c.name+"!"+m.names[i]
	}
	for _, l := range c.legs {
		parts[l.trace].legs = append(parts[l.trace].legs, l)
	}
	for i := range parts {
		parts[i].rides()
	}
}

// rides makes a trace of each part of a file that begins its clock anew. Times
// without a date that go back to the first one, and by no other way, are such.
func (c *course) rides() {
	var begins []int
	for i := 1; i < len(c.legs); i++ {
		if c.legs[i].at >= c.legs[i-1].at {
			continue
		}
		if c.legs[i].at > c.legs[0].at || c.dated || !c.timed || c.tests {
			begins = nil
			break
		}
		begins = append(begins, i)
	}
	if len(begins) == 0 || len(begins)*4 > len(c.legs) {
		c.finish()
		return
	}
	from := 0
	for n, to := range append(begins, len(c.legs)) {
		part := *c
		part.legs, part.name = c.legs[from:to:to], fmt.Sprintf("%s!%d", c.name, n+1)
		if n > 0 {
			part.note(&part.legs[0], reset)
		}
		part.finish()
		from = to
	}
}
