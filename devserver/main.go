// Devserver is Tirek's Temporal server of last resort: a real server with SQLite persistence and the
// Temporal UI, built from Temporal's published modules where the official download is out of reach.
// It takes the flags of `temporal server start-dev`, so the SDK and people drive both in the same way.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	uiserver "github.com/temporalio/ui-server/v2/server"
	uiconfig "github.com/temporalio/ui-server/v2/server/config"
	uioptions "github.com/temporalio/ui-server/v2/server/server_options"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/schema/sqlite"
	"go.temporal.io/server/temporal"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "devserver:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	options, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	// Ask for signals first: one that comes while the server is starting must not be lost.
	stop, forget := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer forget()

	server, err := newServer(options)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("start: %w", err)
	}
	if !options.headless {
		ui := newUI(options)
		go func() { _ = ui.Start() }()
		defer ui.Stop()
		fmt.Printf("UI on http://%s:%d\n", options.ip, options.uiPort)
	}
	fmt.Printf("Temporal on %s:%d\n", options.ip, options.port)
	<-stop.Done()
	return server.Stop()
}

func newServer(o options) (temporal.Server, error) {
	cfg, err := serverConfig(o)
	if err != nil {
		return nil, err
	}
	if err := prepareStore(cfg, o); err != nil {
		return nil, err
	}
	return temporal.NewServer(
		temporal.WithConfig(cfg),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithLogger(log.NewZapLogger(log.BuildZapLogger(log.Config{
			Stdout: true, Level: o.logLevel, Format: o.logFormat,
		}))),
		temporal.WithDynamicConfigClient(o.dynamicConfig),
		// Static hosts: without them every start waits half a minute for membership gossip.
		temporal.WithStaticHosts(staticHosts(cfg)),
	)
}

func staticHosts(cfg *config.Config) map[primitives.ServiceName]static.Hosts {
	hosts := map[primitives.ServiceName]static.Hosts{}
	for name, service := range cfg.Services {
		address := fmt.Sprintf("%s:%d", loopback, service.RPC.GRPCPort)
		hosts[primitives.ServiceName(name)] = static.SingleLocalHost(address)
	}
	return hosts
}

// prepareStore creates schema and namespaces where they are missing; an existing file is kept as it is.
func prepareStore(cfg *config.Config, o options) error {
	store := cfg.Persistence.DataStores[storeName].SQL
	if o.isNewFile() {
		if err := sqlite.SetupSchema(store); err != nil {
			return fmt.Errorf("schema: %w", err)
		}
	}
	for _, name := range o.namespaces {
		namespace, err := sqlite.NewNamespaceConfig(clusterName, name, false, o.searchAttributes)
		if err != nil {
			return fmt.Errorf("namespace %s: %w", name, err)
		}
		if err := sqlite.CreateNamespaces(store, namespace); err != nil {
			return fmt.Errorf("namespace %s: %w", name, err)
		}
	}
	return nil
}

func newUI(o options) *uiserver.Server {
	return uiserver.NewServer(uioptions.WithConfigProvider(&uiconfig.Config{
		TemporalGRPCAddress: fmt.Sprintf("%s:%d", o.ip, o.port),
		Host:                o.ip,
		Port:                o.uiPort,
		EnableUI:            true,
		DefaultNamespace:    o.namespaces[0],
		DisableNewsFetch:    true,
		HideLogs:            true,
		CORS:                uiconfig.CORS{CookieInsecure: true},
	}))
}
