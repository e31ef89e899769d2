// Package hub puts the parts together: records, vault, keys, mail, webhooks, the
// engine's client, the API and the pages. cmd reads the configuration, this
// package builds from it, and the roles (serve, work) are methods.
package hub

import (
	"cmp"
	"log/slog"

	"chancery/mail"
	"chancery/pades"
	"chancery/pki"
	"chancery/webhooks"
)

// Config is all that can be set. Everything without a note is needed.
type Config struct {
	DatabaseURL  string // as the role that may only add to the audit log
	Engine       string // host:port of the Temporal server
	Namespace    string
	VaultDir     string // where documents lie, sealed; shared by all processes
	KeyFile      string // the key-encryption key; shared by all processes, kept apart from backups
	PublicURL    string // what links in letters begin with, without a slash at the end
	Organisation string // in the certificates of the hub's own authority

	Region  string            // optional: which of the deployments this is; empty is DefaultRegion
	Regions map[string]string // optional: the public addresses of all deployments, by region

	OrganisationID string        // optional: its official number, such as NTRDE-HRB123456
	Country        string        // optional: its country, two letters
	KeyAlgorithm   pki.Algorithm // optional: of keys that sign documents; empty is P-256
	PKIDir         string        // optional: folder with certificates from outside, see pki.Folder
	PKIURL         string        // optional: what the addresses in certificates begin with; empty is PublicURL

	Mail       mail.Relay // where letters are handed in
	MailDomain string     // letters come from, and are signed for, this domain
	MailFrom   string     // the address they come from; at MailDomain

	BounceListen      string // optional: host:port where Serve takes letters that come back; empty: they go to MailFrom
	BounceDomain      string // optional: the domain of return addresses; empty is MailDomain
	BounceCertificate string // optional: PEM file, for STARTTLS there
	BounceKey         string // PEM file

	Level          pades.Level // optional: that documents reach; empty is DefaultLevel
	Timestampers   []string    // optional: addresses of authorities, asked in this order for production's timestamps; none: the hub's own
	TimestampRoots string      // PEM file of the roots that their tokens must lead to
	TrustRoots     string      // optional: PEM file of roots of others, for files that people bring to be checked

	Webhooks       webhooks.Policy
	Calls          int      // optional: calls in any 60 s for a production team; 0 is the API's own figure
	Hooks          int      // optional: webhooks in any 60 s of a production team; 0 is as many as there are
	RedisURL       string   // optional: where several processes count calls and webhooks together
	TrustedProxies []string // optional: whose X-Forwarded-For is believed
	Operators      []string // optional: addresses of users who run the hub
	CacheDir       string   // optional: where compiled code is kept between starts
	TraceCollector string   // optional: where traces are sent, an OTLP address over HTTP
	MaxUpload      int64    // bytes; 0 is DefaultMaxUpload

	Log *slog.Logger
}

// DefaultRegion is where a hub lies that does not say.
const DefaultRegion = "eu"

func (c Config) region() string { return cmp.Or(c.Region, DefaultRegion) }

func (c Config) bounceDomain() string { return cmp.Or(c.BounceDomain, c.MailDomain) }

// DefaultLevel keeps documents provable for as long as the hub renews them.
const DefaultLevel = pades.LevelLTA

func (c Config) level() pades.Level {
	if c.Level == "" {
		return DefaultLevel
	}
	return c.Level
}

// DefaultMaxUpload is the largest file taken in, in bytes: larger ones are
// nearly always scans that should be made smaller.
const DefaultMaxUpload = 25 << 20
