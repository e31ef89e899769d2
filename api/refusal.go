package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/gin-gonic/gin"

	"chancery/problem"
)

// statuses is the one table from a kind of problem to its number (RFC 9110 §15).
var statuses = map[problem.Kind]int{
	problem.KindInvalid:  http.StatusUnprocessableEntity,
	problem.KindDenied:   http.StatusForbidden,
	problem.KindMissing:  http.StatusNotFound,
	problem.KindConflict: http.StatusConflict,
	problem.KindTooLarge: http.StatusRequestEntityTooLarge,
	problem.KindLimited:  http.StatusTooManyRequests,
	problem.KindAway:     http.StatusServiceUnavailable,
	problem.KindInternal: http.StatusInternalServerError,
}

// Codes of problems that speak of HTTP and not of envelopes.
const (
	codeUnauthorized = "unauthorized"
	codeNoRoute      = "route_missing"
	codeNoMethod     = "method_not_allowed"
	codeInvalid      = "invalid_request"
	codeUnknown      = "unknown_member"
	codeNotJSON      = "invalid_json"
	codeMediaType    = "unsupported_media_type"
	codeBodySize     = "body_too_large"
	codeLimited      = "rate_limited"
	codeGuessing     = "too_many_wrong_keys"
	codeElsewhere    = "region_elsewhere"
)

// Problem is an error reply (RFC 9457).
type Problem struct {
	Type     string         `json:"type" example:"urn:chancery:problem:envelope_sent_already" doc:"Names the kind of problem; always urn:chancery:problem: followed by the code."`
	Title    string         `json:"title" example:"Conflict" doc:"The words of the HTTP status."`
	Status   int            `json:"status" example:"409" doc:"The HTTP status."`
	Detail   string         `json:"detail" doc:"One whole sentence that anyone may read."`
	Code     string         `json:"code" example:"envelope_sent_already" doc:"Stable: programs may compare it."`
	Instance string         `json:"instance,omitempty" doc:"The request's id, as in X-Request-Id; a 404 leaves it to the header."`
	Location string         `json:"location,omitempty" example:"https://us.sign.example.com" doc:"Of a 421: where the deployment is that knows the key."`
	Errors   []MemberFailed `json:"errors,omitempty" doc:"Which members of the request are wrong. Their values are never repeated."`
}

// MemberFailed is one member of a request that was refused.
type MemberFailed struct {
	Location string `json:"location" example:"body.recipients[0].email" doc:"Where in the request."`
	Message  string `json:"message" doc:"What is wrong with it."`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// GetStatus tells huma the number.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of RFC 9457 whatever the client accepts.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// refusal turns an error into its reply, and logs the cause of what is our fault.
func (a *api) refusal(ctx context.Context, err error) *Problem {
	p := problem.Of(err)
	tell(ctx, p.Code)
	if p.Kind == problem.KindInternal {
		a.Log.ErrorContext(ctx, "request failed", "request", requestID(ctx), "cause", err)
	}
	status, ok := statuses[p.Kind]
	if !ok {
		status = http.StatusInternalServerError
	}
	reply := problemOf(status, p.Code, p.Public, requestID(ctx))
	if p.Field != "" {
		reply.Errors = []MemberFailed{{Location: "body." + p.Field, Message: p.Public}}
	}
	return reply
}

// problemOf leaves the request's id out of a 404: what is missing and what is
// somebody else's must answer with the same bytes.
func problemOf(status int, code, detail, request string) *Problem {
	if status == http.StatusNotFound {
		request = ""
	}
	return &Problem{
		Type: "urn:chancery:problem:" + code, Title: http.StatusText(status),
		Status: status, Detail: detail, Code: code, Instance: request,
	}
}

// refuse ends a request that no huma handler answers.
func refuse(c *gin.Context, p *Problem) {
	tell(c.Request.Context(), p.Code)
	c.Header("Content-Type", p.ContentType(""))
	c.AbortWithStatusJSON(p.Status, p)
}

// retell turns huma's own errors (huma.Config.Transformers) into ours. Theirs
// repeat the values that were sent, ours never do.
func retell(ctx huma.Context, _ string, body any) (any, error) {
	theirs, ok := body.(*huma.ErrorModel)
	if !ok {
		return body, nil
	}
	code, detail := codeOf(theirs)
	tell(ctx.Context(), code)
	ours := problemOf(theirs.Status, code, detail, requestID(ctx.Context()))
	for _, e := range theirs.Errors {
		ours.Errors = append(ours.Errors, MemberFailed{Location: shorten(e.Location), Message: memberMessage(code, e)})
	}
	return ours, nil
}

func codeOf(theirs *huma.ErrorModel) (code, detail string) {
	switch theirs.Status {
	case http.StatusBadRequest:
		return codeNotJSON, "The body of the request is not valid JSON."
	case http.StatusUnsupportedMediaType:
		return codeMediaType, "The body of the request must be application/json."
	case http.StatusInternalServerError:
		return "internal", problem.Internal(nil).Public
	}
	for _, e := range theirs.Errors {
		if e.Message == validation.MsgUnexpectedProperty || e.Message == "unknown query parameter" {
			return codeUnknown, "The request has a member that is not known here."
		}
	}
	return codeInvalid, "The request is not what this route expects."
}

// memberMessage hides what the JSON decoder says, for it quotes the body.
func memberMessage(code string, e *huma.ErrorDetail) string {
	if code == codeNotJSON || code == codeMediaType || strings.HasPrefix(e.Message, "json:") {
		return "cannot be read"
	}
	return e.Message
}

// maxLocation bounds how much of a member's name, in bytes, we say back.
const maxLocation = 200

func shorten(location string) string {
	if len(location) <= maxLocation {
		return location
	}
	return strings.ToValidUTF8(location[:maxLocation], "") + "…"
}

// statusWord is the key of a response in OpenAPI.
func statusWord(status int) string { return strconv.Itoa(status) }
