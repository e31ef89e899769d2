package web_test

import (
	"fmt"
	"strings"
	"testing"

	"chancery/connectors/salesforce/salesforcetest"
)

// The way to another site and back, as a browser goes it: our policy lets it pass,
// and the cookie comes along.
func TestABrowserGoesToSalesforceAndComesBack(t *testing.T) {
	h := newHouse(t)
	h.found(ada)
	user, sandbox := h.head()
	o, err := salesforcetest.Start(salesforcetest.Options{})
	h.must(err)
	t.Cleanup(o.Close)
	b := browser(t, desktop())
	b.open(h.server.URL + "/verify")
	ask[string](b, fmt.Sprintf(`document.cookie = "chancery=%s; path=/; samesite=lax"`, h.session(user)))
	b.open(h.server.URL + newSalesforce)
	ask[bool](b, fmt.Sprintf(`(function () {
		const fill = (name, value) => { document.querySelector("[name='" + name + "']").value = value }
		fill("name", "By a person"); fill("settings.login_url", %q); fill("settings.client_id", %q)
		document.querySelector("button[value=consent]").click()
		return true
	})()`, strings.Replace(o.URL, "127.0.0.1", "localhost", 1), o.ClientID))
	b.until(`document.querySelector("[role=status] strong")?.textContent.startsWith("localhost:")`)
	ask[bool](b, `document.querySelector("a.primary").click(), true`)
	b.until(`document.querySelector("#answer")`)
	ask[bool](b, `document.querySelector("#answer").click(), true`)
	b.until(`document.querySelector("[role=status]")?.textContent.includes("lets the hub in")`)
	if path := ask[string](b, `location.pathname + location.search`); strings.Contains(path, "code=") {
		t.Errorf("the code stands in the address: %s", path)
	}
	all, err := h.store.Connections(t.Context(), sandbox.ID)
	h.must(err)
	if len(all) != 1 || all[0].Settings["grant"] != "refresh_token" {
		t.Errorf("saved are %+v", all)
	}
}
