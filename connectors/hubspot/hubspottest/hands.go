package hubspottest

import (
	"encoding/json"
	"maps"
	"strings"
)

// What a person would do in the account, without a call of the API.

// Seeded are the records that an account begins with.
type Seeded struct {
	Deal, Signer, Company string
	Lines                 []string
}

// seed puts a deal over two line items into the account, with its company and contact.
func (a *Account) seed() {
	company := a.insert(a.types["companies"], map[string]string{"name": `Ämter & Söhne "GmbH"`, "city": "Köln"})
	ann := a.insert(a.types["contacts"], map[string]string{"email": "ann@example.com", "firstname": "Ann", "lastname": "O'Neill"})
	deal := a.insert(a.types["deals"], map[string]string{"dealname": "Pumps for Köln", "amount": "48250.10", "dealstage": "contractsent", "hs_is_closed": "false"})
	a.link("deals", deal.id, "companies", company.id)
	a.link("deals", deal.id, "contacts", ann.id)
	for _, name := range []string{"Pump", "Control software"} {
		line := a.insert(a.types["line_items"], map[string]string{"name": name, "quantity": "10"})
		a.link("deals", deal.id, "line_items", line.id)
	}
}

// Seeded tells the ids of what the account began with.
func (a *Account) Seeded() Seeded {
	return Seeded{Company: "1001", Signer: "1002", Deal: "1003", Lines: []string{"1004", "1005"}}
}

// Create makes a record and returns its id.
func (a *Account) Create(typeName string, values map[string]string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.insert(a.types[typeName], values).id
}

// CreateAtOnce makes records that were changed in the same millisecond.
func (a *Account) CreateAtOnce(typeName string, many int, values map[string]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.types[typeName]
	first := a.insert(t, values)
	for range many - 1 {
		next := a.insert(t, values)
		next.updated, next.values[t.stamp()] = first.updated, first.updated
	}
}

// Update changes a record.
func (a *Account) Update(typeName, id string, values map[string]string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.put(a.types[typeName], a.types[typeName].records[id], values)
}

// Link associates two records.
func (a *Account) Link(from, id, to, other string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.link(from, id, to, other)
}

// Archive puts a record away.
func (a *Account) Archive(typeName, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.types[typeName].records[id].archived = true
}

// Value is what a record holds.
func (a *Account) Value(typeName, id, name string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.types[typeName].records[id].values[name]
}

// Dump is everything in the account but its times, to compare what two clients made of it.
func (a *Account) Dump() (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := map[string]any{}
	for name, t := range a.types {
		for id, r := range t.records {
			values := maps.Clone(r.values)
			for _, time := range []string{"createdate", t.stamp(), "hs_timestamp"} {
				delete(values, time)
			}
			all[name+"/"+id] = values
		}
	}
	for _, f := range a.files {
		all["file/"+f.id] = []string{f.name, f.folder, string(f.data)}
	}
	for at, ids := range a.links {
		all["link/"+at] = strings.Join(ids, " ")
	}
	text, err := json.MarshalIndent(all, "", " ")
	return string(text), err
}
