package hubspottest

import (
	"fmt"
	"net/http"
	"strings"
)

// allowed looks at the bearer token.
func (a *Account) allowed(r *http.Request) (answer, bool) {
	token, given := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch {
	case given && token != "" && (token == a.Token || a.access[token]):
		return answer{}, true
	case strings.HasPrefix(token, "oauth-"):
		return refusal(http.StatusUnauthorized, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired 0 second(s) ago."), false
	}
	return refusal(http.StatusUnauthorized, "INVALID_AUTHENTICATION",
		"Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview"), false
}

// token gives out an access token for the refresh token (RFC 6749, 6). Its refusals
// have a shape of their own, which is not that of the RFC.
func (a *Account) token(r *http.Request) answer {
	if r.Method != http.MethodPost || r.ParseForm() != nil || r.PostForm.Get("grant_type") != "refresh_token" {
		return answer{status: http.StatusBadRequest, body: map[string]any{"status": "BAD_GRANT_TYPE", "message": "missing or unknown grant type"}}
	}
	if r.PostForm.Get("client_id") != a.ClientID || r.PostForm.Get("client_secret") != a.ClientSecret {
		return answer{status: http.StatusBadRequest, body: map[string]any{"status": "BAD_CLIENT_ID", "message": "missing or unknown client id"}}
	}
	if given := r.PostForm.Get("refresh_token"); given == "" || given != a.Refresh {
		return answer{status: http.StatusBadRequest, body: map[string]any{"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token", "correlationId": "1f"}}
	}
	a.usage.Tokens++
	token := fmt.Sprintf("oauth-%06d", a.usage.Tokens)
	a.access[token] = true
	return ok(map[string]any{"access_token": token, "refresh_token": a.Refresh, "token_type": "bearer", "expires_in": 1800})
}
