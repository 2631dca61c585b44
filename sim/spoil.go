package sim

import (
	"fmt"
	"slices"

	"kinetoscope/protocol"
	"kinetoscope/protocol/media"
	"kinetoscope/protocol/token"
	"kinetoscope/scenarios"
)

// pieces is what a publisher seals of a ladder.
func pieces(l *media.Ladder, deepest media.Fallback) [][]protocol.Piece {
	title := make([][]protocol.Piece, len(l.Renditions))
	for n := range l.Slots {
		slot := make([]protocol.Piece, len(l.Renditions))
		for r := range l.Renditions {
			slot[r] = piece(&l.Renditions[r].Segments[n])
		}
		announce(slot, nil, nil, deepest)
		for r := range slot {
			title[r] = append(title[r], slot[r])
		}
	}
	return title
}

func piece(g *media.Segment) protocol.Piece {
	p := protocol.Piece{Payload: token.NewPayload(g.Payload), Flags: g.Flags}
	if g.Init != nil {
		p.Config = token.ConfigID(g.Init.ID[:8])
	}
	return p
}

// spoil replaces what the publisher seals in the slots that media faults hit:
// the segments are wrapped, harmed and read again, with the real bytes.
func (w *world) spoil(l *media.Ladder) error {
	hit := map[uint32]bool{} // looked up only
	var seqs []uint32
	for i, f := range w.scenario.Faults {
		if !f.Kind.OfMedia() {
			continue
		}
		for seq := w.stream.At(f.At); w.stream.Start(seq) < min(f.At+f.For, w.end); seq++ {
			if w.stream.Start(seq) < f.At {
				continue
			}
			if err := w.harm(l, i, seq); err != nil {
				return err
			}
			if !hit[seq] {
				hit[seq], seqs = true, append(seqs, seq)
			}
		}
	}
	for _, seq := range seqs {
		w.announce(l, seq)
	}
	return nil
}

// harm does fault i to slot seq.
func (w *world) harm(l *media.Ladder, i int, seq uint32) error {
	f := &w.scenario.Faults[i]
	for r := range l.Renditions {
		if len(f.Renditions) > 0 && !slices.Contains(f.Renditions, r) {
			continue
		}
		was := &l.Renditions[r].Segments[int(seq)%l.Slots]
		draw := stream(w.seed, fmt.Sprint("spoil ", i), uint64(seq)<<8|uint64(r))
		b, err := media.Spoil(was, media.Harm(f.Kind), // the names are the same
			float64(f.Share), draw)
		if err != nil {
			return fmt.Errorf("fault %d cannot hit slot %d of %s: %w", i, seq, l.Renditions[r].Name, err)
		}
		with := protocol.Piece{Payload: token.NewPayload(b), Flags: token.Opaque | token.Undecodable, Hold: true}
		if got, _, ok := media.Recover(b, was, w.scenario.Video.Fallback); ok {
			with = piece(&got)
		}
		if f.Kind == scenarios.Codec && with.Flags.Billable() && !slices.Contains(w.stream.Foreign, with.Config) {
			w.stream.Foreign = append(w.stream.Foreign, with.Config)
		}
		w.publisher.Replace(seq, uint8(r), with)
	}
	return nil
}

// announce decides what of slot seq goes ahead in a warning.
func (w *world) announce(l *media.Ladder, seq uint32) {
	slot, usual := make([]protocol.Piece, len(l.Renditions)), make([]protocol.Piece, len(l.Renditions))
	for r := range slot {
		slot[r] = w.publisher.Piece(seq, uint8(r))
		usual[r] = piece(&l.Renditions[r].Segments[int(seq)%l.Slots])
	}
	announce(slot, usual, w.stream.Foreign, w.scenario.Video.Fallback)
	for r := range slot {
		w.publisher.Replace(seq, uint8(r), slot[r])
	}
}

// announce marks the pieces of a slot. What nobody can show is announced and
// held back from the level skip on; if that is the whole slot, the lowest
// rendition is sent all the same unless the level is gap. What only some
// can show, or what does not decode alone though it usually does, is announced
// and sent.
func announce(slot, usual []protocol.Piece, foreign []token.ConfigID, deepest media.Fallback) {
	if !deepest.Reaches(media.ToSkip) {
		return
	}
	lost := 0
	for _, p := range slot {
		if !p.Flags.Billable() {
			lost++
		}
	}
	for r := range slot {
		p := &slot[r]
		switch {
		case !p.Flags.Billable():
			p.Warn = lost < len(slot) || r > 0 || deepest.Reaches(media.ToGap)
			p.Hold = p.Warn
		case slices.Contains(foreign, p.Config):
			p.Warn = true
		case usual != nil && usual[r].Flags&^p.Flags&token.Independent != 0:
			p.Warn = true
		}
	}
}
