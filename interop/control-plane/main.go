// Command control-plane runs a real Kubernetes control plane on loopback for
// tests: etcd, one or more API servers and, if asked, the controller manager.
//
// Each part is a child process of this same program, so that it can be killed,
// paused and restarted as on a real node.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"k8s.io/klog/v2"
)

func main() {
	var err error
	switch {
	case len(os.Args) > 1 && os.Args[1] == "etcd":
		err = runEtcd(os.Args[2:])
	case len(os.Args) > 1 && os.Args[1] == "apiserver":
		err = runAPIServer(os.Args[2:])
	case len(os.Args) > 1 && os.Args[1] == "controller-manager":
		err = runControllerManager(os.Args[2:])
	default:
		err = supervise()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "control-plane:", err)
		os.Exit(1)
	}
}

type options struct {
	dir           string
	apiservers    int
	controllers   controllerList
	identities    stringList
	apiserverArgs stringList
	managerArgs   stringList
}

type stringList []string

func (s *stringList) String() string { return strings.Join(*s, ",") }

func (s *stringList) Set(value string) error {
	*s = append(*s, value)
	return nil
}

// controllerList is empty (no controller manager) unless the flag is given,
// with or without a value.
type controllerList string

func (c *controllerList) String() string   { return string(*c) }
func (c *controllerList) IsBoolFlag() bool { return true }

func (c *controllerList) Set(value string) error {
	switch value {
	case "true":
		value = defaultControllers
	case "false":
		value = ""
	}
	*c = controllerList(value)
	return nil
}

func parseOptions() (*options, error) {
	o := &options{}
	flag.StringVar(&o.dir, "dir", "", "directory for everything that is written; made if it is not there (required)")
	flag.IntVar(&o.apiservers, "apiservers", 1, "number of API servers on the one etcd")
	flag.Var(&o.controllers, "controllers", "run the controller manager; `names` of controllers, or nothing for "+defaultControllers)
	flag.Var(&o.identities, "identity", "user to write a kubeconfig for, bound to no role; may be repeated")
	flag.Var(&o.apiserverArgs, "apiserver-arg", "further argument of kube-apiserver; may be repeated")
	flag.Var(&o.managerArgs, "controller-manager-arg", "further argument of kube-controller-manager; may be repeated")
	flag.Parse()
	if flag.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flag.Arg(0))
	}
	if o.dir == "" {
		return nil, fmt.Errorf("--dir is required")
	}
	if o.apiservers < 1 {
		return nil, fmt.Errorf("--apiservers must be at least 1")
	}
	for _, name := range o.identities {
		if name == adminUser || name == managerUser || strings.ContainsAny(name, "/@,\"\n") {
			return nil, fmt.Errorf("--identity %q: reserved, or not fit for a file name", name)
		}
	}
	var err error
	if o.dir, err = filepath.Abs(o.dir); err != nil {
		return nil, err
	}
	return o, os.MkdirAll(o.dir, 0o700)
}

func supervise() error {
	options, err := parseOptions()
	if err != nil {
		return err
	}
	// The client of etcd tells of every connection refused while it starts.
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)

	plane, err := newPlane(options)
	if err != nil {
		return err
	}
	defer plane.stopAll()
	started := make(chan error, 1)
	go func() { started <- plane.startAll() }()
	select {
	case err = <-started:
	case s := <-signals:
		plane.abort()
		<-started
		return fmt.Errorf("%v while starting", s)
	}
	if err != nil {
		return err
	}
	if err := answer(plane.describe()); err != nil {
		return err
	}
	return plane.serveCommands(os.Stdin, signals)
}

// answer prints one line of JSON to stdout.
func answer(value any) error {
	return json.NewEncoder(os.Stdout).Encode(value)
}
