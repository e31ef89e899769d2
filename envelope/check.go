package envelope

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"chancery/problem"
)

// Limits of an envelope. They are above what people do and below what hurts.
const (
	MaxRecipients = 100
	MaxDocuments  = 10
	MaxFields     = 1000
	MaxStep       = 100
	MaxName       = 200  // characters of a name or title
	MaxEmail      = 254  // RFC 5321 §4.5.3.1.3 less the angle brackets
	MaxMessage    = 5000 // characters of the sender's message

	// MaxPeople counts delegates too: nobody can make us write to ever more addresses by delegating.
	MaxPeople = 2 * MaxRecipients
)

var (
	errNoRecipient  = problem.Missing("recipient_missing", "There is no such recipient.")
	errNotYourTurn  = problem.Conflict("not_your_turn", "It is not your turn yet. We will write to you when it is.")
	errNotNeeded    = problem.Conflict("not_needed", "Enough others have acted; nothing is needed from you any more.")
	errActedAlready = problem.Conflict("acted_already", "You have already answered.")
	errHasAnswered  = problem.Conflict("acted_already", "This recipient has already answered or is not needed any more.")
	errNobodyAsked  = problem.Conflict("nobody_asked", "Nobody there is being asked at the moment, so there is no letter to send again.")
	errTwiceInStep  = problem.Invalid("recipient_twice_in_step", "The same address is asked twice in one step.")
	errWrongAct     = problem.Denied("act_not_yours", "That answer is not one that was asked of you.")
	errValueTooLong = problem.Invalid("field_value_too_long", "A value is longer than 2000 characters.")
	errNotComplete  = problem.Conflict("envelope_not_completed", "This envelope is not complete.")
	errEnded        = problem.Conflict("envelope_ended", "This envelope has ended; nothing can be changed any more.")
	errNotSent      = problem.Conflict("envelope_not_sent", "This envelope has not been sent.")
	errSentAlready  = problem.Conflict("envelope_sent_already", "This envelope has already been sent.")
)

// Check says whether a draft holds together. A draft may still be incomplete: CheckSend says what is missing.
func (e Envelope) Check() error {
	switch {
	case len(e.Recipients) > MaxRecipients:
		return problem.TooLarge("too_many_recipients", "An envelope has at most 100 recipients.").At("recipients")
	case len(e.Documents) > MaxDocuments:
		return problem.TooLarge("too_many_documents", "An envelope has at most 10 documents.").At("documents")
	case len(e.Fields) > MaxFields:
		return problem.TooLarge("too_many_fields", "An envelope has at most 1000 fields.").At("fields")
	}
	checks := []func() error{e.checkWords, e.checkTags, e.checkRecipients, e.checkQuorums, e.checkFields, e.Pace.check, e.checkLifetime}
	for _, check := range checks {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// CheckSend says whether the draft can be sent.
func (e Envelope) CheckSend() error {
	if e.Status != Draft {
		return errSentAlready
	}
	if len(e.Documents) == 0 {
		return problem.Invalid("document_missing", "An envelope needs a document before it is sent.").At("documents")
	}
	for _, r := range e.Recipients {
		if r.Role == Signer {
			return e.Check()
		}
	}
	return problem.Invalid("signer_missing", "An envelope needs a signer before it is sent.").At("recipients")
}

func (e Envelope) checkWords() error {
	if err := checkLine(e.Title, MaxName, "title"); err != nil {
		return err
	}
	if strings.TrimSpace(e.Title) == "" {
		return problem.Invalid("title_missing", "An envelope needs a title.").At("title")
	}
	if len([]rune(e.Message)) > MaxMessage {
		return problem.Invalid("text_too_long", "The message is longer than 5000 characters.").At("message")
	}
	return checkText(e.Message, "message")
}

func (e Envelope) checkTags() error {
	_, err := ReadTags(e.Tags)
	return err
}

func (e Envelope) checkRecipients() error {
	for i, r := range e.Recipients {
		at := fmt.Sprintf("recipients[%d]", i)
		if err := checkPerson(r.Person, at); err != nil {
			return err
		}
		if !r.Role.Valid() {
			return problem.Invalid("role_unknown", "A role is signer, approver, viewer or cc.").At("%s.role", at)
		}
		if r.Step < 1 || r.Step > MaxStep {
			return problem.Invalid("step_out_of_range", "A step is a number from 1 to 100.").At("%s.step", at)
		}
		// "Local" would be another zone on every machine.
		if _, err := time.LoadLocation(r.Zone); err != nil || r.Zone == "Local" {
			return problem.Invalid("zone_unknown", "A time zone is a name such as Europe/Paris.").At("%s.zone", at)
		}
		for _, other := range e.Recipients[:i] {
			if other.Step == r.Step && strings.EqualFold(other.Person.Email, r.Person.Email) {
				return errTwiceInStep.At("%s.email", at)
			}
		}
	}
	return nil
}

// askedBeside tells whether somebody else in the recipient's step has that address:
// nobody counts twice towards a quorum.
func (e Envelope) askedBeside(recipient, email string) bool {
	r, _ := e.Recipient(recipient)
	return slices.ContainsFunc(e.Recipients, func(other Recipient) bool {
		return other.ID != recipient && other.Step == r.Step && other.Status != Delegated &&
			strings.EqualFold(other.Person.Email, email)
	})
}

func (e Envelope) checkQuorums() error {
	for i, q := range e.Quorums {
		at := fmt.Sprintf("quorums[%d]", i)
		acting := 0
		for _, r := range e.Recipients {
			if r.Step == q.Step && r.Role.Acts() {
				acting++
			}
		}
		if acting == 0 {
			return problem.Invalid("quorum_without_step", "A quorum names a step in which nobody acts.").At("%s.step", at)
		}
		if q.Need < 1 || q.Need > acting {
			return problem.Invalid("quorum_out_of_range", "A quorum asks for more people than act in its step, or for none.").At("%s.need", at)
		}
		for _, other := range e.Quorums[:i] {
			if other.Step == q.Step {
				return problem.Invalid("quorum_twice", "A step has two quorums.").At("%s.step", at)
			}
		}
	}
	return nil
}

func (e Envelope) checkFields() error {
	for i, f := range e.Fields {
		if err := e.checkField(i, f); err != nil {
			return err
		}
	}
	return nil
}

func (e Envelope) checkLifetime() error {
	if e.Lifetime < MinPace || e.Lifetime > MaxLifetime {
		return problem.Invalid("lifetime_out_of_range", "An envelope expires between a minute and 366 days after it is sent.").At("expires_after")
	}
	return nil
}

func checkPerson(p Person, at string) error {
	if err := checkLine(p.Name, MaxName, at+".name"); err != nil {
		return err
	}
	if strings.TrimSpace(p.Name) == "" {
		return problem.Invalid("name_missing", "A recipient needs a name.").At("%s.name", at)
	}
	if p.Email == "" {
		return problem.Invalid("email_missing", "A recipient needs an email address.").At("%s.email", at)
	}
	parsed, err := mail.ParseAddress(p.Email)
	if err != nil || parsed.Address != p.Email || len(p.Email) > MaxEmail || strings.ContainsFunc(p.Email, badInLine) {
		return problem.Invalid("email_invalid", "An email address is not valid.").At("%s.email", at)
	}
	return nil
}

// checkLine refuses what could start a second header line in a letter, or hide text on a page.
func checkLine(s string, most int, at string) error {
	if strings.ContainsFunc(s, badInLine) {
		return problem.Invalid("control_character", "Line breaks and control characters are not allowed here.").At("%s", at)
	}
	if len([]rune(s)) > most {
		return problem.Invalid("text_too_long", "A text is too long.").At("%s", at)
	}
	return nil
}

// checkText refuses control characters in text that may have several lines: some
// hide what is written, and a database does not store all of them.
func checkText(s, at string) error {
	if strings.ContainsFunc(s, badInText) {
		return problem.Invalid("control_character", "Control characters are not allowed here.").At("%s", at)
	}
	return nil
}

func badInText(r rune) bool {
	return badInLine(r) && r != '\n' && r != '\r' && r != '\t'
}

// badInLine names control characters, line separators and the bidirectional
// overrides that let a name read as another.
func badInLine(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == unicode.ReplacementChar
}
