package attack_test

import (
	"strings"
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/ledger"
	"kinetoscope/protocol/ledger/contracts"
	"kinetoscope/sim/attack"
)

// gwei is 10^9 wei, and eth 10^18.
const (
	gwei = unit.Wei(1_000_000_000)
	eth  = 1_000_000_000 * gwei
)

func on(c ledger.Contracts, change ...func(*ledger.Config)) ledger.Config {
	cfg := ledger.Default()
	cfg.Contracts = c
	for _, f := range change {
		f(&cfg)
	}
	return cfg
}

// Each attack takes something on the twin that falls to it, and on ours costs
// more than it takes.
func TestTwinsFallAndOursStands(t *testing.T) {
	for _, c := range []struct {
		twin    ledger.Contracts
		attack  attack.Config
		refused int // by ours
	}{
		{"ChannelsOpen", attack.Config{Kind: attack.StaleClose, Offline: 30 * time.Minute}, 2},
		{"ChannelsNoWindow", attack.Config{Kind: attack.StaleClose, Offline: 30 * time.Minute}, 2},
		{"TicketsDust", attack.Config{Kind: attack.DepositGrief, Recipients: 3, Deposit: 0.5, Refill: 1}, 0},
		{"TicketsNoLimit", attack.Config{Kind: attack.FrontRun, Recipients: 3, Reserve: 5, Visibility: 1}, 0},
		{"TicketsStranger", attack.Config{Kind: attack.UnlockGrief, For: 3 * time.Hour}, 0},
		{"ReservePoolCrowd", attack.Config{Kind: attack.Overspend, Recipients: 2}, 3},
		{"RegistryOpen", attack.Config{Kind: attack.Titles, For: 5 * time.Minute}, 20},
	} {
		c.attack.Value = eth / 10
		if got := play(on(c.twin), c.attack); got.Succeeded == 0 || c.attack.Kind != attack.UnlockGrief && got.Profit().Sign() <= 0 {
			t.Errorf("%s withstands: %+v", c.twin, got)
		}
		if got := play(on(ledger.Ours), c.attack); got.Tried == 0 || got.Succeeded > 0 || got.Profit().Sign() > 0 || got.Frozen > 0 || got.Refused != c.refused {
			t.Errorf("%s, made on ours: %+v, want %d refusals and no harm", c.attack.Kind, got, c.refused)
		}
	}
}

// Whoever is away for longer than the window, without a watchtower, loses all;
// half of them with a watchtower keep theirs.
func TestWindowsAndWatchtowers(t *testing.T) {
	stale := attack.Config{Kind: attack.StaleClose, Count: 4, Value: eth, Offline: 2 * time.Hour}
	for towers, want := range map[unit.Ratio]int{0: 4, 0.5: 2, 1: 0} {
		stale.Towers = towers
		if got := play(on(ledger.Ours), stale); got.Succeeded != want {
			t.Errorf("%v with a watchtower: %d lose, want %d", towers, got.Succeeded, want)
		}
	}
	stale.Towers, stale.Window = 0, 3*time.Hour
	if got := play(on(ledger.Ours), stale); got.Succeeded > 0 || attack.Quantile(got.Answers, 1) < time.Hour {
		t.Errorf("back in time: %+v", got)
	}
}

// Blocks are filled as long as the honest pay less; more fee means more cost, and
// who bids above the attackers gets in.
func TestStuffedBlocks(t *testing.T) {
	stuffed := attack.Config{Kind: attack.StaleClose, Count: 2, Value: eth, Window: 20 * time.Minute, Offline: time.Hour, Towers: 1,
		TowerDelay: 2 * time.Minute, FeeCap: 20 * gwei, Stuffing: 25 * gwei}
	low := play(on(ledger.Ours), stuffed)
	if low.Succeeded != 2 || low.Profit().Sign() > 0 {
		t.Errorf("the honest pay 20 gwei, attackers 25: %+v", low)
	}
	stuffed.FeeCap, stuffed.Stuffing = 40*gwei, 50*gwei
	if high := play(on(ledger.Ours), stuffed); high.Succeeded != 2 || high.Cost.Cmp(low.Cost) <= 0 {
		t.Errorf("40 and 50 gwei: %v wei, not more than %v", high.Cost, low.Cost)
	}
	stuffed.FeeCap, stuffed.Stuffing = 40*gwei, 25*gwei
	if out := play(on(ledger.Ours), stuffed); out.Succeeded > 0 {
		t.Errorf("the honest pay 40 gwei, attackers 25: %+v", out)
	}
}

// A deposit is lost as often as the redemption is seen; a part of the reserve
// never is.
func TestVisibility(t *testing.T) {
	front := attack.Config{Kind: attack.FrontRun, Count: 4, Recipients: 2, Deposit: 2, Value: eth / 10}
	for _, c := range []struct {
		visible unit.Ratio
		reserve float64
		want    int
	}{{0, 0, 0}, {1, 0, 8}, {1, 5, 0}} {
		front.Visibility, front.Reserve = c.visible, c.reserve
		if got := play(on(ledger.Ours), front); got.Succeeded != c.want {
			t.Errorf("seen by %v, reserve %v: %d lose, want %d", c.visible, c.reserve, got.Succeeded, c.want)
		}
	}
}

// A sender that has promised one fund to more recipients than fund and
// collateral cover has gained; up to there it has lost.
func TestOverspending(t *testing.T) {
	over := attack.Config{Kind: attack.Overspend, Value: eth / 10}
	for _, c := range []struct {
		recipients int
		collateral float64
		gains      bool
	}{{2, 1.01, false}, {3, 1.01, true}, {3, 2, false}, {4, 2, true}, {5, 4, false}} {
		over.Recipients, over.Collateral = c.recipients, c.collateral
		if got := play(on(ledger.Ours), over).Profit().Sign() > 0; got != c.gains {
			t.Errorf("%d recipients, collateral %v: gains %v", c.recipients, c.collateral, got)
		}
	}
}

// Whatever becomes of blocks, nobody owns what the owner did not give away; a
// registration that pirates see waiting is theirs.
func TestTitles(t *testing.T) {
	titles := attack.Config{Kind: attack.Titles, For: 10 * time.Minute, Count: 2}
	reorgs := func(c *ledger.Config) { c.Reorgs, c.Missed = ledger.Reorgs{Rate: 0.3, Depth: 7}, 0.2 }
	calm, torn := play(on(ledger.Ours), titles), play(on(ledger.Ours, reorgs), titles)
	for _, got := range []*attack.Tally{calm, torn} {
		if got.Tried != 20 || got.Refused != 80 || got.Copies != 20 || got.Wrong > 0 || got.Reads == 0 || got.Succeeded > 0 {
			t.Errorf("%+v", got)
		}
	}
	if a, b := attack.Quantile(calm.Registers, 0.95), attack.Quantile(torn.Registers, 0.95); a >= b {
		t.Errorf("95 %% register within %v, and within %v where blocks are taken back", a, b)
	}
	spam := attack.Config{Kind: attack.Spam, For: 5 * time.Minute, Rate: 60}
	if got := play(on(ledger.Ours), titles, spam); got.Wrong > 0 || got.Cost.Cmp(calm.Cost) <= 0 {
		t.Errorf("with spam: %+v", got)
	}
	fill := attack.Config{Kind: attack.Congestion, At: time.Minute, For: 5 * time.Minute, Stuffing: 200 * gwei}
	if got := play(on(ledger.Ours), titles, fill); got.Wrong > 0 || attack.Quantile(got.Registers, 0.95) < 3*time.Minute {
		t.Errorf("with full blocks: %+v", got)
	}
	titles.Visibility = 1
	if got := play(on(ledger.Ours), titles); got.Succeeded != 20 {
		t.Errorf("seen: %+v", got)
	}
}

// Blocks that are taken back move times and repeat what was done; attacks go on,
// and ours stands all the same.
func TestReorganisedAttacks(t *testing.T) {
	reorgs := func(c *ledger.Config) { c.Reorgs, c.Missed = ledger.Reorgs{Rate: 0.3, Depth: 7}, 0.1 }
	for _, c := range []attack.Config{
		{Kind: attack.StaleClose, Count: 3, At: 20 * time.Minute, Offline: 2 * time.Hour, Towers: 1, TowerDelay: time.Minute},
		{Kind: attack.DepositGrief, Recipients: 5, Deposit: 0.5, Refill: 1},
		{Kind: attack.FrontRun, Recipients: 3, Reserve: 5, Visibility: 1},
		{Kind: attack.UnlockGrief, Count: 3, For: 10 * time.Hour},
		{Kind: attack.Overspend, Recipients: 2},
	} {
		if got := play(on(ledger.Ours, reorgs), c); got.Tried == 0 || got.Succeeded > 0 {
			t.Errorf("%s: %+v", c.Kind, got)
		}
	}
}

// Attacks come to the same on every fork, whatever its gas.
func TestForks(t *testing.T) {
	for _, f := range []ledger.Fork{ledger.Prague, ledger.Amsterdam} {
		fork := func(c *ledger.Config) { c.Fork = f }
		for _, c := range []attack.Config{{Kind: attack.StaleClose, Offline: time.Minute}, {Kind: attack.Titles, For: 2 * time.Minute}, {Kind: attack.DepositGrief, Refill: 1, Deposit: 0.5}, {Kind: attack.Overspend, Recipients: 2}} {
			if got := play(on(ledger.Ours, fork), c); got.Tried == 0 || got.Succeeded > 0 {
				t.Errorf("%s, %s: %+v", f, c.Kind, got)
			}
		}
	}
}

// The same seed gives the same tally, and actors who are stopped on their way
// leave nothing behind.
func TestTheSameAgain(t *testing.T) {
	all := []attack.Config{{Kind: attack.StaleClose, Count: 3, Towers: 0.5}, {Kind: attack.Titles, For: time.Minute}, {Kind: attack.UnlockGrief, For: time.Hour}}
	a, b := play(on(ledger.Ours), all...), play(on(ledger.Ours), all...)
	if a.Cost.Cmp(b.Cost) != 0 || a.Loss.Cmp(b.Loss) != 0 || a.Refused != b.Refused {
		t.Errorf("%+v, then %+v", a, b)
	}
}

func TestKinds(t *testing.T) {
	if got := attack.KindOf("ChannelsNoId"); got != "channels-no-id" {
		t.Errorf("the attack on ChannelsNoId is %s", got)
	}
	for _, name := range contracts.TwinNames() {
		if twin, ok := attack.KindOf(name).Twin(); !ok || twin != name {
			t.Errorf("%s comes back as %q", name, twin)
		}
	}
	for _, k := range []attack.Kind{"", attack.StaleClose, "nonsense"} {
		if twin, ok := k.Twin(); ok {
			t.Errorf("%q is of the twin %s", k, twin)
		}
	}
}

// What makes no sense is refused with its reason.
func TestBadConfigs(t *testing.T) {
	for _, c := range []struct {
		c    attack.Config
		want string
	}{
		{attack.Config{}, "say which attack"},
		{attack.Config{Kind: attack.StaleClose, Visibility: 1}, "stale-close does not read it"},
		{attack.Config{Kind: attack.UnlockGrief}, "say for how long"},
		{attack.Config{Kind: attack.Congestion, For: time.Hour}, "say what the attackers pay"},
		{attack.Config{Kind: attack.Overspend, Collateral: 1}, "not above 1"},
		{attack.Config{Kind: attack.FrontRun, Recipients: 5}, "not between 1 and 4"},
		{attack.Config{Kind: attack.StaleClose, Window: 1500 * time.Millisecond}, "whole number of seconds"},
		{attack.Config{Kind: attack.StaleClose, Count: 1001}, "not between 1 and 1000"},
		{attack.Config{Kind: attack.StaleClose, Value: 11 * eth}, "above 10ETH"},
	} {
		if err := c.c.Validate(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.c, err, c.want)
		}
	}
	var k attack.Kind
	if err := k.UnmarshalText([]byte("stale")); err == nil || k.UnmarshalText([]byte("titles")) != nil || k != attack.Titles {
		t.Errorf("%q, %v", k, err)
	}
}
