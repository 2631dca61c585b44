package scenarios

import (
	"strings"
	"testing"
)

// Every key of an archive refuses what makes no sense, and so do the sections that an
// archive has no use for.
func TestBadArchives(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"archive.assets=0", "archive.assets: 0 is not between 1 and 1000000"},
		{"archive.size=0B", "archive.size: 0B is not between 1B and 1000TB"},
		{"archive.vacancy=0s", "archive.vacancy: 0s: write more than 0s"},
		{"archive.life.scale=0s", "archive.life.scale: 0s: the law weibull needs a positive time"},
		{"archive.life.shape=90", "archive.life.shape: 90: the law weibull needs a number"},
		{"archive.up={law: endless, scale: 0s, shape: 0}", "archive.away: lognormal (shape 0.8, scale 2h0m0s), and up is endless"},
		{"archive.rot=120%", "archive.rot: 120% is above 100%"},
		{"archive.cheats=-1%", "archive.cheats: -1% is negative"},
		{"archive.keeps=101%", "archive.keeps: 101% is above 100%"},
		{"archive.sample=0", "archive.sample: 0 is not between 1 and 10000"},
		{"archive.rate=0bit/s", "archive.rate: 0bit/s: shards are made anew from others"},
		{"economy.on=true", "archive.on: an archive has no payments, and an economy no providers"},
		{"engine=libp2p", "engine: libp2p carries bytes, which an archive only counts"},
		{"publisher.to=edges", "publisher.to: edges: an archive is kept by providers"},
		{"faults=[{kind: errors, of: providers, share: 5%, at: 1h, for: 1h}]", "archive.on: an archive has no faults, attacks or deals"},
		{"storage.deals={bond: 1ETH, price: 1wei, period: 60s, window: 10s}", "archive.on: an archive has no faults, attacks or deals"},
		{"providers.count=20000", "providers.count: 20000: at most 10000 keep an archive"},
		{"storage={k: 10, n: 80}", "archive.assets: 80000000 shards in all: at most 50000000 are played"},
		{"storage.audit=20s", "storage.audit: 20s in 8760h0m0s: at most 1000000 audits are played"},
		{"measure.warm_up=1h", "measure: an archive has no stream to warm up"},
	} {
		_, err := Load("a.yaml", []byte("duration: 8760h\nproviders: {count: 100}\nstorage: {repair: eager, audit: 24h}\narchive: {on: true, assets: 1000000}\n"), []string{c.set})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.set, err, c.want)
		}
	}
}
