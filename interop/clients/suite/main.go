// Command suite does with client-go and controller-runtime what operators do, step by step, and prints a line of
// JSON for each: its name, and what was wrong with it.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	ctrl "sigs.k8s.io/controller-runtime"
)

// A world is what every step works with: the clients of one API server, and a namespace of its own.
type world struct {
	config    *rest.Config
	typed     *kubernetes.Clientset
	dynamic   dynamic.Interface
	metadata  metadata.Interface
	discovery discovery.DiscoveryInterface
	namespace string
}

// A step is what one line of the output is about.
type step struct {
	name string
	run  func(context.Context, *world) error
}

// A step that takes longer has failed.
const budget = 20 * time.Second

func main() {
	// A set of its own: controller-runtime has a --kubeconfig in the program's.
	flags := flag.NewFlagSet("suite", flag.ExitOnError)
	kubeconfig := flags.String("kubeconfig", "", "kubeconfig file (required)")
	only := flags.String("only", "", "run this step alone")
	if err := flags.Parse(os.Args[1:]); err != nil || *kubeconfig == "" || flags.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "suite: --kubeconfig is required, and nothing else but flags")
		os.Exit(2)
	}
	klog.SetOutput(io.Discard)
	klog.LogToStderr(false)
	ctrl.SetLogger(logr.Discard())
	if err := runAll(*kubeconfig, *only); err != nil {
		fmt.Fprintln(os.Stderr, "suite:", err)
		os.Exit(1)
	}
}

func runAll(kubeconfig, only string) error {
	w, err := connect(kubeconfig)
	if err != nil {
		return err
	}
	var steps []step
	for _, area := range [][]step{typedSteps, applySteps, watchSteps, genericSteps, customSteps, runtimeSteps, managerSteps} {
		steps = append(steps, area...)
	}
	output := json.NewEncoder(os.Stdout)
	for number, step := range steps {
		if only != "" && only != step.name {
			continue
		}
		line := map[string]string{"step": step.name}
		if err := runOne(w, number, step); err != nil {
			line["failure"] = err.Error()
		}
		if err := output.Encode(line); err != nil {
			return err
		}
	}
	return nil
}

func connect(kubeconfig string) (*world, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	// The steps run one after the other as fast as they can.
	config.QPS = -1
	w := &world{config: config}
	if w.typed, err = kubernetes.NewForConfig(config); err != nil {
		return nil, err
	}
	if w.dynamic, err = dynamic.NewForConfig(config); err != nil {
		return nil, err
	}
	if w.metadata, err = metadata.NewForConfig(config); err != nil {
		return nil, err
	}
	w.discovery = w.typed.Discovery()
	return w, nil
}

// runOne runs a step in a new namespace. A panic is a failure of that step alone.
func runOne(shared *world, number int, step step) (failure error) {
	defer func() {
		if cause := recover(); cause != nil {
			failure = fmt.Errorf("panic: %v", cause)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), budget)
	defer cancel()
	own := *shared
	own.namespace = fmt.Sprintf("suite-%02d-%d", number, time.Now().UnixNano()%1_000_000)
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: own.namespace}}
	if _, err := own.typed.CoreV1().Namespaces().Create(ctx, namespace, metav1.CreateOptions{}); err != nil {
		return err
	}
	return step.run(ctx, &own)
}

// until asks again until the answer is yes, an error comes, or the time of the step is over.
func until(ctx context.Context, what string, ask func(context.Context) (bool, error)) error {
	if err := wait.PollUntilContextCancel(ctx, 20*time.Millisecond, true, ask); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func want(what string, got, wanted any) error {
	if got != wanted {
		return fmt.Errorf("%s: %v, not %v", what, got, wanted)
	}
	return nil
}

// first returns the first failure.
func first(failures ...error) error {
	for _, failure := range failures {
		if failure != nil {
			return failure
		}
	}
	return nil
}
