package salesforcetest

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/hamba/avro/v2"

	"chancery/connectors/salesforce/pubsub"
)

// bus keeps the events of an org. The mutex of Org guards it.
type bus struct {
	o       *Org
	schemas map[string]*eventSchema // by object
	events  []kept
	last    int // number of the newest
	gone    int // number of the newest that is not kept any more
	commits int
	changed chan struct{} // closed when there is news
}

// kept is an event and where it stands; from is its object.
type kept struct {
	number int
	from   string
	event  pubsub.ConsumerEvent
}

// firstReplay is where the stream of an org begins; positions are not counted from 0.
const firstReplay = 18_000_000

func newBus(o *Org) bus {
	b := bus{o: o, schemas: map[string]*eventSchema{}, last: firstReplay, gone: firstReplay, changed: make(chan struct{})}
	for _, object := range o.store.types {
		schema, err := newEventSchema(object)
		if err != nil {
			panic(err) // our own schema, which a test loads
		}
		b.schemas[object.name] = schema
	}
	return b
}

// wake lets subscriptions look again.
func (b *bus) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}

func replayID(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

func (b *bus) add(object string, schema *eventSchema, fields map[string]any) string {
	payload, err := avro.Marshal(schema.avro, fields)
	if err != nil {
		panic(fmt.Errorf("write an event of %s: %w", object, err)) // values that the store has checked
	}
	return b.append(object, schema, payload)
}

func (b *bus) append(object string, schema *eventSchema, payload []byte) string {
	b.last++
	id := uuid(0xe, b.last)
	b.events = append(b.events, kept{b.last, object, pubsub.ConsumerEvent{
		Event: pubsub.ProducerEvent{ID: id, SchemaID: schema.id, Payload: payload}, ReplayID: replayID(b.last)}})
	b.wake()
	return id
}

// tell makes a change event of every change of a transaction.
func (b *bus) tell(t *tx) {
	if len(t.changes) == 0 {
		return
	}
	b.commits++
	for i, c := range t.changes {
		b.change(t, i+1, c)
	}
}

func (b *bus) change(t *tx, sequence int, c change) {
	schema := b.schemas[c.object.name]
	changed := func(field string) bool {
		switch c.how {
		case "CREATE":
			return c.after[field] != nil
		case "UPDATE":
			return c.after[field] != c.before[field] || field == "LastModifiedDate"
		}
		return false
	}
	nulled := func(field string) bool { return c.how == "UPDATE" && changed(field) && c.after[field] == nil }
	shown := changed
	marked := []string{}
	if c.how == "UPDATE" {
		marked = schema.bitmaps(changed)
	}
	b.add(c.object.name, schema, schema.payload(b.header(c.object, c.how, originOf(t), sequence, []string{c.id}, schema.bitmaps(nulled), marked), c.after, shown))
}

func originOf(t *tx) string {
	origin := "com/salesforce/api/rest/" + t.version
	if t.client != "" {
		origin += ";client=" + t.client
	}
	return origin
}

func (b *bus) header(o *object, how, origin string, sequence int, ids, nulled, changed []string) map[string]any {
	return map[string]any{
		"entityName": o.name, "recordIds": ids, "changeType": how, "changeOrigin": origin, "transactionKey": uuid(0xc, b.commits), "sequenceNumber": sequence,
		"commitTimestamp": b.o.now().UnixMilli(), "commitNumber": int64(11_000_000_000_000 + b.commits), "commitUser": b.o.UserID,
		"nulledFields": nulled, "diffFields": []string{}, "changedFields": changed,
	}
}

// publish publishes a platform event that came over REST.
func (b *bus) publish(t *tx, o *object, fields row) string {
	schema := b.schemas[o.name]
	made := schema.payload(nil, fields, func(string) bool { return true })
	made["CreatedDate"], made["CreatedById"] = b.o.now().UnixMilli(), b.o.UserID
	b.add(o.name, schema, made)
	return newID(o.prefix, b.last)
}

// Gap tells that something happened to records without telling what: how is such as
// GAP_UPDATE or GAP_OVERFLOW.
func (o *Org) Gap(how, object string, ids ...string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	of, _ := o.store.object(object)
	if how == "GAP_OVERFLOW" {
		ids = []string{"000000000000000AAA"}
	}
	o.bus.commits++
	schema := o.bus.schemas[of.name]
	none := func(string) bool { return false }
	o.bus.add(of.name, schema, schema.payload(o.bus.header(of, how, "com/salesforce/core", 1, ids, []string{}, []string{}), nil, none))
}

// Expire forgets all events until now, as three days would.
func (o *Org) Expire() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.bus.events, o.bus.gone = nil, o.bus.last
	o.bus.wake()
}

// topic finds what is told under a name: "" is everything.
func (b *bus) topic(name string) (objects map[string]bool, ok bool) {
	objects = map[string]bool{}
	for object, schema := range b.schemas {
		if strings.EqualFold(schema.topic, name) || name == "/data/ChangeEvents" && strings.HasPrefix(schema.topic, "/data/") {
			objects[object] = true
		}
	}
	return objects, len(objects) > 0
}

// after lists up to most events of these objects that stand behind a number.
func (b *bus) after(number int, objects map[string]bool, most int) []kept {
	var found []kept
	for _, k := range b.events {
		if k.number > number && objects[k.from] && len(found) < most {
			found = append(found, k)
		}
	}
	return found
}
