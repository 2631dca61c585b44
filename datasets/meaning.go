package datasets

import (
	"fmt"
	"slices"
	"strings"
)

// meaningWords is a header as small words, its unit left out.
func meaningWords(header string) []string {
	text := strings.ToLower(strings.Join(splitWords(header), " "))
	for _, p := range phrases {
		text = strings.ReplaceAll(text, p[0], p[1])
	}
	words := numbered(strings.Fields(text))
	for i, w := range words {
		if english := foreign[w]; english != "" {
			words[i] = english
		}
	}
	return words
}

// numbered sets the 1 or 2 at the end of a word apart, as in city1.
func numbered(words []string) (apart []string) {
	for _, w := range words {
		if n := len(w); n > 1 && (w[n-1] == '1' || w[n-1] == '2') && isLower(w[n-2]) {
			apart = append(apart, w[:n-1], w[n-1:])
			continue
		}
		apart = append(apart, w)
	}
	return apart
}

// phrases are headers of several words in other languages than English.
var phrases = [][2]string{{"ancho de banda", "bandwidth"}, {"largura de banda", "bandwidth"}, {"bande passante", "bandwidth"}, {"largeur de bande", "bandwidth"}}

// foreign are words of headers in other languages, with what they say in English.
var foreign = map[string]string{
	"zeit": "time", "zeitstempel": "timestamp", "datum": "date", "uhrzeit": "time", "dauer": "duration",
	"datenrate": "bitrate", "bandbreite": "bandwidth", "durchsatz": "throughput", "latenz": "latency", "laufzeit": "rtt",
	"von": "from", "nach": "to", "quelle": "source", "ziel": "destination", "knoten": "nodes", "zuschauer": "viewers", "aufrufe": "views",
	"temps": "time", "horodatage": "timestamp", "débit": "throughput", "debit": "throughput", "durée": "duration", "latence": "latency",
	"origine": "source", "spectateurs": "viewers", "vues": "views",
	"tiempo": "time", "fecha": "date", "duración": "duration", "velocidad": "bitrate", "latencia": "latency", "latência": "latency", "origen": "source", "destino": "destination", "espectadores": "viewers",
	"tempo": "time", "larghezza": "bandwidth", "banda": "bandwidth", "velocità": "bitrate", "latenza": "latency",
	"在线人数": "viewers", "观看人数": "viewers", "播放量": "views", "播放数": "views", "时间": "time", "时间戳": "timestamp", "带宽": "bandwidth", "速率": "bitrate", "吞吐量": "throughput", "延迟": "latency", "时延": "latency", "源": "source", "目的": "destination",
	"時間": "time", "帯域": "bandwidth", "遅延": "latency", "время": "time", "скорость": "bitrate", "задержка": "latency",
}

// besides are words that make a column something else than its other words say.
var besides = []string{"std", "stdev", "stddev", "mdev", "var", "variance", "min", "minimum", "max", "maximum", "count", "cnt", "number", "num",
	"loss", "samples", "id", "error", "rank", "p50", "p90", "p95", "p99", "90tile", "95tile", "url", "name", "ratio", "type", "cell", "rolled3", "zone", "watch", "dwell", "viewing", "play", "round", "trip", "delivery", "response",
	"since", "way", "owd", "offset", "bytes",
	"heart", "frame", "sampling", "packet", "refresh"}

// middles are words of a column that is a mean, which wins over others.
var middles = []string{"avg", "average", "mean", "median"}

// whens are words that may stand beside that of a time: others make it the time of
// something else, or how long that took.
var whens = []string{"block", "start", "end", "event", "measurement", "measured", "probe", "sample", "sampling", "test", "log", "utc", "gmt", "local", "unix", "epoch", "elapsed", "date",
	"created", "recorded", "at", "send", "sent", "received", "session", "join", "leave", "actual", "the", "of", "day", "hour"}

// moments are words of a column that says when, and neither what nor how many.
var moments = []string{"time", "timestamp", "date", "created", "datetime"}

// byMeaning finds the column whose header means what c wants: its words, less
// its unit, hold all words of one of the names; a name that begins with = is for
// headers that say no more than that, or that it is a mean. A header that is just that wins over one with
// more words, and a mean over what is none. More than one at the end is an
// error, as is nothing.
func byMeaning(header []string, c *column) (int, error) {
	best, grade, rivals := -1, 0, []string{}
	for i, h := range header {
		g := meaning(h, c)
		switch {
		case g == 0 || g < grade:
		case g > grade:
			best, grade, rivals = i, g, []string{h}
		default:
			rivals = append(rivals, h)
		}
	}
	if len(rivals) > 1 {
		return -1, fmt.Errorf("columns %s may each be the %s (%s): say --column %s=NAME", strings.Join(quoteAll(rivals), " and "), c.of, c.role, c.role)
	}
	return best, nil
}

// meaning grades how well a header means what c wants: 0 not at all.
func meaning(h string, c *column) int {
	name, _, _ := headerUnit(h, c.of)
	words := meaningWords(name)
	grade := 0
	if _, ok := bareUnit(h, c.of); ok && c.main && len(c.names) > 0 && c.role != "up" && c.role != "min" && c.role != "max" {
		return 1
	}
	for i, n := range c.names {
		n, alone := strings.CutPrefix(n, "=")
		want := strings.Fields(n)
		rest := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return slices.Contains(want, w) })
		if len(words)-len(rest) < len(want) || slices.ContainsFunc(rest, func(w string) bool { return slices.Contains(besides, w) }) {
			continue
		}
		g := 1
		switch {
		case len(rest) == 0:
			g = 3 + len(c.names) - i // of exact ones the earlier name wins
		case slices.ContainsFunc(rest, func(w string) bool { return slices.Contains(middles, w) }):
			g = 2
		case (c.of == label || c.of == count) && slices.ContainsFunc(rest, func(w string) bool { return slices.Contains(moments, w) }):
			continue
		case alone, c.of == instant && slices.ContainsFunc(rest, func(w string) bool { return !slices.Contains(whens, w) }):
			continue
		}
		grade = max(grade, g)
	}
	return grade
}
