package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"google.golang.org/protobuf/types/known/durationpb"
)

// namespaceLimit bounds the wait for a new namespace: every service reads the list of
// namespaces again every two seconds.
const namespaceLimit = 30 * time.Second

// provideNamespace registers the namespace if it is missing and waits until workflows
// can be listed in it.
func provideNamespace(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, namespaceLimit)
	defer cancel()
	c, err := client.DialContext(ctx, client.Options{HostPort: address, Namespace: Namespace, Logger: sdklog.NewStructuredLogger(nil)})
	if err != nil {
		return fmt.Errorf("connect to engine at %s: %w", address, err)
	}
	defer c.Close()
	_, err = c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace:                        Namespace,
		WorkflowExecutionRetentionPeriod: durationpb.New(Retention),
	})
	var there *serviceerror.NamespaceAlreadyExists
	if err != nil && !errors.As(err, &there) {
		return fmt.Errorf("register namespace %s: %w", Namespace, err)
	}
	return awaitNamespace(ctx, c)
}

func awaitNamespace(ctx context.Context, c client.Client) error {
	for {
		_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for namespace %s: %w", Namespace, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}
