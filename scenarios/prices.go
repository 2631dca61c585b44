package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"time"

	"kinetoscope/internal/unit"
)

// A Quote is one price of a sheet, who says so, and since when.
type Quote[T any] struct {
	Price  T      `yaml:"price" doc:"The price, with its unit."`
	Source string `yaml:"source" doc:"Who says so."`
	Date   string `yaml:"date" doc:"When it was so, as 2006-01-02."`
}

// Quotes of one kind of good each.
type (
	perGB       = Quote[unit.Price[unit.GB]]
	perGBMonth  = Quote[unit.Price[unit.GBMonth]]
	perCoreHour = Quote[unit.Price[unit.CoreHour]]
	perPayment  = Quote[unit.Price[unit.Payment]]
)

// Prices is a price sheet. All prices are in United States dollars: an amount
// in another currency is refused.
type Prices struct {
	File      string             `yaml:"file" doc:"A YAML file with a section prices, and perhaps eth_price, looked for like video.file. What the scenario itself states goes before it."`
	Publisher perGB              `yaml:"publisher" doc:"Traffic that leaves the publisher: a cloud."`
	Provider  perGB              `yaml:"provider" doc:"Traffic that leaves a storage provider."`
	Edge      perGB              `yaml:"edge" doc:"Traffic that leaves an edge: a content delivery network."`
	Viewer    perGB              `yaml:"viewer" doc:"Traffic that leaves a viewer's home."`
	Relay     perGB              `yaml:"relay" doc:"Traffic that goes over a relay."`
	Storage   perGBMonth         `yaml:"storage" doc:"Shards that providers keep, and tokens that edges keep."`
	Compute   perCoreHour        `yaml:"compute" doc:"Processors of publisher, providers and edges."`
	Device    perCoreHour        `yaml:"device" doc:"Processors of viewers."`
	Capital   Quote[unit.Yearly] `yaml:"capital" doc:"What locked money would earn elsewhere."`
	Card      Quote[unit.Ratio]  `yaml:"card" doc:"Part of a card payment that its processor keeps. With the central method viewers pay by card."`
	CardFixed perPayment         `yaml:"card_fixed" doc:"What a card payment costs besides that."`
	TopUp     Quote[unit.USD]    `yaml:"top_up" doc:"What a viewer pays by card at once, to be used up view by view."`
	Exchange  Quote[unit.Ratio]  `yaml:"exchange" doc:"What an exchange keeps of the dollars that buy a viewer its ether. With the methods that use a chain."`
}

// defaultPrices is the sheet that is used where a scenario says nothing. List
// prices of large sellers; those marked so are from memory.
func defaultPrices() Prices {
	return Prices{
		Publisher: perGB{90_000_000, "AWS, internet egress of EC2 and S3, first 10 TB a month (egresscost.com/aws)", "2026-10-07"},
		Provider:  perGB{20_000_000, "Storj, what node operators were paid for egress until 2023 (storj.io, first payday)", "2019-09-01"},
		Edge:      perGB{20_000_000, "CloudFront, the tier of petabytes, US and EU (forasoft.com)", "2025-11-01"},
		Viewer:    perGB{0, "flat rate: another byte costs nothing", "2026-11-01"},
		Relay:     perGB{50_000_000, "Cloudflare, TURN service, outbound", "2026-10-07"},
		Storage:   perGBMonth{1_500_000, "Storj, what node operators are paid, $1.50 for a TB and month (storj.io, first payday)", "2019-09-01"},
		Compute:   perCoreHour{50_400_000, "Datum, a vCPU and hour (datum.net/pricing)", "2026-10-07"},
		Device:    perCoreHour{1_000_000, "5 W at $0.20/kWh, an assumption", "2026-11-01"},
		Capital:   Quote[unit.Yearly]{0.05, "a treasury bill's yield, rounded, from memory", "2025-06-01"},
		Card:      Quote[unit.Ratio]{0.029, "Stripe, US online cards", "2025-01-01"},
		CardFixed: perPayment{300_000_000, "Stripe, US online cards", "2025-01-01"},
		TopUp:     Quote[unit.USD]{10_000_000_000, "an assumption", "2026-11-01"},
		Exchange:  Quote[unit.Ratio]{0.006, "Coinbase, taker fee of small accounts, from memory", "2025-01-01"}}
}

// Validate reports every value that makes no sense by itself.
func (p Prices) Validate() error {
	var errs []error
	for _, q := range p.Quotes() {
		if q.Source == "" {
			errs = append(errs, unit.Bad(q.Name+".source", "a price has a source: write who says so"))
		}
		if _, err := time.Parse(time.DateOnly, q.Date); err != nil {
			errs = append(errs, unit.Bad(q.Name+".date", fmt.Sprintf("%s is not a date: write it like 2026-11-23", clip(q.Date))))
		}
	}
	if p.TopUp.Price <= 0 {
		errs = append(errs, unit.Bad("top_up.price", "a card payment is above $0"))
	}
	return errors.Join(errs...)
}

// A NamedQuote is one row of a price sheet as text.
type NamedQuote struct {
	Name, Price, Source, Date string
	Own                       bool // not as in the shipped sheet
}

// row is the quote as text.
func (q Quote[T]) row() NamedQuote {
	return NamedQuote{Price: write(reflect.ValueOf(q.Price)), Source: q.Source, Date: q.Date}
}

// Quotes lists the sheet in its order. A price that was changed while its
// source was not is the scenario's own.
func (p Prices) Quotes() (list []NamedQuote) {
	v, shipped := reflect.ValueOf(p), reflect.ValueOf(defaultPrices())
	for _, f := range fieldsOf(v.Type()) {
		quote, ok := v.Field(f.index).Interface().(interface{ row() NamedQuote })
		if !ok {
			continue
		}
		q, was := quote.row(), shipped.Field(f.index).Interface().(interface{ row() NamedQuote }).row()
		q.Own = q != was
		if q.Price != was.Price && q.Source == was.Source {
			q.Source = "the scenario"
		}
		q.Name = f.name
		list = append(list, q)
	}
	return list
}

// A sheet is a file with prices.
type sheet struct {
	Prices   Prices   `yaml:"prices" doc:"The price sheet."`
	ETHPrice unit.USD `yaml:"eth_price" doc:"What one ether costs."`
}

// readPrices reads a price sheet of its own, and says what it states. Each price
// that it states comes with source and date.
func readPrices(file string, text []byte) (sheet, map[string]site, error) {
	def := func() sheet { return sheet{Prices: defaultPrices(), ETHPrice: 1} }
	st, err := layers(file, text, nil, def, func(s *sheet, _ []string) error {
		if s.ETHPrice <= 0 {
			return unit.Bad("eth_price", "an ether costs more than $0")
		}
		return nil
	})
	if err == nil && st.base.Prices.File != "" {
		err = plain(file, "prices.file: a price sheet does not name another: write the prices out")
	}
	for _, f := range fieldsOf(reflect.TypeFor[Prices]()) {
		key := join("prices", f.name)
		_, price := st.top[join(key, "price")]
		_, source := st.top[join(key, "source")]
		_, date := st.top[join(key, "date")]
		if err == nil && price && !(source && date) {
			err = plain(file, "%s: a price of a sheet says who says so and when: write its source and its date", key)
		}
	}
	return st.base, st.top, err
}

const pricesKey = "prices.file"

// prices reads the price sheets that the scenario names, found like its videos,
// so that a scenario that was loaded needs them no more.
func prices(file string, st *stack[Scenario]) error {
	var found, quiet problems
	buy(file, &st.base, st.top, &quiet)
	for i := range st.variants {
		buy(file, &st.variants[i], st.where[i], &found)
	}
	return found.err()
}

// buy replaces the name of a sheet by what it states, but for what the scenario
// itself states.
func buy(file string, s *Scenario, where map[string]site, found *problems) {
	name := s.Prices.File
	if name == "" {
		return
	}
	bad := func(format string, args ...any) {
		found.add(where[pricesKey].problem(pricesKey, fmt.Sprintf(format, args...)))
	}
	path, msg := locate(file, name, where[pricesKey])
	if msg != "" {
		bad("%s", msg)
		return
	}
	text, err := readFile(path)
	if err != nil {
		bad("the prices cannot be read: %v", err)
		return
	}
	read, stated, err := readPrices(path, text)
	if err != nil {
		bad("%v", err)
		return
	}
	s.Prices.File = ""
	to, from := reflect.ValueOf(&s.Prices).Elem(), reflect.ValueOf(read.Prices)
	for _, f := range fieldsOf(to.Type()) {
		key := join(join("prices", f.name), "price")
		_, mine := where[key]
		if _, its := stated[key]; its && !mine {
			to.Field(f.index).Set(from.Field(f.index))
		}
	}
	_, mine := where["ledger.eth_price"]
	if _, its := stated["eth_price"]; its && !mine {
		s.Ledger.ETHPrice = read.ETHPrice
		for _, err := range s.money() {
			bad("with its price of ether, %v: %v", read.ETHPrice, err)
		}
	}
}
