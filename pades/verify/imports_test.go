package verify

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// lent is all that the verifier may take from the writer's object layer: the types
// of objects and the lexer. Its reader of files is its own, so that a mistake of
// the one is not repeated by the other.
var lent = []string{"Object", "Name", "String", "Array", "Dict", "Ref", "Lexer", "NewLexer", "ErrShort"}

func TestTheVerifierSharesNoMoreThanTheLexerWithTheWriter(t *testing.T) {
	notTests := func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }
	packages, err := parser.ParseDir(token.NewFileSet(), ".", notTests, 0)
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for name, file := range packages["verify"].Files {
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
