package hub

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"time"

	"chancery/pades/trust"
	"chancery/pades/tsp"
	"chancery/papers"
	"chancery/pki"
	"chancery/vault"
	"chancery/webhooks"
)

// openPapers opens both authorities, or makes them at the first start.
func openPapers(ctx context.Context, records papersRecords, blobs *vault.Store, c Config) (*papers.Papers, error) {
	sandbox, err := c.openAuthority(ctx, records, true)
	if err != nil {
		return nil, err
	}
	production, err := c.openAuthority(ctx, records, false)
	if err != nil {
		return nil, err
	}
	// Certificates of others, a time-stamping authority's or an imported seal's, say
	// themselves where to ask about them; the operator vouches for who issued them.
	web, err := trust.NewWeb(outward(), time.Now)
	if err != nil {
		return nil, err
	}
	p := &papers.Papers{
		Vault: blobs, Records: records, Level: c.level(),
		Sandbox: &papers.House{Authority: sandbox}, Production: &papers.House{Authority: production, Web: web},
	}
	if p.Trust, err = certificatesIn(c.TrustRoots); err != nil {
		return nil, err
	}
	if len(c.Timestampers) == 0 {
		return p, nil
	}
	// A sandbox never asks them: what it makes is for trying out.
	if err := c.timestamps(p.Production); err != nil {
		return nil, fmt.Errorf("prepare timestamps: %w", err)
	}
	return p, nil
}

type papersRecords interface {
	papers.Records
	authorities
	pki.Register
}

func (c Config) openAuthority(ctx context.Context, records papersRecords, sandbox bool) (*pki.Authority, error) {
	o, err := c.authority(records, sandbox)
	if err != nil {
		return nil, err
	}
	return openAuthority(ctx, records, o)
}

// timestampTimeout is how long each authority may take, while a person waits.
const timestampTimeout = 5 * time.Second

func (c Config) timestamps(house *papers.House) error {
	var err error
	if house.Vouched, err = certificatesIn(c.TimestampRoots); err != nil {
		return err
	}
	var servers []tsp.Server
	for _, address := range c.Timestampers {
		servers = append(servers, tsp.Server{URL: address})
	}
	house.Timestamper, err = tsp.NewClient(tsp.ClientOptions{
		Servers: servers, HTTP: outward(), Roots: house.Vouched, Timeout: timestampTimeout, Now: time.Now,
	})
	return err
}

// certificatesIn reads a PEM file; "" is none.
func certificatesIn(path string) ([]*x509.Certificate, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	certificates, err := pki.Certificates(file)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return certificates, nil
}

// outward asks the addresses that the operator has set, which may lie inside the
// house and speak plain HTTP, as most time-stamping authorities do.
func outward() *http.Client {
	return webhooks.NewClient(webhooks.Policy{AllowLoopback: true, AllowPrivate: true, AllowHTTP: true})
}
