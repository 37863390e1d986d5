// Command client-go takes part in an election as client-go's own example advises:
// https://github.com/kubernetes/client-go/blob/v0.37.2/examples/leader-election/main.go
//
// The lock comes from NewFromKubeconfig, which limits a request to half of the renew deadline, as
// kube-controller-manager and controller-runtime do. A worker asks the context that OnStartedLeading is given.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

func main() {
	namespace := flag.String("namespace", "default", "namespace of the Lease")
	lease := flag.String("lease", "compare", "name of the Lease")
	identity := flag.String("identity", "", "name of the pod")
	exact := flag.Bool("exact-identity", false, "leave out the UUID that the example and controller-runtime add")
	release := flag.Bool("release-on-cancel", true, "ReleaseOnCancel, as in the example")
	leaseDuration := flag.Int("lease-duration", 15, "in seconds")
	renewDeadline := flag.Int("renew-deadline", 10, "in seconds")
	retryPeriod := flag.Int("retry-period", 2, "in seconds")
	poll := flag.Int("poll-ms", 5, "how often it is asked whether this replica leads")
	flag.Parse()

	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	// The test server tells replicas apart by their token, which client-go leaves out over plain HTTP.
	config.BearerToken = os.Getenv("CLIENT")
	id := *identity
	if !*exact {
		id += "_" + string(uuid.NewUUID())
	}
	deadline := time.Duration(*renewDeadline) * time.Second
	lock, err := resourcelock.NewFromKubeconfig(resourcelock.LeasesResourceLock, *namespace, *lease,
		resourcelock.ResourceLockConfig{Identity: id}, config, deadline)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}

	var leading atomic.Pointer[context.Context]
	reporter := start(time.Duration(*poll)*time.Millisecond, func() bool {
		ctx := leading.Load()
		return ctx != nil && (*ctx).Err() == nil
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		reporter.stop()
		cancel()
	}()
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock:            lock,
		ReleaseOnCancel: *release,
		LeaseDuration:   time.Duration(*leaseDuration) * time.Second,
		RenewDeadline:   deadline,
		RetryPeriod:     time.Duration(*retryPeriod) * time.Second,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(ctx context.Context) { leading.Store(&ctx) },
			OnStoppedLeading: func() {
				reporter.stop()
				os.Exit(0)
			},
		},
	})
}

// reporter does what the crate `candidate` does: it asks, and prints each change.
type reporter struct {
	once          sync.Once
	stopped, done chan struct{}
}

func start(poll time.Duration, leads func() bool) *reporter {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	r := &reporter{stopped: make(chan struct{}), done: make(chan struct{})}
	fmt.Printf("started %d %d\n", now(), time.Now().UnixNano())
	go r.ask(poll, leads)
	return r
}

func (r *reporter) ask(poll time.Duration, leads func() bool) {
	defer close(r.done)
	var last int64
	ticker := time.NewTicker(poll)
	for {
		asked := now()
		switch yes := leads(); {
		case yes && last == 0:
			fmt.Printf("leads %d\n", asked)
			last = asked
		case yes:
			last = asked
		case last != 0:
			fmt.Printf("follows %d %d\n", asked, last)
			last = 0
		}
		select {
		case <-ticker.C:
		case <-r.stopped:
			if last != 0 {
				fmt.Printf("follows %d %d\n", now(), last)
			}
			return
		}
	}
}

func (r *reporter) stop() {
	r.once.Do(func() { close(r.stopped) })
	<-r.done
}

func now() int64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		panic(err)
	}
	return now.Nano()
}
