package api

import (
	"bytes"
	_ "embed"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

//go:generate go test -run TestTheCommitted -update .

// contract is what huma starts from. Nothing of huma's own is published: its
// pages load scripts from elsewhere, and its replies point to schemas.
func (a *api) contract() huma.Config {
	config := huma.DefaultConfig("Chancery", "1")
	config.Info.Description = preamble
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil
	config.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	config.Transformers = []huma.Transformer{retell}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key":        {Type: "http", Scheme: "bearer", Description: "An API key: ck_test_… of a sandbox, ck_live_… of a production team."},
		"userAndKey": {Type: "apiKey", In: "header", Name: "Authorization", Description: "ApiKey, a space, the id or the mail address of the user, a colon, and a key of theirs."},
	}
	return config
}

const preamble = `Get documents signed: upload a PDF, say who signs what and in which order, send it, and read or be told what happens.

Errors are RFC 9457 problems with a stable code. Unknown members of a request are errors; replies may gain members. Times are RFC 3339 in UTC. Field places are points (1/72 inch) from the top left corner of the page as displayed. Lists have a cursor.

A request brings an API key: "Authorization: Bearer <key>", or "Authorization: ApiKey <user>:<key>" with the id or the mail address of the user whose key it is. A key does what its user may do in its team, and of that only what its scopes name: read, create, send, webhooks, team. What a caller may not know of is answered like what does not exist (404); what they know of and may not do, with 403.

A key names its region, such as ck_test_eu_…. Each region is a deployment of its own; a key that comes to another one is answered with 421 and the address of the right one.

A team sees what happens in the teams below it, and changes nothing there: lists and events take ?children=true or ?team=, and a webhook endpoint is told of it only when it was created with "children": true.

Every reply says in RateLimit and RateLimit-Policy where the team stands; a refused call (429) says in Retry-After how many seconds to wait. A POST with an Idempotency-Key can be repeated safely for 24 hours.`

// publish writes the contract and its page once, and serves both to everybody.
func (a *api) publish(engine *gin.Engine) error {
	// huma adds the shape of its own errors, which retell never lets out.
	a.describeEvents()
	shapes := a.huma.OpenAPI().Components.Schemas.Map()
	delete(shapes, "ErrorModel")
	delete(shapes, "ErrorDetail")
	loosen(a.huma.OpenAPI())
	contract, err := a.huma.OpenAPI().YAML()
	if err != nil {
		return fmt.Errorf("write the contract: %w", err)
	}
	var page bytes.Buffer
	if err := docsPage.Execute(&page, a.manual()); err != nil {
		return fmt.Errorf("write the docs page: %w", err)
	}
	events, err := catalogue()
	if err != nil {
		return fmt.Errorf("write the catalogue of events: %w", err)
	}
	engine.GET("/openapi.yaml", publicly("application/yaml", contract))
	engine.GET("/events.schema.json", publicly("application/schema+json", events))
	engine.GET("/docs", publicly("text/html; charset=utf-8", page.Bytes()))
	engine.GET("/docs/style.css", publicly("text/css; charset=utf-8", docsStyle))
	return nil
}

// publicly serves what is the same for everybody. The page may load its own style and nothing else.
func publicly(mediaType string, content []byte) gin.HandlerFunc {
	return func(c *gin.Context) {
		c.Header("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		c.Header("Cache-Control", "public, max-age=300")
		c.Data(http.StatusOK, mediaType, content)
	}
}

// loosen lets replies gain members without breaking anybody. A request's shapes
// stay closed: what we do not know there is a mistake.
func loosen(contract *huma.OpenAPI) {
	closed := map[string]bool{}
	for _, item := range contract.Paths {
		for _, op := range operations(item) {
			if op.RequestBody == nil {
				continue
			}
			for _, media := range op.RequestBody.Content {
				gather(contract, media.Schema, closed)
			}
		}
	}
	for name, shape := range contract.Components.Schemas.Map() {
		if !closed[name] {
			shape.AdditionalProperties = nil
		}
	}
}

// gather notes the names of all shapes that s is made of.
func gather(contract *huma.OpenAPI, s *huma.Schema, into map[string]bool) {
	if s == nil {
		return
	}
	if name := linkOf(s); name != "" && !into[name] {
		into[name] = true
		gather(contract, contract.Components.Schemas.Map()[name], into)
	}
	for _, member := range s.Properties {
		gather(contract, member, into)
	}
}

// operations of a path, in the order in which they are told.
func operations(item *huma.PathItem) []*huma.Operation {
	var there []*huma.Operation
	for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
		if op != nil {
			there = append(there, op)
		}
	}
	return there
}
