package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"k8s.io/component-base/version"
)

// plane is all processes of one control plane.
type plane struct {
	options    *options
	pki        *pki
	identities *identities
	etcdURL    string
	etcd       *process
	apiservers []*process
	servers    []string
	manager    *process
	readyAfter time.Duration
	kubeconfig map[string]string
}

func newPlane(o *options) (*plane, error) {
	p := &plane{options: o}
	ports, err := freePorts(o.apiservers + 3)
	if err != nil {
		return nil, err
	}
	if p.pki, err = newPKI(filepath.Join(o.dir, "pki")); err != nil {
		return nil, err
	}
	if p.identities, err = newIdentities(o.dir, o.identities); err != nil {
		return nil, err
	}
	p.etcdURL = loopback("http", ports[0])
	if p.etcd, err = newEtcd(o.dir, p.etcdURL, loopback("http", ports[1])); err != nil {
		return nil, err
	}
	if err := writeAuditPolicy(o.dir); err != nil {
		return nil, err
	}
	for i := range o.apiservers {
		port := ports[3+i]
		p.servers = append(p.servers, loopback("https", port))
		p.apiservers = append(p.apiservers, p.newAPIServer(i, port))
	}
	if p.kubeconfig, err = p.identities.writeKubeconfigs(o.dir, p.pki.caFile, p.servers); err != nil {
		return nil, err
	}
	if o.controllers != "" {
		p.manager = p.newControllerManager(ports[2])
	}
	return p, nil
}

func (p *plane) startAll() error {
	begin := time.Now()
	if err := p.etcd.start(); err != nil {
		return err
	}
	// The first one alone: several would race to write the same bootstrap objects.
	if err := p.apiservers[0].start(); err != nil {
		return err
	}
	if err := startTogether(append(p.apiservers[1:len(p.apiservers):len(p.apiservers)], p.managers()...)); err != nil {
		return err
	}
	p.readyAfter = time.Since(begin)
	return nil
}

func (p *plane) managers() []*process {
	if p.manager == nil {
		return nil
	}
	return []*process{p.manager}
}

// all lists the processes in the order in which they stop.
func (p *plane) all() []*process {
	return append(append(p.managers(), p.apiservers...), p.etcd)
}

func (p *plane) stopAll() {
	for _, process := range p.managers() {
		process.stop()
	}
	var stopped sync.WaitGroup
	for _, apiserver := range p.apiservers {
		stopped.Go(apiserver.stop)
	}
	stopped.Wait()
	p.etcd.stop()
	p.identities.close()
}

// abort makes a start that is under way fail.
func (p *plane) abort() {
	for _, process := range p.all() {
		process.forbid()
	}
}

func (p *plane) describe() map[string]any {
	return map[string]any{
		"ready":        true,
		"version":      version.Get().GitVersion,
		"milliseconds": p.readyAfter.Milliseconds(),
		"servers":      p.servers,
		"kubeconfigs":  p.kubeconfig,
		"ca":           p.pki.caFile,
		"audit_log":    filepath.Join(p.options.dir, "audit.log"),
		"etcd":         p.etcdURL,
		"pids":         p.pids(),
	}
}

func (p *plane) pids() map[string]int {
	pids := map[string]int{}
	for _, process := range p.all() {
		if pid := process.pid(); pid != 0 {
			pids[process.name] = pid
		}
	}
	return pids
}

func startTogether(processes []*process) error {
	failures := make([]error, len(processes))
	var started sync.WaitGroup
	for i, process := range processes {
		started.Go(func() { failures[i] = process.start() })
	}
	started.Wait()
	return errors.Join(failures...)
}

func loopback(scheme string, port int) string {
	return fmt.Sprintf("%s://%s", scheme, net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
}

// freePorts takes ports below the range from which the kernel gives ports to
// outgoing connections: a restarted server must find its port free again, and
// a client that tries to reconnect must not get it as its own.
func freePorts(count int) ([]int, error) {
	var ports []int
	const low, high = 20000, 32000
	next := low + (os.Getpid()*7919+int(time.Now().UnixNano()/1000))%(high-low)
	for range high - low {
		if len(ports) == count {
			return ports, nil
		}
		next = low + (next+1-low)%(high-low)
		listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(next)))
		if err != nil {
			continue
		}
		defer listener.Close()
		ports = append(ports, next)
	}
	return nil, fmt.Errorf("no %d free ports on loopback", count)
}
