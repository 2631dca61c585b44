package tidy

import (
	"slices"
	"strings"
	"testing"
)

// A home says which packages may import a module, and the tests of which more.
type home struct {
	module    string
	in, tests []string
}

// homes has a row for every module from outside. What stands in none is not to
// be imported: a new dependency is a row here, with its reason.
var homes = []home{
	// The EVM, the encoding of calls for it, and addresses and hashes for who attacks it.
	{"github.com/ethereum/go-ethereum", []string{"protocol/ledger", "protocol/ledger/contracts", "sim/attack", "sim/audit"}, nil},

	{"github.com/libp2p/go-libp2p", []string{"sim/hosts"}, nil},                                // real hosts
	{"github.com/quic-go/quic-go", []string{"sim/hosts"}, []string{"netem/packet"}},            // their transport
	{"github.com/multiformats/go-multiaddr", []string{"sim/hosts"}, nil},                       // their addresses
	{"github.com/holiman/uint256", []string{"protocol/ledger"}, nil},                           // the EVM's words
	{"github.com/klauspost/reedsolomon", []string{"protocol/storage"}, []string{"cmd/kscope"}}, // erasure coding
	{"github.com/Eyevinn/mp4ff", nil, []string{"protocol/media", "protocol/demux"}},            // a second opinion on MP4
	{"github.com/asticode/go-astits", nil, []string{"protocol/demux"}},                         // a second opinion on MPEG-TS
	{"github.com/goccy/go-yaml", []string{"scenarios"}, nil},                                   // YAML with positions
	{"github.com/invopop/jsonschema", []string{"scenarios"}, nil},                              // the schema of scenarios
	{"gonum.org/v1/plot", []string{"reports"}, nil},                                            // pictures
	{"github.com/olekukonko/tablewriter", []string{"reports"}, nil},                            // the summary's table
	{"gonum.org/v1/gonum", []string{"sim/law", "sim/result", "reports"}, nil},                  // distributions, Student's t
	{"github.com/jstemmer/go-junit-report/v2", []string{"reports"}, nil},                       // what CI systems show
	{"github.com/chromedp/chromedp", nil, []string{"reports"}},                                 // a browser that tries the page
	{"github.com/chromedp/cdproto", nil, []string{"reports"}},                                  // and what it says
	{"golang.org/x/perf", []string{"sim/result"}, nil},                                         // benchmark format
	{"github.com/parquet-go/parquet-go", []string{"sim/result"}, nil},                          // tables that data tools read
	{"github.com/spf13/cobra", []string{"cmd/kscope"}, nil},                                    // commands
	{"github.com/vbauerster/mpb/v8", []string{"cmd/kscope"}, nil},                              // the progress bar
	{"github.com/mattn/go-isatty", []string{"cmd/kscope"}, nil},                                // is it a terminal
	{"golang.org/x/term", []string{"cmd/kscope"}, nil},                                         // how wide it is
	{"github.com/rogpeppe/go-internal", nil, []string{"cmd/kscope"}},                           // command line scripts
	{"github.com/cockroachdb/datadriven", nil, []string{"protocol", "protocol/ledger"}},        // interaction scripts
	{"github.com/fxamacker/cbor/v2", nil, []string{"protocol", "protocol/token"}},              // what headers would take as CBOR
	{"google.golang.org/protobuf", nil, []string{"protocol", "protocol/token"}},                // what headers would take as protocol buffers
	{"golang.org/x/crypto", nil, []string{"protocol/token"}},                                   // ciphers and hashes that were not chosen
	{"github.com/zeebo/blake3", nil, []string{"protocol/token", "cmd/kscope"}},                 // a hash that was not chosen
	{"github.com/decred/dcrd/dcrec/secp256k1/v4", nil, []string{"protocol/token"}},             // a signature that was not chosen

	// Processor time of a benchmark.
	{"golang.org/x/sys", nil, []string{"netem", "protocol/ledger", "sim", "sim/hosts", "cmd/kscope"}},
}

// homeRule holds that every dependency stays in its package.
func homeRule(r *room) []complaint {
	var found []complaint
	for _, i := range r.imports() {
		path := importPath(i)
		if !strings.Contains(strings.Split(path, "/")[0], ".") {
			continue // the standard library or the project
		}
		row := slices.IndexFunc(homes, func(h home) bool { return path == h.module || strings.HasPrefix(path, h.module+"/") })
		if row < 0 {
			found = append(found, r.complain(i, "%s has no home: a new dependency needs a reason and a row in the table", path))
			continue
		}
		h := homes[row]
		test := strings.HasSuffix(r.file(i), "_test.go") || len(r.files) == 0
		if !slices.Contains(h.in, r.path) && !(test && slices.Contains(h.tests, r.path)) {
			found = append(found, r.complain(i, "%s is at home in %s, not in %s", path, strings.Join(slices.Concat(h.in, h.tests), " and "), r.path))
		}
	}
	return found
}

func TestOneHomeForEachDependency(t *testing.T) { all(t, homeRule) }

func TestHomesCatch(t *testing.T) {
	try(t, homeRule, []trial{
		{"at home", "protocol/ledger", `package sample; import _ "github.com/ethereum/go-ethereum/core"`, ""},
		{"abroad", "sim", `package sample; import _ "github.com/ethereum/go-ethereum/core"`, "at home in protocol/ledger"},
		{"for tests", "protocol/media", `package sample_test; import _ "github.com/Eyevinn/mp4ff/mp4"`, ""},
		{"not in a test", "protocol/media", `package sample; import _ "github.com/Eyevinn/mp4ff/mp4"`, "at home in"},
		{"another's name as prefix", "scenarios", `package sample; import _ "github.com/goccy/go-yamlish"`, "has no home"},
		{"unknown", "sim", `package sample; import _ "example.org/new"`, "has no home"},
	})
}
