package engine

import (
	"go.temporal.io/server/common/dynamicconfig"
)

// tuning is where we differ from the server's defaults, which suit a cluster. Updates,
// Update-With-Start, eager activities, eager workflow start and standalone activities
// are on by default in 1.32 and are proved by our tests, not repeated here.
func tuning() dynamicconfig.StaticClient {
	return dynamicconfig.StaticClient{
		// One process serves each queue: partitions would only be polled in vain.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  1,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): 1,
	}
}
