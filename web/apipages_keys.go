package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/account"
	"chancery/id"
	"chancery/problem"
	"chancery/team"
)

var errKeyMissing = problem.Missing("key_missing", "There is no such key.")

type keysPage struct {
	apiPage
	Keys []keyRow
}

// keyRow is a key for people.
type keyRow struct {
	team.Key
	Owner  string
	State  string // good, expired, revoked
	Scopes string
	Theirs bool // to revoke
}

// keysOf are the team's keys, or the visitor's own, as far as they may see them.
func (s *site) keysOf(ctx context.Context, v visitor) ([]team.Key, error) {
	all, err := s.Administration.Keys(ctx, v.team.ID)
	return slices.DeleteFunc(all, func(k team.Key) bool { return !v.manages(k) }), err
}

func (v visitor) manages(k team.Key) bool {
	return team.May(v.actor, team.ManageKeys, team.Thing{Organisation: v.team.Organisation, Team: k.Team, Owner: k.User}) == team.Granted
}

// keysPage lists the keys, the newest first.
func (s *site) keysPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.inTeam(r)
	if err != nil {
		return err
	}
	keys, err := s.keysOf(r.Context(), v)
	if err != nil {
		return err
	}
	owners, err := s.Administration.Users(r.Context(), v.team.Organisation)
	if err != nil {
		return err
	}
	view := keysPage{apiPage: s.apiPage(w, r, v, "Keys", "")}
	for _, k := range slices.Backward(keys) {
		view.Keys = append(view.Keys, s.keyRow(k, owners))
	}
	return s.views.show(w, http.StatusOK, "keys", view)
}

func (s *site) keyRow(k team.Key, owners []account.User) keyRow {
	row := keyRow{Key: k, Owner: "whoever runs the hub", State: "good", Scopes: "Everything its owner may do", Theirs: k.Good(s.Clock())}
	for _, u := range owners {
		if u.ID == k.User {
			row.Owner = u.Name
		}
	}
	switch {
	case !k.Revoked.IsZero():
		row.State = "revoked"
	case !row.Theirs:
		row.State = "expired"
	}
	if len(k.Scopes) > 0 {
		row.Scopes = strings.Join(scopeNames(k.Scopes), ", ")
	}
	return row
}

func scopeNames(scopes []team.Scope) []string {
	names := make([]string, len(scopes))
	for i, s := range scopes {
		names[i] = string(s)
	}
	return names
}

// revokeKey ends a key at once.
func (s *site) revokeKey(w http.ResponseWriter, r *http.Request) error {
	v, err := s.inTeam(r)
	if err != nil {
		return err
	}
	keys, err := s.Administration.Keys(r.Context(), v.team.ID)
	if err != nil {
		return err
	}
	wanted := slices.IndexFunc(keys, func(k team.Key) bool { return k.ID == r.PathValue("key") && v.manages(k) })
	if wanted < 0 {
		return errKeyMissing
	}
	if err := s.Administration.RevokeKey(r.Context(), v.team.ID, keys[wanted].ID); err != nil {
		return err
	}
	s.noted(r, v, v.team.ID, "key.revoked", "key", keys[wanted].ID)
	s.tellOfKey(r, v, account.KeyRevoked, keys[wanted])
	http.Redirect(w, r, s.said(w, "/dashboard/api/keys", "The key is revoked and opens nothing any more."), http.StatusSeeOther)
	return nil
}

type configPage struct {
	apiPage
	Lacks   string // why there is no key yet
	Next    string // where to do something about it
	New     string // id of the key to be: sent twice, it is made once
	Name    string
	Scopes  []scopeChoice
	Lives   []lifeChoice
	Shown   string // the key, this once
	Login   string // what goes with it
	Command string
	Base    string // address of the API
}

type scopeChoice struct {
	team.Scope
	Words  string
	Chosen bool
}

// lifeChoice is how long a key may live.
type lifeChoice struct {
	Days   int // 0 is for ever
	Words  string
	Chosen bool
}

var lives = []lifeChoice{{30, "30 days", false}, {90, "90 days", false}, {365, "A year", true}, {0, "It does not expire", false}}

// configPage is where a key is generated.
func (s *site) configPage(w http.ResponseWriter, r *http.Request) error {
	v, err := s.somebody(r)
	if err != nil {
		return err
	}
	return s.showConfig(w, r, http.StatusOK, v, configPage{New: id.New(id.Key)}, "")
}

func (s *site) showConfig(w http.ResponseWriter, r *http.Request, status int, v visitor, view configPage, trouble string) error {
	view.apiPage = s.apiPage(w, r, v, "Config", trouble)
	view.Script = "copy.ts"
	view.Login, view.Base = v.user.Email, s.PublicURL
	switch {
	case v.user.ApprovedAt.IsZero():
		view.Lacks, view.Next = account.ErrNotApproved.Public, "/dashboard/api/access"
	case v.user.SecuredAt.IsZero():
		view.Lacks, view.Next = account.ErrNotSecured.Public, "/account"
	}
	if view.Scopes == nil {
		view.Scopes = scopeChoices(nil)
	}
	if view.Lives == nil {
		view.Lives = lives
	}
	return s.views.show(w, status, "config", view)
}

func scopeChoices(chosen []team.Scope) []scopeChoice {
	var all []scopeChoice
	for _, known := range team.Scopes {
		all = append(all, scopeChoice{known.Scope, known.Words, slices.Contains(chosen, known.Scope)})
	}
	return all
}

// makeKey generates a key and shows it in the reply, the one time that it is known.
func (s *site) makeKey(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	v, err := s.somebody(r)
	if err != nil {
		return err
	}
	k := s.wantedKey(r, v)
	shown, err := s.storeKey(r, v, k)
	if err != nil {
		p, mendable := mend(err)
		if !mendable {
			return err
		}
		return s.showConfig(w, r, statuses[p.Kind], v, configPage{New: k.ID, Name: k.Name, Scopes: scopeChoices(k.Scopes)}, p.Public)
	}
	s.noted(r, v, v.team.ID, "key.created", "key", k.ID)
	command := `curl -s ` + s.PublicURL + `/v1/team -H "Authorization: ApiKey ` + v.user.Email + `:` + shown + `"`
	return s.showConfig(w, r, http.StatusOK, v, configPage{Shown: shown, Command: command, Name: k.Name}, "")
}

func (s *site) wantedKey(r *http.Request, v visitor) team.Key {
	now := s.Clock()
	k := team.Key{ID: r.PostFormValue("id"), Team: v.team.ID, User: v.user.ID, Name: word(r, "name"), CreatedAt: now}
	for _, scope := range r.PostForm["scope"] {
		k.Scopes = append(k.Scopes, team.Scope(scope))
	}
	if days, err := strconv.Atoi(r.PostFormValue("days")); err == nil && days > 0 {
		k.ExpiresAt = now.Add(time.Duration(days) * 24 * time.Hour)
	}
	return k
}

func (s *site) storeKey(r *http.Request, v visitor, k team.Key) (string, error) {
	if !v.manages(k) {
		return "", errNotAllowed
	}
	if err := v.user.MayHaveKeys(); err != nil {
		return "", err
	}
	if !id.Is(id.Key, k.ID) {
		return "", problem.Invalid("key_invalid", "Please load the page again.").At("id")
	}
	if err := k.Check(k.CreatedAt); err != nil {
		return "", err
	}
	shown, hash, err := team.NewKey(v.team.Kind, s.Region, rand.Reader)
	if err != nil {
		return "", err
	}
	if err := s.Administration.CreateKey(r.Context(), k, hash); err != nil {
		return "", err
	}
	s.tellOfKey(r, v, account.KeyCreated, k)
	return shown, nil
}

// tellOfKey writes to the key's owner. The key is made or revoked already, so a letter
// that cannot be written must not keep anybody from seeing that.
func (s *site) tellOfKey(r *http.Request, v visitor, kind account.NoticeKind, k team.Key) {
	if err := s.Accounts.TellOfKey(r.Context(), kind, k.User, k.Name, v.team.Name, s.from(r)); err != nil {
		s.Log.ErrorContext(r.Context(), "letter about a key not written", "key", k.ID, "cause", err)
	}
}
