package pdf

import "fmt"

// unpredict undoes a PNG predictor (ISO 32000-2, 7.4.4.4). TIFF's predictor 2
// is for pictures and does not occur on structural streams.
func unpredict(parm Dict, data []byte) ([]byte, error) {
	predictor, _ := parm["Predictor"].(int64)
	if predictor < 2 {
		return data, nil
	}
	if predictor < 10 {
		return nil, tooComplex(fmt.Errorf("predictor %d on a structural stream", predictor))
	}
	columns, colours, bits := int64(1), int64(1), int64(8)
	for key, into := range map[Name]*int64{"Columns": &columns, "Colors": &colours, "BitsPerComponent": &bits} {
		if n, ok := parm[key].(int64); ok {
			*into = n
		}
	}
	if columns < 1 || columns > 1<<16 || colours < 1 || colours > 32 || bits < 1 || bits > 16 {
		return nil, damaged(fmt.Errorf("predictor with %d columns of %d times %d bits", columns, colours, bits))
	}
	pixel := int((colours*bits + 7) / 8)
	row := int((columns*colours*bits + 7) / 8)
	return pngRows(data, row, pixel)
}

func pngRows(data []byte, row, pixel int) ([]byte, error) {
	out := make([]byte, 0, len(data))
	above := make([]byte, row)
	for len(data) > 1 {
		line := make([]byte, row)
		n := copy(line, data[1:])
		if err := pngRow(data[0], line, above, pixel); err != nil {
			return nil, err
		}
		out = append(out, line[:n]...)
		above, data = line, data[1+n:]
	}
	return out, nil
}

func pngRow(kind byte, line, above []byte, pixel int) error {
	for i := range line {
		var left, corner byte
		if i >= pixel {
			left, corner = line[i-pixel], above[i-pixel]
		}
		switch kind {
		case 0:
		case 1:
			line[i] += left
		case 2:
			line[i] += above[i]
		case 3:
			line[i] += byte((int(left) + int(above[i])) / 2)
		case 4:
			line[i] += paeth(left, above[i], corner)
		default:
			return damaged(fmt.Errorf("predictor row of kind %d", kind))
		}
	}
	return nil
}

// paeth picks the neighbour nearest to left + up - corner (PNG, 9.4).
func paeth(left, up, corner byte) byte {
	p := int(left) + int(up) - int(corner)
	dl, du, dc := abs(p-int(left)), abs(p-int(up)), abs(p-int(corner))
	switch {
	case dl <= du && dl <= dc:
		return left
	case du <= dc:
		return up
	}
	return corner
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
