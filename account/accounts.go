package account

import (
	"context"
	"net/http"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-webauthn/webauthn/webauthn"

	"chancery/id"
	"chancery/problem"
)

// Accounts is what people do with their accounts. All of its fields but Passkeys are
// needed.
type Accounts struct {
	Records Records
	Hasher  *Hasher
	Post    func(ctx context.Context, notices ...string) // sends letters that are stored
	House   string                                       // what the hub is called, in the device that makes codes
	Public  string                                       // what links in letters begin with
	Region  string                                       // where organisations that sign up here lie
	Clock   func() time.Time

	Passkeys   *webauthn.WebAuthn // nil where browsers make none, see NewPasskeys
	Challenges Challenges
	SignOns    SignOns
	HTTP       *http.Client // for providers that customers name: it never connects into our network
}

// Records keeps the accounts.
type Records interface {
	UserByEmail(ctx context.Context, email string) (User, error)
	Users(ctx context.Context, organisation string) ([]User, error)
	// Amend changes one account in one transaction: it is read under a lock, changed,
	// and written with all that comes along. What the change refuses leaves it as it was.
	Amend(ctx context.Context, userID string, change func(*Account) error) error
	// Account reads one account as it is.
	Account(ctx context.Context, userID string) (Account, error)
	Session(ctx context.Context, hash []byte, stage Stage, at time.Time) (Session, User, error)
	Knows(ctx context.Context, device []byte, userID string) (bool, error)

	// Try counts a guess as wrong before it is looked at, so that many at once are not
	// many for nothing, unless one of the guarded says that it must wait (Slowed). The
	// tallies come back in the same order.
	Try(ctx context.Context, at time.Time, what ...Guarded) ([]Tally, error)
	// Forgive takes that back: all that was counted at some, this one guess at others.
	Forgive(ctx context.Context, all, one []string) error

	// Promise keeps a sign-up until its link proves the address; a newer one of the
	// same address takes its place.
	Promise(ctx context.Context, s SignUp, hash []byte, n Notice) error
	// Promised returns the sign-up behind a link.
	Promised(ctx context.Context, hash []byte, at time.Time) (SignUp, error)
	// Found makes the organisation, its head and their sandbox, once.
	Found(ctx context.Context, f Founding) error

	// Mailed returns whose a mailed link is, and the address that it proves.
	Mailed(ctx context.Context, hash []byte, purpose Purpose, at time.Time) (userID, email string, err error)
	AddNotice(ctx context.Context, n Notice) error

	Invite(ctx context.Context, i Invitation, hash []byte, n Notice, d Deed) error
	Invited(ctx context.Context, hash []byte, at time.Time) (Invitation, error)
	Join(ctx context.Context, j Joining) error
}

// Account is a user with their secrets, and what a change of it brings along.
type Account struct {
	User    User
	Secrets Secrets
	Keys    int // API keys that are good

	Begins      *Session // a session that begins
	Hash        []byte   // of what its browser keeps
	Ends        string   // id of a session that ends
	EndsOthers  bool     // all others end
	Device      []byte   // is known from now on
	Revokes     bool     // all API keys
	Mails       *Mailed  // a link; it takes the place of an older one of its purpose
	Spends      []byte   // hash of a mailed link that is good no more; it must be there
	EndsMailed  bool     // all mailed links of the user
	Connects    *Identity
	Disconnects bool
	Notices     []Notice
	Deeds       []Deed
}

// Purpose of a mailed link.
type Purpose string

const (
	ToReset      Purpose = "reset"
	ToProveEmail Purpose = "email"
)

// Mailed is a link that is good once.
type Mailed struct {
	Hash    []byte
	Purpose Purpose
	Email   string // that it proves
	At      time.Time
	Until   time.Time
}

// Deed is a line of evidence about an account, for the chain of its organisation, or
// of a team.
type Deed struct {
	Kind   string
	Team   string // "" is the organisation's chain
	From   Origin
	Hub    bool // done by whoever runs the hub, and not by the user
	Detail map[string]string
}

// notice writes a letter to the account's address.
func (a *Account) notice(kind NoticeKind, at time.Time, from Origin) *Notice {
	a.Notices = append(a.Notices, Notice{ID: id.New(id.Notice), Kind: kind, User: a.User.ID, At: at, To: a.User.Address(), From: from})
	return &a.Notices[len(a.Notices)-1]
}

// begin lets the session begin that somebody enters with. Their browser is known
// from now on, unless a second factor is still to be shown.
func (a *Account) begin(e Entered, at time.Time, from Origin) {
	begun := NewSession(id.New(id.Session), a.User.ID, e.Stage, at, from)
	a.Begins, a.Hash = &begun, HashToken(e.Token)
	if e.Stage == Open {
		a.Device = HashToken(e.Device)
	}
}

func (a *Account) deed(kind string, from Origin) {
	a.Deeds = append(a.Deeds, Deed{Kind: kind, From: from})
}

// amend changes an account, and sends the letters that tell of it.
func (a *Accounts) amend(ctx context.Context, userID string, change func(*Account) error) error {
	var notices []string
	err := a.Records.Amend(ctx, userID, func(of *Account) error {
		if err := change(of); err != nil {
			return err
		}
		notices = nil
		for _, n := range of.Notices {
			notices = append(notices, n.ID)
		}
		return nil
	})
	if err == nil {
		a.Post(ctx, notices...)
	}
	return err
}

func (a *Accounts) link(path string) string { return strings.TrimSuffix(a.Public, "/") + path }

// Limits of what people enter about themselves.
const (
	maxName  = 100 // characters
	maxEmail = 254 // bytes; RFC 5321 §4.5.3.1, as corrected by erratum 1690
)

// Problems of what people enter about themselves.
var (
	ErrNameMissing  = problem.Invalid("name_missing", "Please give your name.").At("name")
	ErrNameWrong    = problem.Invalid("name_wrong", "A name has at most 100 characters, all on one line.").At("name")
	ErrEmailInvalid = problem.Invalid("email_invalid", "This is not an email address that mail can be sent to.").At("email")
)

// checkName takes a name of a person, or of what they lead.
func checkName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return ErrNameMissing
	case utf8.RuneCountInString(name) > maxName || strings.ContainsFunc(name, hidden):
		return ErrNameWrong
	}
	return nil
}

// hidden are characters that end a line, or make it read in another order.
func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Zl, unicode.Zp) || r == unicode.ReplacementChar ||
		r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

func checkEmail(email string) error {
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > maxEmail || strings.ContainsFunc(email, hidden) || strings.ContainsFunc(email, func(r rune) bool { return r > unicode.MaxASCII }) {
		return ErrEmailInvalid
	}
	return nil
}

// fold is the one form of an address that is compared.
func fold(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// Subjects of guesses.
func atAccount(email string) string         { return "account " + fold(email) }
func atDevice(device []byte, u User) string { return "device " + string(device) + " " + u.ID }
func atCode(userID string) string           { return "code " + userID }
func from(o Origin) string                  { return "from " + o.Address }
func linksFrom(o Origin) string             { return "links from " + o.Address }
func lettersFrom(o Origin) string           { return "letters from " + o.Address }
func lettersTo(email string) string         { return "letters to " + fold(email) }
