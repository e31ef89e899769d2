package salesforcetest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Limits of composite requests.
const (
	maxSubrequests = 25
	maxQueries     = 5 // of the subrequests
	maxCollection  = 200
)

type subrequest struct {
	Method      string            `json:"method"`
	URL         string            `json:"url"`
	ReferenceID string            `json:"referenceId"`
	HTTPHeaders map[string]string `json:"httpHeaders"`
	Body        any               `json:"body"`
}

type subresponse struct {
	Body           any               `json:"body"`
	HTTPHeaders    map[string]string `json:"httpHeaders"`
	HTTPStatusCode int               `json:"httpStatusCode"`
	ReferenceID    string            `json:"referenceId"`
}

func (o *Org) composite(t *tx, q request) reply {
	data, _ := q.raw()
	var asked struct {
		AllOrNone        bool         `json:"allOrNone"`
		CompositeRequest []subrequest `json:"compositeRequest"`
	}
	if err := decode(data, &asked); err != nil {
		return refused(err)
	}
	if err := sound(asked.CompositeRequest); err != nil {
		return refused(err)
	}
	changes, undo := t.mark()
	answers := map[string]any{}
	var all []subresponse
	failed := -1
	for i, sub := range asked.CompositeRequest {
		answer := o.part(t, q, sub, answers)
		if answer.status < 300 {
			answers[sub.ReferenceID] = generic(answer.body)
		} else if failed < 0 {
			failed = i
		}
		headers := answer.header
		if headers == nil {
			headers = map[string]string{}
		}
		all = append(all, subresponse{answer.body, headers, answer.status, sub.ReferenceID})
		if failed >= 0 && asked.AllOrNone {
			break
		}
	}
	if failed >= 0 && asked.AllOrNone {
		t.back(changes, undo)
		all = halted(asked.CompositeRequest, all, failed)
	}
	return ok(map[string]any{"compositeResponse": all})
}

// sound says what is wrong with a composite as a whole.
func sound(subs []subrequest) *apiError {
	seen := map[string]bool{}
	queries := 0
	for _, sub := range subs {
		if !strings.HasPrefix(sub.URL, "/services/data/v") {
			return fault("INVALID_INPUT", "The url property of a subrequest must start with /services/data/vXX.X/")
		}
		if sub.ReferenceID == "" || seen[sub.ReferenceID] {
			return fault("INVALID_INPUT", "The referenceId '"+sub.ReferenceID+"' is missing or not unique")
		}
		seen[sub.ReferenceID] = true
		if strings.Contains(sub.URL, "/query") || strings.Contains(sub.URL, "/composite/sobjects") {
			queries++
		}
	}
	switch {
	case len(subs) == 0:
		return fault("INVALID_INPUT", "The compositeRequest must not be empty")
	case len(subs) > maxSubrequests:
		return fault("LIMIT_EXCEEDED", "The compositeRequest contains more than the limit of 25 subrequests")
	case queries > maxQueries:
		return fault("LIMIT_EXCEEDED", "The compositeRequest contains more than the limit of 5 query or collection subrequests")
	}
	return nil
}

// halted is what becomes of all the others when one fails and all should stand or fall together.
func halted(subs []subrequest, done []subresponse, failed int) []subresponse {
	all := make([]subresponse, len(subs))
	for i, sub := range subs {
		if i == failed {
			all[i] = done[i]
			continue
		}
		why := fault("PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed.")
		all[i] = subresponse{[]*apiError{why}, map[string]string{}, http.StatusBadRequest, sub.ReferenceID}
	}
	return all
}

// part does one of the subrequests.
func (o *Org) part(t *tx, q request, sub subrequest, answers map[string]any) reply {
	address, missing := fill(sub.URL, answers)
	body, lacks := fillAll(sub.Body, answers)
	if lacks != "" {
		missing = lacks
	}
	if missing != "" {
		name, _, _ := strings.Cut(missing, ".")
		return refused(fault("PROCESSING_HALTED", fmt.Sprintf("Invalid reference specified. No value for %s found in %s", missing, name)))
	}
	u, err := url.Parse(address)
	if err != nil {
		return refused(notFound())
	}
	match := apiPath.FindStringSubmatch(u.Path)
	if match == nil {
		return refused(notFound())
	}
	one := request{method: sub.Method, version: match[1], path: strings.Trim(match[2], "/"), query: u.Query()}
	one.header = func(name string) string {
		for given, value := range sub.HTTPHeaders {
			if strings.EqualFold(given, name) {
				return value
			}
		}
		return ""
	}
	one.fields = func() (row, *apiError) {
		fields, fine := body.(map[string]any)
		if !fine {
			return nil, unreadable("The body of a subrequest must be an object")
		}
		return fields, nil
	}
	one.raw = func() ([]byte, *apiError) {
		data, err := json.Marshal(body)
		if err != nil {
			return nil, unreadable("The body of a subrequest cannot be read")
		}
		return data, nil
	}
	if one.path == "composite" {
		return refused(notFound())
	}
	return o.call(t, one)
}

var reference = regexp.MustCompile(`@\{([A-Za-z0-9_]+(?:(?:\.[A-Za-z0-9_]+)|(?:\[\d+\]))*)\}`)

// fill puts what earlier answers brought in place of references to it.
func fill(text string, answers map[string]any) (filled, missing string) {
	filled = reference.ReplaceAllStringFunc(text, func(found string) string {
		path := reference.FindStringSubmatch(found)[1]
		value, ok := look(answers, path)
		if !ok {
			missing = path
		}
		return fmt.Sprint(value)
	})
	return filled, missing
}

func look(answers map[string]any, path string) (any, bool) {
	var at any = answers
	for step := range strings.SplitSeq(strings.NewReplacer("[", ".", "]", "").Replace(path), ".") {
		switch inside := at.(type) {
		case map[string]any:
			at = inside[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(inside) {
				return nil, false
			}
			at = inside[n]
		default:
			return nil, false
		}
	}
	return at, at != nil
}

func fillAll(body any, answers map[string]any) (filled any, missing string) {
	switch v := body.(type) {
	case string:
		return fill(v, answers)
	case map[string]any:
		made := map[string]any{}
		for name, value := range v {
			inside, lacks := fillAll(value, answers)
			if made[name] = inside; lacks != "" {
				missing = lacks
			}
		}
		return made, missing
	case []any:
		made := make([]any, len(v))
		for i, value := range v {
			inside, lacks := fillAll(value, answers)
			if made[i] = inside; lacks != "" {
				missing = lacks
			}
		}
		return made, missing
	}
	return body, ""
}

// generic is an answer as it reads after it was written.
func generic(body any) any {
	data, err := json.Marshal(body)
	if err != nil {
		return nil
	}
	var made any
	if decode(data, &made) != nil {
		return nil
	}
	return made
}
