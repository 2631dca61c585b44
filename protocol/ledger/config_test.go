package ledger

import (
	"math"
	"math/big"
	"testing"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

func TestDefaultIsValid(t *testing.T) {
	if err := Default().Validate(); err != nil {
		t.Error(err)
	}
}

func TestValidateSaysWhatIsAllowed(t *testing.T) {
	for _, c := range []struct {
		spoil func(c *Config)
		want  string
	}{
		{func(c *Config) { c.BlockTime = 250 * time.Millisecond }, "block_time: 250ms is not between 1s and 1h"},
		{func(c *Config) { c.BlockTime = 2 * time.Hour }, "block_time: 2h0m0s is not between 1s and 1h"},
		{func(c *Config) { c.GasLimit = 9_999_999 }, "gas_limit: 9999999 is not between 10000000 and 1000000000"},
		{func(c *Config) { c.GasLimit = math.MaxUint64 }, "gas_limit: 18446744073709551615 is not between 10000000 and 1000000000"},
		{func(c *Config) { c.BaseFee = 6 }, "base_fee: 6wei is not between 7wei, below which EIP-1559 does not fall, and 10000gwei"},
		{func(c *Config) { c.FeeCap, c.Tip = 0, 0 }, "fee_cap: 0wei is not between 1wei and 10000gwei"},
		{func(c *Config) { c.FeeCap = MaxFeeCap + 1 }, "fee_cap: 10000000000001wei is not between 1wei and 10000gwei"},
		{func(c *Config) { c.Tip = c.FeeCap + 1 }, "tip: 100000000001wei is above the fee cap of 100gwei"},
		{func(c *Config) { c.Background = 1.7 }, "background: 170% is not between 0% and 100%"},
		{func(c *Config) { c.Background = unit.Ratio(math.NaN()) }, "background: NaN is not between 0% and 100%"},
		{func(c *Config) { c.Confirmations = -1 }, "confirmations: -1 is not between 0 and 10000 blocks"},
		{func(c *Config) { c.ChallengePeriod = 0 }, "challenge_period: 0s is not between 1s and 87600h0m0s"},
		{func(c *Config) { c.ChallengePeriod = 1500 * time.Millisecond }, "challenge_period: 1.5s is not a whole number of seconds"},
		{func(c *Config) { c.Fork = "shanghai" }, `fork: unknown fork "shanghai": use one of cancun, prague, osaka, amsterdam`},
		{func(c *Config) { c.Fork, c.FeeCap = Amsterdam, MaxFeeCap }, "fee_cap: 10000gwei is not between 1wei and 1250gwei"},
		{func(c *Config) { c.Missed = 1 }, "missed: 100% is not between 0% and 90%: a chain makes blocks"},
		{func(c *Config) { c.BumpAfter = -1 }, "bump_after: -1ns is not between 0s and 1h"},
		{func(c *Config) { c.Gossip = time.Hour }, "gossip: 1h0m0s is not between 0s and 1m0s"},
		{func(c *Config) { c.Elasticity = 0 }, "elasticity: 0 is not between 1 and 8: demand that no fee stops has no price"},
		{func(c *Config) { c.Fees.File, c.Fees.Steps = "x.csv", []Fee{{time.Minute, gwei}} }, "fees.file: the series has steps too: write one of them"},
		{func(c *Config) { c.Fees.Steps = []Fee{{time.Minute, gwei}, {0, 1}} }, "fees.steps.1.for: 0s is not between 1s and 720h0m0s\nfees.steps.1.base_fee: 1wei is not between 7wei and 10000gwei"},
		{func(c *Config) { c.BlobFee = 0 }, "blob_fee: 0wei is not between 1wei and 10000gwei"},
		{func(c *Config) { c.BlobBackground = 2 }, "blob_background: 200% is not between 0% and 100%"},
		{func(c *Config) { c.Reorgs = Reorgs{-1, 8} }, "reorgs.rate: -100% is not between 0% and 100%\nreorgs.depth: 8 is not between 1 and 7 blocks"},
		{func(c *Config) { c.Finality = -time.Second }, "finality: -1s is not between 0s and 24h0m0s"},
		{func(c *Config) { c.Pool = 0 }, "pool: 0 is not between 1 and 10000000 transactions"},
		{func(c *Config) { c.ETHPrice = 0 }, "eth_price: $0 is not above $0"},
		{func(c *Config) { c.Pool, c.ETHPrice = -1, -1 }, "pool: -1 is not between 1 and 10000000 transactions\neth_price: -$0.000000001 is not above $0"},
	} {
		cfg := Default()
		c.spoil(&cfg)
		err := cfg.Validate()
		if err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
		if _, again := New(cfg, 1, testGenesis(10)); again == nil || again.Error() != c.want {
			t.Errorf("New: %v, want %s", again, c.want)
		}
	}
}

func TestGenesisSaysWhatIsAllowed(t *testing.T) {
	for _, c := range []struct {
		spoil func(g *Genesis)
		want  string
	}{
		{func(g *Genesis) { g.Accounts = MaxAccounts + 1 }, "genesis: 10000001 accounts: have 1 to 10000000"},
		{func(g *Genesis) { g.Creator = 10 }, "genesis: the creator, account 10, is not one of the 10 accounts"},
		{func(g *Genesis) { g.Collector = 1 << 31 }, "genesis: the collector, account 2147483648, is not one of the 10 accounts"},
		{func(g *Genesis) { g.Payees = nil }, "genesis: 0 payees: name 1 to 16"},
		{func(g *Genesis) { g.Payees[2].Account = 10 }, "genesis: payee 2, account 10, is not one of the 10 accounts"},
		{func(g *Genesis) { g.Payees[0].BPS = 0 }, "genesis: payee 0 has a share of 0: give 1 to 10,000 hundredths of a percent"},
		{func(g *Genesis) { g.Payees[0].BPS = 65536 + 7000 }, "genesis: payee 0 has a share of 72536: give 1 to 10,000 hundredths of a percent"},
		{func(g *Genesis) { g.RoyaltyBPS = 10_001 }, "genesis: a royalty of 10001: give 0 to 10,000 hundredths of a percent"},
		{func(g *Genesis) { g.Payees[1].Account = payee1 }, "genesis: deploy split: the contract says DuplicatePayee"},
	} {
		g := testGenesis(10)
		c.spoil(&g)
		if _, err := New(testConfig(), 1, g); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

func TestDollarsAndWei(t *testing.T) {
	c := Default()
	for _, x := range []struct {
		price, amount unit.USD
		want          unit.Wei
	}{
		{3000 * usd, 3000 * usd, eth}, {3000 * usd, 0, 0}, {3000 * usd, 1, 333_333},
		{3 * usd, 1, 333_333_333}, {3 * usd, 2, 666_666_667}, {2_000_000_000 * usd, 1, 1},
		{4_000_000_000 * usd, 1, 0}, {4_000_000_000 * usd, 2, 1},
	} {
		c.ETHPrice = x.price
		if got := c.Wei(x.amount); got != x.want {
			t.Errorf("%v at %v for an ether: %d wei, want %d", x.amount, x.price, got, x.want)
		}
	}
	c.ETHPrice = 3000 * usd
	for wei, want := range map[int64]unit.USD{0: 0, 333_333: 1, 166_666: 0, 166_667: 1, -333_333: -1, 1e18: 3000 * usd} {
		if got := c.USD(big.NewInt(wei)); got != want {
			t.Errorf("%d wei are %v, want %v", wei, got, want)
		}
	}
	broken(t, func() { c.Wei(1_000_000 * usd) }, "$1000000 at $3000 for an ether is no amount of wei")
	broken(t, func() { c.Wei(-1 * usd) }, "no amount of wei")
	broken(t, func() { c.USD(new(big.Int).Lsh(big.NewInt(1), 100)) }, "beyond what a USD holds")
}

// Reserve is exact: with it a transaction is included, with a wei less it is not.
func TestReserveIsExact(t *testing.T) {
	cfg := testConfig()
	for _, short := range []unit.Wei{0, 1} {
		g := testGenesis(10)
		g.Balance = cfg.Reserve(payment.Open) + milli - short
		c, err := New(cfg, 1, g)
		if err != nil {
			t.Fatal(err)
		}
		d := &desk{Chain: c, t: t}
		if r := d.do(d.open(firstPayer, 0, milli)); r.OK != (short == 0) {
			t.Errorf("short by %d wei: %+v", short, r)
		}
	}
}

// A receipt's fee fits a unit.Wei for every operation at the highest cap.
func TestFeesFit(t *testing.T) {
	for k := payment.Register; k <= payment.Finalize; k++ {
		if gas := operations[k].gasLimit; gas > math.MaxUint64/uint64(MaxFeeCap) {
			t.Errorf("%s: %d gas at %v overflow", operations[k].name, gas, MaxFeeCap)
		}
	}
	sum := operations[payment.Register].gasLimit
	for op := deployRegistry; op <= deploySplit; op++ {
		sum += operations[op].gasLimit
	}
	if sum > MinGasLimit {
		t.Errorf("the first block asks for %d gas, a block may have %d", sum, MinGasLimit)
	}
}
