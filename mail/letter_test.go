package mail_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jhillyerd/enmime/v2"

	"chancery/mail"
	"chancery/problem"
)

var golden = flag.Bool("golden", false, "write testdata/*.eml anew, to be read by eye")

func stationery(t testing.TB) *mail.Stationery {
	t.Helper()
	s, err := mail.NewStationery(mail.House{Name: "Chancery", Email: "sign@hub.example"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// letter is a complete letter of the kind, with everything a kind can use.
func letter(kind mail.Kind) mail.Letter {
	l := mail.Letter{
		ID: "ltr_01J5-" + string(kind), Kind: kind,
		Date:   time.Date(2026, 8, 3, 9, 30, 0, 0, time.UTC),
		To:     mail.Address{Name: "Jürgen Größe", Email: "juergen@firma.example"},
		Sender: mail.Sender{Name: "Ann Example", Organisation: "Example GmbH", Email: "ann@example.com"},
		Title:  "Rental agreement – Flat 3 & garage",
		Link:   "https://hub.example/s/v1.sign.1786000000.rcp_1.5f1d0c7a9be24d0b9f0a7c6b",
		Zone:   "Europe/Berlin",
	}
	switch kind {
	case mail.Invitation, mail.Reminder, mail.Delegated:
		l.Action = mail.Sign
		l.Deadline = time.Date(2026, 8, 17, 15, 0, 0, 0, time.UTC)
		l.Note = "Hello Jürgen,\n\nplease sign by the end of the week.\nThe keys are <with me> & the caretaker."
	case mail.Declined, mail.Voided:
		l.Who, l.Reason = "Bob Brown", "The rent in § 4 is wrong.\nWe agreed on 900 €."
	case mail.Expired:
		l.Deadline = time.Date(2026, 8, 17, 15, 0, 0, 0, time.UTC)
	}
	if kind == mail.Bounced {
		l.Who, l.Returned = "Bob Brown", mail.Returned{Email: "bob@firma.example", Why: "5.1.1 There is no such mailbox at that address."}
	}
	if kind == mail.Delegated {
		l.Who, l.Reason = "Bob Brown", "I am on holiday."
	}
	return l
}

var everyKind = []mail.Kind{mail.Invitation, mail.Reminder, mail.Delegated, mail.Completion,
	mail.Copy, mail.Declined, mail.Voided, mail.Expired, mail.Bounced}

func render(t testing.TB, l mail.Letter) []byte {
	t.Helper()
	message, err := stationery(t).Render(l)
	if err != nil {
		t.Fatal(err)
	}
	return message
}

func open(t testing.TB, message []byte) *enmime.Envelope {
	t.Helper()
	read, err := enmime.ReadEnvelope(bytes.NewReader(message))
	if err != nil || len(read.Errors) > 0 {
		t.Fatal(err, read.Errors)
	}
	return read
}

func TestEveryKindOfLetterIsTheOneWeHaveRead(t *testing.T) {
	for _, kind := range everyKind {
		got, file := render(t, letter(kind)), filepath.Join("testdata", string(kind)+".eml")
		if *golden {
			if err := os.WriteFile(file, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from %s (%v):\n%s", kind, file, err, got)
		}
	}
}

func TestTheSameLetterIsTheSameBytes(t *testing.T) {
	first := render(t, letter(mail.Invitation))
	for range 10 {
		if !bytes.Equal(first, render(t, letter(mail.Invitation))) {
			t.Fatal("a repeat differs")
		}
	}
}

func TestHeadersAndBothHalvesArriveInAnyScript(t *testing.T) {
	for name, l := range map[string]mail.Letter{
		"German":   {To: mail.Address{Name: "Jürgen Größe"}, Title: "Mietvertrag für „Haus 3“"},
		"Greek":    {To: mail.Address{Name: "Ελένη Παπαδοπούλου"}, Title: "Σύμβαση"},
		"Arabic":   {To: mail.Address{Name: "ليلى الهاشمي"}, Title: "عقد إيجار"},
		"Japanese": {To: mail.Address{Name: "山田 太郎"}, Title: "賃貸借契約書"},
		"emoji":    {To: mail.Address{Name: "Zoë 👩🏽‍🚀"}, Title: strings.Repeat("🏠", 100)},
		"quotes":   {To: mail.Address{Name: `"Bob" <bob>, \ (x)`}, Title: `a "b" <c>; =20 .`},
	} {
		full := letter(mail.Invitation)
		full.To.Name, full.Title = l.To.Name, l.Title
		message := render(t, full)
		read := open(t, message)
		to, err := read.AddressList("To")
		if err != nil || to[0].Name != l.To.Name || to[0].Address != full.To.Email {
			t.Errorf("%s: To is %+v, %v", name, to, err)
		}
		if got := read.GetHeader("Subject"); got != "Please sign: "+l.Title {
			t.Errorf("%s: Subject is %q", name, got)
		}
		if !strings.Contains(read.Text, l.Title) || !strings.Contains(read.Text, l.To.Name) {
			t.Errorf("%s: the text lacks the title or the name", name)
		}
		wellFormed(t, name, message)
	}
}

// wellFormed holds every message to RFC 5322 §2.1.1 and §2.3, and to 7 bits.
func wellFormed(t *testing.T, name string, message []byte) {
	t.Helper()
	for _, line := range bytes.Split(message, []byte("\r\n")) {
		if len(line) > 200 || bytes.ContainsAny(line, "\r\n\x00") {
			t.Errorf("%s: bad line %q", name, line)
		}
	}
	for _, b := range message {
		if b > 126 {
			t.Fatalf("%s: the byte %#x is not 7 bit", name, b)
		}
	}
}

func TestWhatALetterCarries(t *testing.T) {
	read := open(t, render(t, letter(mail.Invitation)))
	for header, want := range map[string]string{
		"Message-ID":     "<ltr_01J5-invitation@hub.example>",
		"Auto-Submitted": "auto-generated",
		"Date":           "Mon, 03 Aug 2026 09:30:00 +0000",
		"Reply-To":       `"Ann Example" <ann@example.com>`,
		"From":           `"Ann Example (Example GmbH) via Chancery" <sign@hub.example>`,
	} {
		if got := read.GetHeader(header); got != want {
			t.Errorf("%s is %q", header, got)
		}
	}
	for _, half := range []string{read.Text, read.HTML} {
		for _, want := range []string{"https://hub.example/s/v1.sign", "Monday, 17 August 2026 at 17:00 (Europe/Berlin)",
			"choose Decline", "Ann Example (Example GmbH)", "please sign by the end of the week", "do not forward"} {
			if !strings.Contains(half, want) {
				t.Errorf("%q is missing in\n%s", want, half)
			}
		}
	}
	if strings.Contains(read.HTML, "<with me>") {
		t.Error("the sender's words are not escaped")
	}
}

func TestAnUnknownZoneMeansUTC(t *testing.T) {
	for _, zone := range []string{"", "Mars/Olympus", "Local", "../../etc/passwd"} {
		l := letter(mail.Invitation)
		l.Zone = zone
		if text := open(t, render(t, l)).Text; !strings.Contains(text, "at 15:00 (UTC)") {
			t.Errorf("zone %q: %s", zone, text)
		}
	}
}

func TestATestSaysSoInSubjectAndBody(t *testing.T) {
	for _, kind := range everyKind {
		l := letter(kind)
		if plain := open(t, render(t, l)); strings.Contains(plain.GetHeader("Subject")+plain.Text+plain.HTML, "est from a sandbox") {
			t.Errorf("%s: a real letter calls itself a test", kind)
		}
		l.Test = true
		read := open(t, render(t, l))
		if !strings.HasPrefix(read.GetHeader("Subject"), "[API Test] ") ||
			!strings.Contains(read.Text, "test from a sandbox") || !strings.Contains(read.HTML, "test from a sandbox") {
			t.Errorf("%s does not say that it is a test: %s", kind, read.Text)
		}
	}
}

func TestAFullSubjectIsCutAndTheLetterIsNot(t *testing.T) {
	l := letter(mail.Completion)
	l.Title = strings.Repeat("word ", 400) + "end"
	read := open(t, render(t, l))
	if subject := read.GetHeader("Subject"); len(subject) > 150 || !strings.HasSuffix(subject, "word…") {
		t.Errorf("subject %q", subject)
	}
	if !strings.Contains(read.Text, "word end") {
		t.Error("the letter lost the end of the title")
	}
}

func TestControlCharactersAreRefusedBeforeAnythingIsSigned(t *testing.T) {
	for _, evil := range []string{"x\r\nBcc: all@example.com", "x\ny", "x\ry", "x\x00y", "x\ty", "x\x7fy", "x\u0085y", "x\u2028y", "x\u202Egnp", "x\xffy"} {
		for field, put := range map[string]func(*mail.Letter){
			"to.name":             func(l *mail.Letter) { l.To.Name = evil },
			"sender.name":         func(l *mail.Letter) { l.Sender.Name = evil },
			"sender.organisation": func(l *mail.Letter) { l.Sender.Organisation = evil },
			"title":               func(l *mail.Letter) { l.Title = evil },
			"who":                 func(l *mail.Letter) { l.Who = evil },
			"link":                func(l *mail.Letter) { l.Link += evil },
		} {
			l := letter(mail.Declined)
			put(&l)
			_, err := stationery(t).Render(l)
			if !problem.Has(err, "mail_control_character") || problem.Of(err).Field != field {
				t.Errorf("%s with %q: %v", field, evil, err)
			}
		}
	}
}

func TestOnlyAddressesThatMailCanReachAreAccepted(t *testing.T) {
	for email, want := range map[string]string{
		"bob@example.com":                       "bob@example.com",
		"bob+tag@bücher.example":                "bob+tag@xn--bcher-kva.example",
		"":                                      "",
		"bob":                                   "",
		"bob@":                                  "",
		"Bob <bob@example.com>":                 "",
		"bob@example.com, eve@example.com":      "",
		"bob@example.com\r\nBcc: x@y.z":         "",
		"bøb@example.com":                       "",
		`"a b"@example.com`:                     "",
		strings.Repeat("a", 250) + "@b.example": "",
	} {
		l := letter(mail.Copy)
		l.To.Email = email
		message, err := stationery(t).Render(l)
		if want == "" {
			if !problem.Has(err, "mail_address_invalid") {
				t.Errorf("%q: %v", email, err)
			}
		} else if err != nil || !bytes.Contains(message, []byte("<"+want+">")) {
			t.Errorf("%q: %v", email, err)
		}
	}
}

func TestAnIncompleteLetterIsNotWritten(t *testing.T) {
	for name, spoil := range map[string]func(*mail.Letter){
		"no id":             func(l *mail.Letter) { l.ID = "" },
		"an id with an at":  func(l *mail.Letter) { l.ID = "a@b" },
		"an unknown kind":   func(l *mail.Letter) { l.Kind = "birthday" },
		"no date":           func(l *mail.Letter) { l.Date = time.Time{} },
		"no title":          func(l *mail.Letter) { l.Title = " " },
		"no sender":         func(l *mail.Letter) { l.Sender = mail.Sender{} },
		"no action":         func(l *mail.Letter) { l.Action = "" },
		"no link":           func(l *mail.Letter) { l.Link = "" },
		"a link to scripts": func(l *mail.Letter) { l.Link = "javascript:alert(1)" },
	} {
		l := letter(mail.Invitation)
		spoil(&l)
		if _, err := stationery(t).Render(l); !problem.Has(err, "mail_letter_invalid") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnEncodedWordStaysWhatWasTyped(t *testing.T) {
	l := letter(mail.Invitation)
	l.Title, l.To.Name = "=?utf-8?q?Pay=20now?=", "=?utf-8?q?Your=20Bank?="
	read := open(t, render(t, l))
	to, err := read.AddressList("To")
	if err != nil || strings.Contains(read.GetHeader("Subject"), "Pay now") || strings.Contains(to[0].Name, "Your Bank") {
		t.Fatalf("%s, %v, %v", read.GetHeader("Subject"), to, err)
	}
}

func FuzzLetter(f *testing.F) {
	f.Add("Bob", "Title", "a note\n--letter-0000", "reason")
	f.Add("B\r\nBcc: x@y.z", "=?utf-8?q?=0D=0A?=", ".\r\n.\r\n", "\x00")
	f.Fuzz(func(t *testing.T, name, title, note, reason string) {
		l := letter(mail.Delegated)
		l.To.Name, l.Title, l.Note, l.Reason = name, title, note, reason
		message, err := stationery(t).Render(l)
		if err != nil {
			return
		}
		wellFormed(t, "fuzzed", message)
		read := open(t, message)
		if len(read.Root.Header) != 9 || read.Root.FirstChild.NextSibling.NextSibling != nil || len(read.Attachments) != 0 {
			t.Fatalf("somebody wrote into the structure:\n%s", message)
		}
	})
}
