package account

import (
	"context"
	"errors"
	"strings"
	"time"

	"chancery/id"
	"chancery/problem"
)

// InvitationFor is how long somebody has to answer.
const InvitationFor = 7 * 24 * time.Hour

// Invitation asks somebody to join a team.
type Invitation struct {
	ID           string
	Organisation string
	Team         string
	Level        string
	Email        string
	By           Address // who invites
	Inviter      string  // their id
	At           time.Time
	Until        time.Time

	TeamName         string // as it is now
	OrganisationName string
	Known            bool // somebody of the organisation has that address
}

// Joining is an invitation that was accepted.
type Joining struct {
	Invitation Invitation
	Hash       []byte
	User       User // with an id that is new, unless Known
	Secrets    Secrets
	Session    Session
	Token      []byte // hash
	Device     []byte
	Deed       Deed
}

// ErrElsewhere is told to whoever accepts an invitation with an address that belongs
// to another organisation. The inviter does not learn of it.
var ErrElsewhere = problem.Conflict("account_elsewhere", "This address has an account in another organisation. An account belongs to one: please ask to be invited with another address, or have that account moved first.")

// Invite writes to somebody. An older invitation of the same address to the same
// team is replaced.
func (a *Accounts) Invite(ctx context.Context, i Invitation, words string, by User, from Origin) (Invitation, error) {
	i.Email = strings.TrimSpace(i.Email)
	if err := checkEmail(i.Email); err != nil {
		return i, err
	}
	at := a.Clock()
	if _, err := a.Records.Try(ctx, at, Guarded{lettersTo(i.Email), letterPace}); err != nil {
		return i, err
	}
	token := NewToken()
	i.ID, i.At, i.Until, i.By, i.Inviter = id.New(id.Invitation), at, at.Add(InvitationFor), by.Address(), by.ID
	n := Notice{
		ID: id.New(id.Notice), Kind: Invited, At: at, To: Address{Email: i.Email}, Link: a.link("/invitations/" + token), Good: i.Until,
		Who: by.Name, Organisation: i.OrganisationName, Team: i.TeamName, Level: words,
	}
	d := Deed{Kind: "member.invited", Team: i.Team, From: from, Detail: map[string]string{"email": i.Email, "level": i.Level}}
	if err := a.Records.Invite(ctx, i, HashToken(token), n, d); err != nil {
		return i, err
	}
	a.Post(ctx, n.ID)
	return i, nil
}

// Invited shows the invitation behind a link.
func (a *Accounts) Invited(ctx context.Context, token string, from Origin) (Invitation, error) {
	i, err := a.Records.Invited(ctx, HashToken(token), a.Clock())
	return i, a.brought(ctx, err, from)
}

// Accept joins the team. Whoever has no account yet gives a name and a password and
// is signed in; the others sign in as ever.
func (a *Accounts) Accept(ctx context.Context, token, name, password string, b Browser) (Entered, error) {
	i, err := a.Invited(ctx, token, b.Origin)
	if err != nil {
		return Entered{}, err
	}
	at := a.Clock()
	j := Joining{Invitation: i, Hash: HashToken(token), Deed: Deed{Kind: "member.joined", Team: i.Team, From: b.Origin, Detail: map[string]string{"level": i.Level}}}
	if i.Known {
		return Entered{}, a.Records.Join(ctx, j)
	}
	name = strings.TrimSpace(name)
	if err := checkName(name); err != nil {
		return Entered{}, err
	}
	if err := CheckPassword(password, name, i.Email); err != nil {
		return Entered{}, err
	}
	if j.Secrets.Password, err = a.Hasher.Hash(ctx, password); err != nil {
		return Entered{}, err
	}
	e := a.entering(b)
	j.User = User{ID: id.New(id.User), Organisation: i.Organisation, Name: name, Email: i.Email, CreatedAt: at, ProvedAt: at}
	j.Session = NewSession(id.New(id.Session), j.User.ID, Open, at, b.Origin)
	j.Token, j.Device = HashToken(e.Token), HashToken(e.Device)
	err = a.Records.Join(ctx, j)
	if errors.Is(err, ErrEmailTaken) {
		err = ErrElsewhere
	}
	return e, err
}
