package update_test

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"testing"

	"chancery/pades/pdf"
	"chancery/pades/update"
)

// after is the state of a file of which only the end matters.
func after(t *testing.T, file []byte, stream bool) update.State {
	t.Helper()
	h := sha256.New()
	h.Write(file)
	mid, err := h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	return update.State{Size: int64(len(file)), NextObject: 5, XrefStream: stream, Hash: mid, OpenLine: true, ID: [2][]byte{{1}, {2}}}
}

func TestTheDigestIsThatOfTheFileWithoutTheHole(t *testing.T) {
	file := []byte("%PDF-1.7\nwhatever was there")
	for _, stream := range []bool{false, true} {
		u := update.New(after(t, file, stream))
		u.PutSignature(u.Reserve(), pdf.Dict{"Type": pdf.Name("Sig")}, 10)
		closed, err := u.Close()
		if err != nil {
			t.Fatal(err)
		}
		digest := closed.Digest
		more, state, err := closed.Splice([]byte("0123456789"))
		if err != nil {
			t.Fatal(err)
		}
		whole := append(bytes.Clone(file), more...)
		from := bytes.Index(whole, []byte("<30313233343536373839>"))
		h := sha256.New()
		h.Write(whole[:from])
		h.Write(whole[from+22:])
		if !bytes.Equal(h.Sum(nil), digest) {
			t.Errorf("stream %t: the digest is another one", stream)
		}
		next, err := state.Digest()
		if sum := sha256.Sum256(whole); err != nil || !bytes.Equal(next.Sum(nil), sum[:]) || state.Size != int64(len(whole)) {
			t.Errorf("stream %t: the state does not fit the file (%v)", stream, err)
		}
	}
}

func TestAContainerLargerThanItsRoomIsRefused(t *testing.T) {
	u := update.New(after(t, []byte("%PDF-1.7\n"), false))
	u.PutSignature(u.Reserve(), pdf.Dict{}, 4)
	closed, err := u.Close()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := closed.Splice(make([]byte, 5)); err == nil {
		t.Fatal("five bytes went into room for four")
	}
}

func TestAStateWithABrokenHashIsRefused(t *testing.T) {
	state := after(t, []byte("x"), false)
	state.Hash = state.Hash[1:]
	u := update.New(state)
	u.PutSignature(u.Reserve(), pdf.Dict{}, 4)
	if _, err := u.Close(); err == nil {
		t.Fatal("accepted")
	}
}

func TestAnUpdateWithoutASignatureIsRefused(t *testing.T) {
	if _, err := update.New(after(t, []byte("x"), false)).Close(); err == nil {
		t.Fatal("accepted")
	}
}
