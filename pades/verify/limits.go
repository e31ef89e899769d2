package verify

import "chancery/problem"

// Limits on what one file may ask of us. A file that goes over one ends in a
// problem, never in gigabytes or minutes.
const (
	maxSections    = 2_000     // cross-reference sections, one or two for each revision
	maxEntries     = 2_000_000 // entries of all sections together
	maxNumber      = 8_388_607 // object numbers (ISO 32000-1, annex C)
	maxParsed      = 1_000_000 // objects parsed, again and again included
	maxSource      = 4 << 20   // bytes of source text of one object, without its stream
	maxStream      = 64 << 20  // bytes that one stream may have
	maxUnpacked    = 32 << 20  // bytes that one stream may decode to
	maxDecoded     = 192 << 20 // bytes that all streams may decode to
	maxCachedBytes = 32 << 20  // of the source text of the parsed objects kept
	maxInStream    = 200_000   // objects in one object stream
	maxFilters     = 4         // on one stream
	maxDepth       = 100       // of the form, the page tree and comparisons
	maxFields      = 50_000    // fields and widgets
	maxPages       = 50_000    // leaves of the page tree
	maxSignatures  = 500       // twice what a document of ours can have
	maxChanges     = 1_000     // listed for one revision
	maxCompared    = 2_000_000 // values compared
)

func damaged(cause error) error {
	return problem.Invalid("pdf_damaged", "This PDF is damaged and cannot be checked.").Because(cause)
}

func tooComplex(cause error) error {
	return problem.Invalid("pdf_too_complex", "This PDF is too complex to be checked safely.").Because(cause)
}
