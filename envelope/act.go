package envelope

import (
	"strings"
	"time"

	"chancery/problem"
)

// ActKind is one kind of answer of a recipient.
type ActKind string

const (
	Sign     ActKind = "sign"
	Approve  ActKind = "approve"
	View     ActKind = "view"
	Decline  ActKind = "decline"
	Delegate ActKind = "delegate"
)

// Act is one answer of one recipient. Its id is the id of the workflow update
// and of the row, so that the same act twice is one act.
type Act struct {
	ID        string            `json:"id"`
	Envelope  string            `json:"envelope"`
	Recipient string            `json:"recipient"`
	Kind      ActKind           `json:"kind"`
	Reason    string            `json:"reason,omitempty"`   // of a decline or a delegation
	Delegate  Person            `json:"delegate,omitempty"` // who acts instead
	NewID     string            `json:"new_id,omitempty"`   // the recipient id of the delegate
	Values    map[string]string `json:"values,omitempty"`   // what was filled in, by field id
	Ink       Ink               `json:"ink,omitempty"`
	Origin    Origin            `json:"origin"`
}

// Ink is how a signature looks. One of Typed, Strokes and Picture is set.
type Ink struct {
	Typed   string    `json:"typed,omitempty"`
	Face    string    `json:"face,omitempty"`    // of what is typed: one of Hands, or empty for the first
	Strokes [][]Point `json:"strokes,omitempty"` // drawn lines in a box of 1 × 1, origin top left
	Aspect  float64   `json:"aspect,omitempty"`  // width of the drawn box divided by its height
	Picture string    `json:"picture,omitempty"` // name of the vault's blob with a PNG or JPEG
}

// Hands are the handwriting faces that a typed signature can have.
var Hands = []string{"flowing", "brush", "pen"}

// Point in a box of 1 × 1, origin top left.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Empty tells whether nothing was drawn, typed or uploaded.
func (i Ink) Empty() bool { return i.Typed == "" && len(i.Strokes) == 0 && i.Picture == "" }

// Origin is where a request came from, for the evidence.
type Origin struct {
	Address string `json:"address,omitempty"` // IP address
	Device  string `json:"device,omitempty"`  // user agent
}

// Actor is who did something: a recipient, an API key, a user, or the hub itself.
type Actor struct {
	Kind   string `json:"kind"` // recipient, key, user, hub
	ID     string `json:"id,omitempty"`
	Person Person `json:"person"`
}

// Hub is the actor of what happens by itself.
var Hub = Actor{Kind: "hub", ID: "hub"}

// Void is the sender's wish to end an envelope.
type Void struct {
	ID     string `json:"id"`
	By     Actor  `json:"by"`
	Reason string `json:"reason"`
	Origin Origin `json:"origin"`
}

// Correction is the sender's wish to change whom a recipient's letters go to.
type Correction struct {
	ID        string `json:"id"`
	By        Actor  `json:"by"`
	Recipient string `json:"recipient"`
	Person    Person `json:"person"`
	Origin    Origin `json:"origin"`
}

// Resending is the sender's wish that released recipients get their letter again.
type Resending struct {
	ID        string `json:"id"`
	By        Actor  `json:"by"`
	Recipient string `json:"recipient,omitempty"` // empty: everybody who is asked now
	Origin    Origin `json:"origin"`
}

// Limits of what people may write.
const (
	MaxReason  = 1000 // characters of a reason
	MaxValue   = 2000 // characters of a text field
	MaxStrokes = 400  // lines of a drawn signature
	MaxPoints  = 8000 // points of all its lines together
)

// CheckAct says whether the act is complete in itself: reason given, required
// fields filled, no field of anybody else.
func (e Envelope) CheckAct(a Act) error {
	r, ok := e.Recipient(a.Recipient)
	if !ok {
		return errNoRecipient
	}
	switch a.Kind {
	case Sign:
		return e.checkFilled(r, a)
	case Approve, View:
		return nil
	case Decline:
		return checkReason(a.Reason)
	case Delegate:
		return e.checkDelegate(r, a)
	}
	return errWrongAct
}

func (e Envelope) checkDelegate(r Recipient, a Act) error {
	switch {
	case len(e.Recipients) >= MaxPeople:
		return problem.TooLarge("too_many_recipients", "This envelope has been delegated too often.").At("delegate")
	case strings.EqualFold(a.Delegate.Email, r.Person.Email):
		return problem.Invalid("delegate_to_self", "You cannot delegate to your own address.").At("delegate.email")
	case e.askedBeside(r.ID, a.Delegate.Email):
		return errTwiceInStep.At("delegate.email")
	case a.Reason != "":
		if err := checkReason(a.Reason); err != nil {
			return err
		}
	}
	return checkPerson(a.Delegate, "delegate")
}

func checkReason(reason string) error {
	if reason == "" {
		return problem.Invalid("reason_missing", "Please give a reason.").At("reason")
	}
	if len([]rune(reason)) > MaxReason {
		return problem.Invalid("reason_too_long", "The reason is longer than 1000 characters.").At("reason")
	}
	return checkText(reason, "reason")
}

// Answer is what an act leads to.
type Answer struct {
	Recipient RecipientStatus `json:"recipient"`
	Envelope  Status          `json:"envelope"`
	At        time.Time       `json:"at"`
}
