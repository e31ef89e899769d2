package pades

import (
	"fmt"
	"slices"

	"chancery/problem"
)

// Severity is what a reason means for the file.
type Severity string

const (
	Note       Severity = "note"       // worth knowing; the file may stay as it is
	Normalised Severity = "normalised" // Clean takes it out
	Refused    Severity = "refused"    // the file cannot be signed
)

// Reason is one thing found in a file, for programs (Code, Kind) and people
// (Sentence). Codes are those of problems.
type Reason struct {
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Sentence string   `json:"sentence"`
	Kind     string   `json:"kind,omitempty"`  // which one of several, such as JavaScript
	Where    string   `json:"where,omitempty"` // the first place, such as "page 3" or "object 12"
	Count    int      `json:"count,omitempty"` // places, when there are more
}

// meaning is what a code stands for.
type meaning struct {
	severity Severity
	sentence string
}

var meanings = map[string]meaning{
	"pdf_already_signed": {Refused, alreadySigned.Public},
	"pdf_certified":      {Refused, "This PDF is certified: its author allows no further certification."},
	"pdf_xfa_only":       {Refused, "This PDF is an XFA form whose pages only exist in a program; print it to a PDF and upload that."},
	"pdf_external":       {Refused, "Parts of this PDF lie in other files, so it can change after signing; print it to a PDF and upload that."},

	"pdf_active_content":    {Normalised, "This PDF contains active content such as scripts."},
	"pdf_xfa":               {Normalised, "This PDF has an XFA form beside its pages; programs that know it would show something else."},
	"pdf_fragmented_xref":   {Normalised, "The table of objects is in pieces; Acrobat would repair it and break the certification."},
	"pdf_page_box":          {Normalised, "The size of a page is missing or makes no sense; viewers would show different parts of it."},
	"pdf_page_rotation":     {Normalised, "A page is turned by something else than quarter turns."},
	"pdf_page_unit":         {Normalised, "A page is measured in a unit that viewers do not know."},
	"pdf_usage_rights":      {Normalised, "The file carries usage rights that signing would break."},
	"pdf_threads":           {Normalised, "The pages are linked as article threads, which validators reject."},
	"pdf_layers":            {Normalised, "The pages have hidden layers, or layers that differ between screen and print."},
	"pdf_hidden_annotation": {Normalised, "An annotation is hidden, or hidden on screens only."},
	"pdf_alternate_image":   {Normalised, "An image has another one in its place for printing or for other viewers."},
	"pdf_reference":         {Normalised, "A picture stands for a page of another file."},
	"pdf_metadata":          {Normalised, "The XMP metadata is not well-formed."},
	"pdf_portfolio":         {Normalised, "The file is a portfolio: viewers show its attachments in place of its pages."},
	"pdf_print_area":        {Normalised, "Another part of a page is printed than shown."},
	"pdf_hidden_content":    {Normalised, "The file contains another document that nothing leads to."},

	"pdf_embedded_file":    {Note, "The file has other files attached."},
	"pdf_hidden_field":     {Note, "A form field is hidden."},
	"pdf_layers_shown":     {Note, "The pages have layers, all of which are shown."},
	"pdf_page_scaled":      {Note, "A page is measured in a larger unit than points."},
	"pdf_need_appearances": {Note, "The form asks viewers to draw its fields anew; certifying ends that."},
	"pdf_invisible_text":   {Note, "A page has invisible text, as scanned pages have that were read by a program."},
	"pdf_earlier_versions": {Note, "The file still contains earlier versions of itself."},
	"pdf_leading_bytes":    {Note, "Something else stands before the PDF begins."},
}

// find adds a reason, or another place to one that is there already.
func (i *Inspection) find(code, kind, where string) {
	for n, r := range i.Reasons {
		if r.Code == code && r.Kind == kind {
			i.Reasons[n].Count = max(1, r.Count) + 1
			return
		}
	}
	m := meanings[code]
	i.Reasons = append(i.Reasons, Reason{Code: code, Severity: m.severity, Sentence: m.sentence, Kind: kind, Where: where})
}

// stop adds the problem that ended the inspection.
func (i *Inspection) stop(p *problem.Problem) {
	reason := Reason{Code: p.Code, Severity: Refused, Sentence: p.Public}
	if cause := p.Unwrap(); cause != nil {
		reason.Where = fmt.Sprintf("%.200s", cause)
	}
	i.Reasons = append(i.Reasons, reason)
}

// Has tells whether there is a reason with this code.
func (i Inspection) Has(code string) bool {
	return slices.ContainsFunc(i.Reasons, func(r Reason) bool { return r.Code == code })
}

// Severity is that of the gravest reason; "" without any.
func (i Inspection) Severity() Severity {
	for _, s := range []Severity{Refused, Normalised, Note} {
		if i.first(s) != nil {
			return s
		}
	}
	return ""
}

func (i Inspection) first(s Severity) *Reason {
	for n, r := range i.Reasons {
		if r.Severity == s {
			return &i.Reasons[n]
		}
	}
	return nil
}

// Problem is the gravest reason as a problem; nil when the file may stay as it is.
func (i Inspection) Problem() error {
	for _, s := range []Severity{Refused, Normalised} {
		if r := i.first(s); r != nil {
			return problem.Invalid(r.Code, r.Sentence).Because(fmt.Errorf("%s %s", r.Kind, r.Where))
		}
	}
	return nil
}
