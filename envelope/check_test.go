package envelope_test

import (
	"fmt"
	"math"
	"net/mail"
	"strings"
	"testing"
	"time"

	"chancery/envelope"
)

func form() envelope.Envelope {
	e := draft(signer("ann", 1), signer("bob", 1), recipient("app", envelope.Approver, 2))
	e.Fields = []envelope.Field{
		{ID: "sig", Recipient: "ann", Document: "doc_1", Kind: envelope.SignatureField, Page: 1, X: 10, Y: 10, Width: 100, Height: 40},
		{ID: "city", Recipient: "ann", Document: "doc_1", Kind: envelope.TextField, Page: 1, X: 10, Y: 60, Width: 100, Height: 20},
		{ID: "day", Recipient: "ann", Document: "doc_1", Kind: envelope.DateField, Page: 1, X: 10, Y: 90, Width: 100, Height: 20, Optional: true},
		{ID: "ok", Recipient: "ann", Document: "doc_1", Kind: envelope.CheckboxField, Page: 1, X: 10, Y: 120, Width: 20, Height: 20, Optional: true},
		{ID: "other", Recipient: "bob", Document: "doc_1", Kind: envelope.TextField, Page: 1, X: 10, Y: 150, Width: 100, Height: 20},
	}
	return e
}

func TestWhatADraftMayNotBe(t *testing.T) {
	if err := form().CheckSend(); err != nil {
		t.Fatalf("the form itself is refused: %v", err)
	}
	many := func(n int) []envelope.Recipient {
		var all []envelope.Recipient
		for i := range n {
			all = append(all, signer(fmt.Sprintf("r%d", i), 1))
		}
		return all
	}
	for name, tt := range map[string]struct {
		spoil func(*envelope.Envelope)
		code  string
		field string
	}{
		"with 101 recipients":             {func(e *envelope.Envelope) { e.Recipients = many(101) }, "too_many_recipients", "recipients"},
		"with 11 documents":               {func(e *envelope.Envelope) { e.Documents = make([]envelope.Document, 11) }, "too_many_documents", "documents"},
		"with 1001 fields":                {func(e *envelope.Envelope) { e.Fields = make([]envelope.Field, 1001) }, "too_many_fields", "fields"},
		"without a document":              {func(e *envelope.Envelope) { e.Documents = nil }, "document_missing", "documents"},
		"without a signer":                {func(e *envelope.Envelope) { e.Recipients, e.Fields = e.Recipients[2:], nil }, "signer_missing", "recipients"},
		"without a title":                 {func(e *envelope.Envelope) { e.Title = " \u00a0" }, "title_missing", "title"},
		"with a title of two lines":       {func(e *envelope.Envelope) { e.Title = "Lease\r\nBcc: x@example.org" }, "control_character", "title"},
		"with a title that is too long":   {func(e *envelope.Envelope) { e.Title = strings.Repeat("ü", 201) }, "text_too_long", "title"},
		"with a message that is too long": {func(e *envelope.Envelope) { e.Message = strings.Repeat("a", 5001) }, "text_too_long", "message"},
		"with a zero byte in the message": {func(e *envelope.Envelope) { e.Message = "a\x00b" }, "control_character", "message"},
		"with 11 tags":                    {func(e *envelope.Envelope) { e.Tags = strings.Split("a b c d e f g h i j k", " ") }, "too_many_tags", "tags"},
		"with a tag that is empty":        {func(e *envelope.Envelope) { e.Tags = []string{"a", " \u00a0"} }, "tag_empty", "tags[1]"},
		"with a tag that is too long":     {func(e *envelope.Envelope) { e.Tags = []string{strings.Repeat("ü", 51)} }, "text_too_long", "tags[0]"},
		"with a tag of two lines":         {func(e *envelope.Envelope) { e.Tags = []string{"a", "b\nc"} }, "control_character", "tags[1]"},
		"with a nameless recipient":       {func(e *envelope.Envelope) { e.Recipients[1].Person.Name = "" }, "name_missing", "recipients[1].name"},
		"without an address":              {func(e *envelope.Envelope) { e.Recipients[1].Person.Email = "" }, "email_missing", "recipients[1].email"},
		"with a name in the address":      {func(e *envelope.Envelope) { e.Recipients[1].Person.Email = "Bob <bob@example.org>" }, "email_invalid", "recipients[1].email"},
		"with two addresses":              {func(e *envelope.Envelope) { e.Recipients[1].Person.Email = "a@example.org, b@example.org" }, "email_invalid", "recipients[1].email"},
		"with an endless address":         {func(e *envelope.Envelope) { e.Recipients[1].Person.Email = strings.Repeat("a", 250) + "@example.org" }, "email_invalid", "recipients[1].email"},
		"with an unknown role":            {func(e *envelope.Envelope) { e.Recipients[1].Role = "boss" }, "role_unknown", "recipients[1].role"},
		"with a step 0":                   {func(e *envelope.Envelope) { e.Recipients[1].Step = 0 }, "step_out_of_range", "recipients[1].step"},
		"with a step 101":                 {func(e *envelope.Envelope) { e.Recipients[1].Step = 101 }, "step_out_of_range", "recipients[1].step"},
		"with an unknown zone":            {func(e *envelope.Envelope) { e.Recipients[1].Zone = "Europe/Atlantis" }, "zone_unknown", "recipients[1].zone"},
		"with the zone of this machine":   {func(e *envelope.Envelope) { e.Recipients[1].Zone = "Local" }, "zone_unknown", "recipients[1].zone"},
		"with a zone outside its folder":  {func(e *envelope.Envelope) { e.Recipients[1].Zone = "../etc/passwd" }, "zone_unknown", "recipients[1].zone"},
		"with one address twice in a step": {func(e *envelope.Envelope) { e.Recipients[1].Person.Email = "ANN@example.org" },
			"recipient_twice_in_step", "recipients[1].email"},
		"with a quorum of nobody":            {func(e *envelope.Envelope) { e.Quorums = []envelope.Quorum{{Step: 7, Need: 1}} }, "quorum_without_step", "quorums[0].step"},
		"with a quorum of none":              {func(e *envelope.Envelope) { e.Quorums = []envelope.Quorum{{Step: 1, Need: 0}} }, "quorum_out_of_range", "quorums[0].need"},
		"with a quorum of more than all":     {func(e *envelope.Envelope) { e.Quorums = []envelope.Quorum{{Step: 1, Need: 3}} }, "quorum_out_of_range", "quorums[0].need"},
		"with two quorums for a step":        {func(e *envelope.Envelope) { e.Quorums = []envelope.Quorum{{Step: 1, Need: 1}, {Step: 1, Need: 2}} }, "quorum_twice", "quorums[1].step"},
		"with a field of a stranger":         {func(e *envelope.Envelope) { e.Fields[1].Recipient = "mallory" }, "field_recipient_unknown", "fields[1].recipient"},
		"with a field of an approver":        {func(e *envelope.Envelope) { e.Fields[1].Recipient = "app" }, "field_recipient_signs_not", "fields[1].recipient"},
		"with a field in another document":   {func(e *envelope.Envelope) { e.Fields[1].Document = "doc_2" }, "field_document_unknown", "fields[1].document"},
		"with a field of an unknown kind":    {func(e *envelope.Envelope) { e.Fields[1].Kind = "stamp" }, "field_kind_unknown", "fields[1].kind"},
		"with a field on page 0":             {func(e *envelope.Envelope) { e.Fields[1].Page = 0 }, "field_outside_page", "fields[1].page"},
		"with a field on a page too many":    {func(e *envelope.Envelope) { e.Fields[1].Page = 2 }, "field_outside_page", "fields[1].page"},
		"with a field over the edge":         {func(e *envelope.Envelope) { e.Fields[1].X = 500 }, "field_outside_page", "fields[1].page"},
		"with a field before the edge":       {func(e *envelope.Envelope) { e.Fields[1].Y = -1 }, "field_outside_page", "fields[1].page"},
		"with a field too small for fingers": {func(e *envelope.Envelope) { e.Fields[1].Height = 5 }, "field_outside_page", "fields[1].page"},
		"with a field that is nowhere":       {func(e *envelope.Envelope) { e.Fields[1].X = math.NaN() }, "field_outside_page", "fields[1].page"},
		"with a field that is endless":       {func(e *envelope.Envelope) { e.Fields[1].Width = math.Inf(1) }, "field_outside_page", "fields[1].page"},
		"with a long value in a field":       {func(e *envelope.Envelope) { e.Fields[1].Value = strings.Repeat("a", 2001) }, "field_value_too_long", "fields[1].value"},
		"with a zero byte in a field":        {func(e *envelope.Envelope) { e.Fields[1].Value = "a\x00" }, "control_character", "fields[1].value"},
		"with a label of two lines":          {func(e *envelope.Envelope) { e.Fields[1].Label = "a\nb" }, "control_character", "fields[1].label"},
		"with reminders at once":             {func(e *envelope.Envelope) { e.Pace = envelope.Pace{First: time.Second, Most: 1} }, "reminders_invalid", "reminders.first_after"},
		"with reminders after centuries":     {func(e *envelope.Envelope) { e.Pace = envelope.Pace{First: 100 * 365 * day, Most: 1} }, "reminders_invalid", "reminders.first_after"},
		"with reminders every second":        {func(e *envelope.Envelope) { e.Pace = envelope.Pace{First: day, Every: time.Second, Most: 1} }, "reminders_invalid", "reminders.every"},
		"with reminders every century":       {func(e *envelope.Envelope) { e.Pace = envelope.Pace{First: day, Every: 100 * 365 * day, Most: 9} }, "reminders_invalid", "reminders.every"},
		"with 31 reminders":                  {func(e *envelope.Envelope) { e.Pace = envelope.Pace{First: day, Every: day, Most: 31} }, "reminders_invalid", "reminders.at_most"},
		"with a time but no reminders":       {func(e *envelope.Envelope) { e.Pace = envelope.Pace{First: day} }, "reminders_invalid", "reminders.at_most"},
		"with no time at all":                {func(e *envelope.Envelope) { e.Lifetime = 0 }, "lifetime_out_of_range", "expires_after"},
		"with more than a year":              {func(e *envelope.Envelope) { e.Lifetime = 367 * day }, "lifetime_out_of_range", "expires_after"},
	} {
		t.Run(name, func(t *testing.T) {
			e := form()
			tt.spoil(&e)
			err := e.CheckSend()
			if code(err) != tt.code || field(err) != tt.field {
				t.Errorf("answered %q at %q, want %q at %q", code(err), field(err), tt.code, tt.field)
			}
			if _, sendErr := e.Send(sender, desk, noon); code(sendErr) != tt.code {
				t.Errorf("sending it is answered %v", sendErr)
			}
		})
	}
}

func TestADraftMayBeIncomplete(t *testing.T) {
	if err := draft().Check(); err != nil {
		t.Errorf("a draft with nobody in it is refused: %v", err)
	}
	lines := form()
	lines.Message = "Dear all,\r\n\tplease sign.\n"
	if err := lines.Check(); err != nil {
		t.Errorf("a message of several lines is refused: %v", err)
	}
}

func TestWhatASignerMustFill(t *testing.T) {
	whole := func() envelope.Act {
		a := signs("ann")
		a.Values = map[string]string{"city": "Köln", "day": "2026-03-02", "ok": "yes"}
		return a
	}
	dots := func(n int) []envelope.Point { return make([]envelope.Point, n) }
	for name, tt := range map[string]struct {
		spoil func(*envelope.Act)
		code  string
		field string
	}{
		"everything":                       {func(*envelope.Act) {}, "", ""},
		"optional fields left empty":       {func(a *envelope.Act) { delete(a.Values, "day"); delete(a.Values, "ok") }, "", ""},
		"lines in a text":                  {func(a *envelope.Act) { a.Values["city"] = "Köln\nMitte" }, "", ""},
		"a required field left empty":      {func(a *envelope.Act) { delete(a.Values, "city") }, "field_required", "values.city"},
		"somebody else's field":            {func(a *envelope.Act) { a.Values["other"] = "mine" }, "field_not_yours", "values"},
		"a field there is not":             {func(a *envelope.Act) { a.Values["nowhere"] = "x" }, "field_not_yours", "values"},
		"a date that is none":              {func(a *envelope.Act) { a.Values["day"] = "02.03.2026" }, "field_value_invalid", "values.day"},
		"a day there was not":              {func(a *envelope.Act) { a.Values["day"] = "2026-02-30" }, "field_value_invalid", "values.day"},
		"half a tick":                      {func(a *envelope.Act) { a.Values["ok"] = "maybe" }, "field_value_invalid", "values.ok"},
		"a text that is too long":          {func(a *envelope.Act) { a.Values["city"] = strings.Repeat("a", 2001) }, "field_value_too_long", "values.city"},
		"a zero byte":                      {func(a *envelope.Act) { a.Values["city"] = "a\x00" }, "control_character", "values.city"},
		"no signature":                     {func(a *envelope.Act) { a.Ink = envelope.Ink{} }, "signature_missing", "ink"},
		"a drawn one":                      {func(a *envelope.Act) { a.Ink = envelope.Ink{Strokes: [][]envelope.Point{{{X: 0, Y: 1}}}} }, "", ""},
		"a drawn one that leaves its box":  {func(a *envelope.Act) { a.Ink = envelope.Ink{Strokes: [][]envelope.Point{{{X: 1.1}}}} }, "signature_invalid", "ink.strokes"},
		"a drawn one that is nowhere":      {func(a *envelope.Act) { a.Ink = envelope.Ink{Strokes: [][]envelope.Point{{{X: math.NaN()}}}} }, "signature_invalid", "ink.strokes"},
		"a drawn one with too many lines":  {func(a *envelope.Act) { a.Ink = envelope.Ink{Strokes: make([][]envelope.Point, 401)} }, "signature_too_large", "ink"},
		"a drawn one with too many points": {func(a *envelope.Act) { a.Ink = envelope.Ink{Strokes: [][]envelope.Point{dots(4000), dots(4001)}} }, "signature_too_large", "ink"},
		"a hand that nobody has":           {func(a *envelope.Act) { a.Ink.Face = "gothic" }, "signature_face_unknown", "ink.face"},
		"a typed one that is too long":     {func(a *envelope.Act) { a.Ink.Typed = strings.Repeat("a", 201) }, "text_too_long", "ink.typed"},
		"a typed one of two lines":         {func(a *envelope.Act) { a.Ink.Typed = "Ann\nAmann" }, "control_character", "ink.typed"},
	} {
		t.Run(name, func(t *testing.T) {
			act := whole()
			tt.spoil(&act)
			_, err := sent(t, form()).Record(act, noon.Add(time.Hour))
			if code(err) != tt.code || field(err) != tt.field {
				t.Errorf("answered %q at %q, want %q at %q", code(err), field(err), tt.code, tt.field)
			}
		})
	}
}

func TestWhatADeclineAndADelegationNeed(t *testing.T) {
	e := sent(t, draft(signer("ann", 1), signer("bob", 1), signer("cat", 2)))
	decline := func(reason string) envelope.Act { a := declines("ann"); a.Reason = reason; return a }
	to := func(p envelope.Person) envelope.Act { a := delegates("ann", "zoe"); a.Delegate = p; return a }
	idle := delegates("ann", "zoe")
	idle.Reason = strings.Repeat("a", 1001)
	for name, tt := range map[string]struct {
		act  envelope.Act
		want string
	}{
		"a decline without a reason":                    {decline(""), "reason_missing"},
		"a decline with an endless reason":              {decline(strings.Repeat("ü", 1001)), "reason_too_long"},
		"a decline with a long reason":                  {decline(strings.Repeat("ü", 1000)), ""},
		"a decline with a zero byte":                    {decline("no\x00"), "control_character"},
		"a delegation to oneself":                       {to(person("Ann")), "delegate_to_self"},
		"a delegation to nobody":                        {to(envelope.Person{}), "name_missing"},
		"a delegation to no address":                    {to(envelope.Person{Name: "Zoe", Email: "zoe"}), "email_invalid"},
		"a delegation to one who is asked beside":       {to(person("BOB")), "recipient_twice_in_step"},
		"a delegation to one who is asked in time":      {to(person("cat")), ""},
		"a delegation with an endless reason":           {idle, "reason_too_long"},
		"a delegation to one who has handed it on back": {to(person("zoe")), ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := e.Record(tt.act, noon.Add(time.Hour))
			if got := code(err); got != tt.want {
				t.Errorf("answered %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDelegatingHasAnEnd(t *testing.T) {
	e := sent(t, draft(signer("r0", 1)))
	for i := range envelope.MaxPeople + 1 {
		a := delegates(fmt.Sprintf("r%d", i), fmt.Sprintf("r%d", i+1))
		c, err := e.Record(a, noon.Add(time.Hour))
		if len(e.Recipients) == envelope.MaxPeople {
			if code(err) != "too_many_recipients" {
				t.Errorf("with %d people it is answered %v", len(e.Recipients), err)
			}
			return
		}
		e = after(t, c, err)
	}
	t.Error("it has no end")
}

func FuzzAPersonCannotStartAHeaderLine(f *testing.F) {
	f.Add("Ann", "ann@example.org")
	f.Add("Ann\r\nBcc: x", "ann@example.org")
	f.Add("Ann", "\"a\r\nb\"@example.org")
	f.Add("Ann", "ann@[127.0.0.1]")
	f.Add("Ann", "ännchen@exämple.org")
	f.Fuzz(func(t *testing.T, name, email string) {
		e := draft(signer("ann", 1))
		e.Recipients[0].Person = envelope.Person{Name: name, Email: email}
		if e.Check() != nil {
			return
		}
		if strings.ContainsAny(name+email, "\r\n\x00") {
			t.Errorf("%q <%q> was taken", name, email)
		}
		back, err := mail.ParseAddress((&mail.Address{Name: name, Address: email}).String())
		if err != nil || back.Address != email {
			t.Errorf("%q <%q> is written so that it reads %v, %v", name, email, back, err)
		}
	})
}
