package salesforcetest

import (
	"encoding/json"
	"net/http"
)

// apiError is one entry of the list that an error answer is.
type apiError struct {
	Message   string   `json:"message"`
	ErrorCode string   `json:"errorCode"`
	Fields    []string `json:"fields,omitempty"`
	status    int      // 400 unless set
}

func fault(code, message string, fields ...string) *apiError {
	return &apiError{Message: message, ErrorCode: code, Fields: fields}
}

func notFound() *apiError {
	return &apiError{Message: "The requested resource does not exist", ErrorCode: "NOT_FOUND", status: http.StatusNotFound}
}

// saved is the entry of an answer to a save; in it the code of an error has another name.
type saved struct {
	ID      string      `json:"id,omitempty"`
	Success bool        `json:"success"`
	Errors  []saveError `json:"errors"`
	Created *bool       `json:"created,omitempty"`
}

type saveError struct {
	StatusCode string   `json:"statusCode"`
	Message    string   `json:"message"`
	Fields     []string `json:"fields"`
}

func savedAs(id string) saved { return saved{ID: id, Success: true, Errors: []saveError{}} }

func notSaved(e *apiError) saved {
	fields := e.Fields
	if fields == nil {
		fields = []string{}
	}
	return saved{Errors: []saveError{{e.ErrorCode, e.Message, fields}}}
}

// reply is an answer before it is written: composite puts several into one.
type reply struct {
	status int
	header map[string]string
	body   any // nil is none
	raw    []byte
}

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

func refused(e *apiError) reply {
	status := e.status
	if status == 0 {
		status = http.StatusBadRequest
	}
	return reply{status: status, body: []*apiError{e}}
}

func (r reply) write(w http.ResponseWriter) {
	for name, value := range r.header {
		w.Header().Set(name, value)
	}
	if r.raw != nil {
		w.WriteHeader(r.status)
		_, _ = w.Write(r.raw) // whoever has hung up does not hear it
		return
	}
	if r.body == nil {
		w.WriteHeader(r.status)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(r.status)
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(r.body) // likewise
}
