package sim

import (
	"context"

	"kinetoscope/protocol"
	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
	"kinetoscope/sim/qoe"
	"kinetoscope/sim/result"
)

// Logged is Run, with what every viewer saw in detail: one log for each row of
// the result, in the same order.
func Logged(ctx context.Context, s scenarios.Scenario, ladder *media.Ladder, seed uint64) (run *result.Run, logs []qoe.Log, err error) {
	w := &world{scenario: s, seed: seed}
	defer w.blameTo(&run, &err)
	if w, err = newWorld(Flows, s, ladder, seed); err != nil {
		return nil, nil, err
	}
	w.logs = make([]qoe.Log, len(w.viewers))
	if run, err = w.run(ctx); err != nil {
		return nil, nil, err
	}
	for _, v := range run.Viewers {
		logs = append(logs, w.logs[v.ID])
	}
	return run, logs, nil
}

// log notes what a viewer states. A segment is noted when it enters the buffer,
// and what stands still does so before what is in the buffer when it goes on; where
// segments may be replaced there, when its showing begins.
func (w *world) log(id protocol.NodeID, f *protocol.Fact) {
	l := &w.logs[id-w.viewerID(0)]
	switch f.Kind {
	case protocol.Played:
		l.Show(w.stream.Rates[f.Rendition], f.Span)
	case protocol.Started:
		l.Stall(w.now-w.visitor(id).join, l.Length()) // before all of it
	case protocol.Stalled, protocol.Sought:
		ahead := max(0, w.nodes[id].(*protocol.Viewer).Dry()-w.now)
		if f.Value == 0 {
			ahead = 0
		}
		l.Stall(f.Span, ahead)
	}
}
