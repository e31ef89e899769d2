package papers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"chancery/audit"
	"chancery/envelope"
	"chancery/pades"
	"chancery/pades/paper"
	"chancery/problem"
	"chancery/vault"
)

// AuditPDF returns the audit trail of an envelope that has ended, as a document of
// its own beside the others, sealed like them: nothing is ever added to a
// certified file. It is made when it is first asked for, and kept.
func (p *Papers) AuditPDF(ctx context.Context, e envelope.Envelope) ([]byte, error) {
	if !e.Status.Final() {
		return nil, problem.Conflict("envelope_not_ended", "The audit trail is written when the envelope has ended.")
	}
	name := e.ID + "/audit-trail"
	kept, err := p.Vault.ReadAll(ctx, name)
	if err == nil || !errors.Is(err, vault.ErrMissing) {
		return kept, err
	}
	made, err := p.writeTrail(ctx, e, time.Now())
	if err != nil {
		return nil, fmt.Errorf("write audit trail of envelope %s: %w", e.ID, err)
	}
	_, err = p.Vault.Put(ctx, name, bytes.NewReader(made))
	if errors.Is(err, vault.ErrExists) { // somebody else asked at the same time
		return p.Vault.ReadAll(ctx, name)
	}
	if err != nil {
		return nil, err
	}
	return made, p.Records.NoteIssued(ctx, e.ID, digest(made), time.Now())
}

func (p *Papers) writeTrail(ctx context.Context, e envelope.Envelope, at time.Time) ([]byte, error) {
	entries, err := p.Records.Trail(ctx, e.ID)
	if err != nil {
		return nil, err
	}
	page := trailPage(e, entries, at)
	house := p.house(e)
	increment, plan, err := pades.Certify(ctx, bytes.NewReader(page), int64(len(page)), pades.Spec{
		Name: e.Sender.Name, Reason: "Audit trail of " + e.Title, TestMark: e.Test, Level: p.Level,
	}, house.holder(house.Authority.Certifier()), at)
	if err != nil {
		return nil, err
	}
	page = append(page, increment...)
	sealed, err := house.seal(ctx, page, plan, pades.SealSpec{Name: e.Sender.Name, Reason: "Audit trail of " + e.Title}, at)
	if err != nil {
		return nil, err
	}
	page = append(page, sealed.increment...)
	return page, checkTwice(ctx, page, sealed.plan, house.roots(), at)
}

func trailPage(e envelope.Envelope, entries []audit.Entry, at time.Time) []byte {
	written := e.EndedAt
	if e.Ahead > 0 {
		written = at // it may have ended in a future to which its clock was put forward
	}
	d := paper.New("Audit trail: "+e.Title, written)
	d.Footnote("Audit trail of " + e.ID)
	d.Title("Audit trail")
	d.Rows(
		paper.Row{Key: "Envelope", Value: e.Title},
		paper.Row{Key: "Id", Value: e.ID},
		paper.Row{Key: "Sent by", Value: e.Sender.Name + " <" + e.Sender.Email + ">"},
		paper.Row{Key: "Ended", Value: string(e.Status) + ", " + stamp(e.EndedAt)},
	)
	d.Heading("Documents")
	for _, doc := range e.Documents {
		d.Rows(paper.Row{Key: doc.Name, Value: fmt.Sprintf("%d pages; SHA-256 of the upload %s", len(doc.Pages), doc.SHA256)})
	}
	d.Heading("Recipients")
	for _, r := range e.Recipients {
		d.Rows(paper.Row{Key: r.Person.Name + " <" + r.Person.Email + ">", Value: fmt.Sprintf("%s, step %d: %s", r.Role, r.Step, r.Status)})
	}
	d.Heading("What happened")
	d.Table([]paper.Column{{Title: "Time (UTC)", Share: 26}, {Title: "What", Share: 22}, {Title: "Who", Share: 30}, {Title: "From where, and details", Share: 40}}, rows(e, entries))
	d.Note("Each line is chained to the one before it by SHA-256. The last hash is " + head(entries) + ". The trail in JSON form can be checked by anyone with `chancery audit verify`.")
	return d.Bytes()
}

func rows(e envelope.Envelope, entries []audit.Entry) [][]string {
	names := namesOf(e)
	table := make([][]string, len(entries))
	for i, entry := range entries {
		table[i] = []string{stamp(entry.At), entry.Kind, who(entry), names.Replace(details(entry))}
	}
	return table
}

// namesOf puts the names of people in the place of their ids: a reader of the
// page knows the one and not the other.
func namesOf(e envelope.Envelope) *strings.Replacer {
	var pairs []string
	for _, r := range e.Recipients {
		pairs = append(pairs, r.ID, r.Person.Name)
	}
	return strings.NewReplacer(pairs...)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") }

func who(entry audit.Entry) string {
	switch {
	case entry.Actor.Kind == audit.Hub:
		return "the hub"
	case entry.Personal == nil || entry.Personal.Name == "":
		return string(entry.Actor.Kind) + " " + entry.Actor.ID
	case entry.Personal.Email == "":
		return string(entry.Actor.Kind) + " " + entry.Personal.Name
	}
	return entry.Personal.Name + " <" + entry.Personal.Email + ">"
}

func details(entry audit.Entry) string {
	var parts []string
	for _, d := range []map[string]string{entry.Detail, personalDetail(entry)} {
		for _, key := range slices.Sorted(maps.Keys(d)) {
			parts = append(parts, key+": "+d[key])
		}
	}
	if entry.Personal != nil {
		parts = append(parts, entry.Personal.Address, entry.Personal.Device)
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	return strings.Join(parts, "; ")
}

func personalDetail(entry audit.Entry) map[string]string {
	if entry.Personal == nil {
		return nil
	}
	return entry.Personal.Detail
}

func head(entries []audit.Entry) string {
	if len(entries) == 0 {
		return "none"
	}
	return fmt.Sprint(entries[len(entries)-1].Hash)
}
