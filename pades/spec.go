package pades

import (
	"crypto"
	"crypto/x509"
)

// Holder is someone who can sign: the certificate, its chain with the root
// last, and the key, which may live elsewhere. ECDSA and RSA keys work.
type Holder struct {
	Certificate *x509.Certificate
	Chain       []*x509.Certificate
	Signer      crypto.Signer
	Timestamper Timestamper // needed from level B-T on
}

// Kind is what a field holds.
type Kind string

const (
	Signature Kind = "signature"
	Initials  Kind = "initials"
	Text      Kind = "text"
	Date      Kind = "date"
	Checkbox  Kind = "checkbox"
)

// Rect is a place on a page as a person sees it: points from the top left
// corner of the displayed page, after rotation and cropping.
type Rect struct {
	X      float64 `json:"x"`
	Y      float64 `json:"y"`
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// Field is a place that one recipient fills.
type Field struct {
	ID        string
	Recipient string
	Kind      Kind
	Page      int // counted from 0
	Rect      Rect
	Label     string // what screen readers say; may be empty
	Multiline bool   // for Text: wrap instead of shrinking
}

// Spec says what goes into a document before anybody signs it.
type Spec struct {
	Recipients []string // all who sign; one without a signature field signs invisibly
	Fields     []Field
	Name       string // of the organisation, as the certification shows it
	Reason     string
	Location   string
	TestMark   bool // "API TEST – not legally binding" on every page
	Level      Level
}

// Limits on a Spec and an Act.
const (
	MaxFields       = 2_000
	MaxRecipients   = 100
	MaxValueLength  = 10_000    // characters of one field's value
	MaxStrokePoints = 50_000    // of one drawn signature
	MaxPictureSize  = 4 << 20   // bytes of a picture of a signature
	MaxPicturePixel = 4_000_000 // its width times its height
)

// Act is one person's answer: what they typed, and the mark they made.
type Act struct {
	Recipient string
	Name      string
	Email     string
	ID        string
	Values    map[string]string // by field id; a checkbox is "true" or "false"
	Ink       Ink
	Initials  Ink      // for initials fields; empty means made from Ink
	Text      []string // lines under the signature, such as name, time with zone, id
	Reason    string   // may be empty
	Location  string   // may be empty
}

// Ink is the mark of a person: exactly one of the three, or none, which shows
// the name.
type Ink struct {
	Typed   string
	Face    string    // of what is typed: one of font.Hands, or empty for the usual one
	Strokes [][]Point // drawn, each stroke a line through its points
	Aspect  float64   // width of the drawing surface divided by its height; 0 means 3
	Picture []byte    // PNG or JPEG
}

// Point lies in a unit box whose y runs down.
type Point struct{ X, Y float64 }

// SealSpec is what the seal says.
type SealSpec struct {
	Name     string
	Reason   string
	Location string
}
