package templates

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"chancery/connectors/mapping"
	"chancery/problem"
)

const (
	declared = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>`
	spaces   = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"`
	relation = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
)

// word is a document whose body is this, with these parts beside it: by their
// names in word/, and the type of their relation is what the name begins with.
func word(body string, beside map[string]string) []byte {
	parts := map[string]string{
		"_rels/.rels":       declared + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + relation + `officeDocument" Target="word/document.xml"/></Relationships>`,
		"word/document.xml": declared + `<w:document ` + spaces + `><w:body>` + body + `</w:body></w:document>`,
	}
	types := `<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>`
	relations := ""
	for i, name := range slices.Sorted(maps.Keys(beside)) {
		kind := strings.TrimRight(strings.TrimSuffix(strings.TrimSuffix(name, ".xml"), ".bin"), "0123456789")
		parts["word/"+name] = beside[name]
		types += fmt.Sprintf(`<Override PartName="/word/%s" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.%s+xml"/>`, name, kind)
		relations += fmt.Sprintf(`<Relationship Id="rId%d" Type="%s%s" Target="%s"/>`, i+10, relation, kind, name)
	}
	parts[contentTypes] = declared + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="png" ContentType="image/png"/>` + types + `</Types>`
	parts["word/_rels/document.xml.rels"] = declared + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + relations + `</Relationships>`
	return zipped(parts)
}

func zipped(parts map[string]string) []byte {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		w, _ := z.Create(name)
		_, _ = io.WriteString(w, parts[name])
	}
	_ = z.Close()
	return out.Bytes()
}

// p is a paragraph whose runs say these texts.
func p(texts ...string) string {
	out := "<w:p>"
	for _, text := range texts {
		out += `<w:r><w:t xml:space="preserve">` + text + `</w:t></w:r>`
	}
	return out + "</w:p>"
}

func row(cells ...string) string {
	return "<w:tr><w:tc>" + strings.Join(cells, "</w:tc><w:tc>") + "</w:tc></w:tr>"
}

func table(rows ...string) string {
	return `<w:tbl><w:tblPr/><w:tblGrid/>` + strings.Join(rows, "") + "</w:tbl>"
}

// said is the text of a part: paragraphs on lines, cells with | before them.
func said(t *testing.T, file []byte, part string) string {
	t.Helper()
	files, err := unpack(file)
	if err != nil {
		t.Fatal(err)
	}
	root, err := parseXML(files[part])
	if err != nil {
		t.Fatalf("%s: %v\n%s", part, err, files[part])
	}
	var out strings.Builder
	root.each(func(n *node) bool {
		switch n.name {
		case "w:p":
			out.WriteString("\n")
		case "w:tc":
			out.WriteString("|")
		case "w:br":
			out.WriteString("↵")
		case "":
			out.WriteString(n.text)
		}
		return true
	})
	return strings.TrimSpace(strings.ReplaceAll(out.String(), "|\n", "|"))
}

var order = map[string]any{
	"Account": map[string]any{"Name": "Ann & <Co>", "Owner": map[string]any{"Name": "Cat"}},
	"Lines": []any{
		map[string]any{"Name": "Chair", "Price": 12.5, "Parts": []any{"leg", "seat"}},
		map[string]any{"Name": "Table", "Price": 1234.0, "Parts": []any{}},
	},
	"None": []any{}, "No": false, "Yes": true, "Empty": "", "Null": nil, "Zero": 0.0,
	"Address": "1 High Street\r\nLondon",
}

func german(t testing.TB) mapping.Place {
	t.Helper()
	place, err := mapping.PlaceOf("de", "Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return place
}

func TestATokenBecomesWhatTheRecordSays(t *testing.T) {
	for name, tt := range map[string]struct{ body, want string }{
		"a path":                             {p("Dear {{Account.Name}}!"), "Dear Ann & <Co>!"},
		"cut by runs":                        {p("Dear {", "{Acc", "ount.", "Name}", "}!"), "Dear Ann & <Co>!"},
		"two in a run":                       {p("{{Account.Owner.Name}}, {{Account.Owner.Name}}."), "Cat, Cat."},
		"two that share a run":               {p("{{Account.Ow", "ner.Name}} and {{Account.", "Owner.Name}}."), "Cat and Cat."},
		"whatever the case":                  {p("{{account.owner.NAME}}"), "Cat"},
		"with spaces":                        {p("{{ Account.Owner.Name }}"), "Cat"},
		"money of the place":                 {p("{{Lines.Price|money:EUR}}"), "12,50\u00a0€"},
		"words for nothing":                  {p("{{Phone|default:none}}, {{Null|default:}}."), "none, ."},
		"two changes":                        {p("{{Account.Owner.Name|lower|upper}}"), "CAT"},
		"line ends":                          {p("{{Address}}"), "1 High Street↵London"},
		"a false and a number":               {p("{{No}} {{Zero}}"), "false 0"},
		"text tags stay":                     {p("{{Sig_es_:signer1:signature}} {{!price}} {{*city_es_:signer1}} [[sig:signer1]]"), "{{Sig_es_:signer1:signature}} {{!price}} {{*city_es_:signer1}} [[sig:signer1]]"},
		"words of a paragraph":               {p("Parts: {{#Lines}}{{Name}}; {{/Lines}}end"), "Parts: Chair; Table; end"},
		"paragraphs":                         {p("{{#Lines}}") + p("{{Name}}") + p("{{/Lines}}"), "Chair\nTable"},
		"paragraphs that say more":           {p("{{#Lines}}Item") + p("{{Name}}{{/Lines}}"), "Item\nChair\nItem\nTable"},
		"rows":                               {table(row(p("Name"), p("Price")), row(p("{{#Lines}}{{Name}}"), p("{{Price|number:2}}{{/Lines}}"))), "|Name|Price|Chair|12,50|Table|1.234,00"},
		"rows between rows":                  {table(row(p("{{#Lines}}"), p("")), row(p("{{Name}}"), p("x")), row(p("{{/Lines}}"), p(""))), "|Chair|x|Table|x"},
		"lists in lists":                     {p("{{#Lines}}{{Name}}: {{#Parts}}{{.}} {{/Parts}}({{Account.Owner.Name}}) {{/Lines}}"), "Chair: leg seat (Cat) Table: (Cat)"},
		"a list without elements":            {p("a") + p("{{#None}}") + p("b") + p("{{/None}}"), "a"},
		"a table without rows goes":          {p("a") + table(row(p("{{#None}}"), p("{{/None}}"))), "a"},
		"a cell keeps a paragraph":           {table(row(p("{{?No}}") + p("x") + p("{{/No}}"))), "|"},
		"what is there":                      {p("{{?Yes}}yes{{/Yes}}{{?Account}} account{{/Account}}{{?Zero}} zero{{/Zero}}"), "yes account zero"},
		"what is not":                        {p("{{?No}}a{{/No}}{{?Empty}}b{{/Empty}}{{?Null}}c{{/Null}}{{?None}}d{{/None}}{{?Missing.Too}}e{{/Missing.Too}}."), "."},
		"the opposite":                       {p("{{^No}}a{{/No}}{{^Yes}}b{{/Yes}}{{^Missing}}c{{/Missing}}"), "ac"},
		"a condition around rows":            {table(row(p("{{?Yes}}a"), p("{{/Yes}}")), row(p("{{?No}}b"), p("{{/No}}"))), "|a|"},
		"into a record":                      {p("{{#Account}}{{Owner.Name}}{{/Account}}"), "Cat"},
		"of tracked changes only what stays": {`<w:p><w:del><w:r><w:delText>old</w:delText></w:r></w:del><w:ins><w:r><w:t>{{Account.Own</w:t></w:r></w:ins><w:r><w:t>er.Name}}</w:t></w:r></w:p>`, "Cat"},
	} {
		made, err := Fill(DOCX, word(tt.body, nil), order, german(t))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := said(t, made, "word/document.xml"); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestAValueTakesTheFormattingOfItsTokensFirstCharacter(t *testing.T) {
	body := `<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>x {{Acc</w:t><w:tab/></w:r><w:r><w:rPr><w:i/></w:rPr><w:t>y</w:t></w:r></w:p>` +
		`<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{{Account.Ow</w:t></w:r><w:r><w:rPr><w:i/></w:rPr><w:t>ner.Name}} z</w:t></w:r></w:p>`
	if _, err := Fill(DOCX, word(body, nil), order, german(t)); !problem.Has(err, "token_unclosed") {
		t.Errorf("a tab in a token: %v", err)
	}
	made, err := Fill(DOCX, word(body[strings.Index(body, "</w:p>")+6:], nil), order, german(t))
	if err != nil {
		t.Fatal(err)
	}
	files, _ := unpack(made)
	want := `<w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">Cat</w:t></w:r><w:r><w:rPr><w:i/></w:rPr><w:t xml:space="preserve"> z</w:t></w:r></w:p>`
	if !strings.Contains(string(files["word/document.xml"]), want) {
		t.Errorf("%s", files["word/document.xml"])
	}
}

func TestTokensStandInAllPartsThatArePrinted(t *testing.T) {
	box := `<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent>` + p("box {{Account.Ow", "ner.Name}}") + `</w:txbxContent></v:textbox></v:shape></w:pict></w:r><w:r><w:t>{{Account.Owner.Name}} beside</w:t></w:r></w:p>`
	file := word(box, map[string]string{
		"header1.xml":   declared + `<w:hdr ` + spaces + `>` + p("head {{Account.Owner.Name}}") + `</w:hdr>`,
		"footer1.xml":   declared + `<w:ftr ` + spaces + `>` + p("{{?No}}") + p("foot") + p("{{/No}}") + `</w:ftr>`,
		"footnotes.xml": declared + `<w:footnotes ` + spaces + `><w:footnote w:id="2">` + p("note {{Account.Owner.Name}}") + `</w:footnote></w:footnotes>`,
	})
	made, err := Fill(DOCX, file, order, german(t))
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]string{
		"word/document.xml": "box CatCat beside", "word/header1.xml": "head Cat", "word/footer1.xml": "", "word/footnotes.xml": "note Cat",
	} {
		if got := said(t, made, part); got != want {
			t.Errorf("%s says %q", part, got)
		}
	}
}

func TestWhatIsWrongIsSaidWithTokenPartAndPath(t *testing.T) {
	for name, tt := range map[string]struct{ body, code, field, words string }{
		"a value that is missing":      {p("{{Account.Phone}}"), "value_missing", "word/document.xml {{Account.Phone}}", "Account.Phone"},
		"one in a list":                {p("{{#Lines}}{{Weight}}{{/Lines}}"), "value_missing", "word/document.xml {{Weight}}", "Lines[0].Weight"},
		"one that is null":             {p("{{Null}}"), "value_missing", "word/document.xml {{Null}}", "empty"},
		"a whole record":               {p("{{Account}}"), "value_not_plain", "word/document.xml {{Account}}", "Account"},
		"a number that is none":        {p("{{Account.Name|money:EUR}}"), "value_not_number", "word/document.xml {{Account.Name|money:EUR}}", "money"},
		"a transform nobody knows":     {p("{{Account.Name|rot13}}"), "transform_unknown", "word/document.xml {{Account.Name|rot13}}", ""},
		"a block without an end":       {p("{{#Lines}}"), "block_unclosed", "word/document.xml {{#Lines}}", ""},
		"a block without a beginning":  {p("{{/Lines}}"), "block_unopened", "word/document.xml {{/Lines}}", ""},
		"blocks that cross":            {p("{{#Lines}}{{?Yes}}{{/Lines}}{{/Yes}}"), "block_unopened", "word/document.xml {{/Lines}}", ""},
		"a path that is none":          {p("{{Account Name}}"), "token_invalid", "word/document.xml {{Account Name}}", ""},
		"a token without an end":       {p("Dear {{Account.Name} and more"), "token_unclosed", "word/document.xml {{Account.Name} and more", ""},
		"a field that reads a file":    {`<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> INCLUDE</w:instrText></w:r><w:r><w:instrText>TEXT "/etc/passwd"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>`, "template_field_refused", `word/document.xml INCLUDETEXT "/etc/passwd"`, ""},
		"a simple field that asks":     {`<w:p><w:fldSimple w:instr="DDEAUTO excel x"/></w:p>`, "template_field_refused", "word/document.xml DDEAUTO excel x", ""},
		"more values than a book has":  {strings.Repeat(p("{{#Lines}}"), 12) + p("{{Name}}") + strings.Repeat(p("{{/Lines}}"), 12), "", "", ""},
		"many more values than a book": {strings.Repeat(p("{{#Lines}}"), 24) + p("{{Name}}") + strings.Repeat(p("{{/Lines}}"), 24), "filled_too_large", "", ""},
	} {
		_, err := Fill(DOCX, word(tt.body, nil), order, german(t))
		if tt.code == "" && err == nil {
			continue
		}
		if p := problem.Of(err); p.Code != tt.code || p.Field != tt.field || !strings.Contains(p.Public, tt.words) {
			t.Errorf("%s: %v at %q", name, err, p.Field)
		}
	}
}

func TestHostileValuesAreText(t *testing.T) {
	for value, want := range map[string]string{
		`</w:t></w:r></w:p><w:p>`:       "< /w:t>< /w:r>< /w:p>< w:p>",
		"a\x00b\x1bc":                   "abc",
		"invoice\u202Efdp.exe":          "invoicefdp.exe",
		"\uFFFE\uFFFF!":                 "!",
		"{{Account.Name}}":              " { {Account.Name}}",
		"[[sig:signer1]]":               " [ [sig:signer1]]",
		"x[":                            "x[ ",
		"&amp;&#0;]]>":                  "&amp;&#0;]]>",
		strings.Repeat("W", 5000):       strings.Repeat("W", 5000),
		`=HYPERLINK("http://evil","x")`: `=HYPERLINK("http://evil","x")`,
	} {
		want = strings.ReplaceAll(want, "< ", "<") // a single one stays as it is
		if strings.HasPrefix(value, "<") {
			want = " " + want
		}
		made, err := Fill(DOCX, word(p("_{{V}}_"), nil), map[string]any{"V": value}, mapping.Place{})
		if err != nil {
			t.Errorf("%.40q: %v", value, err)
			continue
		}
		if got := said(t, made, "word/document.xml"); got != "_"+want+"_" {
			t.Errorf("%.40q became %.80q", value, got)
		}
	}
	if _, err := Fill(DOCX, word(p("{{V}}"), nil), map[string]any{"V": strings.Repeat("x", MaxValue+1)}, mapping.Place{}); !problem.Has(err, "value_too_long") {
		t.Error(err)
	}
}

func TestTokensOfATemplateAreListed(t *testing.T) {
	got, err := Tokens(DOCX, word(p("{{Account.Name|upper}} {{?Yes}}{{Phone|default:}}{{/Yes}}")+table(row(p("{{#Lines}}{{Name}}"), p("{{/Lines}}"))), nil))
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, tok := range got {
		lines = append(lines, fmt.Sprintf("%s%s %v %v", tok.Sign, tok.Path, tok.Within, tok.Filled))
	}
	want := "Account.Name [] false\n?Yes [] false\nPhone [] true\n#Lines [] false\nName [Lines] false"
	if strings.Join(lines, "\n") != want {
		t.Errorf("%s", strings.Join(lines, "\n"))
	}
}
