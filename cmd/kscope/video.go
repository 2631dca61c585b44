package main

import (
	"errors"
	"fmt"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/abr"
	"kinetoscope/protocol/media"
	"kinetoscope/scenarios"
)

// videos are the ladders that a command has read: each once, however many
// variants stream it.
type videos map[media.Config]*media.Ladder

// read gives the ladder that a variant streams, and whether it was not known
// before. The error names the key that does not fit it.
func (v videos) read(s *scenarios.Scenario) (l *media.Ladder, fresh bool, err error) {
	l, known := v[s.Video]
	if !known {
		if l, err = media.Load(s.Video); err != nil {
			return nil, false, inSection("video", err)
		}
		v[s.Video] = l
	}
	if rungs := len(l.Renditions); s.Player.Algorithm == abr.Fixed && s.Player.Rendition >= rungs {
		return nil, false, unit.Bad("player.rendition", fmt.Sprintf("%d: the video has the rungs 0 to %d", s.Player.Rendition, rungs-1))
	}
	return l, !known, nil
}

// inSection puts the name of a section before the key that an error names.
func inSection(section string, err error) error {
	var key *unit.KeyError
	if errors.As(err, &key) {
		return unit.Bad(section+"."+key.Key, key.Msg)
	}
	return fmt.Errorf("%s: %w", section, err)
}
