package templates

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"chancery/connectors/mapping"
	"chancery/problem"
)

// rewritten is a plain document with some parts changed: "" takes one out.
func rewritten(t testing.TB, change map[string]string) []byte {
	t.Helper()
	files, err := unpack(word(p("{{Account.Owner.Name}}"), nil))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for name, data := range files {
		parts[name] = string(data)
	}
	for name, data := range change {
		parts[name] = data
	}
	return zipped(parts)
}

// related is the relations of the main part.
func related(kind, target, mode string) string {
	if mode != "" {
		mode = ` TargetMode="` + mode + `"`
	}
	return fmt.Sprintf(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId7" Type="%s%s" Target="%s"%s/></Relationships>`, relation, kind, target, mode)
}

const mainRelations = "word/_rels/document.xml.rels"

func TestATemplateThatCouldDoHarmIsRefused(t *testing.T) {
	laughter := `<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><w:document ` + spaces + `><w:body>&b;</w:body></w:document>`
	for name, tt := range map[string]struct {
		file []byte
		code string
	}{
		"no archive":                {[]byte("Dear Ann"), "template_damaged"},
		"an old document of Word":   {[]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "template_damaged"},
		"an archive of nothing":     {zipped(nil), "template_damaged"},
		"a bomb":                    {rewritten(t, map[string]string{"word/media/a.png": strings.Repeat("\x00", maxUnpacked)}), "template_too_large"},
		"a part that is too large":  {rewritten(t, map[string]string{"word/document.xml": strings.Repeat(" ", maxXML+1)}), "template_too_large"},
		"a part of many elements":   {rewritten(t, map[string]string{"word/document.xml": "<a>" + strings.Repeat("<b/>", maxNodes) + "</a>"}), "template_too_large"},
		"a deep part":               {rewritten(t, map[string]string{"word/document.xml": strings.Repeat("<a>", 1000) + strings.Repeat("</a>", 1000)}), "template_too_large"},
		"a file of 20 MB":           {make([]byte, MaxTemplate+1), "template_too_large"},
		"entities":                  {rewritten(t, map[string]string{"word/document.xml": laughter}), "template_damaged"},
		"a path out of the archive": {rewritten(t, map[string]string{"../../etc/passwd": "x"}), "template_damaged"},
		"elements that cross":       {rewritten(t, map[string]string{"word/document.xml": "<a><b></a></b>"}), "template_damaged"},
		"another charset":           {rewritten(t, map[string]string{"word/document.xml": `<?xml version="1.0" encoding="UTF-7"?><a/>`}), "template_damaged"},
		"macros":                    {rewritten(t, map[string]string{mainRelations: related("vbaProject", "vbaProject.bin", ""), "word/vbaProject.bin": "x"}), "template_macros"},
		"the type of macros":        {rewritten(t, map[string]string{contentTypes: `<Types><Override PartName="/word/document.xml" ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>`}), "template_macros"},
		"a control":                 {rewritten(t, map[string]string{mainRelations: related("control", "activeX/a.xml", "")}), "template_macros"},
		"a picture from elsewhere":  {rewritten(t, map[string]string{mainRelations: related("image", "http://evil.example/a.png", "External")}), "template_external"},
		"a picture of this machine": {rewritten(t, map[string]string{mainRelations: related("image", "file:///etc/passwd", "External")}), "template_external"},
		"a piece of HTML":           {rewritten(t, map[string]string{mainRelations: related("aFChunk", "a.html", ""), "word/a.html": "<script>"}), "template_part_refused"},
		"a document in it":          {rewritten(t, map[string]string{mainRelations: related("subDocument", "file:///etc/passwd", "External")}), "template_external"},
	} {
		if _, err := Tokens(DOCX, tt.file); !problem.Has(err, tt.code) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Tokens("odt", nil); !problem.Has(err, "template_kind_unknown") {
		t.Error(err)
	}
}

func TestWhatCouldDoHarmIsLeftOut(t *testing.T) {
	for name, tt := range map[string]struct{ kind, target, mode, body, gone string }{
		"an embedded object":       {"oleObject", "embeddings/a.bin", "", `<w:p><w:r><w:object><v:shape/><o:OLEObject r:id="rId7"/></w:object></w:r></w:p>`, "OLEObject"},
		"an attached template":     {"attachedTemplate", "file:///C:/Normal.dotm", "External", p("x"), "Normal.dotm"},
		"a link to a program":      {"hyperlink", "file:///C:/evil.exe", "External", `<w:p><w:hyperlink r:id="rId7"><w:r><w:t>click</w:t></w:r></w:hyperlink></w:p>`, "rId7"},
		"a picture that is none":   {"image", "embeddings/a.bin", "", `<w:p><w:r><w:drawing><a:blip r:embed="rId7"/></w:drawing></w:r></w:p>`, "a:blip"},
		"data of forms":            {"customXml", "../customXml/item1.xml", "", `<w:sdt><w:sdtPr><w:dataBinding w:xpath="/a"/></w:sdtPr><w:sdtContent>` + p("kept") + `</w:sdtContent></w:sdt>`, "dataBinding"},
		"what nobody has heard of": {"evil2029", "embeddings/a.bin", "", p("x"), "evil2029"},
		"comments":                 {"comments", "comments.xml", "", `<w:p><w:commentRangeStart w:id="1"/><w:r><w:t>x</w:t></w:r><w:commentRangeEnd w:id="1"/></w:p>`, "commentRange"},
		"a sheet behind the chart": {"package", "embeddings/a.bin", "", p("x"), "rId7"},
	} {
		made, err := Fill(DOCX, rewritten(t, map[string]string{
			"word/document.xml": declared + `<w:document ` + spaces + `><w:body>` + tt.body + `</w:body></w:document>`,
			mainRelations:       related(tt.kind, tt.target, tt.mode), "word/embeddings/a.bin": "MZ harm", "customXml/item1.xml": "<a>MZ harm</a>", "word/comments.xml": "<a>MZ harm</a>",
		}), nil, mapping.Place{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		files, _ := unpack(made)
		for part, data := range files {
			if bytes.Contains(data, []byte("MZ harm")) || bytes.Contains(data, []byte(tt.gone)) {
				t.Errorf("%s: %s has %s", name, part, data)
			}
		}
	}
}

func TestALinkThatPeopleFollowStays(t *testing.T) {
	made, err := Fill(DOCX, rewritten(t, map[string]string{mainRelations: related("hyperlink", "https://example.com/", "External")}), order, mapping.Place{})
	if err != nil {
		t.Fatal(err)
	}
	if files, _ := unpack(made); !bytes.Contains(files[mainRelations], []byte("https://example.com/")) {
		t.Errorf("%s", files[mainRelations])
	}
}

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func TestAPageIsFilled(t *testing.T) {
	for template, want := range map[string]string{
		"<p>Dear {{Account.Name}}!": "<p>Dear Ann &amp; &lt;Co&gt;!",
		"{{Address}}":               "1 High Street<br>London",
		"<table>{{#Lines}}<tr><td>{{Name}}</td></tr>{{/Lines}}</table>":                   "<table><tr><td>Chair</td></tr><tr><td>Table</td></tr></table>",
		"<table><tr><td>{{#Lines}}{{Name}}</td><td>{{Price}}{{/Lines}}</td></tr></table>": "<table><tr><td>Chair</td><td>12.5</td></tr><tr><td>Table</td><td>1234</td></tr></table>",
		"<ul><li>{{#Lines}}</li><li>{{Name}}</li><li>{{/Lines}}</li></ul>":                "<ul><li>Chair</li><li>Table</li></ul>",
		`<p title="{{Account.Name}} &quot;{{Address}}">x</p>`:                             `<p title="Ann &amp; &lt;Co&gt; &#34;1 High Street London">x</p>`,
		`<a href="{{Account.Owner.Name}}">x</a><a href="https://e.com/?{{Zero}}">y</a>`:   `<a>x</a><a href="https://e.com/?0">y</a>`,
		"a<script>alert({{Nothing}})</script>b<iframe src=x>c</iframe>d":                  "abd",
		`<p onclick="x" class=c>a<form><b>b</b></form>`:                                   `<p class="c">a`,
		"<svg><script>x</script></svg>{{Sig_es_:signer1:signature}}":                      "{{Sig_es_:signer1:signature}}",
		"<style>p{color:red}</style><noscript><b>x</b></noscript>y":                       "<style>p{color:red}</style>y",
		"<blink>a</blink><!-- {{x}} --><p>b":                                              "a<p>b",
		`<img src="data:image/png;base64,` + pixel + `" alt=x>`:                           `<img src="data:image/png;base64,` + pixel + `" alt="x">`,
	} {
		made, err := Fill(HTML, []byte(template), order, mapping.Place{})
		if got := strings.TrimPrefix(string(made), head); err != nil || got != want {
			t.Errorf("%s: %s %v", template, got, err)
		}
	}
}

func TestAPageThatFetchesIsRefused(t *testing.T) {
	for template, code := range map[string]string{
		`<img src="http://evil.example/a.png">`:                   "template_external",
		`<img src="file:///etc/passwd">`:                          "template_external",
		`<img src="data:image/svg+xml;base64,AAAA">`:              "template_external",
		`<img src="{{Account.Name}}">`:                            "template_external",
		`<p style="background:URL(http://evil.example)">`:         "template_external",
		`<style>@import "http://evil.example"</style>`:            "template_external",
		`<style>p{color:{{Account.Name}}}</style>`:                "token_misplaced",
		`<p title="{{#Lines}}">`:                                  "token_misplaced",
		`{{#Lines}}`:                                              "block_unclosed",
		`<p>{{Account.<b>Name</b>}}`:                              "token_unclosed",
		"\xff\xfe<\x00p\x00":                                      "template_damaged",
		strings.Repeat("<div>", maxDepth+5):                       "template_too_large",
		strings.Repeat("<b>"+strings.Repeat("</b>", 1), maxNodes): "template_too_large",
		`{{Account.Name|date:` + strings.Repeat("y", 600) + `}}`:  "token_invalid",
		`<p>{{Account.Missing}}`:                                  "value_missing",
	} {
		if _, err := Fill(HTML, []byte(template), order, mapping.Place{}); !problem.Has(err, code) {
			t.Errorf("%.60s: %v", template, err)
		}
	}
}

// No template and no value makes a document that is not one.
func FuzzDOCX(f *testing.F) {
	f.Add(p("{{#Lines}}", "{{Na", "me}}{{/Lines}}"), "value")
	f.Add(table(row(p("{{#Lines}}{{Name}}"), p("{{/Lines}}"))), "[[sig:signer1]]")
	f.Add(`<w:p><w:r><w:pict><v:shape><v:textbox><w:txbxContent>`+p("{{Name}}{{?X}}")+`</w:txbxContent></v:textbox></v:shape></w:pict></w:r></w:p>`, "<\x00>")
	f.Add(`<w:p><w:ins><w:r><w:t>{{X}}{{^X}}</w:t></w:r><w:del/></w:ins></w:p>`, "\u202E")
	f.Fuzz(func(t *testing.T, body, value string) {
		data := map[string]any{"X": value, "Name": value, "Lines": []any{map[string]any{"Name": value}, map[string]any{"Name": ""}, value}}
		made, err := Fill(DOCX, word(body, nil), data, mapping.Place{})
		if err != nil {
			mustBeProblem(t, err)
			return
		}
		again, err := open(DOCX, made)
		if err != nil && !problem.Has(err, "token_unclosed") && !problem.Has(err, "token_invalid") && !problem.Has(err, "template_field_refused") {
			t.Errorf("the filled document: %v", err)
		}
		if err == nil && len(again.parts()) == 0 {
			t.Error("the filled document has no text")
		}
	})
}

func FuzzHTML(f *testing.F) {
	f.Add("<table>{{#Lines}}<tr><td>{{Name}}</td></tr>{{/Lines}}</table>", "value")
	f.Add(`<p title="{{X}}">{{X}}<script>x</script><style>p{}</style><svg><style><!--</style><img src=x onerror=y>`, "<script>")
	f.Add("<title>{{X}}</title><plaintext><a href={{X}}>", "javascript:x")
	f.Fuzz(func(t *testing.T, template, value string) {
		data := map[string]any{"X": value, "Name": value, "Lines": []any{map[string]any{"Name": value}, value}}
		made, err := Fill(HTML, []byte(template), data, mapping.Place{})
		if err != nil {
			mustBeProblem(t, err)
			return
		}
		for _, never := range []string{"<script", "<iframe", "<object", "<link", "<base", `href="javascript:`, "<svg"} {
			if body := withoutStyles(strings.ToLower(string(made))); strings.Contains(body, never) {
				t.Errorf("%s in %s", never, body)
			}
		}
	})
}

// withoutStyles leaves out what browsers take as text of a style.
func withoutStyles(page string) string {
	for {
		from := strings.Index(page, "<style")
		if from < 0 {
			return page
		}
		to := strings.Index(page[from:], "</style")
		if to < 0 {
			return page[:from]
		}
		page = page[:from] + page[from+to+8:]
	}
}

func mustBeProblem(t *testing.T, err error) {
	t.Helper()
	if p := problem.Of(err); p.Kind == problem.KindInternal || p.Public == "" {
		t.Errorf("an accident instead of a reason: %v", err)
	}
}

func BenchmarkFill(b *testing.B) {
	lines := make([]any, 100)
	for i := range lines {
		lines[i] = map[string]any{"Name": fmt.Sprint("Chair ", i), "Price": float64(i)}
	}
	template := word(p("Dear {{Account", ".Name}}")+table(row(p("{{#Lines}}{{Name}}"), p("{{Price|money:EUR}}{{/Lines}}"))), nil)
	data := map[string]any{"Account": map[string]any{"Name": "Ann"}, "Lines": lines}
	place := german(b)
	for b.Loop() {
		if _, err := Fill(DOCX, template, data, place); err != nil {
			b.Fatal(err)
		}
	}
}
