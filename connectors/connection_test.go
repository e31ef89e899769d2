package connectors_test

import (
	"maps"
	"testing"

	"chancery/connectors"
)

var shop = connectors.System{Name: "shop", Title: "Shop", Settings: []connectors.Setting{
	{Name: "street", Title: "Street"}, {Name: "pin", Title: "Pin", Secret: true, Optional: true}, {Name: "number", Title: "Number", Learnt: true, Optional: true},
}}

func TestSecretsAndWhatWasLearntStayWhenSomebodySavesTheRest(t *testing.T) {
	before := map[string]string{"street": "High Street", "pin": "1234", "number": "7"}
	for name, tt := range map[string]struct{ before, said, want map[string]string }{
		"a secret that is left out":   {before, map[string]string{"street": "Low Street"}, map[string]string{"street": "Low Street", "pin": "1234", "number": "7"}},
		"another secret":              {before, map[string]string{"street": "High Street", "pin": "5678"}, map[string]string{"street": "High Street", "pin": "5678", "number": "7"}},
		"what nobody is asked for":    {before, map[string]string{"street": "High Street", "number": "8"}, before},
		"the same of one that is new": {nil, map[string]string{"street": "High Street", "number": "8"}, map[string]string{"street": "High Street"}},
		"nothing":                     {nil, nil, map[string]string{}},
	} {
		if got := shop.Amended(tt.before, tt.said); !maps.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", name, got, tt.want)
		}
	}
	if got := shop.Shown(before); !maps.Equal(got, map[string]string{"street": "High Street"}) {
		t.Errorf("shown is %v", got)
	}
	if got := shop.Asked(); len(got) != 2 || got[1].Name != "pin" || len(shop.Settings) != 3 {
		t.Errorf("asked for is %v", got)
	}
}
