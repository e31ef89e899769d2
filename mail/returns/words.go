package returns

import (
	"net/textproto"
	"strings"
)

// bySubjectAndDetail says what a status means (RFC 3463 §3, and the registry of
// RFC 5248), to somebody who has to mend an address.
var bySubjectAndDetail = map[string]string{
	"1.1":  "There is no such mailbox at that address.",
	"1.2":  "There is no mail server for what stands after the @.",
	"1.3":  "This is not an address that mail can be sent to.",
	"1.4":  "The address fits more than one mailbox.",
	"1.6":  "The mailbox has moved, and nobody says where.",
	"1.10": "What stands after the @ takes no mail at all.",
	"2.1":  "The mailbox is switched off.",
	"2.2":  "The mailbox is full.",
	"2.3":  "The letter is larger than the mailbox allows.",
	"4.1":  "The mail server of that address does not answer.",
	"4.4":  "There is no way to the mail server of that address.",
	"4.7":  "The mail server of that address could not be reached for days.",
}

// bySubject says it for all other details.
var bySubject = map[string]string{
	"1": "The address is not good.",
	"2": "The mailbox takes no letters.",
	"3": "The mail server of that address cannot take the letter.",
	"4": "The mail server of that address could not be reached.",
	"5": "The mail server of that address did not understand ours.",
	"6": "The mail server of that address cannot handle the letter.",
	"7": "The mail server of that address does not want the letter.",
}

const (
	undelivered = "The letter was not delivered."
	unwanted    = "The reader has reported a letter as unwanted."
)

// Reason is one sentence for the sender, after the status if there is one.
func (n News) Reason() string {
	if n.Kind == Complaint {
		return unwanted
	}
	return reason(n.Status)
}

func reason(status string) string {
	if status == "" || statusIn(status) != status {
		return undelivered
	}
	detail := status[2:]
	subject, _, _ := strings.Cut(detail, ".")
	for _, sentence := range []string{bySubjectAndDetail[detail], bySubject[subject]} {
		if sentence != "" {
			return status + " " + sentence
		}
	}
	return status + " " + undelivered
}

// Refusal is the same for the reply by which a mail server refuses a letter.
func Refusal(reply *textproto.Error) string {
	word, _, _ := strings.Cut(reply.Msg, " ")
	return reason(statusIn(word))
}
