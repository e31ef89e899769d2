package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"chancery/problem"
)

// Stage is how far somebody has come in proving who they are.
type Stage string

const (
	Pending Stage = "pending" // has shown a password, the second factor is still to come
	Open    Stage = "open"
)

// How long a session is good. A working day without a rest for whoever is away, two
// weeks for whoever comes every day; a second factor is at hand or it is not.
const (
	IdleFor    = 12 * time.Hour
	LongestFor = 14 * 24 * time.Hour
	PendingFor = 10 * time.Minute
)

// Session is a browser in which somebody has signed in.
type Session struct {
	ID        string
	User      string
	Stage     Stage
	Team      string // that they look at; "" is their first
	CreatedAt time.Time
	SeenAt    time.Time // true to the minute
	ExpiresAt time.Time
	Origin    Origin
}

// Origin is where somebody speaks from.
type Origin struct {
	Address string
	Device  string // the browser, as it names itself
}

// NewSession begins a session. What the browser keeps is Token; the records keep its hash.
func NewSession(id, user string, stage Stage, at time.Time, from Origin) Session {
	until := at.Add(LongestFor)
	if stage == Pending {
		until = at.Add(PendingFor)
	}
	return Session{ID: id, User: user, Stage: stage, CreatedAt: at, SeenAt: at, ExpiresAt: until, Origin: from}
}

// Good tells whether the session opens anything at that moment.
func (s Session) Good(at time.Time) bool {
	return at.Before(s.ExpiresAt) && at.Sub(s.SeenAt) < IdleFor
}

// ErrSignedOut is the answer to whoever must sign in first.
var ErrSignedOut = problem.Denied("signed_out", "Please sign in.")

// NewToken draws what a browser or a letter keeps: 256 bits, which nobody guesses,
// so that a fast hash of it is as safe to keep as a slow one.
func NewToken() string {
	var secret [32]byte
	rand.Read(secret[:])
	return base64.RawURLEncoding.EncodeToString(secret[:])
}

// HashToken is how a token is kept and found.
func HashToken(shown string) []byte {
	sum := sha256.Sum256([]byte(shown))
	return sum[:]
}
