package envelope

import "time"

// EventType names what subscribers are told, as it stands in a webhook.
type EventType string

const (
	EventSent         EventType = "envelope.sent"
	EventCompleted    EventType = "envelope.completed"
	EventDeclined     EventType = "envelope.declined"
	EventVoided       EventType = "envelope.voided"
	EventExpired      EventType = "envelope.expired"
	EventReleased     EventType = "recipient.released"
	EventViewed       EventType = "recipient.viewed"
	EventSigned       EventType = "recipient.signed"
	EventApproved     EventType = "recipient.approved"
	EventHasDeclined  EventType = "recipient.declined"
	EventDelegated    EventType = "recipient.delegated"
	EventExcused      EventType = "recipient.excused"
	EventReminded     EventType = "recipient.reminded"
	EventCorrected    EventType = "recipient.corrected"
	EventBounced      EventType = "recipient.bounced"
	EventDownloadable EventType = "document.downloadable"
)

// EventTypes are all that there are, with what they mean, for the documentation
// and for checking subscriptions.
var EventTypes = []struct {
	Type    EventType
	Meaning string
}{
	{EventSent, "The documents are certified and the first step has been asked."},
	{EventReleased, "It is this recipient's turn; they have been written to."},
	{EventViewed, "The recipient has looked at the documents."},
	{EventSigned, "The recipient has signed."},
	{EventApproved, "The recipient has approved."},
	{EventHasDeclined, "The recipient has declined, with a reason."},
	{EventDelegated, "The recipient has handed their turn to another person."},
	{EventExcused, "Enough others have acted; this recipient is not needed any more."},
	{EventReminded, "The recipient has been reminded."},
	{EventCorrected, "The recipient's name or address has been corrected; older links are void."},
	{EventBounced, "A letter to the recipient came back, or they do not want our letters; the address should be corrected."},
	{EventCompleted, "Everybody has acted and the documents are sealed."},
	{EventDeclined, "The envelope ended because too many declined."},
	{EventVoided, "The sender has ended the envelope, with a reason."},
	{EventExpired, "The envelope ended because its time ran out."},
	{EventDownloadable, "The sealed documents and the audit trail can be downloaded."},
}

// KnownEventType tells whether there is such an event.
func KnownEventType(t EventType) bool {
	for _, known := range EventTypes {
		if known.Type == t {
			return true
		}
	}
	return false
}

// Event is what subscribers are told. Its id is the webhook's id. Sequence counts
// the events of one envelope from 1 without gaps.
type Event struct {
	ID        string
	Type      EventType
	Envelope  string
	Recipient string // "" when it is about the envelope as a whole
	Sequence  int64
	At        time.Time
}
