package main

import (
	"log/slog"

	"chancery/hub"
	"chancery/mail"
	"chancery/pades"
	"chancery/pades/font"
	"chancery/pki"
	"chancery/webhooks"
)

// settings are what every role needs. Each flag has an environment variable of
// the same name: --database-url is CHANCERY_DATABASE_URL.
type settings struct {
	DatabaseURL  string `required:"" help:"PostgreSQL, as the role that may only add to the audit log."`
	Engine       string `default:"127.0.0.1:7233" help:"Temporal server, host:port."`
	Namespace    string `default:"chancery" help:"Temporal namespace."`
	VaultDir     string `required:"" type:"path" help:"Where documents lie, sealed; shared by all processes."`
	KeyFile      string `required:"" type:"path" help:"Key-encryption key; shared by all processes, kept apart from backups."`
	PublicURL    string `required:"" help:"What links in letters begin with."`
	Organisation string `default:"Chancery" help:"The hub's operator, as its certificates name it."`

	Region  string            `default:"eu" help:"Which of several deployments this is."`
	Regions map[string]string `mapsep:"," placeholder:"NAME=URL" help:"Where all deployments are, such as eu=https://eu.example.com,us=https://us.example.com."`

	OrganisationID string `name:"organisation-id" help:"Its official number in certificates, such as NTRDE-HRB123456."`
	Country        string `help:"Its country in certificates, two capital letters."`
	KeyAlgorithm   string `default:"ecdsa-p256" enum:"ecdsa-p256,rsa-2048,rsa-3072" help:"Of new keys that sign documents."`
	PKIDir         string `name:"pki-dir" type:"path" help:"Folder with certificates from outside, filled by chancery ca; without it the hub has a CA of its own."`
	PKIURL         string `name:"pki-url" help:"What the addresses in certificates begin with, plain http at best; the public URL when empty."`

	SMTPAddress  string `required:"" help:"Mail submission server, host:port."`
	SMTPTLS      string `name:"smtp-tls" default:"starttls" enum:"starttls,tls,opportunistic,plain" help:"How the connection is protected."`
	SMTPUser     string `help:"For mail submission; empty needs none."`
	SMTPPassword string `help:"For mail submission."`
	MailDomain   string `required:"" help:"Letters are signed for this domain."`
	MailFrom     string `required:"" help:"The address letters come from."`

	BounceListen      string `help:"Where serve takes letters that come back over SMTP, host:port; set it for workers too. Empty: they go to the address letters come from."`
	BounceDomain      string `help:"Domain of the return addresses; the mail domain when empty."`
	BounceCertificate string `type:"path" help:"PEM file of a certificate for STARTTLS there."`
	BounceKey         string `type:"path" help:"PEM file of its key."`

	Level          string   `default:"B-LTA" enum:"B-B,B-T,B-LT,B-LTA" help:"PAdES level that documents reach."`
	TimestampURLs  []string `name:"timestamp-url" help:"Time-stamping authorities for production teams, asked in this order; without any, the hub's own."`
	TimestampRoots string   `type:"path" help:"PEM file of the roots that their timestamps must lead to."`
	TrustRoots     string   `type:"path" help:"PEM file of roots of others, for files that people bring to be checked."`

	ProductionCalls      int      `help:"Calls in any 60 seconds that a production team may make; 0 is 3000."`
	ProductionHooks      int      `help:"Webhooks in any 60 seconds of a production team, which wait beyond that; 0 is no limit."`
	RedisURL             string   `help:"Where several processes count calls and webhooks together."`
	TrustedProxies       []string `help:"Addresses or networks whose X-Forwarded-For is believed."`
	Operators            []string `help:"Addresses of users who run the hub; each needs two-factor authentication."`
	FontDirs             []string `type:"path" help:"Where fonts are, besides /usr/share/fonts and /usr/local/share/fonts."`
	CacheDir             string   `type:"path" help:"Where compiled code is kept between starts."`
	TraceCollector       string   `help:"Where traces are sent: an OTLP address over HTTP."`
	MaxUpload            int64    `default:"26214400" help:"Largest document, in bytes."`
	WebhookAllowLoopback bool     `help:"Deliver events to this machine, and over plain http: for trying out."`
	WebhookAllowPrivate  bool     `help:"Deliver events to private networks."`
}

func (s settings) config() hub.Config {
	font.Directories = append(font.Directories, s.FontDirs...)
	return hub.Config{
		DatabaseURL: s.DatabaseURL, Engine: s.Engine, Namespace: s.Namespace,
		VaultDir: s.VaultDir, KeyFile: s.KeyFile, PublicURL: s.PublicURL, Organisation: s.Organisation, Region: s.Region, Regions: s.Regions,
		OrganisationID: s.OrganisationID, Country: s.Country, KeyAlgorithm: pki.Algorithm(s.KeyAlgorithm), PKIDir: s.PKIDir, PKIURL: s.PKIURL,
		Mail:       mail.Relay{Addr: s.SMTPAddress, Security: mail.Security(s.SMTPTLS), Username: s.SMTPUser, Password: s.SMTPPassword},
		MailDomain: s.MailDomain, MailFrom: s.MailFrom,
		BounceListen: s.BounceListen, BounceDomain: s.BounceDomain, BounceCertificate: s.BounceCertificate, BounceKey: s.BounceKey,
		Level:        pades.Level(s.Level),
		Timestampers: s.TimestampURLs, TimestampRoots: s.TimestampRoots, TrustRoots: s.TrustRoots,
		Webhooks: webhooks.Policy{
			AllowLoopback: s.WebhookAllowLoopback, AllowHTTP: s.WebhookAllowLoopback, AllowPrivate: s.WebhookAllowPrivate,
		},
		Calls: s.ProductionCalls, Hooks: s.ProductionHooks, RedisURL: s.RedisURL, TrustedProxies: s.TrustedProxies, Operators: s.Operators, CacheDir: s.CacheDir, MaxUpload: s.MaxUpload, TraceCollector: s.TraceCollector,
		Log: slog.Default(),
	}
}
