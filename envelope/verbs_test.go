package envelope_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery/envelope"
)

// in returns an envelope of ann and then bob in that status.
func in(t *testing.T, s envelope.Status) envelope.Envelope {
	t.Helper()
	e := draft(signer("ann", 1), signer("bob", 2))
	if s == envelope.Draft {
		return e
	}
	e = sent(t, e)
	switch s {
	case envelope.Completed:
		c, err := records(t, e, signs("ann"), signs("bob")).Complete(noon.Add(day))
		return after(t, c, err)
	case envelope.Declined:
		return records(t, e, declines("ann"))
	case envelope.Voided:
		c, err := e.Void(envelope.Void{ID: "void_1", By: sender, Reason: "wrong file"}, noon.Add(day))
		return after(t, c, err)
	case envelope.Expired:
		return e.Ring(noon.Add(30 * day)).After
	}
	return e
}

func TestEveryVerbInEveryStatus(t *testing.T) {
	at := noon.Add(2 * day)
	verbs := map[string]func(envelope.Envelope) error{
		"send": func(e envelope.Envelope) error { _, err := e.Send(sender, desk, at); return err },
		"act":  func(e envelope.Envelope) error { _, err := e.Record(signs("ann"), at); return err },
		"void": func(e envelope.Envelope) error {
			_, err := e.Void(envelope.Void{ID: "v", By: sender, Reason: "r"}, at)
			return err
		},
		"correct": func(e envelope.Envelope) error {
			_, err := e.Correct(envelope.Correction{ID: "c", By: sender, Recipient: "ann", Person: person("anna")}, at)
			return err
		},
		"resend": func(e envelope.Envelope) error {
			_, err := e.Resend(envelope.Resending{ID: "r", By: sender}, at)
			return err
		},
		"resend one": func(e envelope.Envelope) error {
			_, err := e.Resend(envelope.Resending{ID: "r", Recipient: "ann"}, at)
			return err
		},
		"bounce":   func(e envelope.Envelope) error { _, err := e.Bounce(bounces("ann"), at); return err },
		"complete": func(e envelope.Envelope) error { _, err := e.Complete(at); return err },
	}
	ended := map[string]string{"send": "envelope_sent_already", "act": "envelope_ended", "void": "envelope_ended",
		"correct": "envelope_ended", "resend": "envelope_ended", "resend one": "envelope_ended", "bounce": "envelope_ended", "complete": "envelope_ended"}
	unsent := map[string]string{"send": "", "act": "envelope_not_sent", "void": "", "correct": "envelope_not_sent",
		"resend": "envelope_not_sent", "resend one": "envelope_not_sent", "bounce": "envelope_not_sent", "complete": "envelope_ended"}
	running := map[string]string{"send": "envelope_sent_already", "complete": "envelope_ended"}
	for status, want := range map[envelope.Status]map[string]string{
		envelope.Draft: unsent, envelope.Sent: running, envelope.Completed: ended,
		envelope.Declined: ended, envelope.Voided: ended, envelope.Expired: ended,
	} {
		e := in(t, status)
		if e.Status != status {
			t.Fatalf("it is %s, want %s", e.Status, status)
		}
		for name, verb := range verbs {
			if got := code(verb(e)); got != want[name] {
				t.Errorf("%s when %s is answered %q, want %q", name, status, got, want[name])
			}
		}
		if c := e.Ring(at); !c.Empty() {
			t.Errorf("ringing when %s did %v", status, events(c))
		}
	}
}

func TestWhatAChangeTells(t *testing.T) {
	quorum := sent(t, committee())
	both := records(t, sent(t, draft(signer("ann", 1), signer("bob", 1), recipient("eve", envelope.CC, 1))), signs("ann"), signs("bob"))
	for name, tt := range map[string]struct {
		do      func() (envelope.Change, error)
		letters []string
		events  []string
	}{
		"sending": {
			func() (envelope.Change, error) { return committee().Send(sender, desk, noon) },
			[]string{"invitation ann", "invitation bob", "invitation cat"},
			[]string{"envelope.sent", "recipient.released ann", "recipient.released bob", "recipient.released cat"},
		},
		"looking": {
			func() (envelope.Change, error) {
				return quorum.Record(envelope.Act{ID: "a", Recipient: "ann", Kind: envelope.View}, noon.Add(time.Hour))
			},
			nil, []string{"recipient.viewed ann"},
		},
		"the signature that makes the quorum": {
			func() (envelope.Change, error) {
				return records(t, quorum, signs("ann")).Record(signs("bob"), noon.Add(time.Hour))
			},
			[]string{"invitation dan"},
			[]string{"recipient.viewed bob", "recipient.signed bob", "recipient.excused cat", "recipient.released dan", "recipient.released eve"},
		},
		"delegating": {
			func() (envelope.Change, error) { return quorum.Record(delegates("ann", "zoe"), noon.Add(time.Hour)) },
			[]string{"invitation zoe"}, []string{"recipient.delegated ann", "recipient.released zoe"},
		},
		"declining what others can still finish": {
			func() (envelope.Change, error) { return quorum.Record(declines("ann"), noon.Add(time.Hour)) },
			nil, []string{"recipient.declined ann"},
		},
		"declining for all": {
			func() (envelope.Change, error) {
				return in(t, envelope.Sent).Record(declines("ann"), noon.Add(time.Hour))
			},
			[]string{"declined ann", "declined sender"}, []string{"recipient.declined ann", "envelope.declined"},
		},
		"completing": {
			func() (envelope.Change, error) { return both.Complete(noon.Add(day)) },
			[]string{"completion ann", "completion bob", "copy eve", "completion sender"},
			[]string{"envelope.completed", "document.downloadable"},
		},
		"voiding tells those who were written to": {
			func() (envelope.Change, error) {
				return in(t, envelope.Sent).Void(envelope.Void{ID: "v", By: sender, Reason: "wrong file"}, noon.Add(day))
			},
			[]string{"voided ann", "voided sender"}, []string{"envelope.voided"},
		},
		"correcting somebody who was asked": {
			func() (envelope.Change, error) {
				return in(t, envelope.Sent).Correct(envelope.Correction{ID: "c", By: sender, Recipient: "ann", Person: person("anna")}, noon.Add(day))
			},
			[]string{"invitation ann"}, []string{"recipient.corrected ann"},
		},
		"correcting somebody who waits": {
			func() (envelope.Change, error) {
				return in(t, envelope.Sent).Correct(envelope.Correction{ID: "c", By: sender, Recipient: "bob", Person: person("rob")}, noon.Add(day))
			},
			nil, []string{"recipient.corrected bob"},
		},
		"a letter that comes back": {
			func() (envelope.Change, error) { return quorum.Bounce(bounces("ann"), noon.Add(time.Hour)) },
			[]string{"bounced sender"}, []string{"recipient.bounced ann"},
		},
		"sending again to all who are asked": {
			func() (envelope.Change, error) {
				return records(t, quorum, signs("ann")).Resend(envelope.Resending{ID: "r", By: sender}, noon.Add(day))
			},
			[]string{"invitation bob", "invitation cat"}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := tt.do()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.letters, letters(c)); diff != "" {
				t.Errorf("letters: %s", diff)
			}
			if diff := cmp.Diff(tt.events, events(c)); diff != "" {
				t.Errorf("events: %s", diff)
			}
			if len(c.Evidence) == 0 {
				t.Error("nothing was noted as evidence")
			}
		})
	}
}

func TestWhatASenderMayNotChange(t *testing.T) {
	signed := records(t, in(t, envelope.Sent), signs("ann"))
	at := noon.Add(day)
	for name, tt := range map[string]struct {
		who  string
		to   envelope.Person
		want string
	}{
		"a stranger":                           {"mallory", person("anna"), "recipient_missing"},
		"somebody who has signed":              {"ann", person("anna"), "acted_already"},
		"an address that is none":              {"bob", envelope.Person{Name: "Bob", Email: "bob"}, "email_invalid"},
		"a name that is none":                  {"bob", envelope.Person{Name: " ", Email: "bob@example.org"}, "name_missing"},
		"the spelling of a name":               {"bob", envelope.Person{Name: "Robert", Email: "bob@example.org"}, ""},
		"the address of one in another step":   {"bob", person("ann"), ""},
		"an address with a line break hidden":  {"bob", envelope.Person{Name: "Bob", Email: "bob@example.org\r\nBcc: x@example.org"}, "email_invalid"},
		"a name that would read from the back": {"bob", envelope.Person{Name: "Bob \u202egro.elpmaxe", Email: "bob@example.org"}, "control_character"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := signed.Correct(envelope.Correction{ID: "c", By: sender, Recipient: tt.who, Person: tt.to}, at)
			if got := code(err); got != tt.want {
				t.Errorf("answered %q, want %q", got, tt.want)
			}
		})
	}
	if _, err := signed.Resend(envelope.Resending{ID: "r", Recipient: "ann"}, at); code(err) != "acted_already" {
		t.Errorf("resending to who has signed is answered %v", err)
	}
	if _, err := in(t, envelope.Sent).Resend(envelope.Resending{ID: "r", Recipient: "bob"}, at); code(err) != "nobody_asked" {
		t.Errorf("resending to who waits is answered %v", err)
	}
	done := records(t, signed, signs("bob"))
	if _, err := done.Resend(envelope.Resending{ID: "r"}, at); code(err) != "nobody_asked" {
		t.Errorf("resending when all have signed is answered %v", err)
	}
	if _, err := sent(t, committee()).Correct(envelope.Correction{ID: "c", Recipient: "ann", Person: person("Bob")}, at); code(err) != "recipient_twice_in_step" {
		t.Errorf("giving two of a step the same address is answered %v", err)
	}
}

func TestNobodyActsAfterTheDeadlineEvenIfTheAlarmIsLate(t *testing.T) {
	e := in(t, envelope.Sent)
	if _, err := e.Record(signs("ann"), noon.Add(30*day-time.Millisecond)); err != nil {
		t.Errorf("just in time is answered %v", err)
	}
	if _, err := e.Record(signs("ann"), noon.Add(30*day)); code(err) != "envelope_ended" {
		t.Errorf("too late is answered %v", err)
	}
}

func TestLookingAgainIsNoNews(t *testing.T) {
	e := sent(t, draft(signer("ann", 1), recipient("vic", envelope.Viewer, 1)))
	for _, who := range []string{"ann", "vic"} {
		look := envelope.Act{ID: "look_" + who, Recipient: who, Kind: envelope.View}
		first, err := e.Record(look, noon.Add(time.Hour))
		if err != nil || first.Empty() {
			t.Fatalf("the first look of %s is no news: %v", who, err)
		}
		if again, err := first.After.Record(look, noon.Add(2*time.Hour)); err != nil || !again.Empty() {
			t.Errorf("the second look of %s changes %v, %v", who, again.Touched, err)
		}
	}
}

func TestTheEvidenceSaysWhoFromWhereAndWhy(t *testing.T) {
	away := envelope.Origin{Address: "198.51.100.9", Device: "phone"}
	void, err := in(t, envelope.Sent).Void(envelope.Void{ID: "v", By: sender, Reason: "wrong file", Origin: away}, noon.Add(day))
	if err != nil {
		t.Fatal(err)
	}
	want := envelope.Evidence{Kind: envelope.NotedEnded, By: sender, Origin: away, Detail: map[string]string{"status": "voided", "reason": "wrong file"}}
	if diff := cmp.Diff([]envelope.Evidence{want}, void.Evidence); diff != "" {
		t.Error(diff)
	}
	hand, err := in(t, envelope.Sent).Record(delegates("ann", "zoe"), noon.Add(day))
	if err != nil {
		t.Fatal(err)
	}
	line := hand.Evidence[0]
	if line.By.Person != person("ann") || line.Origin != desk || line.Detail["email"] != "zoe@example.org" {
		t.Errorf("the evidence of a delegation is %+v", line)
	}
}

func TestIdsOfEventsAndLettersAreMadeOfTheirChange(t *testing.T) {
	once, _ := committee().Send(sender, desk, noon)
	twice, _ := committee().Send(sender, desk, noon.Add(time.Minute))
	for i := range once.Events {
		if once.Events[i].ID != twice.Events[i].ID || !strings.HasPrefix(once.Events[i].ID, "evt_1_") {
			t.Errorf("event %d is %s, then %s", i, once.Events[i].ID, twice.Events[i].ID)
		}
	}
	var ids []string
	for i := range once.Letters {
		if once.Letters[i] != twice.Letters[i] || slices.Contains(ids, once.Letters[i].ID) {
			t.Errorf("letter %d is %v, then %v", i, once.Letters[i], twice.Letters[i])
		}
		ids = append(ids, once.Letters[i].ID)
	}
}

func TestTimesAreUTCAndWholeMilliseconds(t *testing.T) {
	paris := time.FixedZone("Paris", 3600)
	c, err := committee().Send(sender, desk, noon.In(paris).Add(1234567*time.Nanosecond))
	if err != nil || c.At.Location() != time.UTC || c.At.Nanosecond()%1e6 != 0 {
		t.Errorf("sent at %s, %v", c.At, err)
	}
}

func TestAnAnswerSaysSinceWhen(t *testing.T) {
	e := records(t, in(t, envelope.Sent), signs("ann"))
	if got := e.Answer("ann"); got.Recipient != envelope.Signed || got.Envelope != envelope.Sent || !got.At.Equal(noon.Add(time.Hour)) {
		t.Errorf("ann is told %+v", got)
	}
	if got := e.Answer("nobody"); got.Recipient != "" || got.Envelope != envelope.Sent {
		t.Errorf("nobody is told %+v", got)
	}
}
