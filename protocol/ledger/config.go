package ledger

import (
	"errors"
	"fmt"
	"math/big"
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
	BlockTime       time.Duration `yaml:"block_time" doc:"Time between two blocks, at least a second."`
	GasLimit        uint64        `yaml:"gas_limit" doc:"Gas that fits in a block; the base fee rises when more than half of it is used."`
	BaseFee         unit.Wei      `yaml:"base_fee" doc:"Base fee at the start, for one gas."`
	Tip             unit.Wei      `yaml:"tip" doc:"What every sender offers the block's proposer, for one gas."`
	FeeCap          unit.Wei      `yaml:"fee_cap" doc:"The most that a sender pays for one gas, base fee and tip together; above it its transactions wait."`
	Background      unit.Ratio    `yaml:"background" doc:"Other people's gas as part of the gas limit at the starting base fee; they spend the same ether in every block, so a higher fee makes them use less."`
	Confirmations   int           `yaml:"confirmations" doc:"Blocks built on top of a transaction's block before its receipt is given out."`
	ChallengePeriod time.Duration `yaml:"-"` // in which a collector can close a channel whose payer asks for its deposit back; no role does so yet
	Pool            int           `yaml:"pool" doc:"Transactions that may wait for a block; more are refused."`
	ETHPrice        unit.USD      `yaml:"eth_price" doc:"What one ether costs."`
}

// Default is an Ethereum of 12 s blocks and 60 million gas that is busy to its
// target. Fees and the price of ether are round numbers to be set by whoever
// has better ones, not measurements.
func Default() Config {
	return Config{BlockTime: 12 * time.Second, GasLimit: 60_000_000, BaseFee: 1 * gwei, Tip: gwei / 10, FeeCap: 100 * gwei,
		Background: 0.5, Confirmations: 1, ChallengePeriod: time.Hour, Pool: 1_000_000, ETHPrice: 3000 * usd}
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
	check(c.BlockTime >= time.Second && c.BlockTime <= time.Hour, "block_time", "%v is not between 1s and 1h", c.BlockTime)
	check(c.GasLimit >= MinGasLimit && c.GasLimit <= MaxGasLimit, "gas_limit", "%d is not between %d and %d", c.GasLimit, MinGasLimit, MaxGasLimit)
	check(c.BaseFee >= 7 && c.BaseFee <= MaxFeeCap, "base_fee", "%v is not between 7wei, below which EIP-1559 does not fall, and %v", c.BaseFee, MaxFeeCap)
	check(c.FeeCap >= 1 && c.FeeCap <= MaxFeeCap, "fee_cap", "%v is not between 1wei and %v", c.FeeCap, MaxFeeCap)
	check(c.Tip <= c.FeeCap, "tip", "%v is above the fee cap of %v", c.Tip, c.FeeCap)
	check(c.Background >= 0 && c.Background <= 1, "background", "%v is not between 0%% and 100%%", c.Background)
	check(c.Confirmations >= 0 && c.Confirmations <= MaxConfirmations, "confirmations", "%d is not between 0 and %d blocks", c.Confirmations, MaxConfirmations)
	check(c.ChallengePeriod >= time.Second && c.ChallengePeriod <= MaxChallengePeriod, "challenge_period", "%v is not between 1s and %v", c.ChallengePeriod, MaxChallengePeriod)
	check(c.ChallengePeriod%time.Second == 0, "challenge_period", "%v is not a whole number of seconds", c.ChallengePeriod)
	check(c.Pool >= 1 && c.Pool <= MaxPool, "pool", "%d is not between 1 and %d transactions", c.Pool, MaxPool)
	check(c.ETHPrice > 0, "eth_price", "%v is not above $0", c.ETHPrice)
	return errors.Join(errs...)
}

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
// cap. What is not used stays with the account.
func (c Config) Reserve(k payment.TxKind) unit.Wei {
	return unit.Wei(operations[k].gasLimit) * c.FeeCap
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
	ContentID  [32]byte
	RoyaltyBPS int // royalty on a resale of the asset's token, 0 to 10,000
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
	check(len(g.Payees) >= 1 && len(g.Payees) <= payment.MaxPayees, "%d payees: name 1 to %d", len(g.Payees), payment.MaxPayees)
	for i, p := range g.Payees {
		check(exists(p.Account), "payee %d, account %d, is not one of the %d accounts", i, p.Account, g.Accounts)
		check(p.BPS >= 1 && p.BPS <= 10_000, "payee %d has a share of %d: give 1 to 10,000 hundredths of a percent", i, p.BPS)
	}
	check(g.RoyaltyBPS >= 0 && g.RoyaltyBPS <= 10_000, "a royalty of %d: give 0 to 10,000 hundredths of a percent", g.RoyaltyBPS)
	return errors.Join(errs...)
}
