package api

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chancery/pades"
	"chancery/papers"
	"chancery/team"
)

// Verification is what the hub says of a file.
type Verification struct {
	Answer     string              `json:"answer" enum:"valid_unchanged,valid_permitted_changes,changed,broken,unsigned,not_ours" doc:"not_ours: the signatures are intact, and the file was not issued here."`
	Sentence   string              `json:"sentence" doc:"The answer for people."`
	Test       bool                `json:"test" doc:"It comes from a sandbox, and binds nobody."`
	Issued     *IssuedFile         `json:"issued,omitempty" doc:"What was issued here; absent when nothing in the file was."`
	Verdict    string              `json:"verdict" enum:"unchanged,permitted,changed,broken,unsigned" doc:"Of the signatures alone, whoever made them."`
	Level      string              `json:"level,omitempty" example:"B-LTA" doc:"PAdES level of the whole document."`
	Certified  bool                `json:"certified"`
	Size       int64               `json:"size" doc:"Bytes."`
	SHA256     string              `json:"sha256"`
	Signatures []VerifiedSignature `json:"signatures" nullable:"false" doc:"In the order in which they were made, timestamps too."`
	Revisions  []VerifiedRevision  `json:"revisions" nullable:"false" doc:"Oldest first."`
}

// IssuedFile is the newest revision in the file that came from here.
type IssuedFile struct {
	AuditTrail bool      `json:"audit_trail"`
	Revision   int       `json:"revision,omitempty"`
	Final      bool      `json:"final" doc:"Nothing was added to it here since."`
	Whole      bool      `json:"whole" doc:"The whole file is that revision, byte for byte."`
	At         time.Time `json:"at"`
}

// VerifiedSignature is what is known of one signature.
type VerifiedSignature struct {
	Role         string     `json:"role" enum:"certification,approval,seal,timestamp"`
	Name         string     `json:"name" doc:"From the certificate."`
	Email        string     `json:"email,omitempty"`
	Organisation string     `json:"organisation,omitempty"`
	Reason       string     `json:"reason,omitempty"`
	SignedAt     time.Time  `json:"signed_at,omitzero" doc:"As the signer says."`
	ProvenAt     *time.Time `json:"proven_at,omitempty" doc:"By a timestamp: it existed then."`
	ProvenBy     string     `json:"proven_by,omitempty"`
	Level        string     `json:"level,omitempty"`
	LevelReason  string     `json:"level_reason,omitempty" doc:"Why it is not higher."`
	Trust        string     `json:"trust" enum:"trusted,untrusted,unknown"`
	Path         []string   `json:"path" nullable:"false" doc:"From the signer to the root."`
	Revocation   string     `json:"revocation,omitempty"`
	Field        string     `json:"field"`
	Locks        []string   `json:"locks" nullable:"false" doc:"Fields that it locks; * is every field."`
	Revision     int        `json:"revision"`
	Covers       int64      `json:"covers" doc:"Bytes from the start of the file."`
	WholeFile    bool       `json:"whole_file"`
	Findings     []Found    `json:"findings" nullable:"false" doc:"Reasons not to rely on it."`
	Notes        []Found    `json:"notes" nullable:"false" doc:"Worth knowing, and no reason to doubt it."`
}

// Found is one reason, for programs and for people.
type Found struct {
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
}

// VerifiedRevision is the file as it was up to End bytes.
type VerifiedRevision struct {
	Number  int              `json:"number"`
	End     int64            `json:"end"`
	SHA256  string           `json:"sha256" doc:"Of the first bytes, up to the end."`
	Field   string           `json:"field,omitempty" doc:"Of the signature that covers it."`
	Changes []VerifiedChange `json:"changes" nullable:"false"`
}

// VerifiedChange is a difference to the revision before.
type VerifiedChange struct {
	Kind     string `json:"kind"`
	Field    string `json:"field,omitempty"`
	Page     int    `json:"page,omitempty"`
	Allowed  bool   `json:"allowed"`
	Sentence string `json:"sentence"`
}

// describeVerify tells the contract of verify, which reads its form as upload does.
func (a *api) describeVerify() {
	op := a.describe(route{Method: http.MethodPost, Path: "/v1/verify", ID: "verify-document", Tag: "Verification", Verb: team.SeeTeam,
		Summary: "Check a signed PDF",
		Doc:     "A multipart form with a part named file. The file is judged and not kept. Anyone may do the same without a key at /verify."})
	op.Parameters = nil // a repeat changes nothing
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"multipart/form-data": {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"file"},
			Properties: map[string]*huma.Schema{"file": {Type: huma.TypeString, Format: "binary"}},
		}},
	}}
	op.Responses[statusWord(http.StatusOK)] = &huma.Response{
		Description: http.StatusText(http.StatusOK),
		Content:     map[string]*huma.MediaType{"application/json": {Schema: a.schema(reflect.TypeFor[Verification]())}},
	}
	a.huma.OpenAPI().AddOperation(&op)
}

func (a *api) verify(c *gin.Context) {
	_, file, err := a.named(c)
	if err != nil {
		refuse(c, a.refusal(c.Request.Context(), err))
		return
	}
	opinion, err := a.Papers.Check(c.Request.Context(), file)
	if err != nil {
		refuse(c, a.refusal(c.Request.Context(), fmt.Errorf("check a file: %w", err)))
		return
	}
	c.JSON(http.StatusOK, verificationShown(opinion))
}

// named reads the file of a form, and what it is called.
func (a *api) named(c *gin.Context) (name string, file []byte, err error) {
	if c.Request.ContentLength > a.MaxUpload+formOverhead {
		return "", nil, a.tooLarge()
	}
	defer patience(c, uploadPatience)()
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, a.MaxUpload+formOverhead)
	part, _, err := filePart(c.Request)
	if err != nil {
		return "", nil, err
	}
	file, err = io.ReadAll(io.LimitReader(part, a.MaxUpload+1))
	var over *http.MaxBytesError
	if int64(len(file)) > a.MaxUpload || errors.As(err, &over) {
		return "", nil, a.tooLarge()
	}
	if err != nil {
		return "", nil, broken(err)
	}
	return fileName(part), file, nil
}

func verificationShown(o papers.Opinion) Verification {
	v := Verification{
		Answer: string(o.Answer), Sentence: o.Sentence, Test: o.Test, Verdict: string(o.Report.Verdict), Level: string(o.Report.Level),
		Certified: o.Report.Certified, Size: o.Report.Size, SHA256: o.Report.SHA256,
		Signatures: []VerifiedSignature{}, Revisions: []VerifiedRevision{},
	}
	if o.Issue != nil {
		v.Issued = &IssuedFile{AuditTrail: o.Issue.Trail, Revision: o.Issue.Revision, Final: o.Issue.Final, Whole: o.Whole, At: o.Issue.At}
	}
	for _, s := range o.Report.Signatures {
		v.Signatures = append(v.Signatures, signatureShown(s))
	}
	for _, r := range o.Report.Revisions {
		shown := VerifiedRevision{Number: r.Number, End: r.End, SHA256: r.SHA256, Field: r.Signature, Changes: []VerifiedChange{}}
		for _, c := range r.Changes {
			shown.Changes = append(shown.Changes, VerifiedChange{string(c.Kind), c.Field, c.Page, c.Allowed, c.Sentence})
		}
		v.Revisions = append(v.Revisions, shown)
	}
	return v
}

func signatureShown(s pades.SignatureReport) VerifiedSignature {
	return VerifiedSignature{
		Role: string(s.Role), Name: s.Name, Email: s.Email, Organisation: s.Organisation, Reason: s.Reason,
		SignedAt: s.SignedAt, ProvenAt: s.ProvenAt, ProvenBy: s.ProvenBy, Level: string(s.Level), LevelReason: s.LevelReason,
		Trust: string(s.Trust), Path: append([]string{}, s.Path...), Revocation: s.Revocation, Field: s.Field,
		Locks: append([]string{}, s.Locks...), Revision: s.Revision, Covers: s.Covers, WholeFile: s.WholeFile,
		Findings: found(s.Findings), Notes: found(s.Notes),
	}
}

func found(list []pades.Finding) []Found {
	shown := make([]Found, len(list))
	for i, f := range list {
		shown[i] = Found(f)
	}
	return shown
}
