package hubspot

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"chancery/connectors"
	"chancery/connectors/rest"
)

// Statuses and headers of HubSpot's own.
const (
	statusMigrating = 477 // the account moves to another data centre
	headerInterval  = "X-HubSpot-RateLimit-Interval-Milliseconds"
	untilTomorrow   = time.Hour // between looks when the calls of a day are spent
)

// refusal is HubSpot's shape of an error.
type refusal struct {
	Message    string  `json:"message"`
	Category   string  `json:"category"`
	ErrorType  string  `json:"errorType"`
	PolicyName string  `json:"policyName"`
	Errors     []fault `json:"errors"`
}

// fault is one of the things that are wrong. Those that stand inside a message have
// other names for code and property.
type fault struct {
	Message string `json:"message"`
	Code    string `json:"code"`
	Error   string `json:"error"`
	Name    string `json:"name"`
	Context struct {
		Properties []string `json:"propertyName"`
	} `json:"context"`
}

// explain reads HubSpot's refusals.
func explain(r rest.Reply) connectors.Failure {
	var said refusal
	_ = json.Unmarshal(r.Body, &said) // what cannot be read is told by its status
	words, inside := said.words()
	if len(said.Errors) == 0 {
		said.Errors = inside
	}
	f := connectors.Failure{Code: cmp.Or(said.Category, said.ErrorType), Words: words}
	for _, e := range said.Errors {
		f.Code = cmp.Or(e.Code, e.Error, f.Code)
		f.Fields = append(f.Fields, e.Context.Properties...)
		if e.Name != "" {
			f.Fields = append(f.Fields, e.Name)
		}
	}
	switch {
	case said.Category == "EXPIRED_AUTHENTICATION":
		f.Trouble = connectors.Expired
	case r.Status == statusMigrating:
		f.Trouble = connectors.Busy
	case r.Status == http.StatusConflict: // a value that another record has; HubSpot knows no versions
		f.Trouble = connectors.Refused
	case said.PolicyName == "DAILY":
		f.Wait = untilTomorrow
	case r.Status == http.StatusTooManyRequests && r.Header.Get("Retry-After") == "":
		if interval, err := strconv.Atoi(r.Header.Get(headerInterval)); err == nil {
			f.Wait = time.Duration(min(max(0, interval), int(untilTomorrow/time.Millisecond))) * time.Millisecond
		}
	}
	return f
}

// words are the message without the JSON that HubSpot puts into some, such as "Property
// values were not valid: [{…}]", and what is wrong in particular, which stands there and
// beside it. Inside is what stood in the message.
func (r refusal) words() (words string, inside []fault) {
	words = r.Message
	if at := strings.Index(words, "[{"); at >= 0 {
		_ = json.NewDecoder(strings.NewReader(words[at:])).Decode(&inside) // what cannot be read is no sentence either
		words = words[:at]
	}
	words = strings.TrimRight(words, ": ")
	for _, f := range append(r.Errors, inside...) {
		if f.Message == "" || strings.Contains(words, f.Message) {
			continue
		}
		if words != "" {
			words = strings.TrimRight(words, ".") + ": "
		}
		words += f.Message
	}
	return words, inside
}
