package salesforce

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/hamba/avro/v2"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"chancery/connectors"
	"chancery/connectors/salesforce/pubsub"
)

const (
	fetchAtOnce  = 100              // events, the most there are
	silence      = 5 * time.Minute  // Salesforce speaks every 270 s
	firstPause   = time.Second      // before a stream is opened again; doubled each time
	longestPause = time.Minute      //
	patience     = 6                // streams in a row that brought nothing
	maxEvent     = 4 << 20          // bytes of an answer; an event has at most 1 MB
	dialTimeout  = 10 * time.Second //
)

// Watch tells of changes to records of these types through the Pub/Sub API. Its
// cursor has the place in the stream of each type; Salesforce keeps events for three
// days, and a place that is older is answered with Missed for the whole type.
//
// A stream that ends is opened again where it was. When that does not help for a
// while the error is a Failure that is Busy, and whoever called may call again.
func (c *Client) Watch(ctx context.Context, recordTypes []string, cursor string, tell func(connectors.News, string) error) error {
	if err := named(recordTypes...); err != nil {
		return err
	}
	w := &watch{c: c, say: tell, at: map[string]string{}, schemas: map[string]avro.Schema{}}
	if cursor != "" {
		if err := json.Unmarshal([]byte(cursor), &w.at); err != nil {
			return &connectors.Failure{Trouble: connectors.Refused, Words: "This is no cursor of ours."}
		}
	}
	conn, err := c.dialEvents()
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	defer conn.Close()
	w.api = pubsub.Client{Conn: conn}
	group, ctx := errgroup.WithContext(ctx)
	for _, recordType := range recordTypes {
		group.Go(func() error { return w.follow(ctx, recordType) })
	}
	return group.Wait()
}

func (c *Client) dialEvents() (*grpc.ClientConn, error) {
	dial := c.config.Dial
	if dial == nil {
		direct := &net.Dialer{Timeout: dialTimeout}
		dial = func(ctx context.Context, address string) (net.Conn, error) {
			return direct.DialContext(ctx, "tcp", address)
		}
	}
	trust := c.config.EventsTLS
	if trust == nil {
		trust = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	return grpc.NewClient("passthrough:///"+c.config.Events, grpc.WithContextDialer(dial), grpc.WithNoProxy(),
		grpc.WithTransportCredentials(credentials.NewTLS(trust)), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxEvent)))
}

// watch is one call of Watch.
type watch struct {
	c       *Client
	api     pubsub.Client
	say     func(connectors.News, string) error
	mu      sync.Mutex
	at      map[string]string // place in the stream of each type, base64
	schemas map[string]avro.Schema
}

// told marks an error of whoever listens: nothing is tried again then.
type told struct{ error }

// tell passes news on, with the cursor after it when there is a new place.
func (w *watch) tell(recordType string, n connectors.News, place []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if place != nil {
		w.at[recordType] = base64.StdEncoding.EncodeToString(place)
	}
	cursor, err := json.Marshal(w.at)
	if err == nil {
		err = w.say(n, string(cursor))
	}
	if err != nil {
		return told{err}
	}
	return nil
}

func (w *watch) place(recordType string) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	place, err := base64.StdEncoding.DecodeString(w.at[recordType])
	if err != nil {
		return []byte{0} // no place at all, which Salesforce will say
	}
	return place
}

// follow keeps a stream of a type open.
func (w *watch) follow(ctx context.Context, recordType string) error {
	preset := int32(pubsub.Latest)
	var ended session
	renewed := false // the token, since anything came
	for failures := 0; ; {
		if len(w.place(recordType)) > 0 {
			preset = pubsub.Custom
		} else if failures > 0 && preset == pubsub.Latest {
			// Between two streams from now on there may have been something.
			if err := w.tell(recordType, w.missed(recordType, "reopened"), nil); err != nil {
				return unmark(err)
			}
		}
		lived, used, err := w.stream(ctx, recordType, preset, ended)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if lived {
			failures, renewed = 0, false
		}
		failures++
		var heard told
		switch f := trouble(err); {
		case errors.As(err, &heard):
			return heard.error
		case f.Code == corrupted && preset == pubsub.Custom:
			preset = pubsub.Earliest
			if err := w.lost(recordType); err != nil {
				return unmark(err)
			}
			continue
		case f.Trouble == connectors.Expired && !renewed:
			ended, renewed = used, true
			continue
		case f.Trouble.Lasting() || f.Trouble == connectors.Expired || failures > patience:
			return fmt.Errorf("watch %s: %w", recordType, f)
		}
		if err := pause(ctx, min(firstPause<<(failures-1), longestPause)); err != nil {
			return err
		}
	}
}

func unmark(err error) error {
	var heard told
	if errors.As(err, &heard) {
		return heard.error
	}
	return err
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// missed is the news that something is not known.
func (w *watch) missed(recordType, why string) connectors.News {
	return connectors.News{ID: "missed/" + recordType + "/" + why + "/" + w.c.config.Now().UTC().Format(time.RFC3339), Ref: connectors.Ref{Type: recordType}, Kind: connectors.Missed, At: w.c.config.Now()}
}

// lost gives up a place that the org does not know any more.
func (w *watch) lost(recordType string) error {
	w.mu.Lock()
	delete(w.at, recordType)
	w.mu.Unlock()
	return w.tell(recordType, w.missed(recordType, "expired"), nil)
}

// corrupted is the code of a place that is too old, or none.
const corrupted = "sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted"

// lapsed carries the code in the trailer of an answer beside its status.
type lapsed struct {
	error
	code string
}

func (l lapsed) Unwrap() error { return l.error }

// trouble sorts what ends a stream.
func trouble(err error) *connectors.Failure {
	if f, is := connectors.FailureOf(err); is {
		return f
	}
	made := &connectors.Failure{Trouble: connectors.Busy, Words: "The Pub/Sub API cannot be reached."}
	if s, ok := status.FromError(err); ok {
		made.Code, made.Words = s.Code().String(), clip(s.Message())
		switch s.Code() {
		case codes.Unauthenticated:
			made.Trouble = connectors.Expired
		case codes.NotFound, codes.PermissionDenied, codes.Unimplemented:
			made.Trouble = connectors.Refused
		case codes.ResourceExhausted:
			made.Trouble = connectors.Throttled
		case codes.InvalidArgument:
			made.Trouble = connectors.Refused
		}
	}
	var l lapsed
	if errors.As(err, &l) && l.code != "" {
		made.Code = clip(l.code)
	}
	return made.Because(err)
}

// topic is where the changes of a type are told.
func topic(recordType string) string {
	if base, custom := strings.CutSuffix(recordType, "__c"); custom {
		return "/data/" + base + "__ChangeEvent"
	}
	return "/data/" + recordType + "ChangeEvent"
}

// stream opens a stream and tells of what comes until it ends. lived tells whether
// anything came.
func (w *watch) stream(ctx context.Context, recordType string, preset int32, ended session) (lived bool, used session, err error) {
	used, err = w.c.session(ctx, ended)
	if err != nil {
		return false, used, err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	quiet := time.AfterFunc(silence, cancel)
	defer quiet.Stop()
	ctx = metadata.AppendToOutgoingContext(ctx, "accesstoken", used.token, "instanceurl", used.instance, "tenantid", used.org)
	stream, err := w.api.Subscribe(ctx)
	if err != nil {
		return false, used, err
	}
	first := &pubsub.FetchRequest{TopicName: topic(recordType), ReplayPreset: preset, NumRequested: fetchAtOnce}
	if preset == pubsub.Custom {
		first.ReplayID = w.place(recordType)
	}
	if err := stream.Send(first); err != nil {
		return false, used, ending(stream, err)
	}
	for {
		got, err := stream.Recv()
		if err != nil {
			return lived, used, ending(stream, err)
		}
		lived = true
		quiet.Reset(silence)
		if err := w.take(ctx, recordType, got); err != nil {
			return lived, used, err
		}
		if got.PendingNumRequested < fetchAtOnce/2 {
			if err := stream.Send(&pubsub.FetchRequest{TopicName: topic(recordType), NumRequested: fetchAtOnce - got.PendingNumRequested}); err != nil {
				return lived, used, ending(stream, err)
			}
		}
	}
}

// ending finds out why a stream ended: a failed Send says only that it did.
func ending(stream grpc.BidiStreamingClient[pubsub.FetchRequest, pubsub.FetchResponse], err error) error {
	if _, known := status.FromError(err); !known {
		if _, why := stream.Recv(); why != nil {
			err = why
		}
	}
	if codes := stream.Trailer().Get("error-code"); len(codes) > 0 {
		return lapsed{err, codes[0]}
	}
	return err
}

// take tells of what came in one answer. Only the last news moves the cursor: events
// that came together may stand in another order than they happened.
func (w *watch) take(ctx context.Context, recordType string, got *pubsub.FetchResponse) error {
	if len(got.Events) == 0 {
		if len(got.LatestReplayID) == 0 || bytes.Equal(got.LatestReplayID, w.place(recordType)) {
			return nil
		}
		return w.tell(recordType, connectors.News{Kind: connectors.Quiet, Ref: connectors.Ref{Type: recordType}, At: w.c.config.Now()}, got.LatestReplayID)
	}
	var all []connectors.News
	for _, event := range got.Events {
		news, err := w.read(ctx, recordType, event.Event)
		if err != nil {
			return err
		}
		all = append(all, news...)
	}
	for i, n := range all {
		var place []byte
		if i == len(all)-1 {
			place = got.Events[len(got.Events)-1].ReplayID
		}
		if err := w.tell(recordType, n, place); err != nil {
			return err
		}
	}
	return nil
}

// read makes news of an event: one for each record. An event that cannot be read
// stands for something missed; it must not hold up those behind it.
func (w *watch) read(ctx context.Context, recordType string, event pubsub.ProducerEvent) ([]connectors.News, error) {
	schema, err := w.schema(ctx, event.SchemaID)
	if err != nil {
		return nil, err
	}
	lost := []connectors.News{{ID: "missed/" + recordType + "/" + clip(event.ID), Ref: connectors.Ref{Type: recordType}, Kind: connectors.Missed, At: w.c.config.Now()}}
	if schema == nil {
		return lost, nil
	}
	header, err := readChange(schema, event.Payload)
	if err != nil || named(header.Entity) != nil || len(header.Records) == 0 {
		return lost, nil
	}
	return w.news(schema, header), nil
}

// changes are the kinds of news; all others are gaps.
var changes = map[string]connectors.Kind{"CREATE": connectors.Created, "UPDATE": connectors.Updated, "DELETE": connectors.Deleted, "UNDELETE": connectors.Updated}

// nobody stands for records when a gap does not say which.
const nobody = "000000000000000AAA"

func (w *watch) news(schema avro.Schema, h changeHeader) []connectors.News {
	kind, known := changes[h.Change]
	if !known {
		kind = connectors.Missed
	}
	var fields []string
	if h.Change == "UPDATE" {
		fields, _ = changed(schema, h.Changed) // where they cannot be read it is not known which
	}
	var all []connectors.News
	for _, id := range h.Records {
		n := connectors.News{ID: fmt.Sprintf("change/%s/%d/%s", clip(h.Key), h.Sequence, clip(id)), Ref: connectors.Ref{Type: h.Entity, ID: id},
			Kind: kind, Fields: fields, Ours: clientOf(h.Origin) == w.c.config.Name, At: time.UnixMilli(h.Committed).UTC()}
		if !anID.MatchString(id) || id == nobody { // 001* stands for all accounts
			n.Ref.ID, n.Kind = "", connectors.Missed
		}
		all = append(all, n)
	}
	return all
}

// clientOf takes from com/salesforce/api/rest/64.0;client=X who it was.
func clientOf(origin string) string {
	_, client, _ := strings.Cut(origin, ";client=")
	return strings.TrimSuffix(client, "/")
}

// schema returns a schema by its id; nil when it is none that we can read.
func (w *watch) schema(ctx context.Context, id string) (avro.Schema, error) {
	w.mu.Lock()
	known, there := w.schemas[id]
	w.mu.Unlock()
	if there {
		return known, nil
	}
	got, err := w.api.GetSchema(ctx, id)
	if err != nil {
		return nil, err
	}
	// A cache of its own: names come again in the schema of another type, and mean something else.
	parsed, err := avro.ParseWithCache(got.SchemaJSON, "", &avro.SchemaCache{})
	if err != nil {
		parsed = nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.schemas[id] = parsed
	return parsed, nil
}
