package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// Format is the first member of every trail; another one means other rules.
const Format = "chancery audit 1"

// maxTrail is 64 MiB, some 80,000 events: a hundred times the longest envelope,
// and still nothing to a machine that checks one.
const maxTrail = 64 << 20

// Trail is a whole chain in the form people download (audit.json). It holds
// nothing that the hashes do not cover.
type Trail struct {
	Format   string  `json:"format"`
	Chain    string  `json:"chain"`
	Events   []Entry `json:"events"`
	HeadHash Hash    `json:"head_hash"`
}

// NewTrail puts the entries of a chain, in order, into a trail. It checks nothing.
func NewTrail(chain string, entries []Entry) Trail {
	t := Trail{Format: Format, Chain: chain, Events: slices.Clone(entries), HeadHash: Start(chain)}
	for i := range t.Events {
		t.Events[i].At = t.Events[i].At.UTC() // a database may hand out local times
		t.HeadHash = t.Events[i].Hash
	}
	if t.Events == nil {
		t.Events = []Entry{}
	}
	return t
}

// Verify tells whether the chain is intact and ends at HeadHash; see Break.
func (t Trail) Verify() error {
	if t.Format != Format {
		return fmt.Errorf("check audit trail: its format is %q, not %q", t.Format, Format)
	}
	head, err := Verify(t.Chain, Entries(t.Events))
	if err != nil {
		return err
	}
	if head != t.HeadHash {
		return &Break{Chain: t.Chain, N: int64(len(t.Events)) + 1, Why: "the trail ends here and not at its head"}
	}
	return nil
}

// WriteJSON writes the trail for download.
func (t Trail) WriteJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	if err := out.Encode(t); err != nil {
		return fmt.Errorf("write audit trail of %s: %w", t.Chain, err)
	}
	return nil
}

// ReadTrail reads what WriteJSON wrote, of at most 64 MiB. Apart from white space
// between the members the text must be just that: a second member of the same
// name, an unknown one or another spelling would show a reader something that
// was never checked.
func ReadTrail(r io.Reader) (Trail, error) {
	given, err := io.ReadAll(io.LimitReader(r, maxTrail+1))
	if err != nil {
		return Trail{}, fmt.Errorf("read audit trail: %w", err)
	}
	if len(given) > maxTrail {
		return Trail{}, fmt.Errorf("read audit trail: it is larger than %d bytes", maxTrail)
	}
	var t Trail
	if err := json.Unmarshal(given, &t); err != nil {
		return Trail{}, fmt.Errorf("read audit trail: %w", err)
	}
	if err := t.spelledAs(given); err != nil {
		return Trail{}, fmt.Errorf("read audit trail: %w", err)
	}
	return t, nil
}

// spelledAs compares the text with what we would write.
func (t Trail) spelledAs(given []byte) error {
	canonical := NewTrail(t.Chain, t.Events)
	canonical.Format, canonical.HeadHash = t.Format, t.HeadHash
	var ours, want, have bytes.Buffer
	if err := canonical.WriteJSON(&ours); err != nil {
		return err
	}
	if err := errors.Join(json.Compact(&want, ours.Bytes()), json.Compact(&have, given)); err != nil {
		return err
	}
	if !bytes.Equal(want.Bytes(), have.Bytes()) {
		return errors.New("it is not spelled as the hub writes it: a member is unknown, twice there or rewritten")
	}
	return nil
}

// VerifyJSON reads a downloaded trail and checks all of it, offline. It returns
// nil for an intact one, a *Break for a chain that does not hold, and another
// error for what is no trail.
func VerifyJSON(r io.Reader) error {
	t, err := ReadTrail(r)
	if err != nil {
		return err
	}
	return t.Verify()
}
