package salesforcetest

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/hamba/avro/v2"

	"chancery/connectors/salesforce/pubsub"
)

// eventServer is the Pub/Sub API.
type eventServer struct{ *Org }

// Error codes in the trailers of an answer.
const (
	codeAuth      = "sfdc.platform.eventbus.grpc.service.auth.error"
	codeCorrupted = "sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted"
	codeTopic     = "sfdc.platform.eventbus.grpc.topic.not.found"
	codeAway      = "sfdc.platform.eventbus.grpc.service.unavailable"
	codeSchema    = "sfdc.platform.eventbus.grpc.schema.fetch.failed"
	codeFetch     = "sfdc.platform.eventbus.grpc.subscription.fetch.requestedevents.invalid"
)

const rpcID = "0f0f0f0f-0000-4000-8000-000000000001"

// no makes an error with its code in the trailer.
func no(ctx context.Context, code codes.Code, reason, words string) error {
	_ = grpc.SetTrailer(ctx, metadata.Pairs("error-code", reason, "rpc-id", rpcID)) // it fails only outside of a call
	return status.Error(code, words+" rpcId: "+rpcID)
}

// admit checks who calls. The lock is held.
func (s *eventServer) admit(ctx context.Context) error {
	if s.away {
		return no(ctx, codes.Unavailable, codeAway, "This application is down for maintenance.")
	}
	sent, _ := metadata.FromIncomingContext(ctx)
	one := func(name string) string {
		if values := sent.Get(name); len(values) > 0 {
			return values[0]
		}
		return ""
	}
	tenant, _ := wholeID(one("tenantid"))
	_, good := s.logins.tokens[one("accesstoken")]
	if !good || tenant != s.ID || one("instanceurl") == "" {
		return no(ctx, codes.Unauthenticated, codeAuth, "An authentication exception occurred. Provide valid authentication via metadata headers.")
	}
	return nil
}

func (s *eventServer) GetTopic(ctx context.Context, asked pubsub.TopicRequest) (pubsub.TopicInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.admit(ctx); err != nil {
		return pubsub.TopicInfo{}, err
	}
	objects, known := s.bus.topic(asked.TopicName)
	if !known {
		return pubsub.TopicInfo{}, no(ctx, codes.NotFound, codeTopic, "The specified topic was not found.")
	}
	info := pubsub.TopicInfo{TopicName: asked.TopicName, TenantGUID: "core/prod/" + s.ID, CanSubscribe: true, RPCID: rpcID}
	for name := range objects {
		object, _ := s.store.object(name)
		if len(objects) == 1 {
			info.SchemaID, info.CanPublish = s.bus.schemas[name].id, object.event
		}
	}
	return info, nil
}

func (s *eventServer) GetSchema(ctx context.Context, asked pubsub.SchemaRequest) (pubsub.SchemaInfo, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.admit(ctx); err != nil {
		return pubsub.SchemaInfo{}, err
	}
	for _, schema := range s.bus.schemas {
		if schema.id == asked.SchemaID {
			return pubsub.SchemaInfo{SchemaJSON: schema.json, SchemaID: schema.id, RPCID: rpcID}, nil
		}
	}
	return pubsub.SchemaInfo{}, no(ctx, codes.NotFound, codeSchema, "The schema was not found.")
}

func (s *eventServer) Publish(ctx context.Context, asked pubsub.PublishRequest) (pubsub.PublishResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.admit(ctx); err != nil {
		return pubsub.PublishResponse{}, err
	}
	answer := pubsub.PublishResponse{RPCID: rpcID}
	for name := range s.bus.schemas {
		object, _ := s.store.object(name)
		schema := s.bus.schemas[name]
		if !object.event || schema.topic != asked.TopicName {
			continue
		}
		answer.SchemaID = schema.id
		for _, event := range asked.Events {
			answer.Results = append(answer.Results, s.publishOne(name, schema, event))
		}
		return answer, nil
	}
	return answer, no(ctx, codes.NotFound, codeTopic, "The specified topic was not found.")
}

func (s *eventServer) publishOne(object string, schema *eventSchema, event pubsub.ProducerEvent) pubsub.PublishResult {
	var fields map[string]any
	if event.SchemaID != schema.id || avro.Unmarshal(schema.avro, event.Payload, &fields) != nil {
		return pubsub.PublishResult{Refused: true, Code: 1, Fault: "The event cannot be read under its schema.", CorrelationKey: event.ID}
	}
	s.bus.append(object, schema, event.Payload)
	s.bus.events[len(s.bus.events)-1].event.Event.ID = event.ID
	return pubsub.PublishResult{ReplayID: replayID(s.bus.last), CorrelationKey: event.ID}
}

func (s *eventServer) PublishStream(stream grpc.BidiStreamingServer[pubsub.PublishRequest, pubsub.PublishResponse]) error {
	for {
		asked, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		answer, err := s.Publish(stream.Context(), *asked)
		if err != nil {
			return err
		}
		if err := stream.Send(&answer); err != nil {
			return err
		}
	}
}

// subscription is where one subscriber stands.
type subscription struct {
	objects map[string]bool
	at      int // number of the last that was sent
	wanted  int // events that it still takes
}

func (s *eventServer) Subscribe(stream grpc.BidiStreamingServer[pubsub.FetchRequest, pubsub.FetchResponse]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	sub, err := s.open(stream.Context(), first)
	if err != nil {
		return err
	}
	more := make(chan int)
	go func() {
		defer close(more)
		for {
			asked, err := stream.Recv()
			if err != nil {
				return
			}
			select {
			case more <- int(asked.NumRequested):
			case <-stream.Context().Done():
				return
			}
		}
	}()
	return s.feed(stream, sub, more)
}

// open finds where a subscription begins.
func (s *eventServer) open(ctx context.Context, asked *pubsub.FetchRequest) (*subscription, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.admit(ctx); err != nil {
		return nil, err
	}
	objects, known := s.bus.topic(asked.TopicName)
	if !known {
		return nil, no(ctx, codes.NotFound, codeTopic, "The specified topic was not found.")
	}
	if asked.NumRequested <= 0 {
		return nil, no(ctx, codes.InvalidArgument, codeFetch, "The number of requested events must be greater than zero.")
	}
	sub := &subscription{objects, s.bus.last, min(int(asked.NumRequested), 100)}
	switch asked.ReplayPreset {
	case pubsub.Earliest:
		sub.at = s.bus.gone
	case pubsub.Custom:
		if len(asked.ReplayID) != 8 {
			return nil, no(ctx, codes.InvalidArgument, codeCorrupted, "The Replay ID validation failed. Ensure that the Replay ID is valid.")
		}
		sub.at = int(binary.BigEndian.Uint64(asked.ReplayID))
		if sub.at < s.bus.gone || sub.at > s.bus.last {
			return nil, no(ctx, codes.InvalidArgument, codeCorrupted, "The Replay ID validation failed. Ensure that the Replay ID is valid.")
		}
	}
	return sub, nil
}

// feed sends what there is, waits for more, and says from time to time that it lives.
func (s *eventServer) feed(stream grpc.BidiStreamingServer[pubsub.FetchRequest, pubsub.FetchResponse], sub *subscription, more <-chan int) error {
	alive := time.NewTicker(s.options.KeepAlive)
	defer alive.Stop()
	for {
		answer, news, err := s.take(stream.Context(), sub)
		if err != nil {
			return err
		}
		if len(answer.Events) > 0 {
			if err := stream.Send(&answer); err != nil {
				return err
			}
			continue
		}
		select {
		case n, open := <-more:
			if !open {
				return nil
			}
			sub.wanted += min(n, 100)
		case <-news:
		case <-alive.C:
			if err := stream.Send(&answer); err != nil {
				return err
			}
		case <-stream.Context().Done():
			return stream.Context().Err()
		case <-s.closing:
			return status.Error(codes.Unavailable, "closing")
		}
	}
}

// take is the next answer, empty when there is nothing new, and the bell for more.
func (s *eventServer) take(ctx context.Context, sub *subscription) (pubsub.FetchResponse, <-chan struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.admit(ctx); err != nil {
		return pubsub.FetchResponse{}, nil, err
	}
	found := s.bus.after(sub.at, sub.objects, sub.wanted)
	sub.wanted -= len(found)
	if sub.wanted > 0 { // so nothing was left out, and events of other topics are behind us too
		sub.at = s.bus.last
	}
	answer := pubsub.FetchResponse{RPCID: rpcID, PendingNumRequested: int32(sub.wanted)}
	for _, k := range found {
		sub.at = max(sub.at, k.number)
		answer.Events = append(answer.Events, k.event)
		if s.faults.Twice {
			answer.Events = append(answer.Events, k.event)
		}
	}
	if s.faults.Shuffle {
		slices.Reverse(answer.Events)
	}
	answer.LatestReplayID = replayID(sub.at)
	return answer, s.bus.changed, nil
}
