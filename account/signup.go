package account

import (
	"context"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"chancery/id"
	"chancery/problem"
)

// SignUpFor is how long the link in the letter proves an address.
const SignUpFor = 24 * time.Hour

// SignUp is what somebody says about themselves, before anything of it is proved.
type SignUp struct {
	ID           string
	Name         string
	Organisation string
	Email        string
	Password     string `json:"-"`
	Hashed       string // password, as it is kept
	Browser      []byte // hash of the device token of the browser it was entered with
	At           time.Time
	Until        time.Time
}

// Founding is what a proved sign-up makes.
type Founding struct {
	SignUp  SignUp
	Hash    []byte // of the link that proved it
	Region  string
	User    User
	Secrets Secrets
	Team    string // id of the first sandbox
	Session Session
	Token   []byte // hash
	Device  []byte
	Deed    Deed
}

// FirstTeam is what the sandbox of a new organisation is called.
const FirstTeam = "API Development"

// ErrLink is one answer for all mailed links that do not open: forged, used, replaced
// by a newer one or too old.
var ErrLink = problem.Denied("link_invalid", "This link is not valid any more: it has been used, or is too old.")

// ErrPasswordChosen is the answer to somebody who proves an address and does not know
// the password that was entered with it.
var ErrPasswordChosen = problem.Denied("password_wrong", "This is not the password that was chosen. If you have not signed up, leave it: nothing happens.").At("password")

// SignUp keeps what somebody entered and writes to their address. Whether that
// address has an account, nobody learns but who reads its letters.
//
// The browser is remembered by the token that comes back: only there the link in the
// letter is enough.
func (a *Accounts) SignUp(ctx context.Context, s SignUp, b Browser) (device string, err error) {
	from := b.Origin
	s.Name, s.Organisation, s.Email = strings.TrimSpace(s.Name), strings.TrimSpace(s.Organisation), strings.TrimSpace(s.Email)
	if err := s.check(); err != nil {
		return "", err
	}
	at := a.Clock()
	if _, err := a.Records.Try(ctx, at, Guarded{lettersTo(s.Email), letterPace}, Guarded{lettersFrom(from), addressPace}); err != nil {
		return "", err
	}
	device = a.entering(b).Device
	s.Browser = HashToken(device)
	if s.Hashed, err = a.Hasher.Hash(ctx, s.Password); err != nil {
		return "", err
	}
	token := NewToken()
	s.ID, s.At, s.Until = id.New(id.SignUp), at, at.Add(SignUpFor)
	n := Notice{ID: id.New(id.Notice), Kind: ProveAddress, At: at, To: Address{Name: s.Name, Email: s.Email}, Link: a.link("/prove/" + token), Good: s.Until}
	user, err := a.Records.UserByEmail(ctx, s.Email)
	switch {
	case err == nil:
		n.Kind, n.User, n.To, n.Link, n.Good = KnownAlready, user.ID, user.Address(), a.link("/sign-in"), time.Time{}
		err = a.Records.AddNotice(ctx, n)
	case problem.Of(err).Kind == problem.KindMissing:
		err = a.Records.Promise(ctx, s, HashToken(token), n)
	}
	if err == nil {
		a.Post(ctx, n.ID)
	}
	return device, err
}

func (s SignUp) check() error {
	if err := checkName(s.Name); err != nil {
		return err
	}
	if err := checkName(s.Organisation); err != nil {
		return problem.Invalid("organisation_missing", "Please give the name of your organisation, in at most 100 characters.").At("organisation")
	}
	if err := checkEmail(s.Email); err != nil {
		return err
	}
	return CheckPassword(s.Password, s.Name, s.Email)
}

// Promised shows whom a link in a letter proves, before it is used: mail scanners
// open links, and nothing may come of that.
func (a *Accounts) Promised(ctx context.Context, token string, from Origin) (SignUp, error) {
	s, err := a.Records.Promised(ctx, HashToken(token), a.Clock())
	return s, a.brought(ctx, err, from)
}

// brought counts a link that does not open against the address that brought it.
func (a *Accounts) brought(ctx context.Context, err error, from Origin) error {
	if !errors.Is(err, ErrLink) {
		return err
	}
	return a.Guessed(ctx, err, from)
}

// Guessed counts a link that nobody has made against the address that brought it, and
// answers with err, or with how long to wait. A link that opens is never kept
// waiting: it is too long to be guessed, and a whole office may share an address.
func (a *Accounts) Guessed(ctx context.Context, err error, from Origin) error {
	if _, slowed := a.Records.Try(ctx, a.Clock(), Guarded{linksFrom(from), addressPace}); slowed != nil {
		return slowed
	}
	return err
}

// Entered tells whether it was entered with that browser.
func (s SignUp) Entered(b Browser) bool {
	return subtle.ConstantTimeCompare(s.Browser, HashToken(b.Device)) == 1
}

// Prove makes the organisation, its head and their first team, and signs them in.
// With another browser than the one that signed up, the password is asked for: or
// somebody could sign up with a stranger's address, and wait until that stranger
// proves it for them.
func (a *Accounts) Prove(ctx context.Context, token, password string, b Browser) (Entered, error) {
	s, err := a.Promised(ctx, token, b.Origin)
	if err != nil {
		return Entered{}, err
	}
	if !s.Entered(b) {
		if err := a.chosen(ctx, s, password, b.Origin); err != nil {
			return Entered{}, err
		}
	}
	at := a.Clock()
	user := User{ID: id.New(id.User), Organisation: id.New(id.Organisation), Name: s.Name, Email: s.Email, Head: true, CreatedAt: at, ProvedAt: at}
	entered := a.entering(b)
	err = a.Records.Found(ctx, Founding{
		SignUp: s, Hash: HashToken(token), Region: a.Region, User: user, Secrets: Secrets{Password: s.Hashed}, Team: id.New(id.Team),
		Session: NewSession(id.New(id.Session), user.ID, Open, at, b.Origin), Token: HashToken(entered.Token), Device: HashToken(entered.Device),
		Deed: Deed{Kind: "organisation.founded", From: b.Origin},
	})
	if errors.Is(err, ErrEmailTaken) {
		err = ErrLink.Because(err)
	}
	return entered, err
}

// chosen takes the password that was chosen when somebody signed up.
func (a *Accounts) chosen(ctx context.Context, s SignUp, password string, o Origin) error {
	guarded := Guarded{"sign-up " + s.ID, codePace}
	if _, err := a.Records.Try(ctx, a.Clock(), guarded, Guarded{from(o), addressPace}); err != nil {
		return err
	}
	fits, _, err := a.Hasher.Verify(ctx, s.Hashed, password)
	if err == nil && !fits {
		err = ErrPasswordChosen
	}
	if err != nil {
		return err
	}
	return a.Records.Forgive(ctx, []string{guarded.Subject}, []string{from(o)})
}
