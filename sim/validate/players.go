package validate

import (
	"fmt"

	"kinetoscope/protocol/abr"
	"kinetoscope/sim/replay"
	"kinetoscope/sim/result"
)

// pensieve plays the sessions that Pensieve's own environment has figures of, and
// compares rewards.
func pensieve() (result.Part, error) {
	part := result.Part{ID: "V6", Title: "Players get the rewards of Pensieve's environment", Source: "hongzimao/pensieve, test/fixed_env.py with bb.py and mpc.py, without noise; made-up links and sizes"}
	list, err := replay.KnownOfPensieve()
	if err != nil {
		return part, err
	}
	for _, k := range list {
		got, err := k.Play()
		if err != nil {
			return part, err
		}
		part.Findings = append(part.Findings, near(fmt.Sprintf("%s, world %d: reward of a segment", k.Rule, k.World), "", k.Want[0], got[0], 0, 2e-6))
	}
	return part, nil
}

// puffer compares rules on links like those of live television, by their order
// alone.
func puffer(links int) (result.Part, error) {
	part := result.Part{ID: "V7", Title: "Rules stand in the order of Puffer's trial", Source: "Yan et al. 2020: MPC stalls most, then BBA, then RobustMPC, which pays with the picture; order only, on made-up links"}
	means := map[abr.Algorithm]replay.Puffer{}
	for _, rule := range []abr.Algorithm{abr.MPC, abr.BBA, abr.RobustMPC} {
		m, err := replay.LikePuffer(rule, replay.PufferLike(links))
		if err != nil {
			return part, err
		}
		means[rule] = m
	}
	for _, pair := range [][2]abr.Algorithm{{abr.MPC, abr.BBA}, {abr.BBA, abr.RobustMPC}} {
		part.Findings = append(part.Findings, above(fmt.Sprintf("stalled, %s beside %s", pair[0], pair[1]), "", means[pair[1]].Stalled, means[pair[0]].Stalled))
	}
	part.Findings = append(part.Findings, above(fmt.Sprintf("bitrate, %s beside %s", abr.MPC, abr.RobustMPC), "Mbit/s", means[abr.RobustMPC].Bitrate, means[abr.MPC].Bitrate))
	return part, nil
}
