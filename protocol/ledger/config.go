package ledger

import (
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
	"kinetoscope/protocol/payment"
)

// Limits of a Config.
const (
	MinGasLimit        = 10_000_000                // the contracts are deployed in one block
	MaxGasLimit        = 1_000_000_000             //
	MaxFeeCap          = unit.Wei(10_000 * gwei)   // a fee then fits a unit.Wei
	MaxConfirmations   = 10_000                    //
	MaxPool            = 10_000_000                //
	MaxChallengePeriod = 10 * 365 * 24 * time.Hour // fits the contract's 32 bits of seconds
)

const gwei = 1_000_000_000

// Config is the ledger section of a scenario.
type Config struct {
	Contracts       Contracts     `yaml:"contracts" doc:"Which contracts attacks are made on: ours, or with one of them replaced by the broken twin of this name, to see what the attack then takes. Those that viewers pay by are always ours."`
	Artefact        string        `yaml:"artefact" doc:"A contract of your own in the place of one of ours, where attacks are made: the JSON file of a compiler, looked for like video.file, or what it says, with contract (which of ours), abi (whatever ours has must be there) and bytecode."`
	Fork            Fork          `yaml:"fork" doc:"Ethereum's rules, and so what gas and blobs cost."`
	BlockTime       time.Duration `yaml:"block_time" doc:"Time between two blocks, at least a second."`
	Missed          unit.Ratio    `yaml:"missed" doc:"Share of blocks that are never made, drawn by chance; the next comes a block time later."`
	GasLimit        uint64        `yaml:"gas_limit" doc:"Gas that fits in a block; the base fee rises when more than half of it is used."`
	BaseFee         unit.Wei      `yaml:"base_fee" doc:"Base fee at the start, for one gas."`
	Tip             unit.Wei      `yaml:"tip" doc:"What every sender offers the block's proposer, for one gas."`
	FeeCap          unit.Wei      `yaml:"fee_cap" doc:"The most that a sender pays for one gas, base fee and tip together; above it its transactions wait."`
	BumpAfter       time.Duration `yaml:"bump_after" doc:"How long a sender waits before it offers an eighth more, again and again up to the fee cap. It then begins with a cap of twice the base fee and the tip. 0s: it offers the fee cap at once."`
	Gossip          time.Duration `yaml:"gossip" doc:"How long a transaction is under way before proposers, and everybody else, see it."`
	Background      unit.Ratio    `yaml:"background" doc:"Other people's gas as part of the gas limit at the starting base fee; with an elasticity of 1 they spend the same ether in every block, so a higher fee makes them use less."`
	Elasticity      int           `yaml:"elasticity" doc:"How strongly other people react to a fee: their gas goes with the fee to the power of minus this."`
	Fees            Series        `yaml:"fees" doc:"A recorded series of base fees: at each time other people use what they use at the starting base fee when the fee is that of the series. With a background of 50% the chain's base fee follows the series as fast as EIP-1559 lets it, and what a scenario adds comes on top."`
	BlobFee         unit.Wei      `yaml:"blob_fee" doc:"Blob base fee at the start, for one blob gas."`
	BlobBackground  unit.Ratio    `yaml:"blob_background" doc:"Other people's blobs as part of what a block can hold, at the starting blob base fee; as elastic as their gas."`
	Reorgs          Reorgs        `yaml:"reorgs" doc:"Blocks that are taken back."`
	Confirmations   int           `yaml:"confirmations" doc:"Blocks built on top of a transaction's block before its receipt is given out."`
	Finality        time.Duration `yaml:"finality" doc:"Age at which a block is final: it cannot be taken back."`
	ChallengePeriod time.Duration `yaml:"-"` // in which a collector can close a channel whose payer asks for its deposit back; no role does so yet
	Pool            int           `yaml:"pool" doc:"Transactions that may wait for a block; more are refused."`
	ETHPrice        unit.USD      `yaml:"eth_price" doc:"What one ether costs."`
	Rollup          RollupConfig  `yaml:"rollup" doc:"A second layer on this chain."`
}

// Reorgs says how often blocks are taken back. The blocks that take their place
// are of the same times, by proposers who had heard of none of the scenario's
// transactions: those wait again.
type Reorgs struct {
	Rate  unit.Ratio `yaml:"rate" doc:"Probability before each block that the newest ones are taken back."`
	Depth int        `yaml:"depth" doc:"The most that are taken back at once; how many is drawn, each number from 1 as often."`
}

// MaxReorg is the most blocks that can be taken back at once.
const MaxReorg = 7

// Default is an Ethereum of 12 s blocks and 60 million gas that is busy to its
// target, with blobs at the floor of EIP-7918. Fees and the price of ether are
// round numbers to be set by whoever has better ones, not measurements. Finality
// is two epochs of 32 slots.
func Default() Config {
	return Config{Contracts: Ours, Fork: Osaka, BlockTime: 12 * time.Second, GasLimit: 60_000_000, BaseFee: 1 * gwei, Tip: gwei / 10, FeeCap: 100 * gwei,
		Background: 0.5, Elasticity: 1, Fees: Series{Loop: Repeat}, BlobFee: gwei / 16, BlobBackground: 0.5, Reorgs: Reorgs{Depth: 1},
		Confirmations: 1, Finality: 768 * time.Second, ChallengePeriod: time.Hour, Pool: 1_000_000, ETHPrice: 3000 * usd,
		Rollup: defaultRollup()}
}

const usd = unit.USD(1_000_000_000)

// Validate reports every value that makes no sense.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, key, format string, args ...any) {
		if !ok {
			errs = append(errs, unit.Bad(key, fmt.Sprintf(format, args...)))
		}
	}
	share := func(r unit.Ratio, key string) { check(r >= 0 && r <= 1, key, "%v is not between 0%% and 100%%", r) }
	check(slices.Contains(c.Contracts.Names(), string(c.Contracts)), "contracts", "unknown contracts %q: use one of %s", string(c.Contracts), strings.Join(c.Contracts.Names(), ", "))
	check(c.Artefact == "" || c.Contracts == Ours, "artefact", "it stands in the place of a contract of ours, and so does %s: write contracts: ours", c.Contracts)
	check(slices.Contains(c.Fork.Names(), string(c.Fork)), "fork", "unknown fork %q: use one of %s", string(c.Fork), strings.Join(c.Fork.Names(), ", "))
	check(c.BlockTime >= time.Second && c.BlockTime <= time.Hour, "block_time", "%v is not between 1s and 1h", c.BlockTime)
	check(c.Missed >= 0 && c.Missed <= maxMissed, "missed", "%v is not between 0%% and %v: a chain makes blocks", c.Missed, maxMissed)
	check(c.GasLimit >= MinGasLimit && c.GasLimit <= MaxGasLimit, "gas_limit", "%d is not between %d and %d", c.GasLimit, MinGasLimit, MaxGasLimit)
	check(c.BaseFee >= 7 && c.BaseFee <= MaxFeeCap, "base_fee", "%v is not between 7wei, below which EIP-1559 does not fall, and %v", c.BaseFee, MaxFeeCap)
	most := MaxFeeCap / unit.Wei(c.Fork.dearer()) // a fee fits a unit.Wei
	check(c.FeeCap >= 1 && c.FeeCap <= most, "fee_cap", "%v is not between 1wei and %v", c.FeeCap, most)
	check(c.Tip <= c.FeeCap, "tip", "%v is above the fee cap of %v", c.Tip, c.FeeCap)
	check(c.BumpAfter >= 0 && c.BumpAfter <= time.Hour, "bump_after", "%v is not between 0s and 1h", c.BumpAfter)
	check(c.Gossip >= 0 && c.Gossip <= maxGossip, "gossip", "%v is not between 0s and %v", c.Gossip, maxGossip)
	share(c.Background, "background")
	check(c.Elasticity >= 1 && c.Elasticity <= maxElasticity, "elasticity", "%d is not between 1 and %d: demand that no fee stops has no price", c.Elasticity, maxElasticity)
	c.Fees.check(func(key, format string, args ...any) { check(false, "fees."+key, format, args...) })
	check(c.BlobFee >= 1 && c.BlobFee <= MaxFeeCap, "blob_fee", "%v is not between 1wei and %v", c.BlobFee, MaxFeeCap)
	share(c.BlobBackground, "blob_background")
	share(c.Reorgs.Rate, "reorgs.rate")
	check(c.Reorgs.Depth >= 1 && c.Reorgs.Depth <= MaxReorg, "reorgs.depth", "%d is not between 1 and %d blocks", c.Reorgs.Depth, MaxReorg)
	check(c.Confirmations >= 0 && c.Confirmations <= MaxConfirmations, "confirmations", "%d is not between 0 and %d blocks", c.Confirmations, MaxConfirmations)
	check(c.Finality >= 0 && c.Finality <= maxFinality, "finality", "%v is not between 0s and %v", c.Finality, maxFinality)
	check(c.ChallengePeriod >= time.Second && c.ChallengePeriod <= MaxChallengePeriod, "challenge_period", "%v is not between 1s and %v", c.ChallengePeriod, MaxChallengePeriod)
	check(c.ChallengePeriod%time.Second == 0, "challenge_period", "%v is not a whole number of seconds", c.ChallengePeriod)
	check(c.Pool >= 1 && c.Pool <= MaxPool, "pool", "%d is not between 1 and %d transactions", c.Pool, MaxPool)
	check(c.ETHPrice > 0, "eth_price", "%v is not above $0", c.ETHPrice)
	c.Rollup.check(func(ok bool, key, format string, args ...any) { check(ok, "rollup."+key, format, args...) })
	return errors.Join(errs...)
}

// More limits of a Config.
const (
	maxMissed     = unit.Ratio(0.9)
	maxGossip     = time.Minute
	maxElasticity = 8
	maxFinality   = 24 * time.Hour
)

// Wei is what an amount of dollars buys, rounded to the nearest wei, half a wei
// up. It panics for a negative amount or one beyond unit.Wei.
func (c Config) Wei(amount unit.USD) unit.Wei {
	w := nearest(new(big.Int).Mul(big.NewInt(int64(amount)), ether()), big.NewInt(int64(c.ETHPrice)))
	if !w.IsUint64() {
		panic(fmt.Sprintf("ledger: %v at %v for an ether is no amount of wei", amount, c.ETHPrice))
	}
	return unit.Wei(w.Uint64())
}

// USD is what an amount of wei is worth, rounded to the nearest nano-dollar.
// It panics beyond unit.USD.
func (c Config) USD(wei *big.Int) unit.USD {
	u := nearest(new(big.Int).Mul(wei, big.NewInt(int64(c.ETHPrice))), ether())
	if !u.IsInt64() {
		panic(fmt.Sprintf("ledger: %v wei at %v for an ether is beyond what a USD holds", wei, c.ETHPrice))
	}
	return unit.USD(u.Int64())
}

// nearest is a/b rounded half up, for b above zero.
func nearest(a, b *big.Int) *big.Int {
	twice := new(big.Int).Lsh(b, 1)
	return new(big.Int).Div(new(big.Int).Add(new(big.Int).Lsh(a, 1), b), twice)
}

func ether() *big.Int { return big.NewInt(1_000_000_000 * gwei) }

// Reserve is what an account must hold for a transaction of kind k to be
// included, besides the Amount that an Open locks: the gas limit at the fee
// cap, and on a rollup its bytes as calldata at that, and what it takes to go
// around the sequencer. What is not used stays with the account.
func (c Config) Reserve(k payment.TxKind) unit.Wei {
	op := operation(k)
	if k == payment.Invoke { // the dearest call that a payer makes
		op = lockPool
	}
	reserve := unit.Wei(c.limit(op)) * c.FeeCap
	if c.Rollup.On {
		reserve += maxTxBytes * calldataGas * c.FeeCap
		if c.Rollup.ForceAfter > 0 {
			reserve += unit.Wei(batchGas*c.Fork.dearer()) * c.FeeCap
		}
	}
	return reserve
}

// A Payee owns a part of the asset's royalties.
type Payee struct {
	Account payment.Account
	BPS     int // hundredths of a percent, 1 to 10,000
}

// A Genesis says who and what is there when the chain starts. Creator and
// Collector hold Purse, so that no run ends because they cannot pay for gas;
// every other account holds Balance.
type Genesis struct {
	Accounts   int // accounts 0 to Accounts-1 exist
	Balance    unit.Wei
	Creator    payment.Account // deploys the split and registers the asset
	Collector  payment.Account // may close every channel
	Payees     []Payee         // 1 to payment.MaxPayees, each account once; the shares make 10,000
	Others     [][]Payee       // splits of other assets, like Payees, numbered from 1; the creator deploys and owns them
	ContentID  [32]byte
	Buyers     []payment.Account // who may own the title after the creator, and own as much as it at genesis; each once
	Actors     int               // the last so many accounts own as much too: who speaks to contracts in its own words
	RoyaltyBPS int               // royalty on a resale of the asset's token, 0 to 10,000
	Contracts  []Contract        // what there is besides registry, split and channels, each once

	staff int // accounts after those, which only this package uses
}

// Purse is what the creator, the collector and the deployer of the shared
// contracts hold at genesis: a million ether, in wei.
func Purse() *big.Int { return new(big.Int).Mul(big.NewInt(1_000_000), ether()) }

// Validate reports what makes no sense. What the contracts refuse (shares that
// do not make 10,000, a payee named twice) New reports.
func (g Genesis) Validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("genesis: "+format, args...))
		}
	}
	exists := func(a payment.Account) bool { return int64(a) < int64(g.Accounts) }
	check(g.Accounts >= 1 && g.Accounts <= MaxAccounts, "%d accounts: have 1 to %d", g.Accounts, MaxAccounts)
	check(exists(g.Creator), "the creator, account %d, is not one of the %d accounts", g.Creator, g.Accounts)
	check(exists(g.Collector), "the collector, account %d, is not one of the %d accounts", g.Collector, g.Accounts)
	for _, payees := range append([][]Payee{g.Payees}, g.Others...) {
		check(len(payees) >= 1 && len(payees) <= payment.MaxPayees, "%d payees: name 1 to %d", len(payees), payment.MaxPayees)
		for i, p := range payees {
			check(exists(p.Account), "payee %d, account %d, is not one of the %d accounts", i, p.Account, g.Accounts)
			check(p.BPS >= 1 && p.BPS <= 10_000, "payee %d has a share of %d: give 1 to 10,000 hundredths of a percent", i, p.BPS)
		}
	}
	for i, a := range g.Buyers {
		check(exists(a) && a != g.Creator && a != g.Collector && !slices.Contains(g.Buyers[:i], a),
			"buyer %d, account %d, does not exist, or is there twice, or is the creator or the collector", i, a)
	}
	check(g.Actors >= 0 && g.Actors <= g.Accounts, "%d actors among %d accounts", g.Actors, g.Accounts)
	for i, k := range g.Contracts {
		check(int(k) < len(contractNames) && !slices.Contains(g.Contracts[:i], k), "contract %d is unknown or named twice", k)
	}
	check(g.RoyaltyBPS >= 0 && g.RoyaltyBPS <= 10_000, "a royalty of %d: give 0 to 10,000 hundredths of a percent", g.RoyaltyBPS)
	return errors.Join(errs...)
}
