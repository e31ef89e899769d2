package main

import (
	"fmt"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"chancery/pki"
	"chancery/problem"
)

// authorities is the key ceremony: it works on a folder, without hub or network.
type authorities struct {
	Init   caInit   `cmd:"" help:"Make a root CA, its key sealed by a passphrase, and an issuing CA for the hub."`
	Issue  caIssue  `cmd:"" help:"Issue a certificate, with a new key or for a request."`
	Revoke caRevoke `cmd:"" help:"Revoke a certificate."`
	CRL    caCRL    `cmd:"" name:"crl" help:"Write the CRLs: of the issuing CA, and with the passphrase of the root."`
	List   caList   `cmd:"" help:"List what was issued and revoked."`
	Import caImport `cmd:"" help:"Check a certificate that was bought, with its chain and key, and put it where the hub reads it."`
}

// caFolder is where the CA is.
type caFolder struct {
	Dir string `arg:"" type:"path" help:"Folder of the CA: root.p12 to keep apart, hub/ for the hub."`
}

func (c caFolder) ceremony() pki.Ceremony { return pki.Ceremony{Path: c.Dir, Now: time.Now} }

type caInit struct {
	caFolder
	Organisation   string `required:"" help:"Name of the organisation."`
	OrganisationID string `name:"organisation-id" help:"Its official number, such as NTRDE-HRB123456."`
	Country        string `help:"Its country, two capital letters."`
	URL            string `name:"url" help:"What the addresses in certificates begin with: the hub's, plain http at best. Empty leaves them out."`
	Algorithm      string `default:"ecdsa-p256" enum:"ecdsa-p256,rsa-2048,rsa-3072" help:"Of keys that sign documents."`
	passphrase
}

func (c caInit) Run() error {
	secret, err := c.choose("Passphrase for the root's key")
	if err != nil {
		return err
	}
	err = c.ceremony().Init(pki.Options{
		Organisation: c.Organisation, OrganisationID: c.OrganisationID, Country: c.Country, URL: c.URL, Algorithm: pki.Algorithm(c.Algorithm),
	}, secret)
	if err != nil {
		return err
	}
	fmt.Printf(`root         %s
root's key   %s  (take it away to a safe, and the passphrase to another)
for the hub  %s  (chancery serve --pki-dir)
`, filepath.Join(c.Dir, "root.pem"), filepath.Join(c.Dir, "root.p12"), c.ceremony().HubFolder())
	return nil
}

// caRoles are the roles as people write them.
var caRoles = map[string]pki.Role{
	"seal": pki.Sealer, "certification": pki.Certifier, "tsa": pki.TSA, "ocsp": pki.Responder, "person": "", "issuing": pki.Issuing, "root": pki.Root,
}

type caIssue struct {
	caFolder
	Kind    string `arg:"" enum:"seal,certification,tsa,ocsp,person,issuing" help:"seal, certification, tsa, ocsp, person, or issuing: the next issuing CA."`
	Request string `type:"existingfile" help:"Certificate signing request; without it a new key is made."`
	Name    string `help:"Of a person."`
	Email   string `help:"Of a person."`
	Out     string `type:"path" help:"The files' name without ending; a person's must be given, others lie in hub/."`
	passphrase
}

func (c caIssue) Run() error {
	name, err := c.issue()
	if err != nil {
		return err
	}
	fmt.Println(name + ".pem")
	if _, err := os.Stat(name + ".key"); err == nil {
		fmt.Println(name + ".key")
	}
	return nil
}

func (c caIssue) issue() (string, error) {
	if c.Kind != "issuing" {
		return c.ceremony().Issue(pki.Order{
			Role: caRoles[c.Kind], Person: pki.Person{Name: c.Name, Email: c.Email}, Request: c.Request, Out: c.Out,
		})
	}
	if c.Request != "" || c.Out != "" {
		return "", problem.Invalid("option_unfit", "The next issuing CA takes neither a request nor a name.")
	}
	secret, err := c.ask("Passphrase of the root's key")
	if err != nil {
		return "", err
	}
	return c.ceremony().IssueCA(secret)
}

type caRevoke struct {
	caFolder
	Certificate string `arg:"" type:"existingfile" help:"PEM file that begins with the certificate."`
	Reason      string `default:"unspecified" enum:"unspecified,key-compromise,ca-compromise,affiliation-changed,superseded,cessation-of-operation" help:"Why."`
}

func (c caRevoke) Run() error {
	data, err := os.ReadFile(c.Certificate)
	if err != nil {
		return err
	}
	chain, err := pki.Certificates(data)
	if err != nil {
		return err
	}
	reason, err := pki.ReasonOf(c.Reason)
	if err != nil {
		return err
	}
	if err := c.ceremony().Revoke(chain[0], reason); err != nil {
		return err
	}
	fmt.Printf("revoked %s (%s)\nPlease write new CRLs now, and give hub/ to the hub.\n", chain[0].Subject.CommonName, reason)
	return nil
}

type caCRL struct {
	caFolder
	Root bool `help:"Write the root's too; this asks for the passphrase."`
	passphrase
}

func (c caCRL) Run() (err error) {
	var secret string
	if c.Root {
		if secret, err = c.ask("Passphrase of the root's key"); err != nil {
			return err
		}
	}
	files, err := c.ceremony().Lists(secret)
	for _, file := range files {
		fmt.Println(file)
	}
	return err
}

type caList struct{ caFolder }

func (c caList) Run() error {
	issued, revoked, err := c.ceremony().Issued()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 4, 2, ' ', 0)
	for _, i := range issued {
		state := "until " + i.Until.UTC().Format(time.DateOnly)
		for _, r := range revoked {
			if r.Issuer == i.Issuer && r.Serial.Text(16) == i.Serial {
				state = fmt.Sprintf("revoked on %s, %s", r.At.UTC().Format(time.DateOnly), r.Reason)
			}
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", i.Serial, i.Role, i.Name, state)
	}
	return table.Flush()
}
