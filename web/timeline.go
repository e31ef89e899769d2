package web

import (
	"strings"
	"time"

	"chancery/audit"
	"chancery/envelope"
)

// moments is one line of the timeline.
type moments struct {
	At     time.Time
	What   string
	Detail string
	From   string // address
}

// upcoming is something that will happen by itself.
type upcoming struct {
	What string
	At   time.Time // zero: when the current step is over
}

// noted says each kind of evidence in words. What is not here is shown as it is.
var noted = map[string]string{
	envelope.NotedCreated:   "The draft was made",
	envelope.NotedSent:      "The envelope was sent",
	envelope.NotedAsked:     "%s was asked",
	envelope.NotedViewed:    "%s looked at the documents",
	envelope.NotedReminded:  "%s was reminded",
	envelope.NotedResent:    "%s was written to again",
	envelope.NotedCorrected: "The address of %s was corrected",
	envelope.NotedBounced:   "A letter to %s came back",
	envelope.NotedExcused:   "%s is not needed any more",
	envelope.NotedIntent:    "A signature was about to be made",
	envelope.NotedSigned:    "%s signed",
	envelope.NotedApproved:  "%s approved",
	envelope.NotedDeclined:  "%s declined",
	envelope.NotedDelegated: "%s handed over to another person",
	envelope.NotedHeld:      "%s signed; the signature waits for a timestamp",
	envelope.NotedRevised:   "The signed documents were kept",
	envelope.NotedAwaiting:  "The seal waits for a timestamp",
	envelope.NotedRenewed:   "The proofs in a document were renewed",
	envelope.NotedCompleted: "The envelope was completed",
	envelope.NotedEnded:     "The envelope ended",
}

// timeline is the audit trail, oldest first.
func timeline(e envelope.Envelope, trail []audit.Entry) []moments {
	all := make([]moments, len(trail))
	for i, entry := range trail {
		m := moments{At: entry.At.UTC(), What: words(e, entry)}
		if entry.Personal != nil {
			m.From = entry.Personal.Address
			m.Detail = entry.Personal.Detail["reason"]
			if to := entry.Personal.Detail["email"]; to != "" {
				m.Detail = entry.Personal.Detail["name"] + " <" + to + ">"
			}
		}
		all[i] = m
	}
	return all
}

func words(e envelope.Envelope, entry audit.Entry) string {
	text, ok := noted[entry.Kind]
	if !ok {
		return entry.Kind
	}
	return named(text, e, about(entry))
}

// about is the recipient whom an entry is about: the one it names, or the one who did it.
func about(entry audit.Entry) string {
	if id := entry.Detail["recipient"]; id != "" {
		return id
	}
	return entry.Actor.ID
}

func upcomingOf(e envelope.Envelope, outlook envelope.Outlook) []upcoming {
	sentences := map[string]string{"reminder": "%s is reminded", "release": "%s is asked", "expiry": "It expires", "seal": "The documents are sealed"}
	all := make([]upcoming, len(outlook.Next))
	for i, next := range outlook.Next {
		all[i] = upcoming{What: named(sentences[next.What], e, next.Recipient), At: next.At.UTC()}
		if next.At.IsZero() {
			all[i].At = time.Time{}
		}
	}
	return all
}

// named puts the recipient's name where the sentence wants it.
func named(sentence string, e envelope.Envelope, recipient string) string {
	name := "Somebody"
	if r, ok := e.Recipient(recipient); ok {
		name = r.Person.Name
	}
	return strings.ReplaceAll(sentence, "%s", name)
}
