package postgres

import (
	"bytes"
	"encoding/json"
	"testing"
)

func FuzzACursorIsReadAsItWasMadeOrRefused(f *testing.F) {
	f.Add(cursor("events", "12", "3"))
	f.Add(cursor("envelopes", "2026-03-02T12:00:00Z", "env_1"))
	f.Add("")
	f.Add("ZXZlbnRzIC0xIDE")
	f.Fuzz(func(t *testing.T, given string) {
		for _, list := range []string{"events", "envelopes", "deliveries"} {
			order, tie, err := readCursor(list, given, "")
			if err == nil && given != "" && cursor(list, order, tie) != given {
				t.Fatalf("%q was read as %q and %q", given, order, tie)
			}
		}
	})
}

func FuzzByteaSurvivesJSON(f *testing.F) {
	f.Add([]byte(nil), `"\\x00ff"`)
	f.Add([]byte{0, 255, '\\'}, `"x"`)
	f.Fuzz(func(t *testing.T, raw []byte, text string) {
		encoded, err := json.Marshal(bytea(raw))
		if err != nil {
			t.Fatal(err)
		}
		var back bytea
		if err := json.Unmarshal(encoded, &back); err != nil || !bytes.Equal(back, raw) {
			t.Fatalf("%x became %x: %v", raw, back, err)
		}
		_ = json.Unmarshal([]byte(text), &back) // whatever it is, no panic
	})
}
