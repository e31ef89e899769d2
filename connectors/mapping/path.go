package mapping

import (
	"encoding/json"
	"regexp"
	"strings"

	"chancery/problem"
)

// walk follows a path through a record. A step into a list goes on in its first
// element. What is not there is nil.
func walk(fields map[string]any, path string) any {
	var at any = fields
	for name := range strings.SplitSeq(path, ".") {
		if list, ok := at.([]any); ok && len(list) > 0 {
			at = list[0]
		}
		inside, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = find(inside, name)
	}
	return at
}

// find returns a member whatever the case of its name: systems do not agree with
// themselves about that.
func find(inside map[string]any, name string) any {
	if value, ok := inside[name]; ok {
		return value
	}
	for key, value := range inside {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return nil
}

// text is a value as text; ok tells that there is one. A map or list is no text.
func text(value any) (words string, ok bool) {
	switch v := value.(type) {
	case string:
		return v, v != ""
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// checkPath says what is wrong with how a path is written.
func checkPath(path string) error {
	names := strings.Split(path, ".")
	if len(names) > MaxPathDepth {
		return problem.Invalid("path_too_deep", "A path has at most six names.")
	}
	for _, name := range names {
		if !isName(name) {
			return problem.Invalid("path_invalid", "A path is names with dots between, such as Account.Name.")
		}
	}
	return nil
}

// typeID is a type of records that HubSpot knows by two numbers, such as 2-77001.
var typeID = regexp.MustCompile(`^[0-9]+-[0-9]+$`)

// isName tells whether this can be a field's name in any of the systems.
func isName(name string) bool {
	if name == "" || len(name) > 100 {
		return false
	}
	if typeID.MatchString(name) {
		return true
	}
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		if !letter && (i == 0 || !(r >= '0' && r <= '9' || r == '-')) {
			return false
		}
	}
	return true
}
