package web

import (
	"errors"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/account"
	"chancery/problem"
)

// form is a page on which somebody enters something. When that cannot be taken, the
// page comes again with what was entered, less its secrets, and says why not.
type form struct {
	page
	Trouble string // what was wrong
	Field   string // where
	Values  url.Values
	Next    string // where it goes on
}

func (f *form) entered() *form { return f }

// Value is what was entered before.
func (f *form) Value(field string) string { return f.Values.Get(field) }

// Wrong marks the field that was wrong, for eyes, screen readers and the keyboard.
func (f *form) Wrong(field string) template.HTMLAttr {
	if f.Field != field || f.Trouble == "" {
		return ""
	}
	return ` aria-invalid="true" aria-describedby="trouble" autofocus`
}

// secretFields are never written into a page.
var secretFields = []string{"password", "current", "code"}

func (s *site) form(title string, r *http.Request) form {
	f := form{page: page{Title: title}, Next: inside(r.FormValue("next"))}
	if r.Method == http.MethodPost {
		f.Values = maps.Clone(r.PostForm)
		maps.DeleteFunc(f.Values, func(field string, _ []string) bool { return slices.Contains(secretFields, field) })
	}
	return f
}

// again shows the page once more and says what was wrong.
func (s *site) again(w http.ResponseWriter, name string, view interface{ entered() *form }, err error) error {
	p := problem.Of(err)
	if p.Kind == problem.KindInternal {
		return err
	}
	later(w, err)
	f := view.entered()
	f.Trouble, f.Field = p.Public, p.Field
	return s.views.show(w, statuses[p.Kind], name, view)
}

// later tells programs how long whoever guesses must wait.
func later(w http.ResponseWriter, err error) {
	var slowed *account.Slowed
	if errors.As(err, &slowed) {
		retryAfter(w, slowed.Wait)
	}
}

func retryAfter(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
}

// inside takes an address of ours to go on at, and nobody else's.
func inside(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || strings.Contains(next, `\`) {
		return ""
	}
	for _, ours := range []string{"/dashboard", "/account", "/invitations"} {
		if u.Path == ours || strings.HasPrefix(u.Path, ours+"/") {
			return next
		}
	}
	return ""
}

// goOn leads there, or to the dashboard.
func goOn(w http.ResponseWriter, r *http.Request, next string) error {
	if next == "" {
		next = "/dashboard"
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
	return nil
}

// posted reads the form of the request, up to its limit.
func posted(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return problem.Invalid("form_invalid", "The form did not arrive whole. Please send it again.").Because(err)
	}
	return nil
}

// from is where the request comes from, for the accounts.
func (s *site) from(r *http.Request) account.Origin {
	o := s.origin(r)
	return account.Origin{Address: o.Address, Device: o.Device}
}

// browser is what the request was sent with.
func (s *site) browser(r *http.Request) account.Browser {
	b := account.Browser{Origin: s.from(r)}
	if cookie, err := r.Cookie(s.sessionCookie()); err == nil {
		b.Token = cookie.Value
	}
	if cookie, err := r.Cookie(s.deviceCookie()); err == nil {
		b.Device = cookie.Value
	}
	return b
}

// owner is somebody who has signed in, at the pages about their own account.
func (s *site) owner(r *http.Request) (visitor, error) {
	v, err := s.person(r)
	if err != nil {
		return v, err
	}
	return v, s.choose(r, &v)
}
