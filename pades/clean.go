package pades

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"

	"chancery/pades/pdf"
)

// Clean writes an unsigned file anew without what Inspect calls Normalised: the
// result has one cross-reference table of one section and only what its catalog
// and its document information lead to. Active content, hidden annotations,
// threads, usage rights and broken metadata are gone, layers are fixed as they
// are shown, and the boxes of pages say what viewers made of them. Streams keep
// their bytes, strings and numbers their values. removed are the sorted kinds of
// what was taken out, such as JavaScript, Launch or XFA. A result is cleaned to
// itself.
//
// Not everything can be taken out of its place: whoever keeps the result inspects
// it again. What Inspect has nothing against is better left byte for byte as it
// is. Codes: those of opening a file,
// pdf_already_signed, pdf_xfa_only, pdf_damaged, and pdf_too_complex for more
// than pdf.MaxObjects objects or a result larger than the file and
// pdf.MaxDecoded together (object streams are unpacked).
func Clean(ctx context.Context, r io.ReaderAt, size int64) (file []byte, removed []string, err error) {
	f, err := openUnsigned(r, size)
	if err != nil {
		return nil, nil, err
	}
	ref, root, err := f.Root()
	if err != nil {
		return nil, nil, err
	}
	strip := newStripping(f)
	catalog, err := strip.catalog(root)
	if err != nil {
		return nil, nil, err
	}
	pages, err := f.Pages()
	if err != nil {
		return nil, nil, err
	}
	w := rewriting{
		ctx: ctx, file: f, pages: byNumber(pages), strip: strip, root: ref, catalog: catalog,
		limit: size + pdf.MaxDecoded, numbers: map[int]int{}, buf: header(f.Version),
	}
	if err := w.run(); err != nil {
		return nil, nil, fmt.Errorf("clean document of %d bytes: %w", size, err)
	}
	return w.buf, slices.Sorted(maps.Keys(strip.kinds)), nil
}

func byNumber(pages []pdf.Page) map[int]pdf.Page {
	out := make(map[int]pdf.Page, len(pages))
	for _, p := range pages {
		out[p.Ref.Num] = p
	}
	return out
}

// header also says, by bytes above 127, that the file is binary.
func header(version string) []byte {
	if version != "2.0" { // the only one above 1.7
		version = "1.7"
	}
	return []byte("%PDF-" + version + "\n%\xE2\xE3\xCF\xD3\n")
}
