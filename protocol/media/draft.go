package media

import (
	"bytes"

	"kinetoscope/protocol/token"
)

// A draft is the payload of the segment that is being filled, as far as its lead
// has come: written and hashed while more is waited for, so that little is left
// to do when the segment ends. It is a guess. If the segment turns out to be
// another one, its payload is written anew.
type draft struct {
	b    []byte
	head int  // bytes of b before the first sample
	part Part // what b has of the lead
	hash token.Hasher
	room []byte // to write the next in; nil: it gets its own
	size int    // bytes of the payload before
}

// Reuse gives back the payload of a segment of this cutter, which nobody may
// read any more: another segment is written over it. New memory for each costs
// as much as cutting. Whoever keeps payloads does not call it.
func (c *Cutter) Reuse(payload []byte) { c.draft.room = payload }

// sketch drafts what has come of the lead since.
func (c *Cutter) sketch() {
	d, lead := &c.draft, c.leader()
	if lead == nil || lead != c.lead || !c.begun || c.keep != nil || len(lead.track.Samples) <= len(d.part.Samples) {
		return
	}
	own, from := lead.track.Samples, len(d.part.Samples)
	if at, ok := c.end(lead); ok {
		own = own[:at.n]
	}
	if len(own) <= from || !lead.fitted || !lead.follows(own[from:]) {
		return
	}
	if from == 0 {
		d.part = lead.part(&own[0], c.start, d.part.Samples[:0])
		d.b = d.part.head(start(d.room, d.size+d.size/8, len(c.carried())), max(lead.took, 1))
		d.head, d.room = len(d.b), nil
	}
	zero := lead.step(&own[0])
	for i := range own[from:] {
		d.part.Samples = append(d.part.Samples, lead.sample(&own[from+i], zero))
	}
	d.b = d.part.samples(d.b, from)
	d.hash.Arrived(d.b)
}

// payload is what EncodePayload writes, and what is known of its content id. It
// begins the next draft.
func (d *draft) payload(parts []Part) (b []byte, hash token.Hasher) {
	if d.holds(parts) {
		hash = d.hash
		b = parts[0].samples(d.b, len(d.part.Samples))
		for i := range parts[1:] {
			b = parts[1+i].append(b)
		}
	} else {
		if d.b == nil {
			d.b, d.room = d.room, nil
		}
		b = encodePayload(d.b, parts)
	}
	clear(d.part.Samples) // whose memory is not ours
	*d = draft{part: Part{Samples: d.part.Samples[:0]}, room: d.room, size: len(b)}
	return b, hash
}

// holds says whether the payload of parts begins with what is drafted, but for
// the number of samples in its first bytes, which it corrects.
func (d *draft) holds(parts []Part) bool {
	if d.b == nil || len(parts) == 0 || len(parts[0].Samples) < len(d.part.Samples) {
		return false
	}
	var buf [64]byte
	head := parts[0].head(start(buf[:0], 0, len(parts)), len(parts[0].Samples))
	if len(head) != d.head {
		return false
	}
	for i := range d.part.Samples {
		if !d.part.Samples[i].same(&parts[0].Samples[i]) {
			return false
		}
	}
	if !bytes.Equal(head, d.b[:d.head]) {
		copy(d.b, head)
		d.hash.Mended()
	}
	return true
}

// same says that two samples are one, from the same place in memory.
func (s *Sample) same(o *Sample) bool {
	return s.Step == o.Step && s.Key == o.Key && s.Damaged == o.Damaged && len(s.Bytes) == len(o.Bytes) &&
		(len(s.Bytes) == 0 || &s.Bytes[0] == &o.Bytes[0])
}
