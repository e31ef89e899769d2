package connectors

import (
	"net/http"
	"time"

	"chancery/problem"
)

// Limits of a call by which a system tells news.
const (
	MaxCall = 1 << 20 // bytes
	MaxNews = 100     // pieces of news in one: what Salesforce and HubSpot put into one at most
)

// ErrTooMuchNews is the answer to a call that tells more than MaxNews.
var ErrTooMuchNews = problem.TooLarge("news_too_many", "A call tells more than 100 pieces of news.")

// Receiver is how a system calls us by itself.
type Receiver struct {
	Where string // to enter the address of the connection, for people
	// Read takes the news out of a call. It refuses one that is not of the system, or
	// not of the connection's account in it, and asks the system nothing. Of a call that
	// is refused because some of it is of another account, news are what is of this one.
	Read func(c Connection, call Call) ([]News, error)
	// Answer is what the system waits for once its news are kept, and of which media type.
	Answer, AnswerType string
}

// Call is a request that a system makes.
type Call struct {
	Request *http.Request // whose body has been read
	Address string        // that was called, as the system knows it
	Body    []byte
	At      time.Time
}
