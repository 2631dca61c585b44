package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a scenario file. The parser takes time quadratic in the keys of a
// mapping and recurses into nesting, so both are bounded before it runs. A short
// mapping on one line, such as a step of a trace, counts little.
const (
	maxBytes  = 2 << 20
	maxTokens = 30_000
	maxDepth  = 32
	short     = 32 // tokens
)

// parse gives the tree of a text that holds one mapping, or nil and the
// problem. It fills in the lines of s, unless these are known.
func parse(s *source, src []byte, found *problems) (root ast.Node) {
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	src = bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))
	if len(src) > maxBytes {
		found.add(Problem{File: s.file, layer: s.layer,
			Message: fmt.Sprintf("%d bytes are too many for a scenario: the most is %d", len(src), maxBytes)})
		return nil
	}
	if s.lines == nil {
		s.lines = strings.Split(strings.TrimSuffix(strings.ToValidUTF8(string(src), "�"), "\n"), "\n")
	}
	if at, what := badByte(src); what != "" {
		line := bytes.Count(src[:at], []byte("\n"))
		column := utf8.RuneCount(src[bytes.LastIndexByte(src[:at], '\n')+1 : at])
		found.add(s.spot(line+1, column+1, 1).problem("", what+": a scenario is UTF-8 text"))
		return nil
	}
	defer func() {
		if r := recover(); r != nil { // of the parser: the text is at fault all the same
			found.add(s.spot(1, 1, 1).problem("", fmt.Sprintf("this is not YAML that can be read (%v)", r)))
			root = nil
		}
	}()
	tokens := lexer.Tokenize(string(src))
	if at, what := tooMuch(tokens); what != "" {
		found.add(s.at(at).problem("", what))
		return nil
	}
	tree, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		found.add(s.syntax(err))
		return nil
	}
	return s.only(tree, found)
}

// badByte finds the first byte that no scenario holds.
func badByte(src []byte) (at int, what string) {
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			return i, fmt.Sprintf("the byte 0x%02x is not UTF-8", src[i])
		case r < ' ' && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0, r == '\u2028', r == '\u2029', r == '\ufeff':
			return i, fmt.Sprintf("the control character %U", r)
		}
		i += n
	}
	return 0, ""
}

// tooMuch finds the first token beyond the bounds.
func tooMuch(tokens token.Tokens) (at *token.Token, what string) {
	flow, dashes, line := 0, 0, 0
	count, opened := 0, [maxDepth + 1]int{}
	for _, tk := range tokens {
		if tk.Position.Line != line {
			line, dashes = tk.Position.Line, 0
		}
		switch tk.Type {
		case token.SequenceStartType, token.MappingStartType:
			if flow++; flow <= maxDepth {
				opened[flow] = count
			}
		case token.SequenceEndType, token.MappingEndType:
			if flow > 0 && flow <= maxDepth && count-opened[flow] <= short {
				count = opened[flow]
			}
			flow--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType:
			dashes++
		}
		if flow > maxDepth || dashes > maxDepth {
			return tk, fmt.Sprintf("nested too deep: the most is %d levels", maxDepth)
		}
		if count++; count > maxTokens {
			return tk, fmt.Sprintf("too long: a scenario has at most %d words and signs", maxTokens)
		}
	}
	return nil, ""
}

// syntax turns an error of the parser into a Problem.
func (s *source) syntax(err error) Problem {
	var ye yaml.Error
	if !errors.As(err, &ye) || ye.GetToken() == nil {
		return s.spot(1, 1, 1).problem("", err.Error())
	}
	msg := ye.GetMessage()
	for _, say := range plainer {
		if strings.Contains(msg, say.of) {
			msg = say.instead
			break
		}
	}
	return s.at(ye.GetToken()).problem("", "syntax: "+msg)
}

// plainer has messages of the parser that say too little, and what to say
// instead. The first that fits counts.
var plainer = []struct{ of, instead string }{
	{"cannot start any token", "a tab indents this line: YAML takes spaces only"},
	{"mapping value is not allowed in this context", "a second key on this line, or a key deeper than its neighbours: put text with a colon in quotes"},
	{"value is not allowed in this context", "this does not belong here: indent it like its neighbours"},
	{"unexpected key name", "a key without its colon: write key: value"},
	{"',' or ']' must be specified", "a list that does not end: close it with ]"},
	{"sequence end token", "a list that does not end: close it with ]"},
	{"',' or '}' must be specified", "keys that do not end: close them with }"},
	{"mapping end token", "keys that do not end: close them with }"},
	{"could not find end character of", "text in quotes that does not end"},
}

// only is the body of the one document of a file.
func (s *source) only(tree *ast.File, found *problems) ast.Node {
	var bodies []ast.Node
	for _, doc := range tree.Docs {
		if _, ok := doc.Body.(*ast.DirectiveNode); ok || doc.Body == nil {
			continue
		}
		bodies = append(bodies, doc.Body)
	}
	switch len(bodies) {
	case 0:
		found.add(Problem{File: s.file, layer: s.layer, Message: "the file is empty: a scenario is keys and values"})
		return nil
	case 1:
		return bodies[0]
	}
	found.add(s.of(bodies[1]).problem("", "a second document: a file holds one scenario"))
	return nil
}

// at is the site of a token. The lexer keeps the blanks before a word.
func (s *source) at(tk *token.Token) site {
	first, _, _ := strings.Cut(strings.TrimLeft(tk.Origin, " \n"), "\n")
	return s.spot(tk.Position.Line, tk.Position.Column, max(1, utf8.RuneCountInString(strings.TrimRight(first, " "))))
}

func (s *source) spot(line, column, n int) site {
	return site{src: s, line: line, column: column, len: n}
}

// of is the site of a node: of its first key, if it is a mapping in lines.
func (s *source) of(n ast.Node) site {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return s.of(n.Values[0])
		}
	case *ast.MappingValueNode:
		return s.at(n.Key.GetToken())
	}
	return s.at(n.GetToken())
}
