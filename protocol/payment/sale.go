package payment

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"kinetoscope/internal/unit"
)

// A Sale passes the title of the asset, the right to change its split, and one
// payee's share on to somebody else while viewers go on paying.
type Sale struct {
	At      time.Duration `yaml:"at" doc:"When seller and buyer send their transactions."`
	Of      string        `yaml:"of" doc:"The payee whose whole share is sold."`
	To      string        `yaml:"to" doc:"Who is paid instead: somebody new, or another payee."`
	Royalty unit.Wei      `yaml:"royalty" doc:"What the buyer pays into the split for the resale before it takes over, for who has shares until then (ERC-2981: what is due of the price, which passes elsewhere); at most 1ETH."`
}

// Sold is the split after the first n sales. A buyer takes the seller's place,
// unless it has one.
func (c *Config) Sold(n int) []Share {
	split := slices.Clone(c.Split)
	for _, s := range c.Sales[:n] {
		split = s.of(split)
	}
	return split
}

// of is what a sale makes of split, which it may change.
func (s Sale) of(split []Share) []Share {
	from, to := place(split, s.Of), place(split, s.To)
	switch {
	case from < 0 || from == to:
	case to < 0:
		split[from].Payee = s.To
	default:
		split[to].Share += split[from].Share
		split = slices.Delete(split, from, from+1)
	}
	return split
}

// maxRoyalty is the most that a buyer pays into the split for a sale.
const maxRoyalty = unit.Wei(1_000_000_000_000_000_000)

func place(split []Share, payee string) int {
	return slices.IndexFunc(split, func(s Share) bool { return s.Payee == payee })
}

// Payees is everybody who is ever paid: those of the split, then buyers.
func (c *Config) Payees() []string {
	all := names(c.Split)
	for _, s := range c.Sales {
		if !slices.Contains(all, s.To) {
			all = append(all, s.To)
		}
	}
	return all
}

// sellable reports every sale that makes no sense.
func (c *Config) sellable() (errs []error) {
	split := slices.Clone(c.Split)
	var before time.Duration
	for i, s := range c.Sales {
		bad := func(key, format string, args ...any) {
			errs = append(errs, unit.Bad(fmt.Sprintf("sales.%d.%s", i, key), fmt.Sprintf(format, args...)))
		}
		if s.At <= before && i == 0 || s.At < before {
			bad("at", "%v is not after 0s, or before the sale above it: write them in the order in which they happen", s.At)
		}
		if place(split, s.Of) < 0 {
			bad("of", "%q has no share to sell then: use one of %s", s.Of, strings.Join(names(split), ", "))
		}
		if s.To == "" || s.To == s.Of {
			bad("to", "%q cannot buy it: name somebody else than the seller", s.To)
		}
		if s.Royalty > maxRoyalty {
			bad("royalty", "%v is above %v: a buyer has no more", s.Royalty, maxRoyalty)
		}
		before, split = s.At, s.of(split)
	}
	if c.Method == Central && len(c.Sales) > 0 {
		errs = append(errs, unit.Bad("sales", "the central method has no contract that could be sold: write another payment.method"))
	}
	if c.Method == Central {
		if err := c.Licence.central(); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// names lists the payees of split.
func names(split []Share) (list []string) {
	for _, s := range split {
		list = append(list, s.Payee)
	}
	return list
}
