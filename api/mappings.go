package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"chancery/connectors/mapping"
	"chancery/id"
	"chancery/integration"
	"chancery/problem"
	"chancery/team"
)

// NewMapping says how records become envelopes.
type NewMapping struct {
	Connection string `json:"connection" example:"con_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Enabled    bool   `json:"enabled" doc:"Records start it by themselves."`
	Text       string `json:"text" maxLength:"262144" doc:"The mapping in YAML."`
}

// MappingChange is the next version of a mapping.
type MappingChange struct {
	Version int    `json:"version" doc:"The version that the change was made to; somebody else's newer one is not written over."`
	Enabled bool   `json:"enabled"`
	Text    string `json:"text" maxLength:"262144"`
}

// KeptMapping is a mapping at the version in force.
type KeptMapping struct {
	ID         string    `json:"id" example:"map_01kbxq4m6hf5jt2z9w8r7e3c1a"`
	Connection string    `json:"connection"`
	Name       string    `json:"name"`
	RecordType string    `json:"record_type"`
	Version    int       `json:"version"`
	Enabled    bool      `json:"enabled"`
	Text       string    `json:"text"`
	CreatedAt  time.Time `json:"created_at"`
	ChangedAt  time.Time `json:"changed_at"`
}

// MappingList is all of a team's mappings.
type MappingList struct {
	Mappings []KeptMapping `json:"mappings" nullable:"false"`
}

// MappingPath names a mapping.
type MappingPath struct {
	ID string `path:"id" example:"map_01kbxq4m6hf5jt2z9w8r7e3c1a"`
}

// MappingFault is one thing that is wrong with a mapping.
type MappingFault struct {
	Where    string `json:"where" example:"recipients[0].email"`
	Code     string `json:"code" example:"field_unknown"`
	Sentence string `json:"sentence"`
}

// MappingReport is all that is wrong with it.
type MappingReport struct {
	Faults []MappingFault `json:"faults" nullable:"false"`
}

// MappingDraft is the envelope that a record would become.
type MappingDraft struct {
	Title      string             `json:"title"`
	Message    string             `json:"message,omitempty"`
	Tags       []string           `json:"tags,omitempty"`
	Documents  []MappingDocument  `json:"documents" nullable:"false"`
	Recipients []MappingRecipient `json:"recipients" nullable:"false"`
	Values     map[string]string  `json:"values,omitempty"`
}

// MappingDocument is a template that would be filled.
type MappingDocument struct {
	Template string `json:"template"`
	Name     string `json:"name,omitempty"`
}

// MappingRecipient is a person found in the record.
type MappingRecipient struct {
	Ref   string `json:"ref"`
	Role  string `json:"role"`
	Step  int    `json:"step"`
	Name  string `json:"name"`
	Email string `json:"email"`
}

// MappingBack is what an event would write back.
type MappingBack struct {
	On     string         `json:"on" example:"envelope.completed"`
	Fields map[string]any `json:"fields,omitempty"`
	Files  []string       `json:"files,omitempty"`
}

// MappingPreview is what a mapping would do with a record, if everybody signed now.
type MappingPreview struct {
	Starts   bool           `json:"starts" doc:"The record meets the mapping's condition."`
	Envelope MappingDraft   `json:"envelope"`
	Back     []MappingBack  `json:"back" nullable:"false"`
	Record   map[string]any `json:"record" doc:"What was read."`
}

// MappingTrial is a mapping, saved or not, and a record to try it with.
type MappingTrial struct {
	Connection string `json:"connection"`
	Text       string `json:"text" maxLength:"262144" doc:"The mapping in YAML."`
	Record     string `json:"record" maxLength:"200" example:"006000000000001AAA" doc:"Its id in the connected system."`
}

func (a *api) mappingRoutes() {
	const all, one = "/v1/mappings", "/v1/mappings/{id}"
	serve(a, route{Method: http.MethodGet, Path: all, ID: "list-mappings", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "List mappings"}, a.listMappings)
	serve(a, route{Method: http.MethodPost, Path: all, ID: "create-mapping", Tag: "Connectors", Verb: team.ManageConnectors, Status: http.StatusCreated,
		Summary: "Say how records become envelopes", Doc: "It is checked against what the system has; one that cannot work is refused with all its faults."}, a.createMapping)
	serve(a, route{Method: http.MethodPost, Path: all + "/check", ID: "check-mapping", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "Find what is wrong with a mapping"}, a.checkMapping)
	serve(a, route{Method: http.MethodGet, Path: one, ID: "get-mapping", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "Look at a mapping"}, a.getMapping)
	serve(a, route{Method: http.MethodPut, Path: one, ID: "replace-mapping", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "Change a mapping", Doc: "Journeys that have begun go on with the version that they began with."}, a.replaceMapping)
	serve(a, route{Method: http.MethodPost, Path: all + "/preview", ID: "preview-mapping", Tag: "Connectors", Verb: team.ManageConnectors,
		Summary: "See what a mapping would do with a record", Doc: "Nothing is sent or written."}, a.previewMapping)
}

func mappingShown(m mapping.Kept) (KeptMapping, error) {
	text, err := mapping.Text(m.Mapping)
	return KeptMapping{ID: m.ID, Connection: m.Connection, Name: m.Mapping.Name, RecordType: m.Mapping.Record, Version: m.Version,
		Enabled: m.Enabled, Text: string(text), CreatedAt: utc(m.CreatedAt), ChangedAt: utc(m.ChangedAt)}, err
}

func (a *api) listMappings(ctx context.Context, _ *struct{}) (*struct{ Body MappingList }, error) {
	found, err := a.Records.Mappings(ctx, callerOf(ctx).Team.ID)
	if err != nil {
		return nil, err
	}
	list := MappingList{Mappings: []KeptMapping{}}
	for _, m := range found {
		shown, err := mappingShown(m)
		if err != nil {
			return nil, err
		}
		list.Mappings = append(list.Mappings, shown)
	}
	return &struct{ Body MappingList }{list}, nil
}

type mappingReply struct{ Body KeptMapping }

type newMappingInput struct{ Body NewMapping }

func (a *api) createMapping(ctx context.Context, in *newMappingInput) (*mappingReply, error) {
	if _, err := a.connection(ctx, in.Body.Connection); err != nil {
		return nil, problem.Of(err).At("connection")
	}
	return a.saveMapping(ctx, mapping.Kept{Connection: in.Body.Connection, Enabled: in.Body.Enabled}, in.Body.Text)
}

type replaceMappingInput struct {
	MappingPath
	Body MappingChange
}

func (a *api) replaceMapping(ctx context.Context, in *replaceMappingInput) (*mappingReply, error) {
	m, err := a.mapping(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	m.Version, m.Enabled = in.Body.Version, in.Body.Enabled
	return a.saveMapping(ctx, m, in.Body.Text)
}

func (a *api) saveMapping(ctx context.Context, m mapping.Kept, text string) (*mappingReply, error) {
	who := callerOf(ctx)
	m.Team, m.Author = who.Team.ID, who.Actor.ID
	var err error
	if m.Mapping, err = mapping.Read([]byte(text)); err != nil {
		return nil, problem.Of(err).At("text")
	}
	saved, faults, err := a.Integration.SaveMapping(ctx, m)
	if errors.Is(err, integration.ErrFaults) {
		return nil, faulty(requestID(ctx), faults)
	}
	if err != nil {
		return nil, err
	}
	a.noteTeam(ctx, "mapping.saved", map[string]string{"mapping": saved.ID})
	shown, err := mappingShown(saved)
	return &mappingReply{shown}, err
}

// faulty tells all faults of a mapping at once.
func faulty(request string, faults []mapping.Fault) *Problem {
	said := problemOf(http.StatusUnprocessableEntity, integration.ErrFaults.Code, integration.ErrFaults.Public, request)
	for _, f := range faults {
		said.Errors = append(said.Errors, MemberFailed{Location: "body.text." + f.Where, Message: f.Code + ": " + f.Sentence})
	}
	return said
}

func (a *api) checkMapping(ctx context.Context, in *newMappingInput) (*struct{ Body MappingReport }, error) {
	c, err := a.connection(ctx, in.Body.Connection)
	if err != nil {
		return nil, problem.Of(err).At("connection")
	}
	m, err := mapping.Read([]byte(in.Body.Text))
	if err != nil {
		p := problem.Of(err)
		return &struct{ Body MappingReport }{MappingReport{[]MappingFault{{Code: p.Code, Sentence: p.Public}}}}, nil
	}
	faults, err := a.Integration.Check(ctx, c.Team, c.ID, m)
	return &struct{ Body MappingReport }{MappingReport{each(faults, func(f mapping.Fault) MappingFault { return MappingFault(f) })}}, err
}

var errNoMapping = problem.Missing("mapping_missing", "There is no such mapping.")

func (a *api) mapping(ctx context.Context, wanted string) (mapping.Kept, error) {
	if !id.Is(id.Mapping, wanted) {
		return mapping.Kept{}, errNoMapping
	}
	return a.Records.TeamMapping(ctx, callerOf(ctx).Team.ID, wanted)
}

func (a *api) getMapping(ctx context.Context, in *MappingPath) (*mappingReply, error) {
	m, err := a.mapping(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	shown, err := mappingShown(m)
	return &mappingReply{shown}, err
}

type previewInput struct{ Body MappingTrial }

func (a *api) previewMapping(ctx context.Context, in *previewInput) (*struct{ Body MappingPreview }, error) {
	c, err := a.connection(ctx, in.Body.Connection)
	if err != nil {
		return nil, problem.Of(err).At("connection")
	}
	m := mapping.Kept{Team: c.Team, Connection: c.ID}
	if m.Mapping, err = mapping.Read([]byte(in.Body.Text)); err != nil {
		return nil, problem.Of(err).At("text")
	}
	p, err := a.Integration.Preview(ctx, m, in.Body.Record)
	if err != nil {
		return nil, err
	}
	return &struct{ Body MappingPreview }{previewShown(p)}, nil
}

func previewShown(p integration.Preview) MappingPreview {
	shown := MappingPreview{Starts: p.Starts, Record: p.Record.Fields, Back: []MappingBack{}, Envelope: MappingDraft{
		Title: p.Draft.Title, Message: p.Draft.Message, Tags: p.Draft.Tags, Values: map[string]string{},
		Documents: each(p.Draft.Documents, func(d mapping.DraftDocument) MappingDocument { return MappingDocument(d) }),
		Recipients: each(p.Draft.Recipients, func(r mapping.DraftRecipient) MappingRecipient {
			return MappingRecipient{r.Ref, string(r.Role), r.Step, r.Name, r.Email}
		}),
	}}
	for _, v := range p.Draft.Values {
		shown.Envelope.Values[v.Field] = v.Value
	}
	for _, b := range p.Back {
		back := MappingBack{On: string(b.On), Fields: map[string]any{}}
		for _, f := range b.Out.Fields {
			back.Fields[f.Field] = f.Value
		}
		for _, f := range b.Out.Files {
			back.Files = append(back.Files, f.What+" "+f.Name)
		}
		shown.Back = append(shown.Back, back)
	}
	return shown
}
