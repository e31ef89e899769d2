package connectors

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery/envelope"
)

// Journey is one record on its way to being an envelope, and the envelope's
// outcome on its way back. There is one for each record, version of the mapping
// and trigger, so that what is told twice is sent once.
type Journey struct {
	ID         string
	Team       string
	Connection string
	Mapping    string
	Version    int // of the mapping
	Ref        Ref
	Trigger    string         // what began it: the state of the record, a request, a day
	Record     map[string]any // when it came along; nil is read in the system
	Status     Status
	Envelope   string   // "" until it is drawn up
	Baseline   Baseline // what the record was like when we last knew
	Words      string   // what needs attention, for people
	CreatedAt  time.Time
	ChangedAt  time.Time
}

// Status of a journey.
type Status string

const (
	Begun     Status = "begun"     // the record is being read
	Passed    Status = "passed"    // the record does not meet the condition any more
	Sent      Status = "sent"      // the envelope is on its way
	Finished  Status = "finished"  // the envelope has ended, and the record knows
	Attention Status = "attention" // somebody must look at it
)

// Baseline is a record's fields that a mapping writes, as they were at Version. Until
// the journey is drawn up it is what made it begin: all that was read, and when.
type Baseline struct {
	Version string         `json:"version"`
	Fields  map[string]any `json:"fields"`
	Paths   []string       `json:"paths,omitempty"`
	At      time.Time      `json:"at,omitzero"`
}

// Fresh is how long a record that was read may be taken for what it is now. What
// somebody takes back within it is sent all the same, as it would be if they took it
// back while the documents are made.
const Fresh = 15 * time.Second

// Answers tells whether reading these paths now would tell nothing else.
func (b Baseline) Answers(paths []string, now time.Time) bool {
	return now.Before(b.At.Add(Fresh)) && !slices.ContainsFunc(paths, func(p string) bool { return !slices.Contains(b.Paths, p) })
}

// JourneyID names the journey: the same for the same record, mapping and trigger.
func JourneyID(mapping string, version int, ref Ref, trigger string) string {
	sum := sha256.New()
	for _, part := range []string{mapping, fmt.Sprint(version), ref.Type, ref.ID, trigger} {
		fmt.Fprintf(sum, "%d:%s", len(part), part)
	}
	return "jny_" + short(sum.Sum(nil))
}

// EnvelopeID is that of the envelope which a journey draws up, however often.
func (j Journey) EnvelopeID() string { return "env_" + strings.TrimPrefix(j.ID, "jny_") }

// short is what an id has behind its kind: 26 characters.
func short(sum []byte) string {
	return base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding).EncodeToString(sum[:16])
}

// WriteBack is one event of an envelope that its record is to learn of.
type WriteBack struct {
	Journey  string
	Event    string
	Type     envelope.EventType
	Sequence int64
	At       time.Time
	Status   WriteStatus
	Words    string // what needs attention
}

// WriteStatus is where a write-back stands.
type WriteStatus string

const (
	WritePending   WriteStatus = "pending"
	WriteDone      WriteStatus = "done"
	WriteAttention WriteStatus = "attention"
)
