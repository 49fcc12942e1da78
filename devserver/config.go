package main

import (
	"fmt"
	"net"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/sqlite"
	"go.temporal.io/server/common/primitives"
)

const (
	clusterName = "active"
	loopback    = "127.0.0.1"
	storeName   = "sqlite"
)

func serverConfig(o options) (*config.Config, error) {
	services, err := services(o)
	if err != nil {
		return nil, err
	}
	frontend := fmt.Sprintf("%s:%d", o.ip, o.port)
	cfg := &config.Config{
		Services:     services,
		PublicClient: config.PublicClient{HostPort: frontend},
		Persistence: config.Persistence{
			DefaultStore:     storeName,
			VisibilityStore:  storeName,
			NumHistoryShards: 1,
			DataStores:       map[string]config.DataStore{storeName: {SQL: store(o)}},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
		}},
	}
	cfg.Global.Membership.BroadcastAddress = loopback
	return cfg, nil
}

func store(o options) *config.SQL {
	sql := &config.SQL{
		PluginName:        sqlite.PluginName,
		DatabaseName:      o.dbFilename,
		ConnectAttributes: map[string]string{"mode": "rwc"},
	}
	if o.dbFilename == "" {
		sql.DatabaseName = "tirek-devserver"
		sql.ConnectAttributes = map[string]string{"mode": "memory", "cache": "shared"}
		return sql
	}
	for name, value := range o.pragmas {
		sql.ConnectAttributes[name] = value
	}
	return sql
}

// services gives the frontend the port that was asked for and the inner services free ones.
func services(o options) (map[string]config.Service, error) {
	result := map[string]config.Service{
		string(primitives.FrontendService): {RPC: config.RPC{GRPCPort: o.port, BindOnIP: o.ip}},
	}
	for _, name := range []primitives.ServiceName{
		primitives.HistoryService, primitives.MatchingService, primitives.WorkerService,
	} {
		port, err := freePort()
		if err != nil {
			return nil, err
		}
		result[string(name)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnIP: loopback}}
	}
	return result, nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", loopback+":0")
	if err != nil {
		return 0, fmt.Errorf("no free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
