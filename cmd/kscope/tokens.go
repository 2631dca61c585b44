package main

import (
	"fmt"
	"io"
	"text/tabwriter"

	"kinetoscope/protocol/demux"
	"kinetoscope/protocol/media"
)

// shownSegments is how many segments reportText lists before it counts the others.
const shownSegments = 20

// reportText writes a report for a reader.
func reportText(w io.Writer, r *media.Report) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	what := r.Format
	if what == "" {
		what = "unknown format"
	}
	fmt.Fprintf(t, "%s: %s, %d bytes, %v\n", r.Name, what, r.Bytes, r.Duration)
	if r.Opaque != "" {
		fmt.Fprintf(t, "opaque: %s\n", r.Opaque)
	}
	textTracks(t, r)
	textSegments(t, r)
	if len(r.Repairs) > 0 {
		fmt.Fprintf(t, "\nrepaired, guessed or dropped\n")
		for _, p := range r.Repairs {
			fmt.Fprintf(t, "  %d\t%s\n", p.Count, p.What)
		}
	}
	a := r.Account
	fmt.Fprintf(t, "\nbytes: %d in samples, %d in opaque pieces, %d in headers and tables, %d not carried\n", a.Samples, a.Opaque, a.Index, a.Rest)
	return t.Flush()
}

func textTracks(w io.Writer, r *media.Report) {
	if len(r.Tracks) == 0 {
		return
	}
	fmt.Fprintf(w, "\ntrack\tkind\tcodec\tformat\tsamples\tbytes\tclock\tkeys closed/open/gradual\n")
	for i := range r.Tracks {
		t := &r.Tracks[i]
		shape, keys := "-", "-"
		switch t.Kind {
		case demux.Video:
			shape = fmt.Sprintf("%dx%d", t.Width, t.Height)
			keys = fmt.Sprintf("%d/%d/%d", t.Closed, t.Open, t.Gradual)
		case demux.Audio:
			shape = fmt.Sprintf("%d Hz x%d", t.Rate, t.Channels)
		}
		codec := t.Codec
		if t.Encrypted {
			codec += " (encrypted)"
		}
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%d\t%d\t%s\t%s\n", t.ID, t.Kind, codec, shape, t.Samples, t.Bytes, t.Clock, keys)
	}
}

func textSegments(w io.Writer, r *media.Report) {
	fmt.Fprintf(w, "\nsegment\tstart\tduration\tbytes\tkbit/s\tsamples\tstart here\n")
	for i, s := range r.Segments {
		if i == shownSegments && len(r.Segments) > shownSegments+1 {
			fmt.Fprintf(w, "... and %d more\n", len(r.Segments)-i)
			return
		}
		here := "no"
		if s.Independent {
			here = "yes"
		}
		if s.Flags != "" {
			here += ", " + s.Flags
		}
		rate := int64(s.Bytes) * 8 / max(1, s.Duration.Milliseconds())
		fmt.Fprintf(w, "%d\t%v\t%v\t%d\t%d\t%d\t%s\n", i, s.Start, s.Duration, s.Bytes, rate, s.Samples, here)
	}
}
