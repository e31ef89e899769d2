package pades

import (
	"bytes"
	"image"
	_ "image/jpeg" // the two kinds of pictures that Ink takes
	_ "image/png"
	"strings"

	"chancery/pades/font"
	"chancery/pades/pdf"
	"chancery/problem"
)

// drawing is ink made ready: content for a unit of its own, or a picture.
type drawing struct {
	typed   string
	hand    font.Style
	strokes [][]Point
	aspect  float64
	picture *pdf.Stream
	mask    *pdf.Stream
}

// ready checks ink and decodes its picture. Ink that is empty shows name.
func (ink Ink) ready(name, email string) (drawing, error) {
	switch {
	case len(ink.Picture) > 0:
		return ink.decodePicture()
	case len(ink.Strokes) > 0:
		return ink.checkStrokes()
	case ink.Typed != "":
		name = ink.Typed
	}
	return drawing{typed: legible(name, email), hand: font.Hand(ink.Face)}, nil
}

// legible takes the address when no font of ours has the name's script: people
// can tell from it who signed, and from a row of boxes they cannot.
func legible(name, email string) string {
	name = strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " ")
	if name != "" && (email == "" || font.Legible(name)) {
		return name
	}
	return email
}

func (ink Ink) checkStrokes() (drawing, error) {
	points := 0
	for _, stroke := range ink.Strokes {
		points += len(stroke)
		for _, p := range stroke {
			if !(p.X >= -0.1 && p.X <= 1.1 && p.Y >= -0.1 && p.Y <= 1.1) { // also refuses NaN
				return drawing{}, problem.Invalid("ink_out_of_box", "The drawn signature leaves its box.")
			}
		}
	}
	if points > MaxStrokePoints {
		return drawing{}, problem.TooLarge("ink_too_large", "The drawn signature has too many points.")
	}
	aspect := ink.Aspect
	if !(aspect > 0.01 && aspect < 100) {
		aspect = 3
	}
	return drawing{strokes: ink.Strokes, aspect: aspect}, nil
}

func (ink Ink) decodePicture() (drawing, error) {
	bad := problem.Invalid("ink_not_a_picture", "The picture of the signature is neither a PNG nor a JPEG.")
	if len(ink.Picture) > MaxPictureSize {
		return drawing{}, problem.TooLarge("ink_too_large", "The picture of the signature is too large.")
	}
	config, _, err := image.DecodeConfig(bytes.NewReader(ink.Picture))
	if err != nil || config.Width < 1 || config.Height < 1 {
		return drawing{}, bad.Because(err)
	}
	// Before decoding, so that a small file cannot ask for a huge picture.
	if config.Width > MaxPicturePixel/config.Height {
		return drawing{}, problem.TooLarge("ink_too_large", "The picture of the signature has too many pixels.")
	}
	img, _, err := image.Decode(bytes.NewReader(ink.Picture))
	if err != nil {
		return drawing{}, bad.Because(err)
	}
	d := drawing{aspect: float64(config.Width) / float64(config.Height)}
	d.picture, d.mask = pictureStreams(img)
	return d, nil
}

// pictureStreams splits an image into its colours and its transparency, if any:
// PDF/A-1 knows none.
func pictureStreams(img image.Image) (colours, mask *pdf.Stream) {
	r := img.Bounds()
	rgb := make([]byte, 0, 3*r.Dx()*r.Dy())
	alpha := make([]byte, 0, r.Dx()*r.Dy())
	opaque := true
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			red, green, blue, a := img.At(x, y).RGBA()
			if a > 0 { // back from premultiplied
				red, green, blue = red*0xffff/a, green*0xffff/a, blue*0xffff/a
			}
			rgb = append(rgb, byte(red>>8), byte(green>>8), byte(blue>>8))
			alpha = append(alpha, byte(a>>8))
			opaque = opaque && a == 0xffff
		}
	}
	head := func(space pdf.Name) pdf.Dict {
		return pdf.Dict{
			"Type": pdf.Name("XObject"), "Subtype": pdf.Name("Image"), "Width": r.Dx(), "Height": r.Dy(),
			"BitsPerComponent": 8, "ColorSpace": space,
		}
	}
	if opaque {
		return deflated(head("DeviceRGB"), rgb), nil
	}
	return deflated(head("DeviceRGB"), rgb), deflated(head("DeviceGray"), alpha)
}
