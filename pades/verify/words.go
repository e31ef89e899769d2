package verify

import "fmt"

// sentence is the answer that needs no explanation.
func (r Report) sentence() string {
	switch r.Verdict {
	case Unsigned:
		return "The document carries no signature."
	case Unchanged:
		return "Every signature is valid, and the document is unchanged since the last of them."
	case Permitted:
		return "Every signature is valid; what was added after the last of them is permitted and listed below."
	case Changed:
		return "The document was changed in a way that its signatures do not permit."
	}
	if r.onlyUntrusted() {
		return "The document is unchanged since it was signed, but a signature leads to no authority that is trusted here."
	}
	broken := 0
	for _, s := range r.Signatures {
		if !s.Holds() {
			broken++
		}
	}
	if broken == 1 && len(r.Signatures) == 1 {
		return "The signature is not valid."
	}
	return fmt.Sprintf("%d of %d signatures are not valid.", broken, len(r.Signatures))
}

// onlyUntrusted tells whether nothing is wrong but that nobody vouches for a
// signer.
func (r Report) onlyUntrusted() bool {
	for _, s := range r.Signatures {
		for _, f := range s.Findings {
			if f.Code != "untrusted" {
				return false
			}
		}
	}
	return true
}
