package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	authenticationv1 "k8s.io/api/authentication/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

const (
	adminUser   = "admin"
	managerUser = "controller-manager"
)

// identities knows who has which token. What never changes is in the API
// servers' token file. The test identities are asked for by webhook, so that a
// token can change while the servers run.
type identities struct {
	tokenFile, webhookFile string

	dir    string
	server *http.Server
	mutex  sync.Mutex
	tokens map[string]string // by name; an empty token is one revoked
}

func newIdentities(dir string, names []string) (*identities, error) {
	i := &identities{
		tokenFile:   filepath.Join(dir, "tokens.csv"),
		webhookFile: filepath.Join(dir, "webhook.kubeconfig"),
		dir:         filepath.Join(dir, "tokens"),
		tokens:      map[string]string{},
	}
	if err := os.MkdirAll(i.dir, 0o700); err != nil {
		return nil, err
	}
	admin, manager := rand.Text(), rand.Text()
	static := fmt.Sprintf("%s,%s,%s,\"system:masters\"\n%s,system:kube-controller-manager,%s\n",
		admin, adminUser, adminUser, manager, managerUser)
	if err := os.WriteFile(i.tokenFile, []byte(static), 0o600); err != nil {
		return nil, err
	}
	if err := i.writeToken(adminUser, admin); err != nil {
		return nil, err
	}
	if err := i.writeToken(managerUser, manager); err != nil {
		return nil, err
	}
	for _, name := range names {
		i.tokens[name] = ""
		if err := i.rotate(name); err != nil {
			return nil, err
		}
	}
	return i, i.serve()
}

// rotate gives the identity another token and forgets the one that it had.
func (i *identities) rotate(name string) error {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if _, known := i.tokens[name]; !known {
		return fmt.Errorf("no identity %q whose token can change", name)
	}
	i.tokens[name] = rand.Text()
	return i.writeToken(name, i.tokens[name])
}

// revoke forgets the identity's token and gives it no other.
func (i *identities) revoke(name string) error {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	if _, known := i.tokens[name]; !known {
		return fmt.Errorf("no identity %q whose token can change", name)
	}
	i.tokens[name] = ""
	return nil
}

func (i *identities) path(name string) string { return filepath.Join(i.dir, name) }

// writeToken replaces the file in one step, as the kubelet does for a pod.
func (i *identities) writeToken(name, token string) error {
	if err := os.WriteFile(i.path(name)+".new", []byte(token), 0o600); err != nil {
		return err
	}
	return os.Rename(i.path(name)+".new", i.path(name))
}

func (i *identities) owner(token string) (string, bool) {
	i.mutex.Lock()
	defer i.mutex.Unlock()
	for name, have := range i.tokens {
		if have != "" && have == token {
			return name, true
		}
	}
	return "", false
}

func (i *identities) serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	i.server = &http.Server{Handler: http.HandlerFunc(i.review)}
	go i.server.Serve(listener)
	config := api.NewConfig()
	config.Clusters["webhook"] = &api.Cluster{Server: "http://" + listener.Addr().String()}
	config.AuthInfos["webhook"] = &api.AuthInfo{}
	config.Contexts["webhook"] = &api.Context{Cluster: "webhook", AuthInfo: "webhook"}
	config.CurrentContext = "webhook"
	return clientcmd.WriteToFile(*config, i.webhookFile)
}

func (i *identities) close() { i.server.Close() }

func (i *identities) review(w http.ResponseWriter, r *http.Request) {
	var review authenticationv1.TokenReview
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	name, known := i.owner(review.Spec.Token)
	review.Status.Authenticated = known
	if known {
		review.Status.User = authenticationv1.UserInfo{Username: name, UID: name}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(review)
}

// writeKubeconfigs writes NAME for the first server and NAME@I for each other.
func (i *identities) writeKubeconfigs(dir, caFile string, servers []string) (map[string]string, error) {
	names := []string{adminUser, managerUser}
	for name := range i.tokens {
		names = append(names, name)
	}
	files := map[string]string{}
	for _, name := range names {
		for index, server := range servers {
			key := name
			if index > 0 {
				key = fmt.Sprintf("%s@%d", name, index)
			}
			config := api.NewConfig()
			config.Clusters["local"] = &api.Cluster{Server: server, CertificateAuthority: caFile}
			config.AuthInfos[name] = &api.AuthInfo{TokenFile: i.path(name)}
			config.Contexts["local"] = &api.Context{Cluster: "local", AuthInfo: name}
			config.CurrentContext = "local"
			files[key] = filepath.Join(dir, key+".kubeconfig")
			if err := clientcmd.WriteToFile(*config, files[key]); err != nil {
				return nil, err
			}
		}
	}
	return files, nil
}
