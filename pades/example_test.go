package pades_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"log"
	"time"

	"chancery/pades"
	"chancery/pades/cms"
	"chancery/pades/paper"
	"chancery/pades/tsp"
	"chancery/pki"
)

// A lease that two people sign, from its certification to level B-LTA. Authority
// and clock live in memory; a real organisation's are kept.
func Example() {
	ctx, now := context.Background(), time.Now()
	authority, clock := exampleAuthority(now)
	with := func(h pki.Holder) pades.Holder {
		return pades.Holder{Certificate: h.Certificate, Chain: h.Chain, Signer: h.Signer, Timestamper: clock}
	}
	file := exampleLease(now)
	step := func(more []byte, plan pades.Plan, err error) pades.Plan {
		must(err)
		file = append(file, more...)
		return plan
	}

	spec := exampleSpec(pades.LevelLTA, "ann", "bob")
	plan := step(pades.Certify(ctx, bytes.NewReader(file), int64(len(file)), spec, with(authority.Certifier()), now))
	for _, person := range []pki.Person{{ID: "ann", Name: "Ann Lee", Email: "ann@example.com"}, {ID: "bob", Name: "Bob Müller", Email: "bob@example.com"}} {
		signer, err := authority.IssueSigner(ctx, person, now) // for this one act
		must(err)
		act := pades.Act{Recipient: person.ID, Name: person.Name, Email: person.Email, ID: person.ID, Text: []string{person.Name}}
		plan = step(pades.Approve(ctx, plan, act, with(signer), now))
	}
	plan = step(pades.Seal(ctx, plan, with(authority.Sealer()), pades.SealSpec{Name: "Example Ltd", Reason: "All have signed"}, now))

	evidence, err := pades.Gather(ctx, bytes.NewReader(file), int64(len(file)), authority.Roots(), authority)
	must(err)
	plan = step(pades.Close(ctx, plan, pades.Proof{Evidence: evidence, Timestamper: clock}))

	report, err := pades.Verify(ctx, bytes.NewReader(file), int64(len(file)), pades.VerifyOptions{Roots: authority.Roots(), Strict: true})
	must(err)
	for _, s := range report.Signatures {
		fmt.Println(s.Role, "by", s.Name)
	}
	fmt.Println(report.Verdict, "at", report.Level, "as planned:", plan.Reached() == report.Level)
	// Output:
	// certification by Example Ltd Certification
	// approval by Ann Lee
	// approval by Bob Müller
	// seal by Example Ltd Seal
	// timestamp by Example Ltd Time-stamping
	// unchanged at B-LTA as planned: true
}

// The key is with a service that signs hashes and may take its time.
func ExampleNext() {
	ctx, now := context.Background(), time.Now()
	authority, _ := exampleAuthority(now)
	file := exampleLease(now)
	c := authority.Certifier()
	more, plan, err := pades.Certify(ctx, bytes.NewReader(file), int64(len(file)), exampleSpec(pades.LevelB, "ann"), pades.Holder{Certificate: c.Certificate, Chain: c.Chain, Signer: c.Signer}, now)
	must(err)
	file = append(file, more...)

	ann, err := authority.IssueSigner(ctx, pki.Person{ID: "ann", Name: "Ann Lee", Email: "ann@example.com"}, now)
	must(err)
	room, err := cms.Room(ann.Certificate, ann.Chain, 0)
	must(err)
	pending, err := pades.Next(plan, pades.Act{Recipient: "ann", Name: "Ann Lee"}, room, now)
	must(err)
	attributes := pending.Attributes(ann.Certificate)
	stored, err := pending.MarshalBinary() // until the answer comes
	must(err)

	digest := sha256.Sum256(attributes)                                  // this goes to the service,
	value, err := ann.Signer.Sign(rand.Reader, digest[:], crypto.SHA256) // and this comes back
	must(err)

	container, err := cms.Assemble(attributes, value, ann.Certificate, ann.Chain)
	must(err)
	var kept pades.Pending
	must(kept.UnmarshalBinary(stored))
	more, plan, err = pades.Finish(kept, container)
	must(err)
	file = append(file, more...)

	report, err := pades.Verify(ctx, bytes.NewReader(file), int64(len(file)), pades.VerifyOptions{Roots: authority.Roots(), Strict: true})
	must(err)
	fmt.Println(report.Verdict, "after the signature of", plan.Signed)
	// Output: unchanged after the signature of [ann]
}

// exampleAuthority is an organisation's: its certificates and its clock.
func exampleAuthority(now time.Time) (*pki.Authority, pades.Timestamper) {
	authority, err := pki.Create(rand.Reader, now.Add(-time.Hour), pki.Options{Organisation: "Example Ltd"})
	must(err)
	h := authority.TSA()
	clock, err := tsp.NewAuthority(tsp.AuthorityOptions{
		Certificate: h.Certificate, Chain: h.Chain, Key: h.Signer, Policy: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Now: time.Now,
	})
	must(err)
	return authority, clock
}

func exampleLease(now time.Time) []byte {
	d := paper.New("Lease", now)
	d.Title("Lease")
	return d.Bytes()
}

// exampleSpec gives everybody a signature field, one below the other.
func exampleSpec(level pades.Level, people ...string) pades.Spec {
	spec := pades.Spec{Recipients: people, Name: "Example Ltd", Level: level}
	for i, id := range people {
		spec.Fields = append(spec.Fields, pades.Field{
			ID: "signature_" + id, Recipient: id, Kind: pades.Signature,
			Rect: pades.Rect{X: 72, Y: 600 + 80*float64(i), Width: 200, Height: 60}, Label: "Signature of " + id,
		})
	}
	return spec
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
