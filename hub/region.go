package hub

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"chancery/links"
)

// regionName is what keys and links can carry, and nobody mistakes for something else.
var regionName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,15}$`)

// checkRegions refuses names that do not fit into keys and links, and addresses that
// nobody can follow.
func (c Config) checkRegions() error {
	if !regionName.MatchString(c.region()) {
		return fmt.Errorf("take region %q: it is written in small letters, digits and hyphens", c.region())
	}
	for name, address := range c.Regions {
		if !regionName.MatchString(name) || !strings.HasPrefix(address, "http") {
			return fmt.Errorf("take region %q at %q: it needs a name in small letters and an address", name, address)
		}
	}
	return nil
}

// regional sends whoever opens a link of another region to where it opens. Nothing is
// known of it here (RFC 9110 §15.5.20).
func (h *Hub) regional(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		there := h.config.elsewhere(r.URL.Path)
		if there == "" {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Referrer-Policy", "no-referrer")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(http.StatusMisdirectedRequest)
		_, _ = fmt.Fprintf(w, "This link belongs to another region. It opens at %s%s\n", there, r.URL.EscapedPath()) // the reader may be gone
	})
}

// elsewhere is the address of the deployment whose link the path holds; "" when that is
// this one, or none that is known.
func (c Config) elsewhere(path string) string {
	for part := range strings.SplitSeq(path, "/") {
		region := links.RegionOf(part)
		if there, known := c.Regions[region]; known && region != c.region() {
			return strings.TrimSuffix(there, "/")
		}
	}
	return ""
}
