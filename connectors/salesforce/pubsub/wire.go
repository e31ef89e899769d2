package pubsub

import (
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// message is one of the messages here: it writes its fields, and takes one field
// after the other when it is read.
type message interface {
	encode(*writer)
	decode(field)
}

// Marshal writes a message of this package.
func Marshal(m any) ([]byte, error) {
	known, ok := m.(message)
	if !ok {
		return nil, fmt.Errorf("marshal %T: not a message of eventbus.v1", m)
	}
	var w writer
	known.encode(&w)
	return w.made, nil
}

// Unmarshal reads a message of this package over whatever m holds.
func Unmarshal(data []byte, m any) error {
	known, ok := m.(message)
	if !ok {
		return fmt.Errorf("unmarshal %T: not a message of eventbus.v1", m)
	}
	return read(data, known)
}

var errTruncated = errors.New("the message is not whole")

func read(data []byte, m message) error {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return errTruncated
		}
		f := field{tag: number, kind: kind}
		data = data[n:]
		switch kind {
		case protowire.VarintType:
			f.varint, n = protowire.ConsumeVarint(data)
		case protowire.BytesType:
			f.data, n = protowire.ConsumeBytes(data)
		default:
			n = protowire.ConsumeFieldValue(number, kind, data)
		}
		if n < 0 {
			return errTruncated
		}
		data = data[n:]
		var inside error
		f.err = &inside
		if m.decode(f); inside != nil {
			return inside
		}
	}
	return nil
}

// field is one field as it was read. Its methods take it when it has that number
// and that kind, and otherwise leave everything as it is.
type field struct {
	tag    protowire.Number
	kind   protowire.Type
	varint uint64
	data   []byte
	err    *error // of a message inside
}

func (f field) is(number protowire.Number) bool {
	return f.tag == number && f.kind == protowire.BytesType
}

func (f field) text(number protowire.Number, to *string) {
	if f.is(number) {
		*to = string(f.data)
	}
}

func (f field) bytes(number protowire.Number, to *[]byte) {
	if f.is(number) {
		*to = slices.Clone(f.data) // the buffer is not ours to keep
	}
}

func (f field) number(number protowire.Number, to *int32) {
	if f.tag == number && f.kind == protowire.VarintType {
		*to = int32(f.varint)
	}
}

func (f field) flag(number protowire.Number, to *bool) {
	if f.tag == number && f.kind == protowire.VarintType {
		*to = f.varint != 0
	}
}

func (f field) message(number protowire.Number, to message) {
	if f.is(number) {
		*f.err = read(f.data, to)
	}
}

// writer collects fields; empty ones are left out, as proto3 does.
type writer struct{ made []byte }

func (w *writer) text(number protowire.Number, value string) {
	if value != "" {
		w.made = protowire.AppendString(protowire.AppendTag(w.made, number, protowire.BytesType), value)
	}
}

func (w *writer) bytes(number protowire.Number, value []byte) {
	if len(value) > 0 {
		w.made = protowire.AppendBytes(protowire.AppendTag(w.made, number, protowire.BytesType), value)
	}
}

func (w *writer) number(number protowire.Number, value int32) {
	if value != 0 {
		w.made = protowire.AppendVarint(protowire.AppendTag(w.made, number, protowire.VarintType), uint64(int64(value)))
	}
}

func (w *writer) flag(number protowire.Number, value bool) {
	if value {
		w.number(number, 1)
	}
}

func (w *writer) message(number protowire.Number, m message) {
	var inside writer
	m.encode(&inside)
	w.made = protowire.AppendBytes(protowire.AppendTag(w.made, number, protowire.BytesType), inside.made)
}
