package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/etcdutl/v3/snapshot"
	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"
)

const etcdTimeout = 5 * time.Second

// The fields of embed.Config have other names in each release; those of its
// file have not.
const etcdConfig = `name: default
data-dir: %[1]s
listen-client-urls: %[2]s
advertise-client-urls: %[2]s
listen-peer-urls: %[3]s
initial-advertise-peer-urls: %[3]s
initial-cluster: default=%[3]s
log-level: warn
# What a killed process wrote is in the page cache, and no test cuts the power.
unsafe-no-fsync: true
`

func newEtcd(dir, clientURL, peerURL string) (*process, error) {
	config := filepath.Join(dir, "etcd.yaml")
	text := fmt.Sprintf(etcdConfig, etcdData(dir), clientURL, peerURL)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	ready := func() error {
		// A refused gRPC connection is tried again only after a second.
		connection, err := net.Dial("tcp", strings.TrimPrefix(clientURL, "http://"))
		if err != nil {
			return err
		}
		connection.Close()
		return withEtcd(clientURL, func(ctx context.Context, client *clientv3.Client) error {
			_, err := client.Get(ctx, "health")
			return err
		})
	}
	return newProcess(dir, "etcd", ready, "etcd", config), nil
}

func etcdData(dir string) string { return filepath.Join(dir, "etcd") }

func runEtcd(args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("etcd: want one configuration file")
	}
	config, err := embed.ConfigFromFile(args[0])
	if err != nil {
		return err
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	followLifeline()
	etcd, err := embed.StartEtcd(config)
	if err != nil {
		return err
	}
	defer etcd.Close()
	select {
	case <-signals:
		return nil
	case err := <-etcd.Err():
		return err
	}
}

func withEtcd(url string, do func(context.Context, *clientv3.Client) error) error {
	client, err := clientv3.New(clientv3.Config{
		Endpoints:   []string{url},
		DialTimeout: etcdTimeout,
		Logger:      zap.NewNop(),
	})
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), etcdTimeout)
	defer cancel()
	return do(ctx, client)
}

func (p *plane) revision() (revision int64, err error) {
	err = withEtcd(p.etcdURL, func(ctx context.Context, client *clientv3.Client) error {
		answer, err := client.Get(ctx, "health")
		if err == nil {
			revision = answer.Header.Revision
		}
		return err
	})
	return revision, err
}

// compact forgets every revision but the current one.
func (p *plane) compact() (int64, error) {
	revision, err := p.revision()
	if err != nil {
		return 0, err
	}
	return revision, withEtcd(p.etcdURL, func(ctx context.Context, client *clientv3.Client) error {
		_, err := client.Compact(ctx, revision, clientv3.WithCompactPhysical())
		return err
	})
}

func (p *plane) snapshot(file string) (int64, error) {
	revision, err := p.revision()
	if err != nil {
		return 0, err
	}
	return revision, withEtcd(p.etcdURL, func(ctx context.Context, client *clientv3.Client) error {
		from, err := client.Snapshot(ctx)
		if err != nil {
			return err
		}
		defer from.Close()
		to, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return err
		}
		if _, err := io.Copy(to, from); err != nil {
			to.Close()
			return err
		}
		return to.Close()
	})
}

// restore puts an older state in the place of etcd's data, with the revisions
// that it had: clients see the history go back.
func (p *plane) restore(file string, etcdOnly bool) error {
	if _, err := os.Stat(file); err != nil {
		return err
	}
	var others []*process
	for _, process := range append(p.apiservers[:len(p.apiservers):len(p.apiservers)], p.managers()...) {
		if !etcdOnly && process.isRunning() {
			others = append(others, process)
			process.stop()
		}
	}
	p.etcd.stop()
	if err := p.replaceData(file); err != nil {
		return err
	}
	if err := p.etcd.start(); err != nil {
		return err
	}
	if err := startTogether(others); err != nil {
		return err
	}
	return p.waitAPIServers()
}

func (p *plane) replaceData(file string) error {
	data := etcdData(p.options.dir)
	config, err := embed.ConfigFromFile(p.etcd.args[1])
	if err != nil {
		return err
	}
	if err := os.RemoveAll(data); err != nil {
		return err
	}
	return snapshot.NewV3(zap.NewNop()).Restore(snapshot.RestoreConfig{
		SnapshotPath:        file,
		Name:                config.Name,
		OutputDataDir:       data,
		PeerURLs:            []string{strings.TrimPrefix(config.InitialCluster, config.Name+"=")},
		InitialCluster:      config.InitialCluster,
		InitialClusterToken: "restored",
	})
}
