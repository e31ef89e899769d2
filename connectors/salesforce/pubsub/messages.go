// Package pubsub speaks eventbus.v1.PubSub, the gRPC service by which Salesforce
// tells what happens in an org: its messages, written by hand on the wire format of
// protocol buffers, its client and its server.
//
// The messages are few and small, and a field that is not known is skipped, so that
// nothing needs to be generated.
package pubsub

// Where a subscription begins.
const (
	Latest   = 0 // with what happens from now on
	Earliest = 1 // with the oldest that is kept
	Custom   = 2 // after FetchRequest.ReplayID
)

// TopicRequest asks for a topic, such as /data/OpportunityChangeEvent.
type TopicRequest struct{ TopicName string }

// TopicInfo is what is known of a topic.
type TopicInfo struct {
	TopicName    string
	TenantGUID   string
	CanPublish   bool
	CanSubscribe bool
	SchemaID     string
	RPCID        string
}

// SchemaRequest asks for a schema.
type SchemaRequest struct{ SchemaID string }

// SchemaInfo is a schema of Avro in JSON.
type SchemaInfo struct {
	SchemaJSON string
	SchemaID   string
	RPCID      string
}

// FetchRequest opens a subscription, and later asks for more events in it.
type FetchRequest struct {
	TopicName    string
	ReplayPreset int32
	ReplayID     []byte
	NumRequested int32
	AuthRefresh  string
}

// FetchResponse brings events; without any it is a sign of life.
type FetchResponse struct {
	Events              []ConsumerEvent
	LatestReplayID      []byte
	RPCID               string
	PendingNumRequested int32
}

// ConsumerEvent is an event and where it stands in the stream.
type ConsumerEvent struct {
	Event    ProducerEvent
	ReplayID []byte
}

// ProducerEvent is an event; Payload is Avro under the schema.
type ProducerEvent struct {
	ID       string
	SchemaID string
	Payload  []byte
}

// PublishRequest publishes events.
type PublishRequest struct {
	TopicName   string
	Events      []ProducerEvent
	AuthRefresh string
}

// PublishResponse says what became of each.
type PublishResponse struct {
	Results  []PublishResult
	SchemaID string
	RPCID    string
}

// PublishResult is what became of one event; Code and Fault are set when it was refused.
type PublishResult struct {
	ReplayID       []byte
	Refused        bool
	Code           int32
	Fault          string
	CorrelationKey string
}

func (m *TopicRequest) encode(w *writer) { w.text(1, m.TopicName) }
func (m *TopicRequest) decode(f field)   { f.text(1, &m.TopicName) }

func (m *TopicInfo) encode(w *writer) {
	w.text(1, m.TopicName)
	w.text(2, m.TenantGUID)
	w.flag(3, m.CanPublish)
	w.flag(4, m.CanSubscribe)
	w.text(5, m.SchemaID)
	w.text(6, m.RPCID)
}

func (m *TopicInfo) decode(f field) {
	f.text(1, &m.TopicName)
	f.text(2, &m.TenantGUID)
	f.flag(3, &m.CanPublish)
	f.flag(4, &m.CanSubscribe)
	f.text(5, &m.SchemaID)
	f.text(6, &m.RPCID)
}

func (m *SchemaRequest) encode(w *writer) { w.text(1, m.SchemaID) }
func (m *SchemaRequest) decode(f field)   { f.text(1, &m.SchemaID) }

func (m *SchemaInfo) encode(w *writer) {
	w.text(1, m.SchemaJSON)
	w.text(2, m.SchemaID)
	w.text(3, m.RPCID)
}

func (m *SchemaInfo) decode(f field) {
	f.text(1, &m.SchemaJSON)
	f.text(2, &m.SchemaID)
	f.text(3, &m.RPCID)
}

func (m *FetchRequest) encode(w *writer) {
	w.text(1, m.TopicName)
	w.number(2, m.ReplayPreset)
	w.bytes(3, m.ReplayID)
	w.number(4, m.NumRequested)
	w.text(5, m.AuthRefresh)
}

func (m *FetchRequest) decode(f field) {
	f.text(1, &m.TopicName)
	f.number(2, &m.ReplayPreset)
	f.bytes(3, &m.ReplayID)
	f.number(4, &m.NumRequested)
	f.text(5, &m.AuthRefresh)
}

func (m *FetchResponse) encode(w *writer) {
	for i := range m.Events {
		w.message(1, &m.Events[i])
	}
	w.bytes(2, m.LatestReplayID)
	w.text(3, m.RPCID)
	w.number(4, m.PendingNumRequested)
}

func (m *FetchResponse) decode(f field) {
	if f.is(1) {
		m.Events = append(m.Events, ConsumerEvent{})
		f.message(1, &m.Events[len(m.Events)-1])
	}
	f.bytes(2, &m.LatestReplayID)
	f.text(3, &m.RPCID)
	f.number(4, &m.PendingNumRequested)
}

func (m *ConsumerEvent) encode(w *writer) {
	w.message(1, &m.Event)
	w.bytes(2, m.ReplayID)
}

func (m *ConsumerEvent) decode(f field) {
	f.message(1, &m.Event)
	f.bytes(2, &m.ReplayID)
}

func (m *ProducerEvent) encode(w *writer) {
	w.text(1, m.ID)
	w.text(2, m.SchemaID)
	w.bytes(3, m.Payload)
}

func (m *ProducerEvent) decode(f field) {
	f.text(1, &m.ID)
	f.text(2, &m.SchemaID)
	f.bytes(3, &m.Payload)
}

func (m *PublishRequest) encode(w *writer) {
	w.text(1, m.TopicName)
	for i := range m.Events {
		w.message(2, &m.Events[i])
	}
	w.text(3, m.AuthRefresh)
}

func (m *PublishRequest) decode(f field) {
	f.text(1, &m.TopicName)
	if f.is(2) {
		m.Events = append(m.Events, ProducerEvent{})
		f.message(2, &m.Events[len(m.Events)-1])
	}
	f.text(3, &m.AuthRefresh)
}

func (m *PublishResponse) encode(w *writer) {
	for i := range m.Results {
		w.message(1, &m.Results[i])
	}
	w.text(2, m.SchemaID)
	w.text(3, m.RPCID)
}

func (m *PublishResponse) decode(f field) {
	if f.is(1) {
		m.Results = append(m.Results, PublishResult{})
		f.message(1, &m.Results[len(m.Results)-1])
	}
	f.text(2, &m.SchemaID)
	f.text(3, &m.RPCID)
}

func (m *PublishResult) encode(w *writer) {
	w.bytes(1, m.ReplayID)
	if m.Refused {
		w.message(2, &fault{m.Code, m.Fault})
	}
	w.text(3, m.CorrelationKey)
}

func (m *PublishResult) decode(f field) {
	f.bytes(1, &m.ReplayID)
	if f.is(2) {
		var why fault
		f.message(2, &why)
		m.Refused, m.Code, m.Fault = true, why.code, why.words
	}
	f.text(3, &m.CorrelationKey)
}

// fault is the message Error of the protocol.
type fault struct {
	code  int32
	words string
}

func (m *fault) encode(w *writer) {
	w.number(1, m.code)
	w.text(2, m.words)
}

func (m *fault) decode(f field) {
	f.number(1, &m.code)
	f.text(2, &m.words)
}
