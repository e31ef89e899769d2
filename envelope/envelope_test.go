package envelope_test

import (
	"errors"
	"testing"
	"time"

	"chancery/envelope"
	"chancery/problem"
)

const day = 24 * time.Hour

var (
	noon   = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) // a Monday
	sender = envelope.Actor{Kind: "user", ID: "usr_1", Person: person("sam")}
	desk   = envelope.Origin{Address: "192.0.2.1", Device: "Firefox"}
)

func person(name string) envelope.Person {
	return envelope.Person{Name: name, Email: name + "@example.org"}
}

func recipient(name string, role envelope.Role, step int) envelope.Recipient {
	return envelope.Recipient{
		ID: name, Place: name, Person: person(name), Role: role, Step: step,
		Status: envelope.Waiting, LinkVersion: 1,
	}
}

func signer(name string, step int) envelope.Recipient { return recipient(name, envelope.Signer, step) }

func draft(recipients ...envelope.Recipient) envelope.Envelope {
	return envelope.Envelope{
		ID: "env_1", Team: "tm_1", Status: envelope.Draft, Title: "Lease", Sender: sender.Person,
		Documents:  []envelope.Document{{ID: "doc_1", Name: "lease.pdf", Pages: []envelope.Size{{Width: 595, Height: 842}}}},
		Recipients: recipients, Lifetime: 30 * day,
	}
}

// two of three in step 1, then dan, with eve to be copied.
func committee() envelope.Envelope {
	e := draft(signer("ann", 1), signer("bob", 1), signer("cat", 1), signer("dan", 2), recipient("eve", envelope.CC, 2))
	e.Quorums = []envelope.Quorum{{Step: 1, Need: 2}}
	return e
}

func sent(t testing.TB, e envelope.Envelope) envelope.Envelope {
	t.Helper()
	c, err := e.Send(sender, desk, noon)
	return after(t, c, err)
}

func after(t testing.TB, c envelope.Change, err error) envelope.Envelope {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return c.After
}

func signs(who string) envelope.Act {
	return envelope.Act{ID: "act_" + who, Recipient: who, Kind: envelope.Sign, Ink: envelope.Ink{Typed: who}, Origin: desk}
}

func declines(who string) envelope.Act {
	return envelope.Act{ID: "act_" + who, Recipient: who, Kind: envelope.Decline, Reason: "too dear", Origin: desk}
}

func delegates(who, to string) envelope.Act {
	return envelope.Act{ID: "act_" + who, Recipient: who, Kind: envelope.Delegate, Delegate: person(to), NewID: to, Origin: desk}
}

// records lets acts happen one hour after the other.
func records(t testing.TB, e envelope.Envelope, acts ...envelope.Act) envelope.Envelope {
	t.Helper()
	for i, a := range acts {
		c, err := e.Record(a, noon.Add(time.Duration(i+1)*time.Hour))
		e = after(t, c, err)
	}
	return e
}

func code(err error) string {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	if err != nil {
		return "accident: " + err.Error()
	}
	return ""
}

func field(err error) string {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p.Field
	}
	return ""
}

// standing lists who stands where, in the order of the recipients.
func standing(e envelope.Envelope) map[string]envelope.RecipientStatus {
	all := map[string]envelope.RecipientStatus{}
	for _, r := range e.Recipients {
		all[r.ID] = r.Status
	}
	return all
}

func letters(c envelope.Change) []string {
	var all []string
	for _, l := range c.Letters {
		reader := l.Recipient
		if reader == "" {
			reader = "sender"
		}
		all = append(all, string(l.Kind)+" "+reader)
	}
	return all
}

func events(c envelope.Change) []string {
	var all []string
	for _, e := range c.Events {
		name := string(e.Type)
		if e.Recipient != "" {
			name += " " + e.Recipient
		}
		all = append(all, name)
	}
	return all
}
