package pades

import (
	"encoding/json"
	"fmt"
	"slices"

	"chancery/pades/font"
	"chancery/pades/pdf"
	"chancery/pades/update"
	"chancery/problem"
)

// Plan is what the next signature must know of a document: where it ends, the
// state of its hash, and where the fields are. It is typically under 20 KB and
// holds no content of the document. A plan that does not belong to the bytes
// makes signatures that do not verify, never ones that wrongly do.
type Plan struct {
	Form   int          `json:"form"` // of this record, for readers of old ones
	State  update.State `json:"state"`
	Laid   []font.Laid  `json:"laid,omitempty"` // fonts that the file has
	Fields []placed     `json:"fields"`
	Seal   placed       `json:"seal"`
	Signed []string     `json:"signed,omitempty"` // recipients, in order
	Closed bool         `json:"closed,omitempty"`

	Level   Level    `json:"level,omitempty"`   // that the document shall reach
	Catalog *written `json:"catalog,omitempty"` // what has to be written again when proofs are added
	Acro    *written `json:"acroForm,omitempty"`
	Stamp   *placed  `json:"stamp,omitempty"` // where the next document timestamp goes
	Proofs  *proofs  `json:"proofs,omitempty"`
	Stamps  int      `json:"stamps,omitempty"` // document timestamps so far
}

// planForm 2 knows levels. A plan of form 1 goes on as what it is, level B-B.
const planForm = 2

// written is an object that we have put into the file.
type written struct {
	Ref    pdf.Ref `json:"ref"`
	Source []byte  `json:"source"`
}

func write(u *update.Update, ref pdf.Ref, d pdf.Dict) *written {
	u.Put(ref, d)
	return &written{Ref: ref, Source: pdf.Append(nil, d)}
}

var planWithoutCatalog = problem.Conflict("plan_without_catalog", "This document was begun before documents could hold proofs, so it cannot take any.")

// dict reads back what was written. Plans of form 1 know of nothing.
func (w *written) dict() (pdf.Dict, error) {
	if w == nil {
		return nil, planWithoutCatalog
	}
	o, err := pdf.NewLexer(w.Source, true).Object()
	d, ok := o.(pdf.Dict)
	if err != nil || !ok {
		return nil, fmt.Errorf("read object %v from the plan: %w", w.Ref, err)
	}
	return d, nil
}

// placed is a field as it lies in the file. From it the field's dictionary can
// be written again without reading the file.
type placed struct {
	ID        string     `json:"id,omitempty"`
	Name      string     `json:"name"` // partial field name, also the qualified one
	Recipient string     `json:"recipient,omitempty"`
	Kind      Kind       `json:"kind"`
	Signs     bool       `json:"signs,omitempty"` // holds the recipient's signature
	Label     string     `json:"label,omitempty"`
	Multiline bool       `json:"multiline,omitempty"`
	Ref       pdf.Ref    `json:"ref"`
	Page      pdf.Ref    `json:"page"`
	Rect      [4]float64 `json:"rect"` // default user space
	Turn      int        `json:"turn,omitempty"`
	Unit      float64    `json:"unit"` // points per unit of user space
	Lock      *pdf.Ref   `json:"lock,omitempty"`
	On        *pdf.Ref   `json:"on,omitempty"` // a checkbox's two appearances
	Off       *pdf.Ref   `json:"off,omitempty"`
	Before    pdf.Ref    `json:"before"`        // the empty appearance
	Tag       *int64     `json:"tag,omitempty"` // key of its element in a tagged document
}

// Size is how many bytes the document has with all increments so far.
func (p Plan) Size() int64 { return p.State.Size }

// MarshalBinary writes the plan for storage.
func (p Plan) MarshalBinary() ([]byte, error) {
	type plain Plan // without this method
	return json.Marshal(plain(p))
}

// UnmarshalBinary reads what MarshalBinary wrote.
func (p *Plan) UnmarshalBinary(data []byte) error {
	type plain Plan
	if err := json.Unmarshal(data, (*plain)(p)); err != nil {
		return fmt.Errorf("read plan: %w", err)
	}
	return p.known()
}

func (p Plan) known() error {
	if p.Form < 1 || p.Form > planForm {
		return fmt.Errorf("read plan: form %d is unknown", p.Form)
	}
	return nil
}

// of lists the fields of one recipient.
func (p Plan) of(recipient string) []placed {
	var out []placed
	for _, f := range p.Fields {
		if f.Recipient == recipient {
			out = append(out, f)
		}
	}
	return out
}

// after is the plan once recipient has signed. What the old plan shares with it is
// never written again.
func (p Plan) after(recipient string) Plan {
	p.Signed = append(slices.Clone(p.Signed), recipient)
	return p
}
