// Package mail writes the letters of an envelope and the notices about an account,
// signs them and hands them to a mail server. The three steps are three values, made once per process:
//
//	stationery, err := mail.NewStationery(mail.House{...}) // Letter to message
//	signer, err := mail.NewSigner(domain, selectors, keys) // message to signed message
//	submitter, err := mail.NewSubmitter(mail.Relay{...})   // signed message to the server
//
// A letter has a fixed id, date and MIME boundary, so that a repeat after a crash
// is the same message with the same Message-ID and nobody reads it twice. Only the
// DKIM signature tells repeats apart, as it carries the second it was made (t=).
//
// Standards: RFC 5322 (messages), RFC 2045 to 2047 (MIME), RFC 3834
// (Auto-Submitted), RFC 6376 and RFC 8463 (DKIM), RFC 6409 (submission).
package mail

import "time"

// Kind is the occasion of a letter.
type Kind string

const (
	Invitation Kind = "invitation" // it is your turn
	Reminder   Kind = "reminder"   // it still is
	Delegated  Kind = "delegated"  // somebody passed their turn to you
	Completion Kind = "completion" // everyone has answered; here is the document
	Copy       Kind = "copy"       // the same, for those who only get a copy
	Declined   Kind = "declined"   // somebody said no
	Voided     Kind = "voided"     // the sender took it back
	Expired    Kind = "expired"    // the time to answer is over
	Bounced    Kind = "bounced"    // a letter to a recipient came back; for the sender
)

// Action is what a recipient is asked to do.
type Action string

const (
	Sign    Action = "sign"
	Approve Action = "approve"
	Witness Action = "witness"
	View    Action = "view"
)

// Address is a person's name, which may be empty, and email address.
type Address struct {
	Name  string
	Email string
}

// Sender is the person who sent the envelope. Answers to a letter go to Email.
type Sender struct {
	Name         string
	Organisation string // may be empty
	Email        string // may be empty: then answers go to the house
}

// Letter is all that one letter says. Everything but Note and Reason is one line;
// a control character in such a line is the problem mail_control_character.
type Letter struct {
	ID     string    // stable, of letters, digits and ._-; the Message-ID is <ID@domain>
	Kind   Kind      //
	Date   time.Time // when its occasion happened, not when it is sent
	To     Address   //
	Sender Sender    //

	Title  string // of the envelope
	Note   string // the sender's own message; may have several lines or be empty
	Action Action // for invitation, reminder and delegated
	Link   string // http or https; may be empty where there is nothing to open

	Deadline time.Time // when the envelope expires, or did; zero when never
	Zone     string    // IANA name of the reader's time zone; unknown or empty means UTC

	Who    string // who declined, withdrew or passed it on
	Reason string // their words; may have several lines or be empty
	Test   bool   // from a sandbox: the subject and the letter say so

	Returned Returned // of Bounced; its recipient is Who
}

// Returned is what is known of a letter that came back.
type Returned struct {
	Email     string
	Why       string // one sentence; may be empty
	Complaint bool   // it arrived, and its reader does not want such letters
}
