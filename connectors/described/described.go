// Package described connects any system with a JSON API, by a description in place
// of code:
//
//	Deal:
//	  read: {path: "/deals/{id}", fields: reply.data, version: reply.data.updated_at}
//	  write: {method: PATCH, path: "/deals/{id}", body: '{"data": fields}', match: true, not: [id]}
//	  find: {path: "/deals?since={since}&page={cursor}", list: reply.items.map(i, i.id), next: reply.?next.orValue("")}
//	  file: {path: "/deals/{id}/files", part: file}
//	  sample: {name: Mill, amount: 12.5, contact: {email: ann@example.com}}
//
// Paths are templates: {id}, {since} and {cursor} are filled in, escaped, and
// nothing else can come into them. fields, version, body, list and next are CEL over
// reply (and fields, version, id in a body). The sample says which fields there are,
// so that a mapping can be checked.
package described

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"chancery/connectors"
	"chancery/connectors/mapping"
	"chancery/connectors/rest"
	"chancery/problem"
)

// Settings of a connection.
const (
	settingAddress  = "address"
	settingAuth     = "auth"
	settingToken    = "token"
	settingHeader   = "header"
	settingUser     = "user"
	settingTokenURL = "token_url"
	settingScope    = "scope"
	settingRecords  = "records"
)

// Ways to sign in.
const (
	authNone   = "none"
	authBearer = "bearer"
	authBasic  = "basic"
	authHeader = "header"
	authClient = "client_credentials"
)

// System returns the connector.
func System() connectors.System {
	return connectors.System{
		Name: "http", Title: "Any JSON API",
		Settings: []connectors.Setting{
			{Name: settingAddress, Title: "Address", Help: "What every path begins with, such as https://crm.example.com/api."},
			{Name: settingAuth, Title: "Signing in", Choices: []string{authNone, authBearer, authBasic, authHeader, authClient}},
			{Name: settingUser, Title: "User or client id", Optional: true},
			{Name: settingToken, Title: "Token, password or client secret", Secret: true, Optional: true},
			{Name: settingHeader, Title: "Header that holds the token", Help: "For header, such as X-Api-Key.", Optional: true},
			{Name: settingTokenURL, Title: "Token address", Help: "For client_credentials (RFC 6749, 4.4).", Optional: true},
			{Name: settingScope, Title: "Scope", Optional: true},
			{Name: settingRecords, Title: "Records", Help: "What the system has and where, in YAML.", Lines: true},
		},
		Open: connectors.Once(open),
	}
}

// described is how one type of record is read and written.
type described struct {
	Read   reading        `yaml:"read"`
	Write  *writing       `yaml:"write"`
	Find   *finding       `yaml:"find"`
	File   *filing        `yaml:"file"`
	Sample map[string]any `yaml:"sample"`
}

type reading struct {
	Path    string `yaml:"path"`
	Fields  string `yaml:"fields"`
	Version string `yaml:"version"`

	fields, version *mapping.Expression
}

type writing struct {
	Method string   `yaml:"method"`
	Path   string   `yaml:"path"`
	Body   string   `yaml:"body"`
	Match  bool     `yaml:"match"` // send the version as If-Match (RFC 9110, 13.1.1)
	Not    []string `yaml:"not"`   // fields of the sample that nobody can write

	body *mapping.Expression
}

type finding struct {
	Path string `yaml:"path"`
	List string `yaml:"list"`
	Next string `yaml:"next"`

	list, next *mapping.Expression
}

type filing struct {
	Path string `yaml:"path"`
	Part string `yaml:"part"`
}

// account is an opened connection.
type account struct {
	client *rest.Client
	types  map[string]*described
}

// maxRecords bounds the description, in bytes.
const maxRecords = 16 << 10

func open(c connectors.Connection, client *http.Client) (connectors.Reader, error) {
	base, err := url.Parse(strings.TrimSuffix(c.Settings[settingAddress], "/"))
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, problem.Invalid("setting_invalid", "The address of the system is a URL such as https://crm.example.com/api.").At("settings.%s", settingAddress)
	}
	types, err := read(c.Settings[settingRecords])
	if err != nil {
		return nil, err
	}
	asking := &rest.Client{HTTP: client, Base: base.String(), Explain: explain}
	return &account{asking, types}, signIn(asking, c.Settings)
}

// read reads and checks the description.
func read(text string) (map[string]*described, error) {
	types := map[string]*described{}
	if len(text) > maxRecords {
		return nil, problem.TooLarge("text_too_long", "A text is longer than its place allows.").At("settings.%s", settingRecords)
	}
	if err := yaml.UnmarshalWithOptions([]byte(text), &types, yaml.Strict()); err != nil {
		return nil, problem.Invalid("setting_invalid", "The description of the records cannot be read: "+connectors.Clean(yaml.FormatError(err, false, false))).At("settings.%s", settingRecords)
	}
	for name, t := range types {
		if t == nil {
			return nil, problem.Invalid("setting_invalid", "A type of record says nothing.").At("settings.%s.%s", settingRecords, name)
		}
		if err := t.compile(); err != nil {
			return nil, problem.Invalid("setting_invalid", problem.Of(err).Public).At("settings.%s.%s", settingRecords, name)
		}
	}
	if len(types) == 0 {
		return nil, problem.Invalid("setting_missing", "Describe at least one type of record.").At("settings.%s", settingRecords)
	}
	return types, nil
}

// Marks that a path may hold.
var (
	ofOne  = []string{"{id}"}
	ofMany = []string{"{since}", "{cursor}"}
)

// compile reads every expression and template.
func (d *described) compile() error {
	type formula struct {
		source string
		into   **mapping.Expression
		names  []string
	}
	over := []string{"reply"}
	err := checkPath(d.Read.Path, ofOne)
	formulas := []formula{{d.Read.Fields, &d.Read.fields, over}, {d.Read.Version, &d.Read.version, over}}
	if d.Write != nil {
		err = errors.Join(err, checkPath(d.Write.Path, ofOne))
		formulas = append(formulas, formula{d.Write.Body, &d.Write.body, []string{"fields", "version", "id"}})
	}
	if d.Find != nil {
		err = errors.Join(err, checkPath(d.Find.Path, ofMany))
		formulas = append(formulas, formula{d.Find.List, &d.Find.list, over}, formula{d.Find.Next, &d.Find.next, over})
	}
	if d.File != nil {
		err = errors.Join(err, checkPath(d.File.Path, ofOne))
	}
	if err != nil {
		return err
	}
	for _, f := range formulas {
		if f.source == "" {
			continue
		}
		made, err := mapping.NewExpression(f.source, f.names...)
		if err != nil {
			return err
		}
		*f.into = &made
	}
	return nil
}

// checkPath lets a template stay on its host: it begins with one slash, and nothing is
// filled into it but these marks.
func checkPath(path string, marks []string) error {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n#") || strings.Contains(path, "..") {
		return problem.Invalid("setting_invalid", "A path begins with one slash and stays below the address.")
	}
	if slices.Equal(marks, ofOne) && !strings.Contains(path, "{id}") {
		return problem.Invalid("setting_invalid", "A path of one record holds {id}.")
	}
	for _, mark := range marks {
		path = strings.ReplaceAll(path, mark, "")
	}
	if strings.ContainsAny(path, "{}") {
		return problem.Invalid("setting_invalid", "A path is filled with other than "+strings.Join(marks, " and ")+".")
	}
	return nil
}

// needs are what each way of signing in cannot do without, and what to say where it is
// missing. A user without a password is one: some systems take a key in its place.
var needs = map[string][]struct{ setting, missing string }{
	authBearer: {{settingToken, "Signing in by bearer needs the token."}},
	authBasic:  {{settingUser, "Signing in by basic needs the user."}},
	authHeader: {{settingHeader, "Say which header holds the token."}, {settingToken, "Signing in by header needs the token."}},
	authClient: {{settingUser, "Signing in by client_credentials needs the client id."}, {settingToken, "Signing in by client_credentials needs the client secret."},
		{settingTokenURL, "Say where tokens are given out."}},
}

// signIn gives the client its credentials.
func signIn(c *rest.Client, settings map[string]string) error {
	for _, need := range needs[settings[settingAuth]] {
		if strings.TrimSpace(settings[need.setting]) == "" {
			return problem.Invalid("setting_missing", need.missing).At("settings.%s", need.setting)
		}
	}
	token := settings[settingToken]
	switch settings[settingAuth] {
	case authNone:
	case authBearer:
		c.Tokens = rest.Fixed(token)
	case authBasic:
		request := http.Request{Header: http.Header{}}
		request.SetBasicAuth(settings[settingUser], token)
		c.Header = request.Header
	case authHeader:
		name := http.CanonicalHeaderKey(settings[settingHeader])
		if strings.ContainsAny(name, " :\r\n") {
			return problem.Invalid("setting_invalid", "A header's name is one word, such as X-Api-Key.").At("settings.%s", settingHeader)
		}
		c.Header = http.Header{name: {token}}
	case authClient:
		app := clientcredentials.Config{ClientID: settings[settingUser], ClientSecret: token, TokenURL: settings[settingTokenURL]}
		if scope := settings[settingScope]; scope != "" {
			app.Scopes = strings.Fields(scope)
		}
		c.Tokens = rest.NewTokens(func(ctx context.Context) (*oauth2.Token, error) { return app.Token(ctx) })
	}
	return nil
}
