package main

import (
	"bytes"
	"context"
	"encoding/asn1"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chancery/pades"
	"chancery/pades/tsp"
	"chancery/pki"
	"chancery/problem"
)

// workshop signs one file with an authority made for it.
type workshop struct {
	authority *pki.Authority
	stamps    *tsp.Authority
	now       time.Time
	level     pades.Level
	file      []byte
	plan      pades.Plan
}

// tryOut is the policy of timestamps that nobody should rely on.
var tryOut = asn1.ObjectIdentifier{2, 25, 1807465194}

func (w *workshop) openTimestamps() (err error) {
	h := w.authority.TSA()
	w.stamps, err = tsp.NewAuthority(tsp.AuthorityOptions{Certificate: h.Certificate, Chain: h.Chain, Key: h.Signer, Policy: tryOut, Now: time.Now})
	return err
}

func (w *workshop) holder(h pki.Holder) pades.Holder {
	return pades.Holder{Certificate: h.Certificate, Chain: h.Chain, Signer: h.Signer, Timestamper: w.stamps}
}

// took appends what a step gives.
func (w *workshop) took(more []byte, plan pades.Plan, err error) error {
	if err == nil {
		w.file, w.plan = append(w.file, more...), plan
	}
	return err
}

func (w *workshop) run(ctx context.Context, people []pki.Person, places []string) error {
	spec, err := w.spec(ctx, people, places)
	if err != nil {
		return err
	}
	if err := w.took(pades.Certify(ctx, bytes.NewReader(w.file), int64(len(w.file)), spec, w.holder(w.authority.Certifier()), w.now)); err != nil {
		return err
	}
	for _, p := range people {
		if err := w.approve(ctx, p); err != nil {
			return err
		}
	}
	if err := w.took(pades.Seal(ctx, w.plan, w.holder(w.authority.Sealer()), pades.SealSpec{Name: spec.Name, Reason: "All have signed"}, w.now)); err != nil {
		return err
	}
	return w.close(ctx)
}

func (w *workshop) approve(ctx context.Context, p pki.Person) error {
	h, err := w.authority.IssueSigner(ctx, p, w.now)
	if err != nil {
		return err
	}
	act := pades.Act{
		Recipient: p.ID, Name: p.Name, Email: p.Email, ID: p.ID,
		Text: []string{p.Name, w.now.Format("2006-01-02 15:04 MST"), p.Email},
	}
	return w.took(pades.Approve(ctx, w.plan, act, w.holder(h), w.now))
}

func (w *workshop) close(ctx context.Context) error {
	proof := pades.Proof{Timestamper: w.stamps}
	if w.level == pades.LevelLT || w.level == pades.LevelLTA {
		var err error
		proof.Evidence, err = pades.Gather(ctx, bytes.NewReader(w.file), int64(len(w.file)), w.authority.Roots(), w.authority)
		if err != nil {
			return err
		}
	}
	return w.took(pades.Close(ctx, w.plan, proof))
}

// spec gives each person a signature field: the one that was asked for, or a
// place at the foot of the last page.
func (w *workshop) spec(ctx context.Context, people []pki.Person, places []string) (pades.Spec, error) {
	found, err := pades.Inspect(ctx, bytes.NewReader(w.file), int64(len(w.file)))
	if err != nil {
		return pades.Spec{}, err
	}
	if len(places) > len(people) {
		return pades.Spec{}, problem.Invalid("too_many_fields", "There are more fields than signers.")
	}
	spec := pades.Spec{Name: pki.SandboxOrganisation, Reason: "Certified for signing", TestMark: true, Level: w.level}
	last := len(found.Pages) - 1
	for i, p := range people {
		field := pades.Field{ID: p.ID, Recipient: p.ID, Kind: pades.Signature, Page: last, Rect: foot(found.Pages[last], i), Label: "Signature of " + p.Name}
		if i < len(places) {
			if field.Page, field.Rect, err = place(places[i]); err != nil {
				return spec, err
			}
		}
		spec.Recipients, spec.Fields = append(spec.Recipients, p.ID), append(spec.Fields, field)
	}
	return spec, nil
}

// Signatures at the foot of a page stand in rows of two, the first row lowest, as
// long as there is room.
const (
	footMargin = 36.0 // points; less on a small page
	footHeight = 56.0
)

func foot(page pades.PageSize, i int) pades.Rect {
	margin := min(footMargin, page.Width/20, page.Height/20)
	gap := margin / 2
	width, height := (page.Width-2*margin-gap)/2, min(footHeight, (page.Height-2*margin)/2)
	rows := max(1, int((page.Height-2*margin)/(height+gap)))
	row, column := i/2%rows, i%2
	return pades.Rect{
		X: margin + float64(column)*(width+gap), Y: page.Height - margin - height - float64(row)*(height+gap),
		Width: width, Height: height,
	}
}

// place reads "page,x,y,width,height"; pages count from 1.
func place(text string) (page int, r pades.Rect, err error) {
	var n [5]float64
	parts := strings.Split(text, ",")
	for i := range n {
		if len(parts) == len(n) && err == nil {
			n[i], err = strconv.ParseFloat(strings.TrimSpace(parts[i]), 64)
		}
	}
	if len(parts) != len(n) || err != nil || n[0] != float64(int(n[0])) {
		return 0, r, problem.Invalid("field_unreadable", fmt.Sprintf("A field is given as PAGE,X,Y,WIDTH,HEIGHT, which %q is not.", text)).Because(err)
	}
	return int(n[0]) - 1, pades.Rect{X: n[1], Y: n[2], Width: n[3], Height: n[4]}, nil
}
