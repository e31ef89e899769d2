package salesforce

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"chancery/connectors"
)

// stampLayout is how Salesforce writes a time.
const stampLayout = "2006-01-02T15:04:05.000-0700"

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Write changes a record that nobody else has changed since version, and reads its
// new version, in one call in which both happen or neither.
func (c *Client) Write(ctx context.Context, ref connectors.Ref, fields map[string]any, version string) (string, error) {
	if err := checkRef(ref); err != nil {
		return "", err
	}
	if err := named(sorted(fields)...); err != nil {
		return "", err
	}
	headers := map[string]string{}
	if version != "" {
		at, err := time.Parse(stampLayout, version)
		if err != nil {
			return "", &connectors.Failure{Trouble: connectors.Refused, Words: "This is no version of a record in Salesforce."}
		}
		headers["If-Unmodified-Since"] = at.UTC().Format(http.TimeFormat)
	}
	body, err := c.fitting(ctx, ref.Type, fields)
	if err != nil {
		return "", fmt.Errorf("write %s %s: %w", ref.Type, ref.ID, err)
	}
	stamp, err := c.write(ctx, "/sobjects/"+ref.Type+"/"+ref.ID, headers, body)
	if err != nil {
		return "", fmt.Errorf("write %s %s: %w", ref.Type, ref.ID, err)
	}
	if stamp.Version == "" {
		return "", strange(fmt.Errorf("written without a version"))
	}
	return stamp.Version, nil
}

type stamped struct {
	Version string `json:"SystemModstamp"`
}

func (c *Client) write(ctx context.Context, path string, headers map[string]string, body map[string]any) (now stamped, err error) {
	if refers(body) {
		return c.writeAlone(ctx, path, headers, body)
	}
	done, err := c.Together(ctx, true,
		Step{Method: http.MethodPatch, URL: path, Ref: "write", Headers: headers, Body: body},
		Step{Method: http.MethodGet, URL: path + "?fields=SystemModstamp", Ref: "version"})
	if err != nil {
		return now, err
	}
	fields, _ := done[1].Body.(map[string]any)
	now.Version, _ = fields["SystemModstamp"].(string)
	return now, nil
}

// refers tells whether a text would be taken for a reference to another step: there
// is no way to write that this is meant as it stands.
func refers(body map[string]any) bool {
	for _, value := range body {
		if words, ok := value.(string); ok && strings.Contains(words, "@{") {
			return true
		}
	}
	return false
}

func (c *Client) writeAlone(ctx context.Context, path string, headers map[string]string, body map[string]any) (now stamped, err error) {
	q, err := jsonCall(http.MethodPatch, path, body)
	if err != nil {
		return now, err
	}
	q.header = headers
	if err := c.do(ctx, q, nil); err != nil {
		return now, err
	}
	err = c.do(ctx, call{method: http.MethodGet, path: path, query: "fields=SystemModstamp"}, &now)
	return now, err
}

// fitting writes values as their fields want them: a mapping makes texts of most.
func (c *Client) fitting(ctx context.Context, recordType string, fields map[string]any) (map[string]any, error) {
	s, err := c.shape(ctx, recordType, shapeLives)
	if err != nil {
		return nil, err
	}
	made := map[string]any{}
	for name, value := range fields {
		made[name] = value
		if f, known := s.field(name); known {
			made[name] = fit(kinds[f.Type], value)
		}
	}
	return made, nil
}

// fit leaves what it cannot make fit: the org says best what is wrong with it.
func fit(kind connectors.FieldKind, value any) any {
	words, ok := value.(string)
	if !ok {
		return value
	}
	if strings.TrimSpace(words) == "" {
		return nil
	}
	switch kind {
	case connectors.Number:
		var number json.Number
		if json.Unmarshal([]byte(words), &number) == nil {
			return number
		}
	case connectors.Boolean:
		if words == "true" || words == "false" {
			return words == "true"
		}
	case connectors.Date:
		if at, err := time.Parse(time.RFC3339, words); err == nil {
			return at.Format(time.DateOnly)
		}
	case connectors.Moment:
		if at, err := time.Parse(time.DateOnly, words); err == nil {
			return at.Format(time.RFC3339)
		}
	}
	return value
}
