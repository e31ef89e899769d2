package salesforcetest

import (
	"bytes"
	"crypto/sha1" // an ETag is no secret
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// versions are what GET /services/data lists.
var versions = []string{"60.0", "62.0", "64.0", "65.0"}

var apiPath = regexp.MustCompile(`^/services/data/v(\d\d\.0)(/.*)?$`)

// serve answers every request over HTTP.
func (o *Org) serve(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	o.mu.Lock()
	away, latency := o.away, o.faults.Latency
	o.mu.Unlock()
	if away {
		panic(http.ErrAbortHandler) // the connection ends without an answer
	}
	if latency > 0 {
		select {
		case <-time.After(latency):
		case <-o.closing:
		}
	}
	switch match := apiPath.FindStringSubmatch(r.URL.Path); {
	case strings.HasPrefix(r.URL.Path, "/services/oauth2/"):
		if r.ParseForm() != nil {
			oauthFault("invalid_request", "unreadable").write(w)
			return
		}
		o.oauth(r).write(w)
	case r.URL.Path == "/services/data" || r.URL.Path == "/services/data/":
		all := make([]any, len(versions))
		for i, v := range versions {
			all[i] = map[string]string{"version": v, "url": "/services/data/v" + v, "label": "Release " + v}
		}
		ok(all).write(w)
	case match != nil:
		o.api(w, r, match[1], match[2])
	default:
		refused(notFound()).write(w)
	}
}

// request is a call of the API: of its own, or one of several in a composite.
type request struct {
	method, version, path string
	query                 url.Values
	header                func(string) string
	fields                func() (row, *apiError)
	raw                   func() ([]byte, *apiError)
}

func (q request) base() string { return "/services/data/v" + q.version }

// api answers a call of the API, with a token and within limits.
func (o *Org) api(w http.ResponseWriter, r *http.Request, version, path string) {
	data, err := io.ReadAll(r.Body)
	if err != nil {
		refused(unreadable("The request is too large")).write(w)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(data))
	q := request{r.Method, version, strings.Trim(path, "/"), r.URL.Query(), r.Header.Get,
		func() (row, *apiError) { return body(r) }, func() ([]byte, *apiError) { return data, nil }}
	answer, hang := o.answer(q, bearer(r), clientOf(r.Header.Get("Sforce-Call-Options")))
	if hang {
		select {
		case <-r.Context().Done():
		case <-o.closing:
		}
		panic(http.ErrAbortHandler)
	}
	answer.write(w)
}

func (o *Org) answer(q request, token, client string) (answer reply, hang bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.known(token) {
		return refused(&apiError{Message: "Session expired or invalid", ErrorCode: "INVALID_SESSION_ID", status: http.StatusUnauthorized}), false
	}
	o.usage.API++
	if spend(&o.faults.Hang) {
		return reply{}, true
	}
	writes := q.method != http.MethodGet
	answer, whole := o.trip(writes)
	if whole {
		t := o.begin(client)
		t.version = q.version
		answer = o.call(t, q)
		t.commit()
	}
	if whole && writes && spend(&o.faults.Lost) {
		answer = broken()
	}
	if answer.header == nil {
		answer.header = map[string]string{}
	}
	answer.header["Sforce-Limit-Info"] = fmt.Sprintf("api-usage=%d/%d", o.usage.API, o.usage.Limit)
	return answer, false
}

func clientOf(options string) string {
	for option := range strings.SplitSeq(options, ",") {
		if name, ok := strings.CutPrefix(strings.TrimSpace(option), "client="); ok {
			return name
		}
	}
	return ""
}

func (o *Org) runner(q request) runner {
	batch := o.options.BatchSize
	if _, asked, ok := strings.Cut(q.header("Sforce-Query-Options"), "batchSize="); ok {
		if n, err := strconv.Atoi(asked); err == nil {
			batch = min(max(n, 200), o.options.BatchSize)
		}
	}
	r := runner{s: &o.store, base: q.base(), batch: batch}
	r.more = func(records []any) string { return o.keep(q.base(), batch, records) }
	return r
}

// call does one thing. What fails leaves nothing behind.
func (o *Org) call(t *tx, q request) reply {
	changes, undo := t.mark()
	answer := o.route(t, q, strings.Split(q.path, "/"))
	if answer.status >= 300 {
		t.back(changes, undo)
	}
	return answer
}

func (o *Org) route(t *tx, q request, path []string) reply {
	switch {
	case q.path == "":
		return ok(map[string]string{"sobjects": q.base() + "/sobjects", "query": q.base() + "/query", "composite": q.base() + "/composite", "limits": q.base() + "/limits"})
	case path[0] == "limits":
		return ok(map[string]any{"DailyApiRequests": map[string]int{"Max": o.usage.Limit, "Remaining": o.usage.Limit - o.usage.API}})
	case path[0] == "query":
		return o.query(q, path[1:])
	case q.path == "composite" && q.method == http.MethodPost:
		return o.composite(t, q)
	case strings.HasPrefix(q.path, "composite/sobjects"):
		return o.collection(t, q, path[2:])
	case path[0] != "sobjects" || len(path) > 4:
		return refused(notFound())
	case len(path) == 1:
		return o.global(q)
	}
	object, known := o.store.object(path[1])
	if !known {
		return refused(notFound())
	}
	switch len(path) {
	case 2:
		return o.basic(t, q, object)
	case 3:
		if path[2] == "describe" {
			return ok(o.runner(q).describe(object))
		}
		return o.record(t, q, object, path[2])
	}
	return o.external(t, q, object, path[2], path[3])
}

func (o *Org) global(q request) reply {
	var all []any
	for _, object := range o.store.types {
		all = append(all, o.runner(q).brief(object))
	}
	return ok(map[string]any{"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": all})
}

// basic is what there is without an id.
func (o *Org) basic(t *tx, q request, object *object) reply {
	switch q.method {
	case http.MethodGet:
		return ok(map[string]any{"objectDescribe": o.runner(q).brief(object), "recentItems": []any{}})
	case http.MethodPost:
		fields, err := q.fields()
		if err != nil {
			return refused(err)
		}
		return o.create(t, q, object, fields)
	}
	return notAllowed(q)
}

func notAllowed(q request) reply {
	return refused(&apiError{Message: "HTTP Method '" + q.method + "' not allowed. Allowed are HEAD,GET,POST", ErrorCode: "METHOD_NOT_ALLOWED", status: http.StatusMethodNotAllowed})
}

func (o *Org) create(t *tx, q request, object *object, fields row) reply {
	id, err := t.insert(object.name, fields)
	if err != nil {
		return refused(err)
	}
	done := savedAs(id)
	if object.event { // success, although the list of errors is not empty
		done.Errors = []saveError{{"OPERATION_ENQUEUED", uuid(0xe, o.bus.last), []string{}}}
	}
	return reply{status: http.StatusCreated, body: done, header: map[string]string{"Location": q.base() + "/sobjects/" + object.name + "/" + id}}
}

// record answers for one record by its id.
func (o *Org) record(t *tx, q request, object *object, id string) reply {
	found, there := o.store.find(object, id)
	if there {
		if stop := unmet(q, object, found); stop != nil {
			return *stop
		}
	}
	switch q.method {
	case http.MethodGet:
		if !there {
			return refused(notFound())
		}
		return o.shown(q, object, found)
	case http.MethodPatch:
		fields, err := q.fields()
		if err == nil {
			err = t.update(object, id, fields)
		}
		if err != nil {
			return refused(err)
		}
		return reply{status: http.StatusNoContent}
	case http.MethodDelete:
		if err := t.remove(object, id); err != nil {
			return refused(err)
		}
		return reply{status: http.StatusNoContent}
	}
	return notAllowed(q)
}

func (o *Org) shown(q request, object *object, found row) reply {
	var names []string
	if list := q.query.Get("fields"); list != "" {
		names = strings.Split(list, ",")
	}
	made, err := o.runner(q).whole(object, found, names)
	if err != nil {
		return refused(err)
	}
	answer := ok(made)
	answer.header = map[string]string{"Last-Modified": when(found.text("LastModifiedDate")).Format(http.TimeFormat)}
	if object.name == "Account" {
		answer.header["ETag"] = etag(found)
	}
	return answer
}

func etag(r row) string {
	sum := sha1.Sum([]byte(r.text("Id") + r.text("SystemModstamp")))
	return `"` + base64.StdEncoding.EncodeToString(sum[:]) + `--gzip"`
}

// unmet answers a conditional request whose condition is not met. Times count whole
// seconds, and only accounts have an ETag.
func unmet(q request, object *object, found row) *reply {
	changed := when(found.text("LastModifiedDate"))
	halt := func(status int) *reply { return &reply{status: status} }
	if q.method == http.MethodDelete {
		return nil
	}
	if since := q.header("If-Unmodified-Since"); since != "" {
		at, err := http.ParseTime(since)
		if err != nil {
			return halt(http.StatusBadRequest)
		}
		if changed.After(at) {
			return halt(http.StatusPreconditionFailed)
		}
	}
	if tags := q.header("If-Match"); tags != "" && object.name == "Account" && !strings.Contains(tags, etag(found)) {
		return halt(http.StatusPreconditionFailed)
	}
	if at, err := http.ParseTime(q.header("If-Modified-Since")); err == nil && q.method == http.MethodGet && !changed.After(at) {
		return halt(http.StatusNotModified)
	}
	return nil
}

// external answers for a record by the id that another system gave it, and for the
// bytes of a file.
func (o *Org) external(t *tx, q request, object *object, field, value string) reply {
	if c, blob := object.column(value); blob && c.kind == "base64" {
		found, there := o.store.find(object, field)
		if !there {
			return refused(notFound())
		}
		data, _ := found[c.name].([]byte)
		return reply{status: http.StatusOK, raw: data, header: map[string]string{"Content-Type": "application/octetstream"}}
	}
	c, known := object.column(field)
	if !known || !c.external {
		return refused(&apiError{Message: "Provided external ID field does not exist or is not accessible: " + field, ErrorCode: "NOT_FOUND", status: http.StatusNotFound})
	}
	found := o.store.match(object, c.name, value)
	switch {
	case len(found) > 1:
		urls := make([]string, len(found))
		for i, r := range found {
			urls[i] = q.base() + "/sobjects/" + object.name + "/" + r.text("Id")
		}
		return reply{status: http.StatusMultipleChoices, body: urls}
	case q.method == http.MethodPatch:
		fields, err := q.fields()
		if err != nil {
			return refused(err)
		}
		return o.upsert(t, q, object, c, value, fields)
	case len(found) == 0:
		return refused(notFound())
	}
	return o.record(t, q, object, found[0].text("Id"))
}

func (o *Org) upsert(t *tx, q request, object *object, by column, value string, fields row) reply {
	if _, given := caseless(fields, by.name); given {
		return refused(fault("INVALID_FIELD", "The "+by.name+" field should not be specified in the sobject data.", by.name))
	}
	found := o.store.match(object, by.name, value)
	if len(found) == 0 {
		fields[by.name] = value
		answer := o.create(t, q, object, fields)
		if done, fine := answer.body.(saved); fine {
			done.Created = new(true)
			answer.body = done
		}
		return answer
	}
	if err := t.update(object, found[0].text("Id"), fields); err != nil {
		return refused(err)
	}
	if q.version < "46.0" {
		return reply{status: http.StatusNoContent}
	}
	done := savedAs(found[0].text("Id"))
	done.Created = new(false)
	return ok(done)
}
