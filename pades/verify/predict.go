package verify

import (
	"fmt"

	"chancery/pades/pdf"
)

// unpredict undoes a PNG predictor (ISO 32000-2, 7.4.4.4).
func unpredict(parm pdf.Dict, data []byte) ([]byte, error) {
	predictor, _ := parm["Predictor"].(int64)
	if predictor < 2 {
		return data, nil
	}
	get := func(key pdf.Name, otherwise int64) int64 {
		if n, ok := parm[key].(int64); ok {
			return n
		}
		return otherwise
	}
	columns, colours, bits := get("Columns", 1), get("Colors", 1), get("BitsPerComponent", 8)
	if predictor < 10 || columns < 1 || columns > 1<<16 || colours < 1 || colours > 32 || bits < 1 || bits > 16 {
		return nil, damaged(fmt.Errorf("predictor %d with %d columns of %d times %d bits", predictor, columns, colours, bits))
	}
	row, pixel := int((columns*colours*bits+7)/8), int((colours*bits+7)/8)
	out := make([]byte, 0, len(data))
	above := make([]byte, row)
	for len(data) > 1 {
		line := make([]byte, row)
		n := copy(line, data[1:])
		if err := pngRow(data[0], line, above, pixel); err != nil {
			return nil, err
		}
		out, above, data = append(out, line[:n]...), line, data[1+n:]
	}
	return out, nil
}

func pngRow(kind byte, line, above []byte, pixel int) error {
	if kind > 4 {
		return damaged(fmt.Errorf("predictor row of kind %d", kind))
	}
	for i := range line {
		var left, corner byte
		if i >= pixel {
			left, corner = line[i-pixel], above[i-pixel]
		}
		switch kind {
		case 1:
			line[i] += left
		case 2:
			line[i] += above[i]
		case 3:
			line[i] += byte((int(left) + int(above[i])) / 2)
		case 4:
			line[i] += nearest(int(left), int(above[i]), int(corner))
		}
	}
	return nil
}

// nearest of the three to left + up - corner (PNG, 9.4, Paeth).
func nearest(left, up, corner int) byte {
	estimate := left + up - corner
	byLeft, byUp, byCorner := distance(estimate, left), distance(estimate, up), distance(estimate, corner)
	switch {
	case byLeft <= byUp && byLeft <= byCorner:
		return byte(left)
	case byUp <= byCorner:
		return byte(up)
	}
	return byte(corner)
}

func distance(a, b int) int { return max(a-b, b-a) }
