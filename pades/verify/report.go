package verify

import (
	"time"
)

// Verdict is the one word about a whole file.
type Verdict string

const (
	// Unchanged: every signature holds, the newest one covers the whole file, and
	// every step in between changed only what the earlier signatures permit.
	Unchanged Verdict = "unchanged"
	// Permitted: every signature holds, and something that they permit follows
	// the last of them.
	Permitted Verdict = "permitted"
	// Changed: something was changed that a signature does not permit.
	Changed Verdict = "changed"
	// Broken: a signature does not hold, or leads to nobody who is trusted.
	Broken Verdict = "broken"
	// Unsigned: there is no signature.
	Unsigned Verdict = "unsigned"
)

// Role is what a signature is for.
type Role string

const (
	Certification Role = "certification" // DocMDP: first, and says what may follow
	Approval      Role = "approval"      // one person
	Seal          Role = "seal"          // locks every field: nothing is filled in after it
	Timestamp     Role = "timestamp"     // of the document, by a time-stamping authority
)

// Level is what a signature offers over the years (ETSI EN 319 142-1, 6). The
// empty level means that it is no PAdES baseline signature.
type Level string

const (
	LevelB   Level = "B-B"   // a signature
	LevelT   Level = "B-T"   // with proof of when it existed
	LevelLT  Level = "B-LT"  // with all that is needed to judge its certificates
	LevelLTA Level = "B-LTA" // with a document timestamp over all of that
)

// Report is what Verify found.
type Report struct {
	Verdict    Verdict     `json:"verdict"`
	Sentence   string      `json:"sentence"` // the verdict for people
	Size       int64       `json:"size"`
	SHA256     string      `json:"sha256"`    // of the whole file
	Certified  bool        `json:"certified"` // by its first signature
	Level      Level       `json:"level,omitempty"`
	Signatures []Signature `json:"signatures"` // in the order they were made, timestamps too
	Revisions  []Revision  `json:"revisions"`  // oldest first
}

// Signature is what is known of one signature. Every finding is a reason not to
// rely on it; a signature without findings holds.
type Signature struct {
	Field        string     `json:"field"`
	Role         Role       `json:"role"`
	Name         string     `json:"name"` // from the certificate
	Email        string     `json:"email,omitempty"`
	Organisation string     `json:"organisation,omitempty"`
	SerialNumber string     `json:"serialNumber,omitempty"` // of the person, from the certificate
	Reason       string     `json:"reason,omitempty"`
	SignedAt     time.Time  `json:"signedAt,omitzero"`  // as the signer says
	ProvenAt     *time.Time `json:"provenAt,omitempty"` // by a timestamp: it existed then
	ProvenBy     string     `json:"provenBy,omitempty"` // name of the timestamp's authority
	Level        Level      `json:"level,omitempty"`
	LevelReason  string     `json:"levelReason,omitempty"` // why it is not higher, as a sentence
	Trust        Trust      `json:"trust"`
	Revocation   string     `json:"revocation,omitempty"` // a sentence
	Path         []string   `json:"path,omitempty"`       // names, from the signer to the root
	Permits      int        `json:"permits,omitempty"`    // P of DocMDP
	Locks        []string   `json:"locks,omitempty"`      // names of the fields it locks; "*" is every field
	Revision     int        `json:"revision"`             // number of the revision it covers
	Covers       int64      `json:"covers"`               // bytes from the start of the file
	WholeFile    bool       `json:"wholeFile"`
	Findings     []Finding  `json:"findings,omitempty"`
	Notes        []Finding  `json:"notes,omitempty"` // worth knowing, and no reason to doubt the bytes
}

// Trust tells whether a signature's certificate leads to a trusted root.
type Trust string

const (
	Trusted      Trust = "trusted"
	Untrusted    Trust = "untrusted"
	TrustUnknown Trust = "unknown" // nobody said whom to trust
)

// Holds tells that nothing speaks against the signature itself.
func (s Signature) Holds() bool { return len(s.Findings) == 0 }

// Finding is one reason, for programs (Code) and people (Sentence).
type Finding struct {
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
}

func (s *Signature) find(code, sentence string) {
	s.Findings = append(s.Findings, Finding{code, sentence})
}

func (s *Signature) note(code, sentence string) {
	s.Notes = append(s.Notes, Finding{code, sentence})
}

// Revision is the file as it was up to End bytes.
type Revision struct {
	Number    int      `json:"number"` // from 1
	End       int64    `json:"end"`
	SHA256    string   `json:"sha256"`              // of the first End bytes
	Signature string   `json:"signature,omitempty"` // field of the signature that covers it
	Changes   []Change `json:"changes,omitempty"`   // against the revision before, once there was a signature
}

// Change is one difference between a revision and the one before it.
type Change struct {
	Revision int    `json:"revision"`
	Kind     Kind   `json:"kind"`
	Object   int    `json:"object,omitempty"` // its number; 0 when it is about no single object
	Field    string `json:"field,omitempty"`
	Page     int    `json:"page,omitempty"` // from 1
	Allowed  bool   `json:"allowed"`
	Sentence string `json:"sentence"`
}

// Kind sorts changes by what they touch.
type Kind string

const (
	Evidence   Kind = "evidence"   // validation data (DSS)
	Stamped    Kind = "timestamp"  // a document timestamp and its field
	Signed     Kind = "signature"  // a signature was made, or one was touched
	Filled     Kind = "field"      // the value or look of a form field
	Form       Kind = "form"       // the form as a whole
	Page       Kind = "page"       // a page, its content or what it needs
	Annotation Kind = "annotation" // something laid over a page
	Catalog    Kind = "document"   // settings of the whole document
	Metadata   Kind = "metadata"   // title, author, dates
	Structure  Kind = "structure"  // how the file is put together
	Object     Kind = "object"     // anything else
)
