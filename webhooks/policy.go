package webhooks

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"syscall"

	"code.dny.dev/ssrf"

	"chancery/problem"
)

// Policy says where requests may go. The zero value is for production: https to
// public addresses, any port.
type Policy struct {
	AllowLoopback bool           // 127.0.0.0/8 and ::1: demo, sandbox on one machine, tests
	AllowPrivate  bool           // RFC 1918 and fc00::/7: receivers inside the house
	AllowHTTP     bool           // plain http, wherever the request may go at all
	Roots         *x509.CertPool // who vouches for receivers; nil means the system's roots
}

// maxURL is the longest address we store for an endpoint, in bytes; common
// proxies and servers stop near there.
const maxURL = 2048

var (
	loopback4 = netip.MustParsePrefix("127.0.0.0/8")
	loopback6 = netip.MustParsePrefix("::1/128")
	private4  = []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"),
		netip.MustParsePrefix("172.16.0.0/12"),
		netip.MustParsePrefix("192.168.0.0/16"),
	}
	private6 = netip.MustParsePrefix("fc00::/7")
	// metadata6 are the addresses inside fc00::/7 where clouds hand out
	// credentials; no policy opens them. The IPv4 ones are link-local, so they are
	// closed already.
	metadata6 = []netip.Prefix{
		netip.MustParsePrefix("fd00:ec2::/32"),
		netip.MustParsePrefix("fd20:ce::/32"),
	}
)

// CheckURL tells whether an endpoint may be registered under this address: the
// problem webhook_url_invalid when it is not an absolute http address without
// credentials, webhook_url_forbidden when it could never be delivered to. Names
// are not resolved here, as they may resolve differently tomorrow: the socket
// decides at every attempt.
func CheckURL(raw string, policy Policy) error {
	u, err := url.Parse(raw)
	if err != nil || len(raw) > maxURL || (u.Scheme != "https" && u.Scheme != "http") ||
		u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return problem.Invalid("webhook_url_invalid",
			"A webhook address is a complete https URL without user name, password or fragment.")
	}
	if u.Scheme == "http" && !policy.AllowHTTP {
		return problem.Invalid("webhook_url_forbidden", "A webhook address must begin with https://.")
	}
	if !policy.allowsHost(u.Hostname()) {
		return problem.Invalid("webhook_url_forbidden",
			"A webhook address must be reachable from the public internet.")
	}
	return nil
}

func (p Policy) allowsHost(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return p.guard(ip) == nil
	}
	name := strings.TrimSuffix(strings.ToLower(host), ".")
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return p.AllowLoopback
	}
	inside := !strings.Contains(name, ".") ||
		strings.HasSuffix(name, ".local") || strings.HasSuffix(name, ".internal")
	return !inside || p.AllowPrivate
}

// control is the net.Dialer.Control of our client: it sees the resolved address
// after the look-up and before a byte is sent, so a name cannot change its mind
// in between.
func (p Policy) control(_, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %s", ssrf.ErrInvalidHostPort, address)
	}
	return p.guard(target.Addr())
}

func (p Policy) guard(ip netip.Addr) error {
	ip = ip.Unmap()
	for _, prefix := range metadata6 {
		if prefix.Contains(ip) {
			return fmt.Errorf("%w: %s belongs to a cloud's metadata service", ssrf.ErrProhibitedIP, ip)
		}
	}
	v4, v6 := p.opened()
	return ssrf.New(ssrf.WithAllowedV4Prefixes(v4...), ssrf.WithAllowedV6Prefixes(v6...)).SafeAddr(ip)
}

// opened are the networks this policy opens beyond the public ones.
func (p Policy) opened() (v4, v6 []netip.Prefix) {
	if p.AllowLoopback {
		v4, v6 = append(v4, loopback4), append(v6, loopback6)
	}
	if p.AllowPrivate {
		v4, v6 = append(v4, private4...), append(v6, private6)
	}
	return v4, v6
}
