package returns_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery/mail/returns"
)

// message puts lines together as mail travels.
func message(lines ...string) []byte {
	return []byte(strings.ReplaceAll(strings.Join(lines, "\n"), "\n", "\r\n") + "\r\n")
}

// report is a delivery status in the shape of the mail servers that keep to RFC
// 3464, with the letter's own headers at the end.
func report(status ...string) []byte {
	return message(
		"From: MAILER-DAEMON@mx.example (Mail Delivery System)",
		"To: return+xyz@sign.example",
		"Subject: Undelivered Mail Returned to Sender",
		"Auto-Submitted: auto-replied",
		"MIME-Version: 1.0",
		`Content-Type: multipart/report; report-type=delivery-status; boundary="=_1"`,
		"",
		"--=_1",
		"Content-Type: text/plain; charset=us-ascii",
		"",
		"Your letter could not be delivered.",
		"",
		"--=_1",
		"Content-Type: message/delivery-status",
		"",
		strings.Join(status, "\n"),
		"",
		"--=_1",
		"Content-Type: text/rfc822-headers",
		"",
		"Return-Path: <return+xyz@sign.example>",
		"Subject: Please sign",
		"",
		"--=_1--",
	)
}

func TestWhatAReturnedMessageMeans(t *testing.T) {
	for name, tt := range map[string]struct {
		raw    []byte
		from   string
		kind   returns.Kind
		status string
	}{
		"Postfix: no such user": {report(
			"Reporting-MTA: dns; mx.example", "X-Postfix-Queue-ID: 4F1A2", "X-Postfix-Sender: rfc822; return+xyz@sign.example", "Arrival-Date: Mon, 2 Mar 2026 12:00:00 +0000 (UTC)", "",
			"Final-Recipient: rfc822; ann@example.com", "Original-Recipient: rfc822;ann@example.com", "Action: failed", "Status: 5.1.1", "Remote-MTA: dns; mail.example.com",
			"Diagnostic-Code: smtp; 550 5.1.1 <ann@example.com>: Recipient address rejected:", "    User unknown in local recipient table"), "", returns.Failed, "5.1.1"},
		"Postfix: delayed": {report("Reporting-MTA: dns; mx.example", "", "Final-Recipient: rfc822; ann@example.com", "Action: delayed", "Status: 4.4.1",
			"Diagnostic-Code: X-Postfix; connect to mail.example.com[192.0.2.1]:25: Connection timed out", "Will-Retry-Until: Sat, 7 Mar 2026 12:00:00 +0000 (UTC)"), "", returns.Nothing, ""},
		"given up after five days": {report("Reporting-MTA: dns; mx.example", "", "Final-Recipient: rfc822; ann@example.com", "Action: failed", "Status: 4.4.1"), "", returns.Failed, "4.4.1"},
		"delivered":                {report("Reporting-MTA: dns; mx.example", "", "Final-Recipient: rfc822; ann@example.com", "Action: delivered", "Status: 2.0.0"), "", returns.Nothing, ""},
		"one of an alias of two has it": {report("Reporting-MTA: dns; mx.example", "", "Final-Recipient: rfc822; a@example.com", "Action: failed", "Status: 5.1.1", "",
			"Final-Recipient: rfc822; b@example.com", "Action: delivered", "Status: 2.0.0"), "", returns.Nothing, ""},
		"Exchange: in capital letters, and without the group of the message": {report(
			"Original-Recipient: rfc822;ann@example.com", "Final-Recipient: rfc822;ann@example.com", "ACTION: Failed", "STATUS: 5.1.10",
			"Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", "X-Display-Name: Ann"), "", returns.Failed, "5.1.10"},
		"Exim: the reply says more than the status": {report("Reporting-MTA: dns; exim.example", "", "Action: failed", "Final-Recipient: rfc822;ann@example.com", "Status: 5.0.0",
			"Remote-MTA: dns; mail.example.com", "Diagnostic-Code: smtp; 552 5.2.2 Over quota"), "", returns.Failed, "5.2.2"},
		"Exim before it wrote reports": {message("X-Failed-Recipients: ann@example.com", "Auto-Submitted: auto-replied", "From: Mail Delivery System <Mailer-Daemon@exim.example>",
			"Subject: Mail delivery failed: returning message to sender", "", "This message was created automatically by mail delivery software.", "",
			"  ann@example.com", "    host mail.example.com [192.0.2.1]", "    SMTP error from remote mail server after RCPT TO:<ann@example.com>:", "    550 5.1.1 unknown user"), "", returns.Failed, "5.1.1"},
		"qmail": {message("From: MAILER-DAEMON@qmail.example", "Subject: failure notice", "", "Hi. This is the mail program of qmail.example.", "",
			"<ann@example.com>:", "Sorry, no mailbox here by that name. (#5.1.1)"), "", returns.Failed, "5.1.1"},
		"a server that says nothing more": {message("From: <postmaster@old.example>", "Subject: Returned mail", "", "It did not work."), "", returns.Failed, ""},
		"a warning that is no report": {message("From: Mail Delivery System <Mailer-Daemon@exim.example>", "Subject: Warning: message 1abc delayed 24 hours", "",
			"It has not been delivered yet; it will be tried again. 451 4.4.1 no answer"), "", returns.Nothing, ""},
		"somebody on holiday":           {message("From: Ann <ann@example.com>", "Subject: I am away", "Auto-Submitted: auto-replied", "", "Until 5.1.2027 please call 550 123."), "", returns.Nothing, ""},
		"somebody on holiday, long ago": {message("From: Ann <ann@example.com>", "Subject: I am away", "X-Autoreply: yes", "", "Back on Monday."), "", returns.Nothing, ""},
		"an answer of Exchange": {message("From: Ann <ann@example.com>", "Subject: Automatic reply: Please sign", "X-Auto-Response-Suppress: All", "Auto-Submitted: auto-generated", "",
			"I am out of office."), "", returns.Nothing, ""},
		"a holiday notice that hides what it is": {message("From: Ann <ann@example.com>", "Subject: Re: Please sign", "", "I am back on Monday."), "", returns.Nothing, ""},
		"a person who answers":                   {message("From: Ann <ann@example.com>", "Subject: Re: Please sign", "", "Error 550 5.1.1, ha ha"), "ann@example.com", returns.Nothing, ""},
		"a note that it was read": {message("From: Ann <ann@example.com>", "MIME-Version: 1.0", `Content-Type: multipart/report; report-type=disposition-notification; boundary="=_1"`, "",
			"--=_1", "", "It was displayed.", "--=_1", "Content-Type: message/disposition-notification", "", "Disposition: manual-action/MDN-sent-manually; displayed", "--=_1--"), "ann@example.com", returns.Nothing, ""},
		"a status in base64, in a charset that is none": {message("From: MAILER-DAEMON@mx.example", "MIME-Version: 1.0", `Content-Type: multipart/report; report-type=delivery-status; boundary="=_1"`, "",
			"--=_1", "Content-Type: text/plain; charset=x-none", "", "\xff\xfe\x80", "--=_1", "Content-Type: message/delivery-status", "Content-Transfer-Encoding: base64", "",
			"RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFubkBleGFtcGxlLmNvbQpBY3Rpb246IGZhaWxlZApTdGF0dXM6IDUuMS4xCg==", "--=_1--"), "", returns.Failed, "5.1.1"},
		"a status that is none":       {report("Reporting-MTA: dns; mx.example", "", "Action: failed", "Status: 999.5.1.1.<script>"), "", returns.Failed, ""},
		"a report without an action":  {report("Reporting-MTA: dns; mx.example", "", "Final-Recipient: rfc822; ann@example.com", "Status: 5.7.1"), "", returns.Failed, "5.7.1"},
		"a report that says nothing":  {report("Reporting-MTA: dns; mx.example"), "", returns.Nothing, ""},
		"a report with an empty part": {report(""), "", returns.Nothing, ""},
	} {
		t.Run(name, func(t *testing.T) {
			news, err := returns.Read(tt.raw, tt.from)
			if err != nil || news.Kind != tt.kind || news.Status != tt.status {
				t.Errorf("it is read as %+v: %v", news, err)
			}
			if news.Kind == returns.Nothing && news.Why == "" {
				t.Error("nobody says why it is nothing")
			}
		})
	}
}

func feedback(kind string) []byte {
	return message(
		"From: <fbl@provider.example>", "To: <return@sign.example>", "Subject: FW: Please sign", "MIME-Version: 1.0",
		`Content-Type: multipart/report; report-type=feedback-report; boundary="=_1"`, "",
		"--=_1", "Content-Type: text/plain", "", "This is an email abuse report.", "",
		"--=_1", "Content-Type: message/feedback-report", "",
		"Feedback-Type: "+kind, "User-Agent: SomeGenerator/1.0", "Version: 1", "Original-Mail-From: <return+one@sign.example>", "",
		"--=_1", "Content-Type: message/rfc822", "", "Return-Path: <return+two@sign.example>", "Subject: Please sign", "", "Hello", "", "--=_1--")
}

func TestWhichFeedbackIsAComplaint(t *testing.T) {
	for kind, want := range map[string]returns.Kind{
		"abuse": returns.Complaint, "Fraud": returns.Complaint, "opt-out": returns.Complaint,
		"not-spam": returns.Nothing, "auth-failure": returns.Nothing, "virus": returns.Nothing, "": returns.Nothing,
	} {
		news, err := returns.Read(feedback(kind), "fbl@provider.example")
		if err != nil || news.Kind != want {
			t.Errorf("%q is %s: %v", kind, news.Kind, err)
		}
		if fmt.Sprint(news.Named) != "[<return+one@sign.example> <return+two@sign.example>]" {
			t.Errorf("it names %v", news.Named)
		}
	}
}

func TestNoWordOfAStrangerIsPassedOn(t *testing.T) {
	raw := report("Action: failed", "Status: 5.7.1", "Diagnostic-Code: smtp; 550 5.7.1 Call +1 555 or visit https://evil.example")
	news, err := returns.Read(raw, "")
	if err != nil {
		t.Fatal(err)
	}
	if got := news.Reason(); got != "5.7.1 The mail server of that address does not want the letter." {
		t.Errorf("the sender reads %q", got)
	}
}

func TestEveryStatusHasASentence(t *testing.T) {
	for status, want := range map[string]string{
		"5.1.1":   "5.1.1 There is no such mailbox at that address.",
		"5.2.2":   "5.2.2 The mailbox is full.",
		"4.4.7":   "4.4.7 The mail server of that address could not be reached for days.",
		"5.1.99":  "5.1.99 The address is not good.",
		"5.0.0":   "5.0.0 The letter was not delivered.",
		"5.99.1":  "5.99.1 The letter was not delivered.",
		"":        "The letter was not delivered.",
		"5.1.1 x": "The letter was not delivered.",
	} {
		if got := (returns.News{Kind: returns.Failed, Status: status}).Reason(); got != want {
			t.Errorf("%q is said as %q", status, got)
		}
	}
}

// nested is a message with parts in parts in parts.
func nested(depth int, spell string) []byte {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; %s=\"b%d\"\r\n\r\n--b%d\r\n", spell, i, i)
	}
	b.WriteString("Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nStatus: 5.1.1\r\n")
	return []byte(b.String())
}

func TestHostileMailIsReadInAMoment(t *testing.T) {
	for name, raw := range map[string][]byte{
		"parts in parts":               nested(15000, "boundary"),
		"parts in parts, spelt oddly":  nested(15000, "BounDary"),
		"parts in parts, in pieces":    nested(15000, "boundary*0"),
		"a thousand times one part":    report(strings.Repeat("\r\n--=_1\r\nContent-Type: text/plain\r\n\r\nx", 20000)),
		"one line of a megabyte":       report("Action: failed" + strings.Repeat("x", 1<<20)),
		"a hundred thousand groups":    report(strings.Repeat("Action: delayed\n\n", 60000)),
		"a field of many lines":        report("Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp;" + strings.Repeat("\n 550", 200000)),
		"headers without end":          message(strings.Repeat("X-A: b\n", 140000)),
		"a boundary that is all there": message(`Content-Type: multipart/report; boundary="`+strings.Repeat("a", 70)+`"`, "", strings.Repeat("--"+strings.Repeat("a", 69)+"\n", 14000)),
	} {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			news, err := returns.Read(raw, "")
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("it took %s: %+v %v", took, news, err)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(report("Reporting-MTA: dns; mx.example", "", "Action: failed", "Status: 5.1.1", "Diagnostic-Code: smtp; 550 5.1.1 no"), "")
	f.Add(feedback("abuse"), "fbl@provider.example")
	f.Add(message("From: MAILER-DAEMON@qmail.example", "", "(#5.1.1)"), "")
	f.Add(nested(5, "boundary"), "")
	f.Fuzz(func(t *testing.T, raw []byte, from string) {
		news, err := returns.Read(raw, from)
		if err != nil {
			return
		}
		if news.Kind != returns.Failed && news.Kind != returns.Complaint && news.Kind != returns.Nothing {
			t.Errorf("it is %q", news.Kind)
		}
		reason := news.Reason()
		for _, r := range reason {
			if r < ' ' || r > '~' {
				t.Errorf("the sender would read %q", reason)
			}
		}
		if len(reason) > 100 {
			t.Errorf("the sender would read %d characters", len(reason))
		}
	})
}
