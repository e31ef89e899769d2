package api_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"chancery/api"
	"chancery/envelope"
)

var update = flag.Bool("update", false, "write openapi.yaml anew")

const committed = "openapi.yaml"

func TestTheCommittedContractIsTheOneWeServe(t *testing.T) {
	s := open(t)
	served := (caller{scene: s}).get("/openapi.yaml").want(200).Body
	if *update {
		must(t, os.WriteFile(committed, served, 0o644))
	}
	kept, err := os.ReadFile(committed)
	must(t, err)
	if !bytes.Equal(kept, served) {
		t.Fatal("openapi.yaml is not what the types say; look at the change, then: go generate ./api")
	}
}

func TestTheContractTellsEveryShapeAndNoneOfOthers(t *testing.T) {
	contract, err := api.Contract(open(t).config)
	must(t, err)
	shapes := contract.Components.Schemas.Map()
	if shapes["ErrorModel"] != nil || shapes["Problem"] == nil {
		t.Error("errors are not told as our problems")
	}
	for path, item := range contract.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op == nil {
				continue
			}
			if op.Summary == "" || len(op.Tags) != 1 || op.Responses["default"] == nil || len(op.Security) == 0 {
				t.Errorf("%s %s is not told in full", op.Method, path)
			}
			for _, name := range regexp.MustCompile(`{(\w+)}`).FindAllStringSubmatch(path, -1) {
				if !slices.ContainsFunc(op.Parameters, func(p *huma.Param) bool { return p.In == "path" && p.Name == name[1] }) {
					t.Errorf("%s %s does not tell %s", op.Method, path, name[1])
				}
			}
		}
	}
}

// A problem's code is in the second argument's place of its constructor.
var made = regexp.MustCompile(`problem\.(?:Invalid|Denied|Missing|Conflict|TooLarge|Limited)\(\s*"([a-z_]+)"`)

// elsewhere are codes that visitors of the pages meet, or nobody from outside.
var elsewhere = []string{
	"application_decided", "application_missing", "application_pending", "decision_invalid", "key_expiry_past", "key_made", "key_name_missing", "key_owner_refused",
	"level_unknown", "plan_invalid", "scope_unknown", "subscription_missing", "team_invalid", "team_parent_invalid", "team_unattended", "too_many_keys",
	"act_not_yours", "delegate_to_self", "invitation_missing", "email_invalid", "field_not_yours", "field_required", "field_value_invalid",
	"key_missing", "key_unknown", "letter_missing", "not_needed", "recipient_corrected",
	"replay_empty", "signature_face_unknown", "signature_invalid", "signature_missing", "signature_too_large", "webhook_secret_invalid",
}

func TestTheDocsExplainEveryCodeThatCallersMeet(t *testing.T) {
	known := api.Codes()
	if !slices.IsSorted(known) {
		t.Error("the codes are not in order")
	}
	for _, sources := range []string{"*.go", "../envelope/*.go", "../team/*.go", "../postgres/*.go", "../webhooks/*.go", "../pades/inspect.go"} {
		files, err := filepath.Glob(sources)
		must(t, err)
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			source, err := os.ReadFile(file)
			must(t, err)
			for _, found := range made.FindAllSubmatch(source, -1) {
				if code := string(found[1]); !slices.Contains(known, code) && !slices.Contains(elsewhere, code) {
					t.Errorf("%s makes %s, which the docs do not explain", file, code)
				}
			}
		}
	}
}

func TestTheDocsPageTellsAllAndLoadsNothingFromElsewhere(t *testing.T) {
	s := open(t)
	nobody := caller{scene: s}
	page := nobody.get("/docs").want(200)
	text := string(page.Body)
	for _, event := range envelope.EventTypes {
		if !strings.Contains(text, string(event.Type)) {
			t.Errorf("the page does not know %s", event.Type)
		}
	}
	contract, err := api.Contract(s.config)
	must(t, err)
	for path, item := range contract.Paths {
		if !strings.Contains(text, path) || item == nil {
			t.Errorf("the page does not know %s", path)
		}
	}
	for name := range contract.Components.Schemas.Map() {
		if !strings.Contains(text, `id="shape-`+name+`"`) {
			t.Errorf("the page does not know the shape %s", name)
		}
	}
	if loaded := regexp.MustCompile(`(?:src|href)="(?:https?:)?//`).FindString(text); loaded != "" || strings.Contains(text, "<script") {
		t.Errorf("the page loads %q", loaded)
	}
	if policy := page.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; style-src 'self'") {
		t.Errorf("the policy is %q", policy)
	}
	anchors := regexp.MustCompile(`href="#([^"]+)"`).FindAllStringSubmatch(text, -1)
	for _, to := range anchors {
		if !strings.Contains(text, `id="`+to[1]+`"`) {
			t.Errorf("a link leads to #%s, which is not there", to[1])
		}
	}
	nobody.get("/docs/style.css").want(200)
}
