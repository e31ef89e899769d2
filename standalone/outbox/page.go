package outbox

import (
	"embed"
	"encoding/json"
	"html/template"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"chancery/problem"
)

//go:embed pages
var pages embed.FS

// Page shows an outbox. Its addresses are relative, so it works under any prefix that
// http.StripPrefix takes off:
//
//	GET /                 the list
//	GET /letters          the list as JSON
//	GET /letters/{id}     one letter
//	GET /letters/{id}.eml the same, raw
type Page struct {
	outbox    *Outbox
	log       *slog.Logger
	mux       *http.ServeMux
	templates *template.Template
}

// NewPage makes the page of an outbox.
func NewPage(outbox *Outbox, log *slog.Logger) *Page {
	join := func(addresses []string) string { return strings.Join(addresses, ", ") }
	p := &Page{outbox: outbox, log: log, mux: http.NewServeMux()}
	p.templates = template.Must(template.New("").Funcs(template.FuncMap{"join": join}).ParseFS(pages, "pages/*.html"))
	p.mux.HandleFunc("GET /{$}", p.list)
	p.mux.HandleFunc("GET /style.css", p.style)
	p.mux.HandleFunc("GET /letters", p.index)
	p.mux.HandleFunc("GET /letters/{name}", p.one)
	return p
}

// Nothing is loaded but our style sheet, and nothing runs. Letters bring their own inline
// styles and pictures; their frame inherits this policy, so a tracking picture stays dark.
const policy = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src data:; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// ServeHTTP implements http.Handler.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", policy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Cross-Origin-Resource-Policy", "same-origin")
	header.Set("Cache-Control", "no-store")
	p.mux.ServeHTTP(w, r)
}

func (p *Page) list(w http.ResponseWriter, _ *http.Request) {
	p.render(w, "list.html", p.outbox.Letters())
}

func (p *Page) style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, pages, "pages/style.css")
}

func (p *Page) index(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(p.outbox.Letters()); err != nil {
		p.log.Debug("send list of letters", "error", err)
	}
}

func (p *Page) one(w http.ResponseWriter, r *http.Request) {
	id, raw := strings.CutSuffix(r.PathValue("name"), ".eml")
	if raw {
		p.raw(w, id)
		return
	}
	letter, err := p.outbox.Letter(id)
	if err != nil {
		p.refuse(w, err)
		return
	}
	p.render(w, "letter.html", letter)
}

func (p *Page) raw(w http.ResponseWriter, id string) {
	raw, err := p.outbox.Raw(id)
	if err != nil {
		p.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "message/rfc822")
	w.Header().Set("Content-Disposition", `attachment; filename="`+id+`.eml"`)
	if _, err := w.Write(raw); err != nil {
		p.log.Debug("send raw letter", "letter", id, "error", err)
	}
}

// Frame is the letter's HTML as its frame takes it: links open beside the page, not in it.
func (l Letter) Frame() string { return `<base target="_blank">` + l.HTML }

func (p *Page) render(w http.ResponseWriter, name string, data any) {
	var page strings.Builder // whole before the first byte goes out: half a page is worse than none
	if err := p.templates.ExecuteTemplate(&page, name, data); err != nil {
		p.refuse(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if _, err := w.Write([]byte(page.String())); err != nil {
		p.log.Debug("send page", "page", name, "error", err)
	}
}

func (p *Page) refuse(w http.ResponseWriter, err error) {
	found := problem.Of(err)
	if found.Kind == problem.KindMissing {
		http.Error(w, found.Public, http.StatusNotFound)
		return
	}
	p.log.Error("show outbox", "error", err)
	http.Error(w, found.Public, http.StatusInternalServerError)
}

// LocalOnly serves only those who ask for this machine by its loopback names. A web page
// elsewhere that points its own name at 127.0.0.1 (DNS rebinding) reads nobody's letters.
func LocalOnly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopback(r.Host) {
			http.Error(w, "This page is served on this machine only; please open it as http://localhost or http://127.0.0.1.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func loopback(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = strings.Trim(hostPort, "[]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.IsLoopback()
}
