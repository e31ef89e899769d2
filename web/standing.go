package web

import (
	"fmt"

	"chancery/envelope"
)

// standing is the calm page for everyone who has nothing to do here now.
type standing struct {
	page
	Heading   string
	Sentences []string
	Downloads []download
	Trail     string
}

type download struct {
	Name, Address string
	Mended        []string // why the upload was written anew; for its sender
}

func standingOf(g guest) standing {
	view := standing{page: page{Title: g.Title, Test: g.Test}}
	view.Heading, view.Sentences = wordsFor(g)
	if g.Status != envelope.Completed || !g.mayRead() {
		return view
	}
	for _, d := range g.Documents {
		view.Downloads = append(view.Downloads, download{Name: d.Name, Address: g.base + "/d/" + d.ID})
	}
	view.Trail = g.base + "/audit.pdf"
	return view
}

// stands is the status, with the deadline kept to the second.
func (g guest) stands() envelope.Status {
	if g.late && g.Status == envelope.Sent {
		return envelope.Expired
	}
	return g.Status
}

// wordsFor says where things stand: first what this person did, then what became of the envelope.
func wordsFor(g guest) (heading string, sentences []string) {
	switch g.who.Status {
	case envelope.Delegated:
		return "You have handed this over", []string{"Somebody else acts in your place now. There is nothing left for you to do."}
	case envelope.HasDeclined:
		return "You have declined", []string{g.Sender.Name + " has been told, with the reason you gave. There is nothing left for you to do."}
	}
	switch g.stands() {
	case envelope.Completed:
		return "It is complete", []string{"Everybody who was needed has acted, and the documents are sealed. Please keep a copy."}
	case envelope.Declined:
		return "It has ended", []string{"Somebody declined, so nothing more can be signed here."}
	case envelope.Voided:
		return "It has been withdrawn", []string{g.Sender.Name + " has ended it before everybody had acted. Nothing more can be signed here."}
	case envelope.Expired:
		return "Its time has run out", []string{"It expired before everybody had acted. If it is still needed, please ask " + g.Sender.Name + " to send it again."}
	}
	return whileItRuns(g)
}

func whileItRuns(g guest) (heading string, sentences []string) {
	const letter = "You will get a letter with the finished documents when everybody has acted."
	switch g.who.Status {
	case envelope.Signing:
		return "Your signature is kept", []string{"Thank you, " + g.who.Person.Name + ". It will be in the document as soon as a time-stamping authority has confirmed when you signed, which can take a while.", letter, "You can close this page."}
	case envelope.Signed:
		return "You have signed", []string{"Thank you, " + g.who.Person.Name + ". " + letter, "You can close this page."}
	case envelope.Approved:
		return "You have approved", []string{"Thank you, " + g.who.Person.Name + ". " + letter, "You can close this page."}
	case envelope.Viewed:
		return "You have read it", []string{"Thank you, " + g.who.Person.Name + ". " + letter, "You can close this page."}
	case envelope.Excused:
		return "Nothing is needed from you", []string{"Enough others have acted in the meantime."}
	}
	others := "Others act before you."
	switch n := g.before(); n {
	case 0:
	case 1:
		others = "One person acts before you."
	default:
		others = fmt.Sprintf("%d people act before you.", n)
	}
	return "It is not your turn yet", []string{others, "We will write to " + g.who.Person.Email + " as soon as it is your turn. This link will work then, too."}
}
