package salesforcetest

import (
	"encoding/json"
	"fmt"
	"maps"
)

// What a person would do in the org, without a call of the API.

// Create makes a record and returns its id.
func (o *Org) Create(object string, fields map[string]any) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.begin("")
	id, err := t.insert(object, row(fields))
	o.end(t, err)
	return id
}

// Update changes a record.
func (o *Org) Update(object, id string, fields map[string]any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.begin("")
	of, _ := o.store.object(object)
	o.end(t, t.update(of, id, fields))
}

// Delete removes a record.
func (o *Org) Delete(object, id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	t := o.begin("")
	of, _ := o.store.object(object)
	o.end(t, t.remove(of, id))
}

func (o *Org) end(t *tx, err *apiError) {
	if err != nil {
		panic(fmt.Sprintf("%s: %s", err.ErrorCode, err.Message)) // a test asks for what cannot be
	}
	t.commit()
}

// Record returns a record's fields; nil when it is not there.
func (o *Org) Record(object, id string) map[string]any {
	o.mu.Lock()
	defer o.mu.Unlock()
	of, _ := o.store.object(object)
	found, _ := o.store.find(of, id)
	return maps.Clone(found)
}

// Filed is a file that hangs on a record.
type Filed struct {
	Title string
	Data  []byte
}

// Files returns the files that hang on a record.
func (o *Org) Files(record string) []Filed {
	o.mu.Lock()
	defer o.mu.Unlock()
	links, _ := o.store.object("ContentDocumentLink")
	versions, _ := o.store.object("ContentVersion")
	var all []Filed
	for _, link := range o.store.match(links, "LinkedEntityId", record) {
		for _, v := range o.store.match(versions, "ContentDocumentId", link.text("ContentDocumentId")) {
			if v["IsLatest"] == true {
				data, _ := v["VersionData"].([]byte)
				all = append(all, Filed{v.text("Title"), data})
			}
		}
	}
	return all
}

// Revoke takes the app's access away for good.
func (o *Org) Revoke() {
	o.mu.Lock()
	defer o.mu.Unlock()
	clear(o.logins.tokens)
	clear(o.logins.refresh)
	o.logins.revoked = true
	o.bus.wake()
}

// Dump is everything in the org, to compare what two clients made of it.
func (o *Org) Dump() (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := map[string][]row{}
	for _, object := range o.store.types {
		if found := o.store.all(object); len(found) > 0 {
			all[object.name] = found
		}
	}
	text, err := json.MarshalIndent(all, "", " ")
	return string(text), err
}
