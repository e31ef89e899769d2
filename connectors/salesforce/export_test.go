package salesforce

import (
	"context"
	"slices"

	"github.com/hamba/avro/v2"
	"google.golang.org/grpc/metadata"

	"chancery/connectors/salesforce/pubsub"
)

// Raw is the Pub/Sub API as Watch uses it, one step below the news.
type Raw struct {
	pubsub.Client
	Context context.Context
	Close   func() error
	watch   *watch
}

func (c *Client) Raw(ctx context.Context) (*Raw, error) {
	s, err := c.session(ctx, session{})
	if err != nil {
		return nil, err
	}
	conn, err := c.dialEvents()
	if err != nil {
		return nil, err
	}
	ctx = metadata.AppendToOutgoingContext(ctx, "accesstoken", s.token, "instanceurl", s.instance, "tenantid", s.org)
	api := pubsub.Client{Conn: conn}
	return &Raw{api, ctx, conn.Close, &watch{c: c, api: api, schemas: map[string]avro.Schema{}}}, nil
}

// Collect brings n events of a topic: the oldest, or those behind a place.
func (r *Raw) Collect(topic string, n int32, place []byte) ([]pubsub.ConsumerEvent, error) {
	ctx, cancel := context.WithCancel(r.Context)
	defer cancel()
	stream, err := r.Subscribe(ctx)
	if err != nil {
		return nil, err
	}
	first := &pubsub.FetchRequest{TopicName: topic, ReplayPreset: pubsub.Earliest, NumRequested: n}
	if place != nil {
		first.ReplayPreset, first.ReplayID = pubsub.Custom, place
	}
	if err := stream.Send(first); err != nil {
		return nil, err
	}
	var all []pubsub.ConsumerEvent
	for len(all) < int(n) {
		got, err := stream.Recv()
		if err != nil {
			return nil, err
		}
		all = append(all, got.Events...)
	}
	return all, nil
}

func (r *Raw) Schema(id string) (avro.Schema, error) { return r.watch.schema(r.Context, id) }

// Change is what a change event says.
type Change struct {
	Record   string   `json:"record"`
	Change   string   `json:"change"`
	Origin   string   `json:"origin"`
	Sequence int      `json:"sequence"`
	Fields   []string `json:"fields"`
}

func (r *Raw) Change(event pubsub.ConsumerEvent) (Change, error) {
	schema, err := r.Schema(event.Event.SchemaID)
	if err != nil {
		return Change{}, err
	}
	h, err := readChange(schema, event.Event.Payload)
	if err != nil {
		return Change{}, err
	}
	fields, err := changed(schema, h.Changed)
	slices.Sort(fields)
	return Change{h.Records[0], h.Change, h.Origin, h.Sequence, fields}, err
}

var (
	Bitmap  = bitmap
	Changed = changed
	Quote   = quote
)
