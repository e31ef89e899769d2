package salesforce

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"chancery/connectors"
)

var (
	aName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]{0,99}$`)
	anID  = regexp.MustCompile(`^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$`)
)

// named refuses what cannot be the name of an object or a field: names stand in
// addresses and queries.
func named(names ...string) error {
	for _, name := range names {
		if !aName.MatchString(name) {
			return &connectors.Failure{Trouble: connectors.Refused, Words: "This is no name in Salesforce: " + clip(name)}
		}
	}
	return nil
}

func checkRef(ref connectors.Ref) error {
	if err := named(ref.Type); err != nil {
		return err
	}
	if !anID.MatchString(ref.ID) {
		return &connectors.Failure{Trouble: connectors.Gone, Words: "This is no id in Salesforce: " + clip(ref.ID)}
	}
	return nil
}

// Saved is what became of a record that was saved.
type Saved struct {
	ID      string  `json:"id"`
	Success bool    `json:"success"`
	Created bool    `json:"created"`
	Errors  []fault `json:"errors"`
}

// Failure tells why it was not saved; nil when it was.
func (s Saved) Failure() *connectors.Failure {
	if s.Success || len(s.Errors) == 0 {
		return nil
	}
	return failure(http.StatusBadRequest, s.Errors[0])
}

// Create makes a record, or publishes a platform event.
func (c *Client) Create(ctx context.Context, recordType string, fields map[string]any) (string, error) {
	if err := named(recordType); err != nil {
		return "", err
	}
	q, err := jsonCall(http.MethodPost, "/sobjects/"+recordType, fields)
	if err != nil {
		return "", err
	}
	var made Saved
	err = keepID(c.do(ctx, q, &made), &made)
	return made.ID, err
}

// keepID is the error, or that the answer names no record.
func keepID(err error, made *Saved) error {
	if err == nil && made.ID == "" {
		return strange(fmt.Errorf("saved without an id"))
	}
	return err
}

// Upsert makes or changes the record that another system knows by value in field.
func (c *Client) Upsert(ctx context.Context, recordType, field, value string, fields map[string]any) (Saved, error) {
	if err := named(recordType, field); err != nil {
		return Saved{}, err
	}
	q, err := jsonCall(http.MethodPatch, "/sobjects/"+recordType+"/"+field+"/"+url.PathEscape(value), fields)
	if err != nil {
		return Saved{}, err
	}
	var made Saved
	err = keepID(c.do(ctx, q, &made), &made)
	return made, err
}

// Delete removes a record.
func (c *Client) Delete(ctx context.Context, ref connectors.Ref) error {
	if err := checkRef(ref); err != nil {
		return err
	}
	return c.do(ctx, call{method: http.MethodDelete, path: "/sobjects/" + ref.Type + "/" + ref.ID}, nil)
}

// MaxCollection is how many records go into one call.
const MaxCollection = 200

// CreateAll makes up to MaxCollection records of a type in one call; each succeeds or
// fails alone unless all must.
func (c *Client) CreateAll(ctx context.Context, recordType string, records []map[string]any, allOrNone bool) ([]Saved, error) {
	if err := named(recordType); err != nil {
		return nil, err
	}
	sent := make([]map[string]any, len(records))
	for i, r := range records {
		sent[i] = map[string]any{"attributes": map[string]string{"type": recordType}}
		for name, value := range r {
			sent[i][name] = value
		}
	}
	q, err := jsonCall(http.MethodPost, "/composite/sobjects", map[string]any{"allOrNone": allOrNone, "records": sent})
	if err != nil {
		return nil, err
	}
	var made []Saved
	err = c.do(ctx, q, &made)
	return made, err
}

// Step is one call of several that Together makes in one.
type Step struct {
	Method  string            `json:"method"`
	URL     string            `json:"url"` // may have @{ref.id} of an earlier step in it
	Ref     string            `json:"referenceId"`
	Headers map[string]string `json:"httpHeaders,omitempty"`
	Body    any               `json:"body,omitempty"`
}

// Done is what became of a Step.
type Done struct {
	Body   any    `json:"body"`
	Status int    `json:"httpStatusCode"`
	Ref    string `json:"referenceId"`
}

// Together makes up to 25 calls in one. With allOrNone the first failure undoes all
// and is the error; otherwise each Done has its own.
func (c *Client) Together(ctx context.Context, allOrNone bool, steps ...Step) ([]Done, error) {
	for i := range steps {
		if !strings.HasPrefix(steps[i].URL, "/services/") {
			steps[i].URL = c.base() + steps[i].URL
		}
	}
	q, err := jsonCall(http.MethodPost, "/composite", map[string]any{"allOrNone": allOrNone, "compositeRequest": steps})
	if err != nil {
		return nil, err
	}
	var got struct {
		Answers []Done `json:"compositeResponse"`
	}
	if err := c.do(ctx, q, &got); err != nil {
		return nil, err
	}
	if len(got.Answers) != len(steps) {
		return nil, strange(fmt.Errorf("%d answers to %d steps", len(got.Answers), len(steps)))
	}
	if allOrNone {
		return got.Answers, first(got.Answers)
	}
	return got.Answers, nil
}

// first is why all were undone: not the failure of those that were only halted.
func first(all []Done) error {
	var halted error
	for _, d := range all {
		f := d.Failure()
		switch {
		case f == nil:
		case f.Code != "PROCESSING_HALTED":
			return fmt.Errorf("%s: %w", d.Ref, f)
		case halted == nil:
			halted = fmt.Errorf("%s: %w", d.Ref, f)
		}
	}
	return halted
}

// Failure tells why a step failed; nil when it did not.
func (d Done) Failure() *connectors.Failure {
	if d.Status < 300 {
		return nil
	}
	said := fault{}
	if list, ok := d.Body.([]any); ok && len(list) > 0 {
		entry, _ := list[0].(map[string]any)
		said.Message, _ = entry["message"].(string)
		said.ErrorCode, _ = entry["errorCode"].(string)
		fields, _ := entry["fields"].([]any)
		for _, f := range fields {
			name, _ := f.(string)
			said.Fields = append(said.Fields, name)
		}
	}
	return failure(d.Status, said)
}

// page is one answer of a query.
type page struct {
	Total   int              `json:"totalSize"`
	Done    bool             `json:"done"`
	Next    string           `json:"nextRecordsUrl"`
	Records []map[string]any `json:"records"`
}

// maxPages bounds what one query brings: 100,000 records.
const maxPages = 50

// Query asks in SOQL and brings all records of the answer, page by page.
func (c *Client) Query(ctx context.Context, soql string) ([]map[string]any, error) {
	var got page
	if err := c.do(ctx, call{method: http.MethodGet, path: "/query", query: "q=" + url.QueryEscape(soql)}, &got); err != nil {
		return nil, err
	}
	if err := c.rest(ctx, &got); err != nil {
		return nil, err
	}
	for _, r := range got.Records {
		if err := c.tidy(ctx, r); err != nil {
			return nil, err
		}
	}
	return got.Records, nil
}

// rest brings the pages behind the first one.
func (c *Client) rest(ctx context.Context, got *page) error {
	for n := 0; !got.Done; n++ {
		if !strings.HasPrefix(got.Next, "/services/data/") || n == maxPages {
			return strange(fmt.Errorf("a page that leads to %q", clip(got.Next)))
		}
		var more page
		if err := c.do(ctx, call{method: http.MethodGet, path: got.Next}, &more); err != nil {
			return err
		}
		got.Records = append(got.Records, more.Records...)
		got.Done, got.Next = more.Done, more.Next
	}
	return nil
}

// tidy makes of a record as Salesforce shows it one as the kit has it: without
// attributes, with lists as lists, all pages of them.
func (c *Client) tidy(ctx context.Context, r map[string]any) error {
	delete(r, "attributes")
	for name, value := range r {
		inside, ok := value.(map[string]any)
		if !ok {
			continue
		}
		list, many := inside["records"].([]any)
		if !many {
			if err := c.tidy(ctx, inside); err != nil {
				return err
			}
			continue
		}
		whole, err := c.list(ctx, inside, list)
		if err != nil {
			return err
		}
		r[name] = whole
	}
	return nil
}

func (c *Client) list(ctx context.Context, as map[string]any, first []any) ([]any, error) {
	got := page{}
	got.Done, _ = as["done"].(bool)
	got.Next, _ = as["nextRecordsUrl"].(string)
	for _, entry := range first {
		record, _ := entry.(map[string]any)
		got.Records = append(got.Records, record)
	}
	if err := c.rest(ctx, &got); err != nil {
		return nil, err
	}
	all := make([]any, len(got.Records))
	for i, r := range got.Records {
		if err := c.tidy(ctx, r); err != nil {
			return nil, err
		}
		all[i] = r
	}
	return all, nil
}

var quoting = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\b", `\b`, "\f", `\f`)

// quote writes a text as SOQL has it.
func quote(text string) string { return "'" + quoting.Replace(text) + "'" }
