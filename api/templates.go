package api

import (
	"context"
	"net/http"
	"path"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chancery/postgres"
	"chancery/team"
	"chancery/templates"
)

// DocumentTemplate is a document to be filled with data.
type DocumentTemplate struct {
	ID        string    `json:"id" example:"tpl_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Name      string    `json:"name" doc:"Mappings name it so. A newer one of the same name takes its place."`
	Kind      string    `json:"kind" enum:"docx,html,pdf"`
	Size      int64     `json:"size" doc:"Bytes."`
	SHA256    string    `json:"sha256"`
	CreatedAt time.Time `json:"created_at"`
}

// MergeToken is one that a template asks to be filled.
type MergeToken struct {
	Text   string   `json:"text" example:"{{Account.Name}}"`
	Path   string   `json:"path"`
	Within []string `json:"within,omitempty" doc:"Paths of the lists around it."`
}

// TemplateTokens are all that a template asks for.
type TemplateTokens struct {
	DocumentTemplate
	Tokens []MergeToken `json:"tokens" nullable:"false"`
}

// TemplateList is all of a team's templates.
type TemplateList struct {
	Templates []DocumentTemplate `json:"templates" nullable:"false"`
}

// TemplatePath names a template.
type TemplatePath struct {
	ID string `path:"id" maxLength:"200" example:"tpl_01kbxq4m6hf5jt2z9w8r7e3c1a" doc:"Or its name."`
}

func (a *api) templateRoutes() {
	serve(a, route{Method: http.MethodGet, Path: "/v1/templates", ID: "list-templates", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "List templates"}, a.listTemplates)
	serve(a, route{Method: http.MethodGet, Path: "/v1/templates/{id}", ID: "get-template", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "See what a template asks for"}, a.getTemplate)
	serve(a, route{Method: http.MethodDelete, Path: "/v1/templates/{id}", ID: "retire-template", Tag: "Connectors", Verb: team.ManageConnectors, Status: http.StatusNoContent,
		Summary: "Take a template out of use"}, a.retireTemplate)
	op := a.describe(route{Method: http.MethodPost, Path: "/v1/templates", ID: "upload-template", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "Upload a template", Status: http.StatusCreated,
		Doc: "A multipart form with a part named file: DOCX, HTML or PDF. Its name without the ending is the template's. " +
			"Merge tokens such as {{Account.Name}} are filled; text tags such as [[sig:signer1]] become fields."})
	op.Parameters = nil // a repeat makes the same template anew
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"multipart/form-data": {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"file"},
			Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
		}},
	}}
	op.Responses[statusWord(http.StatusCreated)] = &huma.Response{
		Description: http.StatusText(http.StatusCreated),
		Content:     map[string]*huma.MediaType{"application/json": {Schema: a.schema(reflect.TypeFor[DocumentTemplate]())}},
	}
	a.huma.OpenAPI().AddOperation(&op)
}

// uploadTemplate takes a template as a form.
func (a *api) uploadTemplate(c *gin.Context) {
	ctx := c.Request.Context()
	name, content, err := a.named(c)
	if err == nil {
		var kept postgres.Template
		kept, err = a.Integration.SaveTemplate(ctx, callerOf(ctx).Team.ID, strings.TrimSuffix(name, path.Ext(name)), content)
		if err == nil {
			a.noteTeam(ctx, "template.saved", map[string]string{"template": kept.ID})
			c.JSON(http.StatusCreated, templateShown(kept))
			return
		}
	}
	refuse(c, a.refusal(ctx, err))
}

func templateShown(t postgres.Template) DocumentTemplate {
	return DocumentTemplate{ID: t.ID, Name: t.Name, Kind: t.Kind, Size: t.Size, SHA256: t.SHA256, CreatedAt: utc(t.CreatedAt)}
}

func (a *api) listTemplates(ctx context.Context, _ *struct{}) (*struct{ Body TemplateList }, error) {
	found, err := a.Records.Templates(ctx, callerOf(ctx).Team.ID)
	return &struct{ Body TemplateList }{TemplateList{each(found, templateShown)}}, err
}

func (a *api) getTemplate(ctx context.Context, in *TemplatePath) (*struct{ Body TemplateTokens }, error) {
	found, err := a.Records.Template(ctx, callerOf(ctx).Team.ID, in.ID)
	if err != nil {
		return nil, err
	}
	asked, err := a.Integration.Asked(ctx, found.Team, found.ID)
	return &struct{ Body TemplateTokens }{TemplateTokens{templateShown(found), each(asked, func(t templates.Token) MergeToken {
		return MergeToken{t.Text, t.Path, t.Within}
	})}}, err
}

func (a *api) retireTemplate(ctx context.Context, in *TemplatePath) (*struct{}, error) {
	found, err := a.Records.Template(ctx, callerOf(ctx).Team.ID, in.ID)
	if err != nil {
		return nil, err
	}
	return nil, a.Records.RetireTemplate(ctx, found.Team, found.ID)
}
