package salesforce

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"chancery/connectors"
)

// fault is an error of Salesforce: a list of these, or one as part of an answer,
// where its code has another name.
type fault struct {
	Message    string   `json:"message"`
	ErrorCode  string   `json:"errorCode"`
	StatusCode string   `json:"statusCode"`
	Fields     []string `json:"fields"`
}

// troubles is what can be done about each code. One that is not here is judged by
// the status of the answer.
var troubles = map[string]connectors.Trouble{
	"INVALID_SESSION_ID":         connectors.Expired,
	"INVALID_AUTH_HEADER":        connectors.Expired,
	"API_DISABLED_FOR_ORG":       connectors.Refused,
	"REQUEST_LIMIT_EXCEEDED":     connectors.Throttled,
	"CONCURRENT_REQUESTS":        connectors.Throttled,
	"UNABLE_TO_LOCK_ROW":         connectors.Busy,
	"ROW_LOCK":                   connectors.Busy,
	"SERVER_UNAVAILABLE":         connectors.Busy,
	"UNKNOWN_EXCEPTION":          connectors.Busy,
	"QUERY_TIMEOUT":              connectors.Busy,
	"ORG_LOCKED":                 connectors.Busy,
	"NOT_FOUND":                  connectors.Gone,
	"ENTITY_IS_DELETED":          connectors.Gone,
	"INVALID_QUERY_LOCATOR":      connectors.Changed,
	"PRECONDITION_FAILED":        connectors.Changed,
	"ENTITY_IS_LOCKED":           connectors.Refused, // by an approval: a person must unlock it
	"DUPLICATES_DETECTED":        connectors.Refused,
	"REQUIRED_FIELD_MISSING":     connectors.Refused,
	"INSUFFICIENT_ACCESS":        connectors.Refused,
	"STORAGE_LIMIT_EXCEEDED":     connectors.Refused,
	"FIELD_INTEGRITY_EXCEPTION":  connectors.Refused,
	"CANNOT_INSERT_UPDATE":       connectors.Refused,
	"MALFORMED_QUERY":            connectors.Refused,
	"EXCEEDED_ID_LIMIT":          connectors.Refused,
	"FIELD_CUSTOM_VALIDATION":    connectors.Refused,
	"TRANSACTION_LIMIT_EXCEEDED": connectors.Refused,
}

// dayLimitWait is how long to wait when the calls of a day are used up: the org
// counts them over 24 hours that move on.
const dayLimitWait = 15 * time.Minute

// failed turns an answer that is no success into a failure.
func (c *Client) failed(got answer) *connectors.Failure {
	var faults []fault
	if json.Unmarshal(got.body, &faults) != nil || len(faults) == 0 {
		faults = []fault{{}}
	}
	f := failure(got.status, faults[0])
	f.Wait = after(got.header.Get("Retry-After"), c.now())
	if f.Trouble == connectors.Throttled && f.Wait == 0 {
		f.Wait = dayLimitWait
	}
	return f
}

func (c *Client) now() time.Time {
	if c.config.Now == nil {
		return time.Now()
	}
	return c.config.Now()
}

func failure(status int, said fault) *connectors.Failure {
	code := said.ErrorCode
	if code == "" {
		code = said.StatusCode
	}
	words := said.Message
	if words == "" {
		words = "Salesforce answers " + strconv.Itoa(status) + "."
	}
	f := &connectors.Failure{Trouble: byStatus(status), Code: clip(code), Words: clip(words)}
	if trouble, known := troubles[code]; known {
		f.Trouble = trouble
	}
	for _, name := range said.Fields {
		f.Fields = append(f.Fields, clip(name))
	}
	return f
}

func byStatus(status int) connectors.Trouble {
	switch {
	case status == http.StatusUnauthorized:
		return connectors.Expired
	case status == http.StatusTooManyRequests:
		return connectors.Throttled
	case status == http.StatusNotFound || status == http.StatusGone:
		return connectors.Gone
	case status == http.StatusPreconditionFailed:
		return connectors.Changed
	case status == http.StatusRequestTimeout || status >= 500:
		return connectors.Busy
	}
	return connectors.Refused
}

// after reads Retry-After: seconds, or a date.
func after(header string, now time.Time) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil {
		return time.Duration(min(max(seconds, 0), 86400)) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(at.Sub(now), 0), 24*time.Hour)
	}
	return 0
}

// clip makes one harmless line of what a system said, no longer than is kept.
func clip(words string) string {
	words = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(words, "\uFFFD"))
	words = strings.Join(strings.Fields(words), " ")
	for len(words) > connectors.MaxWords {
		_, size := utf8.DecodeLastRuneInString(words[:connectors.MaxWords])
		words = words[:connectors.MaxWords-max(size, 1)]
	}
	return words
}
