package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
)

const defaultControllers = "deployment-controller,replicaset-controller,disruption-controller," +
	"endpointslice-controller,namespace-controller,garbage-collector-controller,serviceaccount-controller"

const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  resources:
  - group: coordination.k8s.io
    resources: [leases]
  - group: ""
    resources: [events]
  - group: events.k8s.io
    resources: [events]
- level: None
`

func writeAuditPolicy(dir string) error {
	// A file that is there is appended to; two servers that each made it would not share it.
	log, err := os.OpenFile(filepath.Join(dir, "audit.log"), os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	log.Close()
	return os.WriteFile(filepath.Join(dir, "audit-policy.yaml"), []byte(auditPolicy), 0o600)
}

func (p *plane) newAPIServer(index, port int) *process {
	dir := p.options.dir
	args := []string{
		"apiserver",
		"--etcd-servers=" + p.etcdURL,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		"--tls-cert-file=" + p.pki.certFile,
		"--tls-private-key-file=" + p.pki.keyFile,
		"--client-ca-file=" + p.pki.caFile,
		"--service-account-issuer=https://kubernetes.default.svc",
		"--service-account-key-file=" + p.pki.serviceAccountFile,
		"--service-account-signing-key-file=" + p.pki.serviceAccountFile,
		"--service-cluster-ip-range=10.0.0.0/24",
		// A loopback address may not be an endpoint, and nobody asks for it.
		"--endpoint-reconciler-type=none",
		// By default a server that stops waits for open watches, up to a minute.
		"--shutdown-watch-termination-grace-period=2s",
		"--authorization-mode=RBAC",
		"--token-auth-file=" + p.identities.tokenFile,
		"--authentication-token-webhook-config-file=" + p.identities.webhookFile,
		"--authentication-token-webhook-version=v1",
		"--authentication-token-webhook-cache-ttl=0s",
		"--audit-policy-file=" + filepath.Join(dir, "audit-policy.yaml"),
		"--audit-log-path=" + filepath.Join(dir, "audit.log"),
		// Never: a test reads one file.
		"--audit-log-maxsize=100000",
	}
	args = append(args, p.options.apiserverArgs...)
	ready := probe(loopback("https", port)+"/readyz", p.pki.roots)
	return newProcess(dir, fmt.Sprintf("apiserver-%d", index), ready, args...)
}

func (p *plane) newControllerManager(port int) *process {
	dir := p.options.dir
	args := []string{
		"controller-manager",
		"--kubeconfig=" + p.kubeconfig[managerUser],
		"--controllers=" + string(p.options.controllers),
		"--leader-elect=false",
		"--use-service-account-credentials=true",
		"--bind-address=127.0.0.1",
		"--secure-port=" + strconv.Itoa(port),
		"--tls-cert-file=" + p.pki.certFile,
		"--tls-private-key-file=" + p.pki.keyFile,
	}
	args = append(args, p.options.managerArgs...)
	ready := probe(loopback("https", port)+"/healthz", p.pki.roots)
	return newProcess(dir, "controller-manager", ready, args...)
}

func (p *plane) waitAPIServers() error {
	for _, apiserver := range p.apiservers {
		if apiserver.isRunning() && !apiserver.isPaused() {
			if err := apiserver.waitReady(apiserver.exited); err != nil {
				return err
			}
		}
	}
	return nil
}

func probe(url string, roots *x509.CertPool) func() error {
	client := &http.Client{
		Timeout: 2 * time.Second,
		Transport: &http.Transport{
			DisableKeepAlives: true,
			TLSClientConfig:   &tls.Config{RootCAs: roots},
		},
	}
	return func() error {
		answer, err := client.Get(url)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			body, _ := io.ReadAll(io.LimitReader(answer.Body, 4096))
			return fmt.Errorf("%s: %s", answer.Status, body)
		}
		return nil
	}
}

func runAPIServer(args []string) error {
	return runCommand(apiserver.NewAPIServerCommand(), args)
}

func runControllerManager(args []string) error {
	return runCommand(controllermanager.NewControllerManagerCommand(), args)
}

func runCommand(command *cobra.Command, args []string) error {
	followLifeline()
	command.SetArgs(args)
	return command.Execute()
}
