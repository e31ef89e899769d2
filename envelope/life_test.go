package envelope_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"chancery/envelope"
)

// life is an envelope to which anything is done, by anybody, at any time.
type life struct {
	e        envelope.Envelope
	now      time.Time
	count    int            // of what was tried, for ids
	sequence int64          // of the last event that was told
	acted    map[string]int // final answers by recipient
	kept     map[string]envelope.Act
	changes  map[string]bool
}

func TestWhateverPeopleDoAnEnvelopeKeepsItsRules(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		l := &life{e: anyDraft(rt), now: noon, acted: map[string]int{}, kept: map[string]envelope.Act{}, changes: map[string]bool{}}
		rt.Repeat(map[string]func(*rapid.T){
			"send":    l.send,
			"act":     l.act,
			"act ":    l.act, // twice as likely as the rest
			"void":    l.void,
			"correct": l.correct,
			"resend":  l.resend,
			"bounce":  l.bounce,
			"ring":    l.ring,
			"seal":    l.seal,
			"finish":  l.finish,
			"await":   l.await,
			"":        l.check,
		})
	})
}

func anyDraft(t *rapid.T) envelope.Envelope {
	n := rapid.IntRange(1, 6).Draw(t, "recipients")
	var all []envelope.Recipient
	for i := range n {
		role := rapid.SampledFrom([]envelope.Role{envelope.Signer, envelope.Signer, envelope.Approver, envelope.Viewer, envelope.CC}).Draw(t, "role")
		all = append(all, recipient("r"+strconv.Itoa(i), role, rapid.IntRange(1, 3).Draw(t, "step")))
	}
	e := draft(all...)
	e.Pace = envelope.Pace{First: day, Every: day, Most: rapid.IntRange(1, 4).Draw(t, "most")}
	step := rapid.IntRange(1, 3).Draw(t, "quorum")
	if rapid.Bool().Draw(t, "with quorum") {
		e.Quorums = []envelope.Quorum{{Step: step, Need: rapid.IntRange(1, 3).Draw(t, "need")}}
	}
	return e
}

func (l *life) id(kind string) string {
	l.count++
	return kind + "_" + strconv.Itoa(l.count)
}

func (l *life) somebody(t *rapid.T) string {
	return rapid.SampledFrom(l.e.Recipients).Draw(t, "who").ID
}

func (l *life) send(t *rapid.T) {
	l.do(t, func(e envelope.Envelope) (envelope.Change, error) { return e.Send(sender, desk, l.now) })
}

func (l *life) void(t *rapid.T) {
	if rapid.IntRange(0, 5).Draw(t, "mercy") > 0 {
		return
	}
	id := l.id("void")
	l.do(t, func(e envelope.Envelope) (envelope.Change, error) {
		return e.Void(envelope.Void{ID: id, By: sender, Reason: "enough"}, l.now)
	})
}

func (l *life) correct(t *rapid.T) {
	w := envelope.Correction{ID: l.id("cor"), By: sender, Recipient: l.somebody(t)}
	w.Person = person(w.ID)
	l.do(t, func(e envelope.Envelope) (envelope.Change, error) { return e.Correct(w, l.now) })
}

func (l *life) resend(t *rapid.T) {
	w := envelope.Resending{ID: l.id("rsn"), By: sender}
	if rapid.Bool().Draw(t, "to one") {
		w.Recipient = l.somebody(t)
	}
	l.do(t, func(e envelope.Envelope) (envelope.Change, error) { return e.Resend(w, l.now) })
}

func (l *life) bounce(t *rapid.T) {
	b := bounces(l.somebody(t))
	b.ID, b.LinkVersion = l.id("bnc"), rapid.IntRange(1, 2).Draw(t, "version")
	b.Complaint = rapid.Bool().Draw(t, "complaint")
	l.do(t, func(e envelope.Envelope) (envelope.Change, error) { return e.Bounce(b, l.now) })
}

func (l *life) ring(t *rapid.T) {
	l.now = l.now.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour)
	l.do(t, func(e envelope.Envelope) (envelope.Change, error) { return e.Ring(l.now), nil })
}

func (l *life) seal(t *rapid.T) {
	l.do(t, func(e envelope.Envelope) (envelope.Change, error) { return e.Complete(l.now) })
}

func (l *life) finish(t *rapid.T) {
	if held := l.e.Route().Held(); len(held) > 0 {
		a := l.kept[rapid.SampledFrom(held).Draw(t, "held")]
		l.do(t, func(e envelope.Envelope) (envelope.Change, error) { return e.Finish(a, l.now) })
	}
}

func (l *life) await(t *rapid.T) {
	if l.e.Awaits == "" {
		l.do(t, func(e envelope.Envelope) (envelope.Change, error) { return e.Await(envelope.AwaitTimestamp, l.now) })
	}
}

func (l *life) act(t *rapid.T) {
	kinds := []envelope.ActKind{envelope.Sign, envelope.Approve, envelope.View, envelope.Decline, envelope.Delegate}
	a := envelope.Act{
		ID: l.id("act"), Recipient: l.somebody(t), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
		Reason: "because", Ink: envelope.Ink{Typed: "me"}, Origin: desk,
	}
	a.NewID = "to_" + a.ID
	a.Delegate = person(a.NewID)
	l.now = l.now.Add(time.Hour)
	before, _ := l.e.Recipient(a.Recipient)
	record := envelope.Envelope.Record
	if a.Kind == envelope.Sign && rapid.IntRange(0, 3).Draw(t, "away") == 0 {
		record = envelope.Envelope.Hold
	}
	if !l.do(t, func(e envelope.Envelope) (envelope.Change, error) { return record(e, a, l.now) }) {
		return
	}
	l.kept[a.Recipient] = a
	if before.Status == envelope.Released && (a.Kind != envelope.View || before.Role == envelope.Viewer) {
		l.acted[a.Recipient]++
	}
}

// do tries one verb and checks its change; it answers whether something changed.
func (l *life) do(t *rapid.T, verb func(envelope.Envelope) (envelope.Change, error)) bool {
	before := frozen(t, l.e)
	c, err := verb(l.e)
	if diff := cmp.Diff(before, frozen(t, l.e)); diff != "" {
		t.Fatalf("the verb changed what it was given:\n%s", diff)
	}
	if err != nil || c.Empty() {
		return false
	}
	if c.After.Status != l.e.Status && !l.e.Status.MayBecome(c.After.Status) {
		t.Fatalf("it went from %s to %s by %s", l.e.Status, c.After.Status, c.ID)
	}
	if l.changes[c.ID] {
		t.Fatalf("change %s was made twice", c.ID)
	}
	l.changes[c.ID] = true
	l.touched(t, c)
	for _, e := range c.Events {
		if l.sequence++; e.Sequence != l.sequence || !envelope.KnownEventType(e.Type) {
			t.Fatalf("event %s has number %d after %d", e.Type, e.Sequence, l.sequence-1)
		}
	}
	l.e = c.After
	return true
}

// touched checks that the change names exactly the recipients who differ, since the
// store writes no others.
func (l *life) touched(t *rapid.T, c envelope.Change) {
	for i, r := range c.After.Recipients {
		differs := i >= len(l.e.Recipients) || !cmp.Equal(l.e.Recipients[i], r)
		if differs && !slices.Contains(c.Touched, r.ID) {
			t.Fatalf("%s changes %s and does not say so", c.ID, r.ID)
		}
	}
}

func frozen(t *rapid.T, e envelope.Envelope) string {
	raw, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// check holds after whatever was done.
func (l *life) check(t *rapid.T) {
	for who, n := range l.acted {
		if n > 1 {
			t.Fatalf("%s answered %d times", who, n)
		}
	}
	step, running := l.e.Route().Step()
	for _, r := range l.e.Recipients {
		if l.e.Status.Final() && l.e.Status != envelope.Completed && r.Status.Open() {
			t.Fatalf("it is %s and %s is still %s", l.e.Status, r.ID, r.Status)
		}
		if l.e.Status == envelope.Completed && r.Status.Open() {
			t.Fatalf("it is completed and %s is still %s", r.ID, r.Status)
		}
		if l.e.Status.Final() && r.Status == envelope.Signing {
			t.Fatalf("it is %s and the signature of %s still waits", l.e.Status, r.ID)
		}
		if r.Status == envelope.Released && (!running || r.Step != step) {
			t.Fatalf("%s is asked in step %d while it is at step %d", r.ID, r.Step, step)
		}
		if len(r.Reminders) > 0 && (r.Status != envelope.Released || r.Bounced()) {
			t.Fatalf("%s is %s, bounced %v, and will be reminded", r.ID, r.Status, r.Bounced())
		}
	}
	l.checkSent(t)
}

func (l *life) checkSent(t *rapid.T) {
	if l.e.Status != envelope.Sent {
		return
	}
	route := l.e.Route()
	if ids := route.Turn(); len(ids) > 0 {
		t.Fatalf("it is the turn of %v and nobody has asked them", ids)
	}
	if ids := route.Excused(); len(ids) > 0 {
		t.Fatalf("%v are not needed and nobody has told them", ids)
	}
	if route.Lost() {
		t.Fatal("it can never be finished and is still open")
	}
	_, running := route.Step()
	if running && len(route.Held()) == 0 && l.e.NextAlarm().IsZero() {
		t.Fatal("it would sleep for ever")
	}
	if running && len(l.e.Outlook().Waiting)+len(route.Held()) == 0 {
		t.Fatal("it is running and waits for nobody")
	}
	if l.e.Outlook().Why == "" {
		t.Fatal("it does not say why it waits")
	}
}
