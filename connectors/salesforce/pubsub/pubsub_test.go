package pubsub_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery/connectors/salesforce/pubsub"
)

// The bytes are those that another implementation of protocol buffers makes of the
// same message; the real client of npm reads and writes them in salesforcetest.
func TestAMessageHasTheBytesOfTheProtocol(t *testing.T) {
	got, err := pubsub.Marshal(&pubsub.FetchRequest{TopicName: "/data/A", ReplayPreset: pubsub.Custom, ReplayID: []byte{0, 7}, NumRequested: 300})
	if err != nil {
		t.Fatal(err)
	}
	want := []byte("\x0a\x07/data/A\x10\x02\x1a\x02\x00\x07\x20\xac\x02")
	if !bytes.Equal(got, want) {
		t.Errorf("got %x, want %x", got, want)
	}
}

func TestMessagesComeBackAsTheyWent(t *testing.T) {
	event := pubsub.ProducerEvent{ID: "e", SchemaID: "s", Payload: []byte{1, 2}}
	for _, pair := range [][2]any{
		{&pubsub.TopicInfo{TopicName: "/event/X__e", TenantGUID: "t", CanPublish: true, CanSubscribe: true, SchemaID: "s", RPCID: "r"}, &pubsub.TopicInfo{}},
		{&pubsub.SchemaInfo{SchemaJSON: "{}", SchemaID: "s", RPCID: "r"}, &pubsub.SchemaInfo{}},
		{&pubsub.FetchRequest{TopicName: "t", ReplayPreset: 1, NumRequested: 5, AuthRefresh: "a"}, &pubsub.FetchRequest{}},
		{&pubsub.FetchResponse{Events: []pubsub.ConsumerEvent{{Event: event, ReplayID: []byte{9}}, {}}, LatestReplayID: []byte{9}, PendingNumRequested: 4}, &pubsub.FetchResponse{}},
		{&pubsub.PublishRequest{TopicName: "t", Events: []pubsub.ProducerEvent{event}}, &pubsub.PublishRequest{}},
		{&pubsub.PublishResponse{Results: []pubsub.PublishResult{{ReplayID: []byte{1}, CorrelationKey: "c"}, {Refused: true, Code: 1, Fault: "no"}}, SchemaID: "s"}, &pubsub.PublishResponse{}},
	} {
		wire, err := pubsub.Marshal(pair[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := pubsub.Unmarshal(wire, pair[1]); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(pair[0], pair[1]); diff != "" {
			t.Errorf("%T went out and came back different:\n%s", pair[0], diff)
		}
	}
}

func TestAFieldThatIsNotKnownIsSkipped(t *testing.T) {
	wire := []byte("\x0a\x01a\x9a\x06\x03new\xa5\x06\x01\x02\x03\x04") // fields 99 of bytes and 100 of fixed32
	var got pubsub.TopicRequest
	if err := pubsub.Unmarshal(wire, &got); err != nil || got.TopicName != "a" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func FuzzMessages(f *testing.F) {
	for _, m := range []any{
		&pubsub.FetchResponse{Events: []pubsub.ConsumerEvent{{Event: pubsub.ProducerEvent{ID: "e"}}}},
		&pubsub.PublishResponse{Results: []pubsub.PublishResult{{Refused: true, Fault: "no"}}},
		&pubsub.TopicInfo{TopicName: "t", CanPublish: true},
	} {
		wire, err := pubsub.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wire)
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		for _, m := range []any{&pubsub.TopicInfo{}, &pubsub.SchemaInfo{}, &pubsub.FetchRequest{}, &pubsub.FetchResponse{}, &pubsub.PublishRequest{}, &pubsub.PublishResponse{}} {
			if pubsub.Unmarshal(wire, m) != nil {
				continue
			}
			once, err := pubsub.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			if pubsub.Unmarshal(once, m) != nil {
				t.Fatalf("%T cannot read what it wrote: %x", m, once)
			}
		}
	})
}
