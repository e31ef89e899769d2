// Package returns takes the mail that comes back: letters that could not be
// delivered, and complaints of readers.
//
// Every letter has a return address of its own (VERP), made by Tags: it names the
// letter and carries a MAC, so that nobody can make one up. Server takes mail for
// such addresses alone. Read says what a message means; it trusts nothing in it,
// and no word of it goes any further: what people read about a letter that came
// back is one of our own sentences, chosen by the status of RFC 3463.
//
// Whoever has got a letter knows its return address and can say that it came back.
// That is little: it silences reminders to this very person until the sender looks.
//
// Standards: RFC 3464 (delivery status), RFC 3463 (its codes), RFC 5965
// (complaints), RFC 3834 (automatic answers), RFC 5321.
package returns

// Kind is what a message that came back means.
type Kind string

const (
	Failed    Kind = "failed"    // the letter was not delivered and will not be
	Complaint Kind = "complaint" // its reader does not want such letters
	Nothing   Kind = "nothing"   // late, delivered, or somebody's automatic answer
)

// News is what a message says about a letter.
type News struct {
	Kind   Kind
	Status string   // RFC 3463, such as 5.1.1; "" when nobody says
	Why    string   // it is nothing, for the log
	Named  []string // return addresses of letters that the message itself names
}
