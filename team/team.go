// Package team knows who sends: organisations, their teams, the keys that speak
// for a team, and what a sandbox may not do.
package team

import (
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"chancery/envelope"
	"chancery/problem"
)

// Organisation is a customer. Region says where its data may lie.
type Organisation struct {
	ID     string
	Name   string
	Region string
}

// Kind tells a team that tries things out from one that does business.
type Kind string

const (
	Sandbox    Kind = "sandbox"
	Production Kind = "production"
)

// Valid tells whether the kind is one we know.
func (k Kind) Valid() bool { return k == Sandbox || k == Production }

// Team is where envelopes are sent from.
type Team struct {
	ID           string
	Organisation string
	Parent       string // the team that oversees it; "" is none
	Name         string
	Kind         Kind
	Preset       []string        // the only addresses a sandbox may write to
	Sender       envelope.Person // who the letters come from when the envelope does not say
	Ahead        time.Duration   // how far a sandbox's test clock has been put forward
	CreatedAt    time.Time
}

// Test tells whether the team's envelopes are only tests.
func (t Team) Test() bool { return t.Kind == Sandbox }

// MaxPreset is the number of addresses a sandbox may write to: enough for a whole
// route with a colleague or two, useless for sending anything in earnest.
const MaxPreset = 5

// MaySendTo refuses addresses that a sandbox has not preset. Letter case does not count.
func (t Team) MaySendTo(email string) error {
	if t.Kind != Sandbox {
		return nil
	}
	for _, preset := range t.Preset {
		if strings.EqualFold(preset, email) {
			return nil
		}
	}
	return problem.Denied("sandbox_recipient_not_preset",
		"A sandbox team may send only to its preset addresses.")
}

// CheckPreset says whether these can be the preset addresses of a sandbox.
func CheckPreset(emails []string) error {
	if len(emails) > MaxPreset {
		return problem.TooLarge("preset_too_long", "A sandbox team has at most five preset addresses.").At("preset")
	}
	for i, email := range emails {
		if !validEmail(email) {
			return problem.Invalid("email_invalid", "An email address is not valid.").At("preset[%d]", i)
		}
		for _, other := range emails[:i] {
			if strings.EqualFold(other, email) {
				return problem.Invalid("preset_twice", "A preset address is listed twice.").At("preset[%d]", i)
			}
		}
	}
	return nil
}

// ValidName tells whether a team may be called that.
func ValidName(name string) bool {
	return strings.TrimSpace(name) != "" && utf8.RuneCountInString(name) <= envelope.MaxName && !strings.ContainsFunc(name, unicode.IsControl)
}

// CheckSender says whether letters can come from that person.
func CheckSender(p envelope.Person) error {
	if !ValidName(p.Name) {
		return problem.Invalid("name_missing", "Please say who the letters are from.").At("sender_name")
	}
	if !validEmail(p.Email) {
		return problem.Invalid("email_invalid", "An email address is not valid.").At("sender_email")
	}
	return nil
}

// validEmail takes a bare address without a display name.
func validEmail(email string) bool {
	parsed, err := mail.ParseAddress(email)
	return err == nil && parsed.Address == email && len(email) <= envelope.MaxEmail &&
		!strings.ContainsFunc(email, unicode.IsControl)
}

// RateLimit lets a team make so many calls in any span of that length.
type RateLimit struct {
	Calls int
	Per   time.Duration
}

// SandboxRate is what a sandbox may ask of the API: more than anybody types,
// less than a load test.
func SandboxRate() RateLimit { return RateLimit{Calls: 100, Per: 60 * time.Second} }
