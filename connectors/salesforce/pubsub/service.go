package pubsub

import (
	"context"

	"google.golang.org/grpc"
)

// Codec writes and reads the messages of this package. A server needs it in
// grpc.ForceServerCodec; the client here brings it along.
type Codec struct{}

func (Codec) Marshal(m any) ([]byte, error)      { return Marshal(m) }
func (Codec) Unmarshal(data []byte, m any) error { return Unmarshal(data, m) }
func (Codec) Name() string                       { return "proto" }

const service = "eventbus.v1.PubSub"

// Client calls the service.
type Client struct{ Conn grpc.ClientConnInterface }

func (c Client) GetTopic(ctx context.Context, topic string) (TopicInfo, error) {
	var answer TopicInfo
	err := c.Conn.Invoke(ctx, "/"+service+"/GetTopic", &TopicRequest{topic}, &answer, grpc.ForceCodec(Codec{}))
	return answer, err
}

func (c Client) GetSchema(ctx context.Context, id string) (SchemaInfo, error) {
	var answer SchemaInfo
	err := c.Conn.Invoke(ctx, "/"+service+"/GetSchema", &SchemaRequest{id}, &answer, grpc.ForceCodec(Codec{}))
	return answer, err
}

func (c Client) Publish(ctx context.Context, events PublishRequest) (PublishResponse, error) {
	var answer PublishResponse
	err := c.Conn.Invoke(ctx, "/"+service+"/Publish", &events, &answer, grpc.ForceCodec(Codec{}))
	return answer, err
}

// Subscribe opens a stream: requests go out, events come in.
func (c Client) Subscribe(ctx context.Context) (grpc.BidiStreamingClient[FetchRequest, FetchResponse], error) {
	stream, err := c.Conn.NewStream(ctx, &description.Streams[0], "/"+service+"/Subscribe", grpc.ForceCodec(Codec{}))
	if err != nil {
		return nil, err
	}
	return &grpc.GenericClientStream[FetchRequest, FetchResponse]{ClientStream: stream}, nil
}

// Server is the other end.
type Server interface {
	GetTopic(context.Context, TopicRequest) (TopicInfo, error)
	GetSchema(context.Context, SchemaRequest) (SchemaInfo, error)
	Publish(context.Context, PublishRequest) (PublishResponse, error)
	Subscribe(grpc.BidiStreamingServer[FetchRequest, FetchResponse]) error
	PublishStream(grpc.BidiStreamingServer[PublishRequest, PublishResponse]) error
}

// Register adds a Server to a gRPC server made with grpc.ForceServerCodec(Codec{}).
func Register(to grpc.ServiceRegistrar, s Server) { to.RegisterService(&description, s) }

var description = grpc.ServiceDesc{
	ServiceName: service,
	HandlerType: (*Server)(nil),
	Methods: []grpc.MethodDesc{
		unary("GetTopic", Server.GetTopic),
		unary("GetSchema", Server.GetSchema),
		unary("Publish", Server.Publish),
	},
	Streams: []grpc.StreamDesc{
		{StreamName: "Subscribe", ServerStreams: true, ClientStreams: true, Handler: func(s any, stream grpc.ServerStream) error {
			return s.(Server).Subscribe(&grpc.GenericServerStream[FetchRequest, FetchResponse]{ServerStream: stream})
		}},
		{StreamName: "PublishStream", ServerStreams: true, ClientStreams: true, Handler: func(s any, stream grpc.ServerStream) error {
			return s.(Server).PublishStream(&grpc.GenericServerStream[PublishRequest, PublishResponse]{ServerStream: stream})
		}},
	},
}

// unary describes a call of one question and one answer.
func unary[Question, Answer any](name string, call func(Server, context.Context, Question) (Answer, error)) grpc.MethodDesc {
	return grpc.MethodDesc{MethodName: name, Handler: func(s any, ctx context.Context, decode func(any) error, around grpc.UnaryServerInterceptor) (any, error) {
		var asked Question
		if err := decode(&asked); err != nil {
			return nil, err
		}
		handle := func(ctx context.Context, asked any) (any, error) {
			answer, err := call(s.(Server), ctx, *asked.(*Question))
			return &answer, err
		}
		if around == nil {
			return handle(ctx, &asked)
		}
		return around(ctx, &asked, &grpc.UnaryServerInfo{Server: s, FullMethod: "/" + service + "/" + name}, handle)
	}}
}
