package api

import (
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"
	"strings"
	"unicode"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"chancery/envelope"
	"chancery/id"
	"chancery/problem"
	"chancery/team"
)

type documentPath struct {
	ID string `path:"id"`
}

type documentReply struct{ Body Document }

func (a *api) documentRoutes() {
	serve(a, route{Method: http.MethodGet, Path: "/v1/documents/{id}", ID: "get-document", Tag: "Documents", Verb: team.ReadEnvelopes,
		Summary: "Look at an uploaded document"},
		func(ctx context.Context, in *documentPath) (*documentReply, error) {
			doc, err := a.document(ctx, in.ID, callerOf(ctx).within())
			return &documentReply{documentShown(doc)}, err
		})
	a.describeUpload()
	a.describeVerify()
}

// document finds one of these teams. What somebody has brought, everybody in their
// team may look at and send: it counts as everybody's own.
func (a *api) document(ctx context.Context, wanted string, teams []string) (envelope.Document, error) {
	if !id.Is(id.Document, wanted) {
		return envelope.Document{}, errNoDocument
	}
	doc, of, err := a.Records.Document(ctx, teams, wanted)
	if err != nil {
		return envelope.Document{}, err
	}
	if err := allow(ctx, of, callerOf(ctx).Actor.ID, errNoDocument); err != nil {
		return envelope.Document{}, err
	}
	return doc, nil
}

// describeUpload tells the contract of upload, which is not a huma handler: huma
// would read the whole form before we could refuse it.
func (a *api) describeUpload() {
	op := a.describe(route{Method: http.MethodPost, Path: "/v1/documents", ID: "upload-document", Tag: "Documents", Verb: team.BringDocuments,
		Summary: "Upload a PDF", Status: http.StatusCreated,
		Doc: "A multipart form with a part named file. The document may be used in several envelopes. " +
			"For an encrypted PDF a part named password stands before the file; the document is kept without encryption."})
	op.RequestBody = &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"multipart/form-data": {Schema: &huma.Schema{
			Type: huma.TypeObject, Required: []string{"file"},
			Properties: map[string]*huma.Schema{
				"password": {Type: huma.TypeString, MaxLength: new(maxPassword)},
				"file":     {Type: huma.TypeString, Format: "binary"},
			},
		}},
	}}
	op.Responses[statusWord(http.StatusCreated)] = &huma.Response{
		Description: http.StatusText(http.StatusCreated),
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: a.schema(reflect.TypeFor[Document]())},
		},
	}
	a.huma.OpenAPI().AddOperation(&op)
}

// upload takes a document as a stream.
func (a *api) upload(c *gin.Context) {
	ctx := c.Request.Context()
	doc, revision, err := a.accept(c)
	if err != nil {
		refuse(c, a.refusal(ctx, err))
		return
	}
	// Two uploads are the same by their file, for the rest of a form differs each time.
	// The second copy of the bytes stays in the vault without a name.
	a.answerOnce(c, []byte(doc.Name+"\x00"+doc.Report.SHA256), func() {
		if err := a.Records.AddDocument(ctx, callerOf(ctx).Team.ID, doc, revision); err != nil {
			refuse(c, a.refusal(ctx, err))
			return
		}
		c.Header("Location", "/v1/documents/"+doc.ID)
		c.JSON(http.StatusCreated, documentShown(doc))
	})
}

// formOverhead is what a form may hold around its file, in bytes.
const formOverhead = 64 << 10

func (a *api) accept(c *gin.Context) (envelope.Document, envelope.Revision, error) {
	none := func(err error) (envelope.Document, envelope.Revision, error) {
		return envelope.Document{}, envelope.Revision{}, err
	}
	if c.Request.ContentLength > a.MaxUpload+formOverhead {
		return none(a.tooLarge())
	}
	defer patience(c, uploadPatience)()
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, a.MaxUpload+formOverhead)
	file, password, err := filePart(c.Request)
	if err != nil {
		return none(err)
	}
	doc, revision, err := a.Papers.Accept(c.Request.Context(), fileName(file), password, file, a.MaxUpload)
	if err != nil {
		return none(fmt.Errorf("accept an upload: %w", err))
	}
	return doc, revision, nil
}

var errNoFile = problem.Invalid("file_missing", "The request must be a multipart form with a part named file.")

func (a *api) tooLarge() error {
	return problem.TooLarge("document_too_large", fmt.Sprintf("The file is larger than %d MB.", a.MaxUpload>>20))
}

// maxPassword is the longest that encryption takes, in bytes
// (ISO 32000-2, 7.6.4.3.3).
const maxPassword = 127

// filePart finds the part named file, and the password before it. Others are
// passed over.
func filePart(r *http.Request) (file *multipart.Part, password string, err error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, "", errNoFile
	}
	for {
		part, err := form.NextPart()
		if err == io.EOF {
			return nil, "", errNoFile
		}
		if err != nil {
			return nil, "", broken(err)
		}
		switch part.FormName() {
		case "file":
			return part, password, nil
		case "password":
			text, err := io.ReadAll(io.LimitReader(part, maxPassword+1))
			if err != nil {
				return nil, "", broken(err)
			}
			password = string(text)
		}
	}
}

func broken(cause error) error {
	return problem.Invalid("upload_broken", "The upload ended early or is not a proper multipart form.").Because(cause)
}

// fileName is what the document is called. FileName has cut any folders off; what
// cannot be seen in a name, and could pass for another name, is left out.
func fileName(part *multipart.Part) string {
	seen := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, part.FileName())
	letters := []rune(strings.TrimSpace(seen))
	if len(letters) == 0 {
		return "document.pdf"
	}
	return string(letters[:min(len(letters), envelope.MaxName)])
}
