package tags

import (
	"bytes"
	"fmt"
	"image"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"context"

	"chancery/jail"
	"chancery/pades/paper"
	"chancery/pages"
	"chancery/problem"
)

func TestMain(m *testing.M) {
	jail.Main()
	os.Exit(m.Run())
}

func finder(t testing.TB) Finder {
	t.Helper()
	p := pages.New(pages.Config{Cache: filepath.Join(os.TempDir(), "chancery-pdfium")})
	t.Cleanup(func() { _ = p.Close() })
	return Finder{Pages: p}
}

// assembled is a file of these objects, numbered from 1, the first its catalog.
func assembled(objects ...string) []byte {
	b := []byte("%PDF-1.7\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, len(b))
		b = fmt.Appendf(b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := len(b)
	b = fmt.Appendf(b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		b = fmt.Appendf(b, "%010d 00000 n \n", at)
	}
	return fmt.Appendf(b, "trailer\n<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
}

func stream(members, data string) string {
	return fmt.Sprintf("<</Length %d%s>>\nstream\n%s\nendstream", len(data), members, data)
}

// page is a file of one page of 400 by 300 points with this content. Font F is
// Helvetica, W has widths of its own, X is a form.
func page(members, content, form string) []byte {
	widths := strings.Repeat("512.7 ", 95)
	return assembled("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents 4 0 R/Resources 5 0 R"+members+">>",
		stream("", content),
		"<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>/W<</Type/Font/Subtype/TrueType/BaseFont/Arial/Encoding/WinAnsiEncoding/FirstChar 32/LastChar 126/Widths["+widths+"]>>>>/XObject<</X 6 0 R>>>>",
		stream("/Type/XObject/Subtype/Form/BBox[0 0 400 300]/Matrix[1 0 0 1 10 20]", form))
}

// words is the text of all pages.
func words(t *testing.T, f Finder, file []byte) string {
	t.Helper()
	var all []string
	for n := 1; ; n++ {
		lines, err := f.Pages.Text(t.Context(), pages.File{Key: fmt.Sprint(len(file), t.Name(), time.Now()), Read: func(context.Context) ([]byte, error) { return file, nil }}, n)
		if problem.Has(err, "page_missing") {
			return strings.Join(all, "\n")
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			all = append(all, l.Text)
		}
	}
}

// drawn is a page as poppler draws it, which believes widths to the last digit.
func drawn(t *testing.T, file []byte, page int) image.Image {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftoppm", "-png", "-r", "200", "-cropbox", "-f", fmt.Sprint(page), "-l", fmt.Sprint(page), path).Output()
	if err != nil {
		t.Skipf("skipped 1 case: pdftoppm is not installed: %v", err)
	}
	img, _, err := image.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// alike compares the pictures of a page before and after, outside the places of
// tags; inside them there must be nothing left.
func alike(t *testing.T, before, after []byte, page int, width float64, found []Tag) {
	t.Helper()
	a, b := drawn(t, before, page), drawn(t, after, page)
	if a.Bounds() != b.Bounds() {
		t.Fatalf("%v became %v", a.Bounds(), b.Bounds())
	}
	scale := float64(a.Bounds().Dx()) / width
	different := 0
	var where image.Rectangle
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			if a.At(x, y) != b.At(x, y) && !inside(float64(x)/scale, float64(y)/scale, page, found) {
				different++
				where = where.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	if different > 0 {
		t.Errorf("page %d: %d pixels outside the tags have changed, in %v at %.2f pixels a point", page, different, where, scale)
	}
	if dir := os.Getenv("CHANCERY_PICTURES"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+"-before.pdf"), before, 0o644)
		_ = os.WriteFile(filepath.Join(dir, strings.ReplaceAll(t.Name(), "/", "-")+"-after.pdf"), after, 0o644)
	}
}

func inside(x, y float64, page int, found []Tag) bool {
	const edge = 1.5 // points by which letters stick out
	for _, t := range found {
		if t.Page == page && x > t.X-edge && x < t.X+t.Width+edge && y > t.Y-edge && y < t.Y+t.Height+edge {
			return true
		}
	}
	return false
}

func TestATagIsFoundAndGone(t *testing.T) {
	f := finder(t)
	for name, tt := range map[string]struct{ members, content, form, left string }{
		"plain":                     {"", "BT /F 12 Tf 50 150 Td (Sign [[sig:signer1]] here) Tj ET", "", "Sign here"},
		"in pieces":                 {"", "BT /F 12 Tf 50 150 Td [(Sign [)-20([)] TJ (sig) Tj [(:sig)30(ner1)] TJ (]] here) Tj ET", "", "Sign here"},
		"in hexadecimal":            {"", "BT /F 12 Tf 50 150 Td (Sign ) Tj <5B5B7369673A7369676E6572315D5D> Tj ( here) Tj ET", "", "Sign here"},
		"with spacing and scale":    {"", "BT /F 12 Tf 1.5 Tc 3 Tw 80 Tz 50 150 Td (Sign [[sig:signer1]] here, please) Tj ET", "", "Sign here, please"},
		"on the next line":          {"", "BT /F 12 Tf 14 TL 50 150 Td (Sign) Tj ([[sig:signer1]] here) ' 2 1 (and go on) \" ET", "", "Sign\nhere\nand go on"},
		"by quotation":              {"", "BT /F 12 Tf 14 TL 50 150 Td (Sign) Tj 4 0.5 ([[sig:signer1]] here) \" (and go on) ' ET", "", "Sign\nhere\nand go on"},
		"turned":                    {"", "BT /F 12 Tf 0 1 -1 0 150 50 Tm (Sign [[sig:signer1]] here) Tj ET", "", "Sign here"},
		"on a turned page":          {"/Rotate 90", "BT /F 12 Tf 0 1 -1 0 150 50 Tm (Sign [[sig:signer1]] here) Tj ET", "", "Sign here"},
		"on a page upside down":     {"/Rotate 180", "BT /F 12 Tf -1 0 0 -1 350 150 Tm (Sign [[sig:signer1]] here) Tj ET", "", "Sign here"},
		"on a cut page":             {"/CropBox[40 60 390 290]", "BT /F 12 Tf 50 150 Td (Sign [[sig:signer1]] here) Tj ET", "", "Sign here"},
		"under a matrix":            {"", "q 2 0 0 2 20 20 cm BT /F 6 Tf 5 50 Td (Sign [[sig:signer1]] here) Tj ET Q BT /F 9 Tf 10 10 Td (foot) Tj ET", "", "Sign here\nfoot"},
		"in a form":                 {"", "/X Do BT /F 9 Tf 10 10 Td (foot) Tj ET", "BT /F 12 Tf 50 150 Td (Sign [[sig:signer1]] here) Tj ET", "Sign here\nfoot"},
		"with widths of its own":    {"", "BT /W 12 Tf 20 150 Td (Sign that it is so [[sig:signer1]] here) Tj ET", "", "Sign that it is so here"},
		"drawn twice":               {"", "BT /F 12 Tf 50 150 Td ([[sig:signer1]]) Tj 1 0 0 1 50.3 150 Tm ([[sig:signer1]]) Tj ET BT /F 9 Tf 10 10 Td (foot) Tj ET", "", "foot"},
		"white":                     {"", "BT /F 12 Tf 1 g 50 150 Td (Sign [[sig:signer1]] here) Tj ET", "", "Sign here"},
		"that is not seen":          {"", "BT /F 12 Tf 3 Tr 50 150 Td (Sign [[sig:signer1]] here) Tj ET", "", "Sign here"},
		"after a picture":           {"", "q 10 0 0 10 5 5 cm BI /W 2 /H 2 /BPC 8 /CS /G ID EI  EI Q BT /F 12 Tf 50 150 Td (Sign [[sig:signer1]] here) Tj ET", "", "Sign here"},
		"with other text beside it": {"", "/Span <</ActualText([[sig:signer1]])/Lang(en)>> BDC BT /F 12 Tf 50 150 Td ([[sig:signer1]]) Tj ET EMC BT /F 9 Tf 10 10 Td (foot) Tj ET", "", "foot"},
		"twice on a page":           {"", "BT /F 12 Tf 50 150 Td ([[sig:signer1]]) Tj 0 -60 Td ([[sig:signer2]]) Tj ET BT /F 9 Tf 10 10 Td (foot) Tj ET", "", "foot"},
		"over two lines":            {"", "BT /F 12 Tf 50 150 Td (Sign [[sig:) Tj -20 -14 Td (signer1]] here) Tj ET", "", "Sign\nhere"},
		"tiny":                      {"", "BT /F 2 Tf 50 150 Td (Sign [[sig:signer1]] here) Tj ET", "", "Sign here"},
	} {
		t.Run(name, func(t *testing.T) {
			file := page(tt.members, tt.content, tt.form)
			found, cleaned, err := f.Find(t.Context(), file)
			if err != nil || len(found) == 0 || found[0].Recipient != "signer1" || found[0].Kind != "signature" {
				t.Fatalf("%+v %v", found, err)
			}
			if got := strings.ReplaceAll(words(t, f, cleaned), "\n", " "); got != strings.ReplaceAll(tt.left, "\n", " ") {
				t.Errorf("%q is left", got)
			}
			if bytes.Contains(cleaned, []byte("[[")) {
				t.Errorf("the tag is still in the file")
			}
			width := 400.0
			switch tt.members {
			case "/Rotate 90":
				width = 300
			case "/CropBox[40 60 390 290]":
				width = 350
			}
			if name == "over two lines" { // the field is on the first
				found = append(found, Tag{Page: 1, X: 28, Y: 152, Width: 82, Height: 20})
			}
			alike(t, file, cleaned, 1, width, found)
		})
	}
}

func TestAFieldStandsWhereItsTagStood(t *testing.T) {
	f := finder(t)
	for name, tt := range map[string]struct {
		members, content string
		x, foot, width   float64 // of the first tag, as displayed; the width at least
	}{
		"upright":       {"", "BT /F 12 Tf 50 150 Td ([[text:signer1:City______]]) Tj ET", 50, 150, 120},
		"on a cut page": {"/CropBox[40 60 390 290]", "BT /F 12 Tf 50 150 Td ([[text:signer1:City______]]) Tj ET", 10, 140, 120},
		"at the edge":   {"", "BT /F 12 Tf 310 290 Td ([[text:signer1:City______]]) Tj ET", 400 - 139.4, 12, 120},
		"turned by 90":  {"/Rotate 90", "BT /F 12 Tf 0 1 -1 0 150 50 Tm ([[text:signer1:City______]]) Tj ET", 50, 150, 120},
		"turned by 180": {"/Rotate 180", "BT /F 12 Tf -1 0 0 -1 350 150 Tm ([[text:signer1:City______]]) Tj ET", 50, 150, 120},
		"turned by 270": {"/Rotate 270", "BT /F 12 Tf 0 -1 1 0 250 250 Tm ([[text:signer1:City______]]) Tj ET", 50, 150, 120},
		"padded":        {"", "BT /F 12 Tf 50 150 Td ([[text:signer1:City                         ]]) Tj ET", 50, 150, 180},
		"a unit of two": {"/UserUnit 2", "BT /F 12 Tf 50 150 Td ([[text:signer1:City______]]) Tj ET", 100, 300, 240},
	} {
		found, _, err := f.Find(t.Context(), page(tt.members, tt.content, ""))
		if err != nil || len(found) != 1 {
			t.Errorf("%s: %+v %v", name, found, err)
			continue
		}
		got := found[0]
		// The foot of the field is a little below the base line.
		if got.X < tt.x-1 || got.X > tt.x+1 || got.Y+got.Height < tt.foot || got.Y+got.Height > tt.foot+8 || got.Width < tt.width || got.Height > 40 || got.Label != "City" {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTheGrammarOfTags(t *testing.T) {
	for text, want := range map[string]string{
		"[[sig:signer1]]":                                      "signature signer1 must",
		"[[ signature : tenant ]]":                             "signature tenant must",
		"[[initials:signer2____]]":                             "initials signer2 must",
		"[[date:signer1]]":                                     "date signer1 must",
		"[[text:signer1:First name]]":                          "text signer1 First name",
		"[[*text:signer1:City__]]":                             "text signer1 City must",
		"[[!text:signer1:Price=12.50]]":                        "text signer1 Price=12.50 shown",
		"[[check:signer1:I agree]]":                            "checkbox signer1 I agree",
		"[[*check:signer1:I agree]]":                           "checkbox signer1 I agree must",
		"{{Sig_es_:signer1:signature}}":                        "signature signer1 Sig must",
		"{{*city_es_:signer1}}":                                "text signer1 city must",
		"{{home_city_es_:signer2        }}":                    "text signer2 home city",
		"{{!price}}":                                           "text  price shown",
		"{{Int_es_:signer1:initials}}":                         "initials signer1 Int must",
		"{{Dte_es_:signer1:date}}":                             "date signer1 Dte must",
		"{{ok_es_:signer1:checkbox}}":                          "checkbox signer1 ok",
		"{{*ok_es_:signer1:checkbox:label(\"I agree: yes\")}}": "checkbox signer1 I agree: yes must",
		"{{OSig_es_:signer1:optsignature}}":                    "signature signer1 OSig",
		"{{Cmpy_es_:signer2:company}}":                         "text signer2 Cmpy",
		"{{x_es_:signer1:default(\"Berlin\")}}":                "text signer1 x=Berlin",
		"{{x_es_}}":                                            "text signer1 x",
		"{{x_es_:sender}}":                                     "text sender x",
		"{{x_es_:signer1:radio}}":                              "tag_unsupported",
		"<<t=signature;s=1>>":                                  "signature signer1 must",
		"<<type=initials;signer=2>>":                           "initials signer2 must",
		"<<t=text;s=103;l=Witness name;r=0>>":                  "text witness3 Witness name",
		"<<t=date>>":                                           "date signer1 must",
		"<<t=checkbox;r=0;l=I agree>>":                         "checkbox signer1 I agree",
		"<<signature2>>":                                       "signature signer2 must",
		"<<initials>>":                                         "initials signer1 must",
		"<<t=hologram>>":                                       "tag_unsupported",
		"<<bonjour>>":                                          "",
		"[[note 12]]":                                          "",
		"{{Account.Name}}":                                     "",
		"[[sig:]]":                                             "",
		"[ [sig:signer1]]":                                     "",
	} {
		var letters []pages.Letter
		for i, r := range text {
			letters = append(letters, pages.Letter{Rune: r, Left: float64(i), Right: float64(i) + 1, Bottom: 10})
		}
		got := ""
		for _, m := range matches(letters) {
			tag, err := m.read()
			if err != nil {
				got += problem.Of(err).Code
				continue
			}
			got += strings.TrimSuffix(fmt.Sprintf("%s %s %s", tag.Kind, tag.Recipient, tag.Label), " ")
			if tag.Value != "" {
				got += "=" + tag.Value
			}
			if tag.Required {
				got += " must"
			}
			if tag.ReadOnly {
				got += " shown"
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}

func TestAFileWithoutTagsIsLeftAlone(t *testing.T) {
	f := finder(t)
	for name, file := range map[string][]byte{
		"plain": page("", "BT /F 12 Tf 50 150 Td (Dear Ann) Tj ET", ""), "brackets": page("", "BT /F 12 Tf 50 150 Td (Dear [[Ann]], {{x}} << and >>) Tj ET", ""),
	} {
		if found, cleaned, err := f.Find(t.Context(), file); err != nil || found != nil || cleaned != nil {
			t.Errorf("%s: %v %d %v", name, found, len(cleaned), err)
		}
	}
}

func TestATagThatCannotBeTakenOffIsARefusal(t *testing.T) {
	f := finder(t)
	vertical := assembled("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
		stream("", "BT /F 12 Tf 50 250 Td <005B005B007300690067003A007300690067006E006500720031005D005D> Tj ET"),
		"<</Type/Font/Subtype/Type0/BaseFont/Song/Encoding/UniGB-UCS2-V/DescendantFonts[<</Type/Font/Subtype/CIDFontType0/BaseFont/Song/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/FontDescriptor<</Type/FontDescriptor/FontName/Song/Flags 6/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80>>>>]>>")
	found, cleaned, err := f.Find(t.Context(), vertical)
	if len(found) > 0 && err == nil && strings.Contains(words(t, f, cleaned), "[[") || err != nil && !problem.Has(err, "tag_stuck") {
		t.Errorf("%v %d %v", found, len(cleaned), err)
	}
}

// A document of ours has fonts whose codes are of two bytes.
func TestTagsOfADocumentWithEmbeddedFonts(t *testing.T) {
	f := finder(t)
	d := paper.New("Agreement", time.Unix(0, 0))
	d.Title("Agreement")
	d.Paragraph("Between Ann Lee and 李明, who sign here: [[sig:signer1          ]] and there [[sig:signer2]] on one line.")
	d.Paragraph("City: {{*city_es_:signer1}} and price <<t=text;s=2;l=Price>> end.")
	file := d.Bytes()
	found, cleaned, err := f.Find(t.Context(), file)
	if err != nil || len(found) != 4 {
		t.Fatalf("%+v %v", found, err)
	}
	if got := words(t, f, cleaned); strings.ContainsAny(got, "[]{}<>") || !strings.Contains(got, "李明") || !strings.Contains(got, "on one line.") {
		t.Errorf("%s", got)
	}
	alike(t, file, cleaned, 1, paper.Width, found)
}

func BenchmarkFind(b *testing.B) {
	f := finder(b)
	d := paper.New("Agreement", time.Unix(0, 0))
	for range 10 {
		d.Paragraph(strings.Repeat("Words of a contract that go on. ", 80))
		d.Paragraph("Sign here: [[sig:signer1]]")
		d.PageBreak()
	}
	file := d.Bytes()
	for b.Loop() {
		if _, _, err := f.Find(b.Context(), file); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever stands on a page, reading its tags ends, and what is read can be a field.
func FuzzMatches(f *testing.F) {
	for _, text := range []string{"[[*text:signer1:a=b__]]", "{{*x_es_:signer1:label(\"a:b\"):default(c)}}", "{{!p}}", "<<t=text;s=103;h=1e999>>", "[[[[sig:a]]{{ﬁ_es_}}", "{{x_es_:(((:radio}}"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var letters []pages.Letter
		for i, r := range text {
			letters = append(letters, pages.Letter{Rune: r, X: float64(i), Left: float64(i), Right: float64(i) + 1, Bottom: 10})
		}
		for _, m := range matches(letters) {
			tag, err := m.read()
			if err != nil {
				if !problem.Has(err, "tag_unsupported") {
					t.Errorf("%q: %v", text, err)
				}
				continue
			}
			tag.place(m.letters, pages.Written{Width: 600, Height: 800}, 0)
			if !tag.Kind.Valid() || !(tag.Width >= minimum[tag.Kind][0] && tag.Height >= minimum[tag.Kind][1] && tag.X+tag.Width <= 600 && tag.Y+tag.Height <= 800) || strings.ContainsAny(tag.Label+tag.Value, "\n\x00") {
				t.Errorf("%q became %+v", text, tag)
			}
		}
	})
}
