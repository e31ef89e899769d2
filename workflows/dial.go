package workflows

import (
	"context"
	"fmt"
	"log/slog"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
)

// Engine says where the engine is and how to speak to it.
type Engine struct {
	Address   string // host:port
	Namespace string
	Sealer    Sealer
	Log       *slog.Logger
	Metrics   client.MetricsHandler   // may be nil
	Tracing   interceptor.Interceptor // may be nil
}

// Dial connects to the engine. Everything stored there is sealed, messages of
// failures too.
func Dial(ctx context.Context, e Engine) (client.Client, error) {
	options := client.Options{
		HostPort:       e.Address,
		Namespace:      e.Namespace,
		Logger:         log.NewStructuredLogger(e.Log),
		MetricsHandler: e.Metrics,
	}
	options.DataConverter, options.FailureConverter = sealing(e.Sealer)
	if e.Tracing != nil {
		options.Interceptors = append(options.Interceptors, e.Tracing)
	}
	engine, err := client.DialContext(ctx, options)
	if err != nil {
		return nil, fmt.Errorf("connect to the engine at %s: %w", e.Address, err)
	}
	return engine, nil
}

// sealing returns how payloads and failures are written for the engine. Messages and
// stack traces of failures are payloads too; the codes of problems stay readable.
func sealing(by Sealer) (converter.DataConverter, converter.FailureConverter) {
	data := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), codec{by})
	return data, temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
		DataConverter: data, EncodeCommonAttributes: true,
	})
}
