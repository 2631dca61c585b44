package datasets

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Roles of the columns of tables of fees.
const (
	feTime = iota
	feBlock
	feValue
	feSymbol
	feRoles
)

func feeColumns(some map[int]column) []column {
	all := columnsOf(feRoles, some)
	for i, c := range []column{
		feTime: {role: "time", of: instant}, feBlock: {role: "block", of: count}, feValue: {role: "value", of: fee, main: true}, feSymbol: {role: "symbol", of: label},
	} {
		all[i].role, all[i].of, all[i].main = c.role, c.of, c.main
	}
	return all
}

// etherscan says what the charts hold that Etherscan and its like export, by
// the name of the file: a unit, or why it is no fee.
var etherscan = []struct{ name, unit, not string }{
	{"AvgGasPrice", "wei", ""},
	{"EtherPrice", "USD", ""},
	{"TransactionFee", "wei", ""},
	{"BlockTime", "", "seconds between blocks"},
	{"ChainData", "", "bytes of a chain"},
	{"EnsRegistrations", "", "names registered"},
	{"GasUsed", "", "gas used"},
	{"TxGrowth", "", "transactions"},
}

// feesFormats are those of what a chain and its coin cost.
func feesFormats() []Format {
	export := profile{signature: []string{"Date(UTC)", "UnixTimeStamp"}, columns: feeColumns(map[int]column{
		feTime: {names: []string{"UnixTimeStamp"}, unit: "s"}, feValue: {names: []string{"Value", "Value (Wei)", "Value (Gwei)", "Value (Ether)", "Value (USD)"}}})}
	candles := profile{signature: []string{"Date", "Symbol", "Open", "High", "Low", "Close"}, columns: feeColumns(map[int]column{
		feTime: {names: []string{"Date", "date"}, layout: "hour|iso"}, feValue: {names: []string{"Close", "close"}}, feSymbol: {names: []string{"Symbol", "symbol"}}})}
	return []Format{
		{Name: "etherscan", Kind: Fees, Doc: "Exports of Etherscan's charts: Date(UTC), UnixTimeStamp, Value. The unit stands in the header, or follows from export-AvgGasPrice, -EtherPrice or -TransactionFee.", sure: true,
			detect: func(s *sample) string { return titled(s, export.signature) }, read: func(r *reading, f *file) error { return readExport(r, f, export) }},
		{Name: "candles", Kind: Fees, Doc: "Prices by hour or day: Date, Symbol, Open, High, Low, Close. The coin that prices are in ends the symbol, as in ETHUSD.", sure: true,
			detect: func(s *sample) string { return foldedTitles(s, candles.signature) }, read: func(r *reading, f *file) error { return readCandles(r, f, candles) }},
		{Name: "fee-history", Kind: Fees, Doc: "The answer of eth_feeHistory: oldestBlock and baseFeePerGas, in wei, hexadecimal.", sure: true, detect: detectFeeHistory, read: readFeeHistory},
		plainFees(),
	}
}

// plainFees reads any table whose header says what its columns are.
func plainFees() Format {
	p := profile{columns: feeColumns(map[int]column{
		feTime:  {names: []string{"time", "timestamp", "ts", "date", "datetime", "block time", "block timestamp", "unix time", "=day", "=hour", "unix", "snapped at", "open time", "close time"}},
		feBlock: {names: []string{"block number", "block", "=number", "height", "block height"}},
		feValue: {names: []string{"base fee per gas", "base fee", "gas price", "basefee", "gasprice", "=fee", "=gas", "close", "=price", "eth price", "=value", "fast gas price"}},
	})}
	return Format{Name: "fees-csv", roles: p.columns, Kind: Fees, Doc: "Any table, of CSV or JSON objects, of times or blocks with a fee or a price. Units are those of the header, or given; base_fee_per_gas is wei, as Ethereum's field of that name.",
		detect: func(s *sample) string {
			if meant(s, &p.columns[feTime]) == "" && meant(s, &p.columns[feBlock]) == "" {
				return ""
			}
			return meant(s, &p.columns[feValue])
		},
		read: func(r *reading, f *file) error {
			q := p
			q.columns = slices.Clone(p.columns)
			for _, h := range append(f.titles(), firstKeys(f.head)...) {
				if strings.Join(meaningWords(h), " ") == "base fee per gas" {
					q.columns[feValue].unit = "wei"
				}
			}
			return readFees(r, f, q)
		}}
}

// foldedTitles is titled, whatever the case of the headers.
func foldedTitles(s *sample, signature []string) string {
	for _, want := range signature {
		if !slices.ContainsFunc(s.titles(), func(h string) bool { return strings.EqualFold(h, want) }) {
			return ""
		}
	}
	return "it has the columns " + strings.Join(signature, ", ")
}

// readExport reads a chart, whose unit may follow from the name of the file.
func readExport(r *reading, f *file, p profile) error {
	p.columns = slices.Clone(p.columns)
	if _, _, stated := headerUnit(lastOf(f.titles()), fee); !stated && r.desc.Units[""] == "" && r.desc.Units["value"] == "" {
		for _, e := range etherscan {
			if !strings.Contains(f.sample.name, e.name) {
				continue
			}
			if e.not != "" {
				return fmt.Errorf("%s: %s, which is no fee and no price: name a file with one", f.name, e.not)
			}
			p.columns[feValue].unit = e.unit
		}
	}
	return readFees(r, f, p)
}

func lastOf(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}

// readCandles reads prices whose coin stands in the symbol.
func readCandles(r *reading, f *file, p profile) error {
	p.columns = slices.Clone(p.columns)
	if len(f.rows) > 1 {
		if i := slices.IndexFunc(f.titles(), func(h string) bool { return strings.EqualFold(h, "Symbol") }); i >= 0 && i < len(f.rows[1]) {
			symbol := f.rows[1][i]
			for _, m := range measures {
				if m.of == price && strings.HasSuffix(symbol, m.name) {
					p.columns[feValue].unit = m.name
				}
			}
		}
	}
	return readFees(r, f, p)
}

// A mark is a point on its way into a series.
type mark struct {
	Point
	line  int64
	state state
}

// maxWei is the largest number of 64 bits.
var maxWei = new(big.Int).SetUint64(1<<64 - 1)

// readFees reads rows of a time, or a block, and a value.
func readFees(r *reading, f *file, p profile) error {
	t, err := r.bind(r.rows(f, &p), &p)
	if err != nil {
		return err
	}
	if !t.has(feValue) || !t.has(feTime) && !t.has(feBlock) {
		return fmt.Errorf("%s:1: it needs a time or a block, and a value: say which with --column time=NAME and --column value=NAME", f.name)
	}
	b := &t.bound[feValue]
	var all []mark
	for t.next() {
		m := mark{line: t.line()}
		wrong, ok := missing, true
		if t.has(feTime) {
			m.At, wrong, ok = t.read(feTime)
		}
		if ok && t.has(feBlock) {
			m.Block, wrong, ok = t.read(feBlock)
			ok = ok || t.has(feTime) && wrong == missing
		}
		if ok {
			m.Value, wrong, ok = t.amount(b)
		}
		switch {
		case !ok:
			t.drop(wrong)
			continue
		case m.Value.Sign() < 0 || m.Block < 0:
			t.drop(negative)
			continue
		case m.Value.Sign() == 0:
			t.drop(zeroUnknown)
			continue
		case m.Value.Cmp(maxWei) > 0:
			t.note(bigNumber)
		}
		m.state = t.now
		all = append(all, m)
	}
	if err := t.finish(); err != nil {
		return err
	}
	r.settleFees(Series{Name: f.name, Unit: unitOf(b.said)}, all, t.has(feTime))
	return nil
}

// unitOf is what a series counts in: wei for all units of ether, or the coin of a price.
func unitOf(stated string) string {
	if m, ok := measureOf(stated, fee); ok && m.of == price {
		return m.name
	}
	return "wei"
}

// amount is the value of a row, exact to the last digit. Ethereum writes
// numbers as 0x and hexadecimal digits.
func (t *sheetReader) amount(b *binding) (n *big.Int, wrong dirt, ok bool) {
	c := t.decimal(t.cell(b.index))
	if t.isNone(c) {
		return nil, missing, false
	}
	sc := b.scale
	if n, ok := hexadecimal(c); ok {
		return n.Mul(n, sc.times()), missing, b.bare
	}
	if _, ok := parseDecimal(c); !ok {
		joined, whole := t.joined(c)
		if c = joined; !whole || !b.bare {
			_, m, dressed := withUnit(c, fee)
			if !dressed || unitOf(m.name) != unitOf(b.said) {
				return nil, badNumber, false
			}
			t.note(unitInCell)
			sc = m.scale
			c = bytes.ReplaceAll(bytes.TrimFunc(c, func(x rune) bool { return (x < '0' || x > '9') && x != '.' && x != '-' }), []byte{','}, nil)
		}
	} else if !b.bare {
		return nil, badNumber, false
	}
	n, ok = exact(c, sc)
	return n, badNumber, ok
}

// hexadecimal reads 0x and at most 64 digits.
func hexadecimal(c []byte) (*big.Int, bool) {
	digits, ok := bytes.CutPrefix(c, []byte("0x"))
	if !ok || len(digits) == 0 || len(digits) > 64 {
		return nil, false
	}
	small := uint64(0) // of the last digits
	for _, x := range digits {
		switch {
		case x >= '0' && x <= '9':
			small = small<<4 | uint64(x-'0')
		case x >= 'a' && x <= 'f':
			small = small<<4 | uint64(x-'a'+10)
		case x >= 'A' && x <= 'F':
			small = small<<4 | uint64(x-'A'+10)
		default:
			return nil, false
		}
	}
	if len(digits) <= 16 {
		return new(big.Int).SetUint64(small), true
	}
	return new(big.Int).SetString(string(digits), 16)
}

// settleFees puts points in order, one for each time or block.
func (r *reading) settleFees(s Series, all []mark, timed bool) {
	key := func(m *mark) int64 {
		if timed {
			return m.At
		}
		return m.Block
	}
	note := func(m *mark, d dirt) {
		m.state = max(m.state, r.journal.note(d, func() string { return placeOf(r.name, m.line) }))
	}
	back := 0
	for i := 1; i < len(all); i++ {
		back += btoi(key(&all[i]) < key(&all[i-1]))
	}
	if back*2 > len(all) {
		slices.Reverse(all)
		r.journal.note(newestFirst, func() string { return r.name })
	}
	for i := 1; i < len(all); i++ {
		if key(&all[i]) < key(&all[i-1]) {
			note(&all[i], outOfOrder)
		}
	}
	stably(all, func(a, b mark) int { return cmp.Or(cmp.Compare(key(&a), key(&b)), cmp.Compare(a.Block, b.Block)) })
	step := usual(len(all)-1, func(i int) int64 { return key(&all[i+1]) - key(&all[i]) })
	for i := range all {
		m := &all[i]
		switch {
		case i > 0 && key(m) == key(&all[i-1]) && (m.Block == all[i-1].Block):
			note(m, sameTime)
		case i > 0 && key(m)-key(&all[i-1]) > 2*step:
			note(m, noStep)
		}
		r.journal.settle(m.state, 1)
		if m.state != isDropped {
			s.Points = append(s.Points, m.Point)
		}
	}
	if len(s.Points) > 0 {
		r.set.Fees = append(r.set.Fees, s)
	}
}

// detectFeeHistory looks for the keys of the answer.
func detectFeeHistory(s *sample) string {
	if s.starts("{") && bytes.Contains(s.head, []byte(`"baseFeePerGas"`)) && bytes.Contains(s.head, []byte(`"oldestBlock"`)) {
		return "it has oldestBlock and baseFeePerGas"
	}
	return ""
}

// readFeeHistory reads one answer, with what JSON-RPC puts around it or without.
func readFeeHistory(r *reading, f *file) error {
	text, err := f.all()
	if err != nil {
		return err
	}
	type answer struct {
		Oldest string   `json:"oldestBlock"`
		Fees   []string `json:"baseFeePerGas"`
	}
	var doc struct {
		answer
		Result answer `json:"result"`
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("%s: not the JSON of eth_feeHistory: %w: fetch it again", f.name, err)
	}
	if len(doc.Result.Fees) > 0 {
		doc.answer = doc.Result
	}
	block, ok := hexadecimal([]byte(doc.Oldest))
	if !ok || !block.IsInt64() {
		return fmt.Errorf("%s: oldestBlock is %q: write it like \"0x10d4f\"", f.name, doc.Oldest)
	}
	r.unit("value: wei, as the format says")
	all := make([]mark, 0, len(doc.Fees))
	for i, text := range doc.Fees {
		r.journal.rows++
		n, ok := hexadecimal([]byte(text))
		if !ok {
			r.journal.drop(badNumber, func() string { return fmt.Sprintf("%s, fee %d", f.name, i) })
			continue
		}
		all = append(all, mark{Point: Point{Block: block.Int64() + int64(i), Value: n}, line: 1})
	}
	r.settleFees(Series{Name: f.name, Unit: "wei"}, all, false)
	return nil
}
