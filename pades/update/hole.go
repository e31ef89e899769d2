package update

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"chancery/pades/pdf"
)

// Hole is where a signature goes, as places within the update's bytes.
type Hole struct {
	From, To  int // the /Contents string with its < and >
	byteRange int // the placeholder of /ByteRange, filled when the update is closed
}

// byteRangeWidth holds "[0 " and three numbers of ten digits.
const byteRangeWidth = 40

// PutSignature writes a signature dictionary with room for a container of room
// bytes. An update has one hole.
func (u *Update) PutSignature(ref pdf.Ref, d pdf.Dict, room int) {
	u.begin(ref)
	b := fmt.Appendf(u.buf, "%d %d obj\n", ref.Num, ref.Gen)
	b = pdf.Append(b, d)
	b = append(b[:len(b)-len(">>")], "/ByteRange "...)
	u.hole.byteRange = len(b)
	b = append(b, bytes.Repeat([]byte{' '}, byteRangeWidth)...)
	b = append(b, "\n/Contents "...)
	u.hole.From = len(b)
	b = append(b, '<')
	b = append(b, bytes.Repeat([]byte{'0'}, 2*room)...)
	b = append(b, '>')
	u.hole.To = len(b)
	u.buf = append(b, "\n>>\nendobj\n"...)
}

// fillByteRange writes the four integers once the length of the update is known.
func (u *Update) fillByteRange() {
	end := int64(len(u.buf))
	text := fmt.Sprintf("[0 %d %d %d]", u.state.Size+int64(u.hole.From), u.state.Size+int64(u.hole.To), end-int64(u.hole.To))
	copy(u.buf[u.hole.byteRange:], text)
}

// Closed is an update whose every byte is known but the signature. It can be kept
// as JSON until the signature comes.
type Closed struct {
	Bytes  []byte
	Digest []byte // SHA-256 over the file and the update without the hole
	Hole   Hole
	Before State
	After  State // without its hash, which the signature decides
}

// Room is how many bytes the signature may have.
func (c *Closed) Room() int { return (c.Hole.To - c.Hole.From - len("<>")) / 2 }

// Splice puts the container into the hole and says where the file ends now.
func (c *Closed) Splice(container []byte) ([]byte, State, error) {
	if len(container) > c.Room() {
		return nil, State{}, fmt.Errorf("splice signature: %d bytes into room for %d", len(container), c.Room())
	}
	signed := bytes.Clone(c.Bytes)
	hex.Encode(signed[c.Hole.From+1:], container)
	after := c.After
	var err error
	after.Hash, err = c.Before.hashOver(signed)
	return signed, after, err
}
