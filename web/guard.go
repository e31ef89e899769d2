package web

import (
	"net/http"
	"strings"

	"chancery/problem"
)

// policy lets a page load its own assets and nothing else. There are no inline
// scripts or styles, so none that somebody injects would run.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
	"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// allowFraming lets the program that was given the link show the page inside its
// own. The origin stands in the link, under its MAC.
func (g guest) allowFraming(w http.ResponseWriter) {
	if g.frame == "" {
		return
	}
	w.Header().Set("Content-Security-Policy", strings.Replace(policy, "frame-ancestors 'none'", "frame-ancestors "+g.frame, 1))
	w.Header().Del("X-Frame-Options") // it knows no origins; browsers that know the policy pass over it
}

// guard sets what every reply carries and refuses posts from other sites.
func (s *site) guard(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(s.answer(func(http.ResponseWriter, *http.Request) error {
		return problem.Denied("cross_origin", "This request came from another site.")
	}))
	protected := cross.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer") // the address is a secret
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Cache-Control", "no-store")
		if s.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		protected.ServeHTTP(w, r)
	})
}
