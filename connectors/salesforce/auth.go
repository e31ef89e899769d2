package salesforce

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"chancery/connectors"
)

// Grant is a way of OAuth by which the hub comes to a token.
type Grant string

const (
	ByKey     Grant = "jwt"                // a key of ours whose certificate is in the app; nobody needs to be there
	BySecret  Grant = "client_credentials" // a secret of the app
	ByConsent Grant = "refresh_token"      // somebody has said yes in a browser
)

// Credentials are what an org is spoken to with. All but Grant, LoginURL, ClientID
// and Username is secret.
type Credentials struct {
	Grant        Grant  `json:"grant"`
	LoginURL     string `json:"login_url"` // such as https://login.salesforce.com or the org's own https://….my.salesforce.com
	ClientID     string `json:"client_id"` // the consumer key
	ClientSecret string `json:"client_secret,omitempty"`
	Username     string `json:"username,omitempty"`    // for ByKey
	PrivateKey   string `json:"private_key,omitempty"` // for ByKey, PEM of an RSA key
	RefreshToken string `json:"refresh_token,omitempty"`
}

func (c Credentials) check() error {
	u, err := url.Parse(c.LoginURL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || c.ClientID == "":
		return errors.New("salesforce: a login address and a consumer key are needed")
	case c.Grant == ByKey:
		if c.Username == "" {
			return errors.New("salesforce: a user name is needed")
		}
		_, err := c.key()
		return err
	case c.Grant == BySecret && c.ClientSecret != "", c.Grant == ByConsent && c.RefreshToken != "":
		return nil
	}
	return errors.New("salesforce: the secret of this way to sign in is missing")
}

func (c Credentials) key() (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(c.PrivateKey))
	if block == nil {
		return nil, errors.New("salesforce: the private key is not PEM")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("salesforce: the private key is not an RSA key")
	}
	return key, nil
}

// session is a token and where it is good.
type session struct{ token, instance, org string }

// login holds the session that all callers share.
type login struct {
	mu      sync.Mutex
	held    session
	refresh string // the newest refresh token
}

// session returns the session, making one when there is none or only the one that
// was found to have ended. Many that ask at once sign in once.
func (c *Client) session(ctx context.Context, ended session) (session, error) {
	c.login.mu.Lock()
	held := c.login.held
	c.login.mu.Unlock()
	if held.token != "" && held.token != ended.token {
		return held, nil
	}
	// One caller who gives up does not take the others' session away.
	made := c.flight.DoChan("login:"+ended.token, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
		defer cancel()
		return c.signIn(ctx)
	})
	select {
	case result := <-made:
		s, _ := result.Val.(session)
		return s, result.Err
	case <-ctx.Done():
		return session{}, ctx.Err()
	}
}

func (c *Client) signIn(ctx context.Context) (session, error) {
	form, err := c.form()
	if err != nil {
		return session{}, err
	}
	got, err := c.post(ctx, form)
	if err != nil {
		return session{}, err
	}
	made := session{got.AccessToken, strings.TrimRight(got.InstanceURL, "/"), orgOf(got.ID)}
	instance, err := url.Parse(made.instance)
	if err != nil || made.token == "" || instance.Host == "" || instance.Scheme != "https" && !strings.HasPrefix(c.config.Credentials.LoginURL, "http:") {
		return session{}, strange(errors.New("a token without an address where it is good"))
	}
	c.remember(got.RefreshToken)
	if c.config.Keep != nil {
		// Before the session is used: a refresh token that was lost now cannot be had again.
		if err := c.config.Keep(ctx, made.org, got.RefreshToken); err != nil {
			return session{}, fmt.Errorf("keep what signing in has brought: %w", err)
		}
	}
	c.login.mu.Lock()
	defer c.login.mu.Unlock()
	c.login.held = made
	return made, nil
}

// remember keeps the newest refresh token for the next time; "" is the same as before.
func (c *Client) remember(refresh string) {
	c.login.mu.Lock()
	defer c.login.mu.Unlock()
	if refresh != "" {
		c.login.refresh = refresh
	}
}

// form is the question to the token endpoint.
func (c *Client) form() (url.Values, error) {
	with := c.config.Credentials
	form := url.Values{"client_id": {with.ClientID}}
	if with.ClientSecret != "" {
		form.Set("client_secret", with.ClientSecret)
	}
	switch with.Grant {
	case ByKey:
		assertion, err := with.assertion(c.config.Now())
		return url.Values{"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion": {assertion}}, err
	case BySecret:
		form.Set("grant_type", "client_credentials")
	case ByConsent:
		c.login.mu.Lock()
		defer c.login.mu.Unlock()
		if c.login.refresh == "" {
			c.login.refresh = with.RefreshToken
		}
		form.Set("grant_type", "refresh_token")
		form.Set("refresh_token", c.login.refresh)
	}
	return form, nil
}

// lifetime of an assertion: as long as Salesforce allows.
const lifetime = 3 * time.Minute

// assertion is the JWT of RFC 7523 by which we say who we are.
func (c Credentials) assertion(now time.Time) (string, error) {
	key, err := c.key()
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{"iss": c.ClientID, "sub": c.Username, "aud": c.audience(), "exp": now.Add(lifetime).Unix()})
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256"}`)) + "." + base64.RawURLEncoding.EncodeToString(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign the assertion: %w", err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature), nil
}

// audience is who the assertion is for: the common address of the kind of org, also
// when we ask at the org's own.
func (c Credentials) audience() string {
	u, err := url.Parse(c.LoginURL)
	switch {
	case err != nil || !strings.HasSuffix(u.Hostname(), ".my.salesforce.com"):
		return strings.TrimRight(c.LoginURL, "/")
	case strings.HasSuffix(u.Hostname(), ".sandbox.my.salesforce.com"):
		return "https://test.salesforce.com"
	}
	return "https://login.salesforce.com"
}

type tokens struct {
	AccessToken  string `json:"access_token"`
	InstanceURL  string `json:"instance_url"`
	RefreshToken string `json:"refresh_token"`
	ID           string `json:"id"`
	Error        string `json:"error"`
	Description  string `json:"error_description"`
}

// orgOf takes the organisation's id from an identity: https://…/id/00D…/005….
func orgOf(identity string) string {
	if parts := strings.Split(identity, "/"); len(parts) >= 2 {
		return parts[len(parts)-2]
	}
	return ""
}

// post asks the token endpoint. Its address has nothing secret; the form has.
func (c *Client) post(ctx context.Context, form url.Values) (tokens, error) {
	return ask(ctx, c, c.config.Credentials.LoginURL, form)
}

func ask(ctx context.Context, c *Client, login string, form url.Values) (tokens, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimRight(login, "/")+"/services/oauth2/token", strings.NewReader(form.Encode()))
	if err != nil {
		return tokens{}, withoutAddress(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got, err := c.send(request)
	if err != nil {
		return tokens{}, fmt.Errorf("sign in: %w", err)
	}
	var answer tokens
	readable := json.Unmarshal(got.body, &answer) == nil
	switch {
	case got.status == http.StatusOK && readable:
		return answer, nil
	case got.status >= 400 && got.status < 500 && got.status != http.StatusTooManyRequests && answer.Error != "":
		return tokens{}, fmt.Errorf("sign in: %w", &connectors.Failure{Trouble: connectors.Expired, Code: clip(answer.Error), Words: clip(answer.Description)})
	}
	return tokens{}, fmt.Errorf("sign in: %w", c.failed(got))
}

// AuthorizeURL is where a person says yes in a browser; challenge is that of
// the verifier (RFC 7636).
func AuthorizeURL(login, clientID, redirect, state, challenge string) string {
	return strings.TrimRight(login, "/") + "/services/oauth2/authorize?" + url.Values{"response_type": {"code"}, "client_id": {clientID}, "redirect_uri": {redirect},
		"state": {state}, "scope": {"api refresh_token id"}, "code_challenge": {challenge}, "code_challenge_method": {"S256"}}.Encode()
}

// Exchange makes credentials of the code that a browser came back with. secret may be "".
func Exchange(ctx context.Context, client *http.Client, login, clientID, secret, redirect, code, verifier string) (Credentials, error) {
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "client_id": {clientID}, "redirect_uri": {redirect}, "code_verifier": {verifier}}
	if secret != "" {
		form.Set("client_secret", secret)
	}
	got, err := ask(ctx, &Client{http: client}, login, form)
	if err != nil {
		return Credentials{}, err
	}
	made := Credentials{Grant: ByConsent, LoginURL: login, ClientID: clientID, ClientSecret: secret, RefreshToken: got.RefreshToken}
	return made, made.check()
}

// Test signs in and tells as whom. The API is asked first: who may sign in may still
// not use it, and it alone says when a token has ended.
func (c *Client) Test(ctx context.Context) (string, error) {
	if err := c.do(ctx, call{method: http.MethodGet, path: "/limits"}, nil); err != nil {
		return "", err
	}
	var who struct {
		Name string `json:"preferred_username"`
		Org  string `json:"organization_id"`
	}
	if err := c.do(ctx, call{method: http.MethodGet, path: "/services/oauth2/userinfo"}, &who); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s in org %s", clip(who.Name), clip(who.Org)), nil
}

// Org returns the id of the organisation, for those who claim to speak for it.
func (c *Client) Org(ctx context.Context) (string, error) {
	s, err := c.session(ctx, session{})
	return s.org, err
}
