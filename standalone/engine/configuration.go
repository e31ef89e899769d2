package engine

import (
	"net"
	"strconv"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/primitives"
)

const (
	// Fixed for the life of a data folder: Temporal cannot change it later. Two cores are
	// busy long before four shards are.
	historyShards = 4

	clusterName = "active"
	disabled    = "disabled"
)

// configuration is the server's static settings: one cluster, no archive, no gossip.
func configuration(stores stores, addresses addresses) *config.Config {
	return &config.Config{
		Persistence: config.Persistence{
			DefaultStore:     storeName,
			VisibilityStore:  visibilityName,
			NumHistoryShards: historyShards,
			DataStores: map[string]config.DataStore{
				storeName:      {SQL: stores.main},
				visibilityName: {SQL: stores.visibility},
			},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: addresses[primitives.FrontendService]},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            services(addresses),
		Archival: config.Archival{
			History:    config.HistoryArchival{State: disabled},
			Visibility: config.VisibilityArchival{State: disabled},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: disabled},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: disabled},
		}},
		PublicClient: config.PublicClient{HostPort: addresses[primitives.FrontendService]},
	}
}

func services(addresses addresses) map[string]config.Service {
	services := map[string]config.Service{}
	for name, address := range addresses {
		host, port, _ := net.SplitHostPort(address) // made by a listener of ours
		number, _ := strconv.Atoi(port)
		services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: number, BindOnIP: host}}
	}
	return services
}
