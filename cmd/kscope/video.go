package main

import (
	"errors"
	"fmt"
	"os"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
)

// videos are the ladders that a command has read: each once, however many
// variants stream it. They are named by their section of the scenario.
type videos map[string]*media.Ladder

// read gives the ladder that a variant streams, and whether it was not known
// before. The error names the key that does not fit it.
func (v videos) read(s *scenarios.Scenario) (l *media.Ladder, fresh bool, err error) {
	l, known := v[nameOf(s.Video)]
	if !known {
		if l, err = load(s.Video); err != nil {
			return nil, false, inSection("video", err)
		}
		v[nameOf(s.Video)] = l
	}
	if rungs := len(l.Renditions); s.Player.Algorithm == abr.Fixed && s.Player.Rendition >= rungs {
		return nil, false, unit.Bad("player.rendition", fmt.Sprintf("%d: the video has the rungs 0 to %d", s.Player.Rendition, rungs-1))
	}
	for i, f := range s.Faults {
		for k, r := range f.Renditions {
			if r >= len(l.Renditions) {
				return nil, false, unit.Bad(fmt.Sprintf("faults.%d.renditions.%d", i, k), fmt.Sprintf("%d: the video has the rungs 0 to %d", r, len(l.Renditions)-1))
			}
		}
	}
	return l, !known, nil
}

func nameOf(c media.Config) string {
	c.Fallback = "" // of what happens later
	return fmt.Sprintf("%+v", c)
}

// load reads a ladder, transcoding it first if that is asked for.
func load(c media.Config) (*media.Ladder, error) {
	if c.Rungs != media.Transcoded {
		return media.Load(c)
	}
	given := c
	given.Rungs = media.Given
	whole, err := media.Load(given)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "kscope-transcode-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	rungs, why := transcode(c, dir)
	if why == "" {
		given.File = rungs
		l, err := media.Load(given)
		if err == nil && len(l.Renditions) == len(c.Rates) {
			l.Title, l.Sources = whole.Title, whole.Sources
			l.Notes = append(whole.Notes, append(l.Notes, "the renditions were transcoded by ffmpeg: another build of it gives other bytes")...)
			return l, nil
		}
		why = "what ffmpeg made cannot be switched between"
	}
	c.Rungs = media.Synthetic
	made, err := media.Load(c)
	if err == nil {
		made.Notes = append(made.Notes, "not transcoded: "+why)
	}
	return made, err
}

// inSection puts the name of a section before the key that an error names.
func inSection(section string, err error) error {
	var key *unit.KeyError
	if errors.As(err, &key) {
		return unit.Bad(section+"."+key.Key, key.Msg)
	}
	return fmt.Errorf("%s: %w", section, err)
}
