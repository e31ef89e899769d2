package web

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"chancery/envelope"
)

// maxDevice bounds the user agent that is kept as evidence, in bytes.
const maxDevice = 300

// origin is where the request came from, for the evidence.
func (s *site) origin(r *http.Request) envelope.Origin {
	device := r.UserAgent()
	if len(device) > maxDevice {
		device = device[:maxDevice]
	}
	return envelope.Origin{Address: s.address(r), Device: strings.ToValidUTF8(device, "")}
}

// address follows X-Forwarded-For from its end for as long as those who wrote it are trusted.
func (s *site) address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && s.trusts(host); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		host = hop.Unmap().String()
	}
	return host
}

func (s *site) trusts(host string) bool {
	address, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(s.proxies, func(p netip.Prefix) bool { return p.Contains(address.Unmap()) })
}

func prefixes(texts []string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, text := range texts {
		if address, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(address, address.BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("read trusted proxy %q: %w", text, err)
		}
		all = append(all, prefix)
	}
	return all, nil
}
