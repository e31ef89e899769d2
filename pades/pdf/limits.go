package pdf

import "chancery/problem"

// Limits on what one file may ask of us. The largest honest file of the corpus
// (51 MB, 642 pages) has 79 206 objects.
const (
	MaxObjects    = 300_000   // indirect objects visited, and entries of one object stream
	MaxPages      = 5_000     // leaves of the page tree
	MaxDepth      = 100       // nesting of arrays, dictionaries and page tree nodes
	MaxDecoded    = 64 << 20  // bytes that one stream may decode to
	MaxAllDecoded = 192 << 20 // bytes that all streams of a file may decode to
	maxObjectSize = 16 << 20  // bytes of source text of one object
	maxSections   = 1_000     // cross-reference sections: one per incremental update
	maxCached     = 4_096     // parsed objects kept
)

func damaged(cause error) error {
	return problem.Invalid("pdf_damaged", "This PDF is damaged and cannot be signed as it is; open it and save it again as PDF.").Because(cause)
}

func tooComplex(cause error) error {
	return problem.Invalid("pdf_too_complex", "This PDF is too complex to be signed safely.").Because(cause)
}
