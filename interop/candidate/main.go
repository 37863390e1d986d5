// Command candidate takes part in a client-go leader election and prints one
// line of JSON for everything that happens, with the time of CLOCK_BOOTTIME.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
	"k8s.io/client-go/tools/record"
)

type options struct {
	kubeconfig, namespace, name, identity, userAgent string

	leaseDuration, renewDeadline, retryPeriod, clientTimeout time.Duration

	unique, releaseOnCancel, protobuf, events, rejoin, trace bool
}

func parseOptions() (*options, error) {
	o := &options{}
	flag.StringVar(&o.kubeconfig, "kubeconfig", "", "kubeconfig file (required)")
	flag.StringVar(&o.namespace, "namespace", "default", "namespace of the Lease")
	flag.StringVar(&o.name, "name", "", "name of the Lease (required)")
	flag.StringVar(&o.identity, "identity", "", "holderIdentity (required)")
	flag.BoolVar(&o.unique, "unique", false, "append _UUID to the identity, as controller-runtime does")
	flag.DurationVar(&o.leaseDuration, "lease-duration", 15*time.Second, "client-go's LeaseDuration")
	flag.DurationVar(&o.renewDeadline, "renew-deadline", 10*time.Second, "client-go's RenewDeadline")
	flag.DurationVar(&o.retryPeriod, "retry-period", 2*time.Second, "client-go's RetryPeriod")
	flag.BoolVar(&o.releaseOnCancel, "release-on-cancel", false, "client-go's ReleaseOnCancel")
	flag.DurationVar(&o.clientTimeout, "client-timeout", -1, "limit of one request; 0 for none (default: half of the renew deadline, as controller-runtime does)")
	flag.BoolVar(&o.protobuf, "protobuf", false, "speak protobuf instead of JSON")
	flag.StringVar(&o.userAgent, "user-agent", "", "User-Agent (default: client-go's own)")
	flag.BoolVar(&o.events, "events", false, "write Kubernetes Events")
	flag.BoolVar(&o.rejoin, "rejoin", false, "run again after a loss, until a signal")
	flag.BoolVar(&o.trace, "trace", false, "also print every write of the Lease that the server took")
	flag.Parse()
	if o.clientTimeout < 0 {
		o.clientTimeout = o.renewDeadline / 2
	}
	if o.kubeconfig == "" || o.name == "" || o.identity == "" || flag.NArg() > 0 {
		return nil, fmt.Errorf("--kubeconfig, --name and --identity are required, and nothing else but flags")
	}
	if o.unique {
		o.identity += "_" + string(uuid.NewUUID())
	}
	return o, nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "candidate:", err)
		os.Exit(1)
	}
}

func run() error {
	o, err := parseOptions()
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	panics := make(chan os.Signal, 1)
	signal.Notify(panics, syscall.SIGUSR1)
	go func() {
		<-panics
		panic("told to")
	}()
	config, err := o.clientConfig()
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	out := &printer{identity: o.identity}
	lock, err := o.newLock(ctx, client, out)
	if err != nil {
		return err
	}
	context.AfterFunc(ctx, func() { out.print("cancelled", nil) })
	out.print("candidate", map[string]any{"pid": os.Getpid()})
	for {
		elector, err := leaderelection.NewLeaderElector(o.electorConfig(lock, out))
		if err != nil {
			return err
		}
		elector.Run(ctx)
		if ctx.Err() != nil || !o.rejoin {
			out.print("ended", nil)
			return nil
		}
	}
}

func (o *options) clientConfig() (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", o.kubeconfig)
	if err != nil {
		return nil, err
	}
	config.Timeout = o.clientTimeout
	config.UserAgent = o.userAgent
	if o.protobuf {
		config.ContentType = runtime.ContentTypeProtobuf
		config.AcceptContentTypes = runtime.ContentTypeProtobuf + "," + runtime.ContentTypeJSON
	}
	return config, nil
}

func (o *options) newLock(ctx context.Context, client kubernetes.Interface, out *printer) (*watchedLock, error) {
	config := resourcelock.ResourceLockConfig{Identity: o.identity}
	if o.events {
		broadcaster := record.NewBroadcaster()
		sink := &typedcorev1.EventSinkImpl{Interface: client.CoreV1().Events(o.namespace)}
		broadcaster.StartRecordingToSink(sink)
		config.EventRecorder = broadcaster.NewRecorder(scheme.Scheme, corev1.EventSource{Component: o.identity})
	}
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, o.namespace, o.name,
		client.CoreV1(), client.CoordinationV1(), config)
	return &watchedLock{Interface: lock, out: out, trace: o.trace}, err
}

func (o *options) electorConfig(lock *watchedLock, out *printer) leaderelection.LeaderElectionConfig {
	return leaderelection.LeaderElectionConfig{
		Lock:            lock,
		Name:            o.name,
		LeaseDuration:   o.leaseDuration,
		RenewDeadline:   o.renewDeadline,
		RetryPeriod:     o.retryPeriod,
		ReleaseOnCancel: o.releaseOnCancel,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(leading context.Context) {
				out.print("started-leading", map[string]any{"lease_transitions": lock.transitions()})
				<-leading.Done()
				out.print("leading-context-done", nil)
			},
			OnStoppedLeading: func() { out.print("stopped-leading", nil) },
			OnNewLeader: func(leader string) {
				out.print("new-leader", map[string]any{"leader": leader})
			},
		},
	}
}

// watchedLock sees every write that the server took, at no further request.
type watchedLock struct {
	resourcelock.Interface
	out   *printer
	trace bool

	mutex sync.Mutex
	last  resourcelock.LeaderElectionRecord
}

func (w *watchedLock) Create(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	begin := boottime()
	err := w.Interface.Create(ctx, record)
	if err == nil {
		w.saw("create", begin, record)
	}
	return err
}

func (w *watchedLock) Update(ctx context.Context, record resourcelock.LeaderElectionRecord) error {
	begin := boottime()
	err := w.Interface.Update(ctx, record)
	if err == nil {
		w.saw("update", begin, record)
	}
	return err
}

func (w *watchedLock) saw(verb string, begin int64, record resourcelock.LeaderElectionRecord) {
	w.mutex.Lock()
	w.last = record
	w.mutex.Unlock()
	fields := map[string]any{"sent_ns": begin, "lease_transitions": record.LeaderTransitions}
	if record.HolderIdentity == "" {
		w.out.print("released", fields)
	} else if w.trace {
		fields["verb"] = verb
		w.out.print("wrote", fields)
	}
}

func (w *watchedLock) transitions() int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return w.last.LeaderTransitions
}

type printer struct {
	identity string
	mutex    sync.Mutex
}

// print takes the time first, so that it is never later than what it tells of.
func (p *printer) print(event string, fields map[string]any) {
	now := boottime()
	line := map[string]any{"event": event, "boottime_ns": now, "identity": p.identity}
	for key, value := range fields {
		line[key] = value
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	_ = json.NewEncoder(os.Stdout).Encode(line)
}

func boottime() int64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		panic(err)
	}
	return now.Nano()
}
