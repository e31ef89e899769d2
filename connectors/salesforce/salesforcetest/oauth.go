package salesforcetest

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// logins are the tokens that were given out, with the calls made with each, and what
// a browser was sent home with.
type logins struct {
	given   int
	tokens  map[string]int
	codes   map[string]grant
	refresh map[string]bool
	revoked bool // nobody gets a token any more
}

// grant is what an authorisation code stands for.
type grant struct{ redirect, challenge string }

// skew is how far clocks may differ.
const skew = 3 * time.Minute

// oauthFault is the other form of an error: an object.
func oauthFault(code, description string) reply {
	return reply{status: http.StatusBadRequest, body: map[string]string{"error": code, "error_description": description}}
}

func (o *Org) oauth(r *http.Request) reply {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch strings.TrimPrefix(r.URL.Path, "/services/oauth2/") {
	case "authorize":
		return asked(r, o.authorize(r.Form))
	case "token":
		if r.Method != http.MethodPost {
			return oauthFault("invalid_request", "must use HTTP POST")
		}
		if spend(&o.faults.Logins) {
			return reply{status: http.StatusServiceUnavailable, body: map[string]string{"error": "unknown_error", "error_description": "retry your request"}}
		}
		if o.logins.revoked {
			return oauthFault("invalid_grant", "user hasn't approved this consumer")
		}
		return o.token(r.Form)
	case "userinfo":
		if !o.known(bearer(r)) {
			return reply{status: http.StatusForbidden, raw: []byte("Bad_OAuth_Token"), header: map[string]string{"Content-Type": "text/html"}}
		}
		return ok(map[string]any{"sub": o.URL + "/id/" + o.ID + "/" + o.UserID, "user_id": o.UserID, "organization_id": o.ID,
			"preferred_username": o.Username, "name": "Hub Integration", "email": o.Username, "active": true})
	case "revoke":
		delete(o.logins.tokens, r.Form.Get("token"))
		delete(o.logins.refresh, r.Form.Get("token"))
		return reply{status: http.StatusOK}
	}
	return refused(notFound())
}

// authorize stands for the page on which a person says yes, and says it, or no.
func (o *Org) authorize(f url.Values) reply {
	if f.Get("client_id") != o.ClientID || f.Get("response_type") != "code" {
		return oauthFault("invalid_client_id", "client identifier invalid")
	}
	back := url.Values{}
	if o.faults.Unwilling {
		back.Set("error", "access_denied")
		back.Set("error_description", "end-user denied authorization")
	} else {
		code := "aPrx" + o.secret("code")
		o.logins.codes[code] = grant{f.Get("redirect_uri"), f.Get("code_challenge")}
		back.Set("code", code)
	}
	if state := f.Get("state"); state != "" {
		back.Set("state", state)
	}
	return reply{status: http.StatusFound, header: map[string]string{"Location": f.Get("redirect_uri") + "?" + back.Encode()}}
}

// asked shows a browser the page on which a person answers; programs go on at once.
func asked(r *http.Request, answer reply) reply {
	if r.Header.Get("Sec-Fetch-Dest") != "document" || answer.status != http.StatusFound {
		return answer
	}
	page := `<!doctype html><title>Allow access?</title><a id="answer" href="` + html.EscapeString(answer.header["Location"]) + `">Allow</a>`
	return reply{status: http.StatusOK, raw: []byte(page), header: map[string]string{"Content-Type": "text/html; charset=utf-8"}}
}

// secret makes the next of a row of unguessable words, the same in every org.
func (o *Org) secret(kind string) string {
	o.logins.given++
	sum := sha256.Sum256([]byte(kind + strconv.Itoa(o.logins.given)))
	return hex.EncodeToString(sum[:20])
}

func (o *Org) token(f url.Values) reply {
	switch f.Get("grant_type") {
	case "urn:ietf:params:oauth:grant-type:jwt-bearer":
		return o.assertion(f.Get("assertion"))
	case "client_credentials":
		if bad := o.client(f); bad != nil {
			return *bad
		}
		return o.give(nil)
	case "authorization_code":
		return o.exchange(f)
	case "refresh_token":
		if bad := o.client(f); bad != nil {
			return *bad
		}
		if !o.logins.refresh[f.Get("refresh_token")] {
			return oauthFault("invalid_grant", "expired access/refresh token")
		}
		if o.faults.Rotate {
			delete(o.logins.refresh, f.Get("refresh_token"))
			return o.exchanged()
		}
		return o.give(map[string]string{"issued_at": strconv.FormatInt(o.now().UnixMilli(), 10)})
	}
	return oauthFault("unsupported_grant_type", "grant type not supported")
}

// client checks who asks. A public client with PKCE has no secret; one that is given must be right.
func (o *Org) client(f url.Values) *reply {
	var bad reply
	secret, given := f["client_secret"]
	needed := f.Get("grant_type") == "client_credentials"
	switch {
	case f.Get("client_id") != o.ClientID:
		bad = oauthFault("invalid_client_id", "client identifier invalid")
	case given && secret[0] != o.ClientSecret || needed && !given:
		bad = oauthFault("invalid_client", "invalid client credentials")
	default:
		return nil
	}
	return &bad
}

func (o *Org) exchange(f url.Values) reply {
	if bad := o.client(f); bad != nil {
		return *bad
	}
	held, there := o.logins.codes[f.Get("code")]
	delete(o.logins.codes, f.Get("code")) // once
	switch sum := sha256.Sum256([]byte(f.Get("code_verifier"))); {
	case !there:
		return oauthFault("invalid_grant", "expired authorization code")
	case held.redirect != f.Get("redirect_uri"):
		return oauthFault("redirect_uri_mismatch", "redirect_uri must match configuration")
	case held.challenge != "" && held.challenge != base64.RawURLEncoding.EncodeToString(sum[:]):
		return oauthFault("invalid_grant", "invalid code verifier")
	}
	return o.exchanged()
}

// exchanged gives out a session, and a refresh token for the time after it.
func (o *Org) exchanged() reply {
	refresh := "5Aep" + o.secret("refresh")
	o.logins.refresh[refresh] = true
	return o.give(map[string]string{"refresh_token": refresh, "issued_at": strconv.FormatInt(o.now().UnixMilli(), 10)})
}

// assertion answers the JWT bearer flow: no refresh token, and no word on how long it is good.
func (o *Org) assertion(jwt string) reply {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return oauthFault("invalid_grant", "invalid assertion")
	}
	var header struct{ Alg string }
	var claims struct {
		Iss, Sub string
		Aud      any
		Exp      json.Number
	}
	if !part(parts[0], &header) || !part(parts[1], &claims) || header.Alg != "RS256" {
		return oauthFault("invalid_grant", "invalid assertion")
	}
	if claims.Iss != o.ClientID {
		return oauthFault("invalid_client_id", "client identifier invalid")
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err != nil || rsa.VerifyPKCS1v15(o.app, crypto.SHA256, sum[:], signature) != nil {
		return oauthFault("invalid_grant", "invalid assertion")
	}
	ends, err := claims.Exp.Float64()
	switch {
	case !slices.Contains([]any{o.URL, "https://login.salesforce.com", "https://test.salesforce.com"}, claims.Aud):
		return oauthFault("invalid_grant", "audience is invalid")
	case err != nil || time.Unix(int64(ends), 0).Add(skew).Before(time.Now()):
		return oauthFault("invalid_grant", "assertion expired")
	case claims.Sub != o.Username:
		return oauthFault("invalid_grant", "user hasn't approved this consumer")
	}
	return o.give(nil)
}

func part(encoded string, to any) bool {
	data, err := base64.RawURLEncoding.DecodeString(encoded)
	return err == nil && json.Unmarshal(data, to) == nil
}

func (o *Org) give(more map[string]string) reply {
	token := o.ID[:15] + "!AQ" + o.secret("token")
	o.logins.tokens[token] = 0
	o.usage.Tokens++
	answer := map[string]string{"access_token": token, "scope": "api id", "instance_url": o.URL, "id": o.URL + "/id/" + o.ID + "/" + o.UserID, "token_type": "Bearer"}
	for name, value := range more {
		answer[name] = value
	}
	return ok(answer)
}

// known tells whether a token is good, and counts its use.
func (o *Org) known(token string) bool {
	calls, good := o.logins.tokens[token]
	if !good {
		return false
	}
	if most := o.faults.TokenCalls; most > 0 && calls >= most {
		delete(o.logins.tokens, token)
		return false
	}
	o.logins.tokens[token]++
	return true
}

func bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") && !strings.EqualFold(scheme, "OAuth") {
		return ""
	}
	return token
}
