package verify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// lent is all that the verifier may take from the writer's object layer: the types
// of objects and the lexer. Its reader of files is its own, so that a mistake of
// the one is not repeated by the other.
var lent = []string{"Object", "Name", "String", "Array", "Dict", "Ref", "Lexer", "NewLexer", "ErrShort"}

func TestTheVerifierSharesNoMoreThanTheLexerWithTheWriter(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, imported := range file.Imports {
			path := strings.Trim(imported.Path.Value, `"`)
			if path == "chancery/pades" || path == "chancery/pades/update" || imported.Name != nil && path == "chancery/pades/pdf" {
				t.Errorf("%s imports %s", name, imported.Path.Value)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selected, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if of, ok := selected.X.(*ast.Ident); ok && of.Name == "pdf" && of.Obj == nil {
				if taken++; !slices.Contains(lent, selected.Sel.Name) {
					t.Errorf("%s takes pdf.%s", name, selected.Sel.Name)
				}
			}
			return true
		})
	}
	if taken == 0 {
		t.Error("nothing was looked at")
	}
}
