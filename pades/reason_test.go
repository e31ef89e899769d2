package pades_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"chancery/pades"
	"chancery/problem"
)

// paged is a one-page file whose catalog and page have these members, and more
// objects from number 4.
func paged(catalog, page string, more ...string) []byte {
	if !strings.Contains(page, "/MediaBox") {
		page += "/MediaBox[0 0 300 200]"
	}
	return assembled(append([]string{
		"<</Type/Catalog/Pages 2 0 R" + catalog + ">>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R" + page + ">>",
	}, more...)...)
}

func streamed(members, data string) string {
	return fmt.Sprintf("<</Length %d%s>>\nstream\n%s\nendstream", len(data), members, data)
}

const layer = "<</Type/OCG/Name(Draft)/Usage<</Print<</PrintState/OFF>>>>>>"

// What is wrong with a file has its reason, and Clean takes it out: the result has
// none but notes, and the same size of page.
func TestEveryReasonIsFoundAndTakenOut(t *testing.T) {
	for code, file := range map[string][]byte{
		"pdf_active_content":    paged("/OpenAction<</S/Hide/T(a)>>", ""),
		"pdf_xfa":               paged("/AcroForm<</Fields[]/XFA(<xdp/>)>>", ""),
		"pdf_page_box":          paged("", "/CropBox[-50 -50 400 150]"),
		"pdf_page_rotation":     paged("", "/Rotate 45"),
		"pdf_page_unit":         paged("", "/UserUnit -3"),
		"pdf_usage_rights":      paged("/Perms<</UR3<</Type/Sig>>>>", ""),
		"pdf_threads":           paged("/Threads[<</F 4 0 R>>]", "/B[4 0 R]", "<</N 4 0 R/V 4 0 R/P 3 0 R/R[0 0 9 9]>>"),
		"pdf_layers":            paged("/OCProperties<</OCGs[4 0 R]/D<</AS[<</Event/Print/OCGs[4 0 R]/Category[/Print]>>]>>>>", "", layer),
		"pdf_hidden_annotation": paged("", "/Annots[4 0 R]", "<</Type/Annot/Subtype/FreeText/Rect[0 0 9 9]/F 34>>"),
		"pdf_alternate_image": paged("", "/Resources<</XObject<</I 4 0 R>>>>",
			streamed("/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Alternates[<</Image 4 0 R>>]", "x")),
		"pdf_reference":      paged("", "/Resources<</XObject<</F 4 0 R>>>>", streamed("/Subtype/Form/BBox[0 0 9 9]/Ref<</F(other.pdf)/Page 0>>", "q Q")),
		"pdf_metadata":       paged("/Metadata 4 0 R", "", streamed("/Type/Metadata/Subtype/XML", "<x:xmpmeta><broken></x:xmpmeta>")),
		"pdf_portfolio":      paged("/Collection<</View/D>>", ""),
		"pdf_print_area":     paged("/ViewerPreferences<</PrintArea/BleedBox>>", ""),
		"pdf_hidden_content": paged("", "", "<</Type/Catalog/Pages 2 0 R>>"),
	} {
		found, err := inspected(file)
		if !problem.Has(err, code) || found.Severity() != pades.Normalised {
			t.Errorf("%s is found as %v: %v", code, found.Reasons, err)
			continue
		}
		clean, _ := cleaned(t, file)
		after, err := inspected(clean)
		if err != nil || after.Has(code) || len(after.Pages) != 1 || after.Pages[0] != found.Pages[0] {
			t.Errorf("%s stays: %+v %v\n%s", code, after, err, clean)
		}
	}
}

func TestWhatCannotBeTakenOutIsRefused(t *testing.T) {
	for code, file := range map[string][]byte{
		"pdf_external":       paged("", "/Contents 4 0 R", streamed("/F(other.bin)", "x")),
		"pdf_xfa_only":       paged("/NeedsRendering true/AcroForm<</Fields[]/XFA(<xdp/>)>>", ""),
		"pdf_already_signed": paged("/Perms<</DocMDP<</Type/Sig>>>>", ""),
		"pdf_damaged":        paged("", "/Contents 4 0 R", "<</Length 99>>\nstream\nx\nendstream"),
		"pdf_too_complex":    paged("", "/Resources<</XObject<</I 4 0 R>>>>", streamed("/Subtype/Image/Width 2000000000/Height 9", "x")),
	} {
		found, err := inspected(file)
		if !problem.Has(err, code) || found.Severity() != pades.Refused {
			t.Errorf("%s is found as %v: %v", code, found.Reasons, err)
		}
	}
}

func TestWhatIsOnlyWorthANoteLeavesTheFileAlone(t *testing.T) {
	for code, file := range map[string][]byte{
		"pdf_embedded_file":    paged("/Names<</EmbeddedFiles<</Names[(a)<</F(a.txt)/EF<</F 4 0 R>>>>]>>>>", "", streamed("/Type/EmbeddedFile", "x")),
		"pdf_hidden_field":     paged("/AcroForm<</Fields[4 0 R]>>", "/Annots[4 0 R]", "<</Subtype/Widget/FT/Tx/T(a)/Rect[0 0 9 9]/F 2>>"),
		"pdf_layers_shown":     paged("/OCProperties<</OCGs[4 0 R]/D<<>>>>", "", layer),
		"pdf_page_scaled":      paged("", "/UserUnit 2"),
		"pdf_need_appearances": paged("/AcroForm<</Fields[]/NeedAppearances true>>", ""),
		"pdf_invisible_text":   paged("", "/Contents 4 0 R", streamed("", "BT 3 Tr (seen by nobody) Tj ET")),
		"pdf_leading_bytes":    append([]byte("\n"), paged("", "")...),
	} {
		if found, err := inspected(file); err != nil || found.Severity() != pades.Note || !found.Has(code) {
			t.Errorf("%s is found as %v: %v", code, found.Reasons, err)
		}
	}
}

// A layer that is hidden stays hidden, and no list offers it to readers.
func TestLayersAreFixedAsTheyAreShown(t *testing.T) {
	file := paged("/OCProperties<</OCGs[4 0 R 5 0 R]/D<</OFF[5 0 R]/Order[4 0 R 5 0 R]>>/Configs[<</ON[5 0 R]>>]>>", "", layer, layer)
	clean, removed := cleaned(t, file)
	found, err := inspected(clean)
	if err != nil || !found.Has("pdf_layers_shown") && len(removed) != 1 {
		t.Errorf("%+v without %v: %v", found, removed, err)
	}
	for _, word := range []string{"/OFF", "/Locked"} {
		if !bytes.Contains(clean, []byte(word)) {
			t.Errorf("%s is gone", word)
		}
	}
	for _, word := range []string{"/Order", "/Configs"} {
		if bytes.Contains(clean, []byte(word)) {
			t.Errorf("%s is still there", word)
		}
	}
}

func TestTheNewestTableCountsMoreThanTheStreamOfAnOlderOne(t *testing.T) {
	file := staleHybrid()
	found, err := pades.Inspect(context.Background(), bytes.NewReader(file), int64(len(file)))
	if err != nil || found.Pages[0].Width != 200 {
		t.Errorf("the page is %v: %v", found.Pages, err)
	}
}

// staleHybrid is a hybrid file whose update still names the stream of the first
// revision, as some programs write it.
func staleHybrid() []byte {
	b := []byte("%PDF-1.5\n")
	var at []int
	object := func(text string) { at = append(at, len(b)); b = fmt.Appendf(b, "%s\nendobj\n", text) }
	object("1 0 obj\n<</Type/Catalog/Pages 2 0 R>>")
	object("2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>")
	object("3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>")
	row := func(kind, offset int) string { return string([]byte{byte(kind), byte(offset >> 8), byte(offset), 0}) }
	object("4 0 obj\n" + streamed("/Type/XRef/Size 5/W[1 2 1]/Index[3 1]", row(1, at[2])))
	table := len(b)
	b = fmt.Appendf(b, "xref\n0 5\n0000000000 65535 f \n%010d 00000 n \n%010d 00000 n \n0000000000 00000 f \n%010d 00000 n \n", at[0], at[1], at[3])
	b = fmt.Appendf(b, "trailer\n<</Root 1 0 R/Size 5/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n", at[3], table)
	object("3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>")
	newest := len(b)
	b = fmt.Appendf(b, "xref\n3 1\n%010d 00000 n \ntrailer\n<</Root 1 0 R/Size 5/Prev %d/XRefStm %d>>\n", at[4], table, at[3])
	return fmt.Appendf(b, "startxref\n%d\n%%%%EOF\n", newest)
}
