package connectors

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Trouble is what kind of failure it is: what can be done about it.
type Trouble string

const (
	Expired   Trouble = "expired"   // the credentials are not good any more, and signing in again did not help
	Throttled Trouble = "throttled" // too many calls: wait
	Busy      Trouble = "busy"      // away, slow or locked by somebody else: try again
	Changed   Trouble = "changed"   // the record is not as it was read: read again
	Gone      Trouble = "gone"      // the record is not there
	Refused   Trouble = "refused"   // the system says no, and will say no again
)

// Failure is an answer of a system that is not what was asked for.
type Failure struct {
	Trouble Trouble
	Code    string        // in the system's words, such as INVALID_FIELD
	Words   string        // what the system says, cleaned, for whoever mends it
	Fields  []string      // that it is about
	Wait    time.Duration // that the system asks for; 0 when it names none
	cause   error
}

// MaxWords bounds what is kept of a system's own words, in bytes.
const MaxWords = 500

func (f *Failure) Error() string {
	text := fmt.Sprintf("%s: %s", f.Trouble, f.Said())
	if f.cause != nil {
		text += ": " + f.cause.Error()
	}
	return text
}

// Said is what the system says: its code, when it has one, and its words.
func (f *Failure) Said() string {
	if f.Code == "" {
		return f.Words
	}
	return f.Code + ": " + f.Words
}

func (f *Failure) Unwrap() error { return f.cause }

// Because adds a hidden cause.
func (f *Failure) Because(cause error) *Failure {
	with := *f
	with.cause = cause
	return &with
}

// FailureOf finds the failure that an error is or wraps.
func FailureOf(err error) (f *Failure, is bool) {
	is = errors.As(err, &f)
	return f, is
}

// TroubleOf tells what kind of failure an error is. One that is of no kind is
// something that went wrong on the way, which is worth another try.
func TroubleOf(err error) Trouble {
	if f, is := FailureOf(err); is {
		return f.Trouble
	}
	return Busy
}

// Lasting tells whether another try of the same cannot help.
func (t Trouble) Lasting() bool { return t == Gone || t == Refused }

// Clean makes one harmless line of what a system says, cut to MaxWords.
func Clean(words string) string {
	var out strings.Builder
	for _, r := range strings.ToValidUTF8(words, "\uFFFD") {
		if unicode.IsSpace(r) {
			r = ' '
		}
		if !unicode.IsPrint(r) {
			continue
		}
		if out.Len() >= MaxWords {
			break
		}
		out.WriteRune(r)
	}
	return strings.TrimSpace(out.String())
}
