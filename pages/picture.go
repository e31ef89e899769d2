package pages

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
)

// jpegQuality at which small coloured print stays clean.
const jpegQuality = 85

// encode picks the format that keeps the page sharp and small: most pages are
// black on white (gray PNG, 100 KB at 1200 pixels) or have a few colours more
// (PNG with a palette); photographs become JPEG.
func encode(drawn *image.RGBA) (Picture, error) {
	var out bytes.Buffer
	var err error
	kind := "image/png"
	if gray := asGray(drawn); gray != nil {
		err = png.Encode(&out, gray)
	} else if few := asPalette(drawn); few != nil {
		err = png.Encode(&out, few)
	} else {
		kind = "image/jpeg"
		err = jpeg.Encode(&out, drawn, &jpeg.Options{Quality: jpegQuality})
	}
	if err != nil {
		return Picture{}, fmt.Errorf("encode a page: %w", err)
	}
	return Picture{Type: kind, Bytes: out.Bytes()}, nil
}

// asGray returns nil when some pixel has a colour.
func asGray(drawn *image.RGBA) *image.Gray {
	gray := image.NewGray(drawn.Rect)
	for y := range drawn.Rect.Dy() {
		from := drawn.Pix[y*drawn.Stride:][:4*drawn.Rect.Dx()]
		to := gray.Pix[y*gray.Stride:]
		for x := range drawn.Rect.Dx() {
			if from[4*x] != from[4*x+1] || from[4*x] != from[4*x+2] {
				return nil
			}
			to[x] = from[4*x]
		}
	}
	return gray
}

// asPalette returns nil when there are more colours than a palette holds. The
// last three bits of each channel are dropped where there is colour: they are
// the shades of smoothed edges, which nobody tells apart.
func asPalette(drawn *image.RGBA) *image.Paletted {
	few := image.NewPaletted(drawn.Rect, nil)
	index := map[uint32]uint8{}
	last, at := uint32(0), uint8(0)
	for y := range drawn.Rect.Dy() {
		from := drawn.Pix[y*drawn.Stride:][:4*drawn.Rect.Dx()]
		to := few.Pix[y*few.Stride:]
		for x := range drawn.Rect.Dx() {
			shade := coarse(from[4*x], from[4*x+1], from[4*x+2])
			if shade != last || len(few.Palette) == 0 {
				known, ok := index[shade]
				if !ok {
					if len(few.Palette) == 256 {
						return nil
					}
					known = uint8(len(few.Palette))
					index[shade] = known
					few.Palette = append(few.Palette, color.RGBA{uint8(shade >> 16), uint8(shade >> 8), uint8(shade), 255})
				}
				last, at = shade, known
			}
			to[x] = at
		}
	}
	return few
}

// coarse rounds each channel to one of 33 levels, black and white among them.
func coarse(r, g, b uint8) uint32 {
	level := func(v uint8) uint32 { return min(255, (uint32(v)+4)&^7) }
	return level(r)<<16 | level(g)<<8 | level(b)
}

// whiten lays the page on white paper. PDFium leaves the colours of a
// transparent page as they are, not multiplied with their alpha.
func whiten(drawn *image.RGBA) {
	for i := 0; i+3 < len(drawn.Pix); i += 4 {
		alpha := uint32(drawn.Pix[i+3])
		if alpha == 255 {
			continue
		}
		for c := i; c < i+3; c++ {
			drawn.Pix[c] = uint8((uint32(drawn.Pix[c])*alpha + 255*(255-alpha)) / 255)
		}
		drawn.Pix[i+3] = 255
	}
}
