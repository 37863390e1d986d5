package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

const (
	startLimit = 2 * time.Minute
	stopLimit  = 30 * time.Second // what a kubelet gives an API server
	orphanTime = 5 * time.Second
	pollEvery  = 25 * time.Millisecond
)

// process is one part of the control plane: this program with a subcommand.
type process struct {
	name  string
	args  []string
	log   string
	ready func() error

	mutex     sync.Mutex
	command   *exec.Cmd
	lifeline  io.Closer
	exited    chan struct{}
	expected  bool
	paused    bool
	forbidden bool
}

func newProcess(dir, name string, ready func() error, args ...string) *process {
	return &process{name: name, args: args, log: filepath.Join(dir, name+".log"), ready: ready}
}

func (p *process) program() string {
	if p.args[0] == "etcd" {
		return "etcd"
	}
	return "kube-" + p.args[0]
}

// start launches the process and waits until it is ready.
func (p *process) start() error {
	exited, err := p.launch()
	if err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return p.waitReady(exited)
}

func (p *process) waitReady(exited <-chan struct{}) error {
	deadline := time.After(startLimit)
	for {
		err := p.ready()
		if err == nil {
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("%s ended before it was ready; see %s", p.name, p.log)
		case <-deadline:
			return fmt.Errorf("%s is not ready after %v: %w; see %s", p.name, startLimit, err, p.log)
		case <-time.After(pollEvery):
		}
	}
}

func (p *process) launch() (<-chan struct{}, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.running() {
		return nil, fmt.Errorf("runs already")
	}
	if p.forbidden {
		return nil, fmt.Errorf("not started, because the control plane stops")
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command := exec.Command(self, p.args...)
	// The parts make their user agents of it.
	command.Args[0] = p.program()
	command.Stdout, command.Stderr = log, log
	// Not the terminal's process group: an interrupt is for the supervisor only.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	lifeline, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, err
	}
	exited := make(chan struct{})
	p.command, p.lifeline, p.exited, p.expected, p.paused = command, lifeline, exited, false, false
	go p.reap(command, exited)
	return exited, nil
}

func (p *process) reap(command *exec.Cmd, exited chan<- struct{}) {
	err := command.Wait()
	p.mutex.Lock()
	expected := p.expected
	p.mutex.Unlock()
	if !expected {
		fmt.Fprintf(os.Stderr, "control-plane: %s ended by itself (%v); see %s\n", p.name, err, p.log)
	}
	close(exited)
}

// running wants the mutex held.
func (p *process) running() bool {
	if p.command == nil {
		return false
	}
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

func (p *process) isRunning() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.running()
}

func (p *process) isPaused() bool {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.running() && p.paused
}

func (p *process) pid() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.running() {
		return 0
	}
	return p.command.Process.Pid
}

func (p *process) stop() {
	exited := p.signal(syscall.SIGTERM)
	if exited == nil {
		return
	}
	p.signal(syscall.SIGCONT)
	select {
	case <-exited:
	case <-time.After(stopLimit):
		fmt.Fprintf(os.Stderr, "control-plane: %s does not stop; killing it\n", p.name)
		p.kill()
	}
}

func (p *process) kill() {
	if exited := p.signal(syscall.SIGKILL); exited != nil {
		<-exited
	}
}

// forbid kills the process, and lets no start follow.
func (p *process) forbid() {
	p.mutex.Lock()
	p.forbidden = true
	p.mutex.Unlock()
	p.kill()
}

func (p *process) pause()  { p.signal(syscall.SIGSTOP) }
func (p *process) resume() { p.signal(syscall.SIGCONT) }

// signal answers what closes when the process has ended, or nil if it does not run.
func (p *process) signal(signal syscall.Signal) <-chan struct{} {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if !p.running() {
		return nil
	}
	switch signal {
	case syscall.SIGTERM, syscall.SIGKILL:
		p.expected = true
	case syscall.SIGSTOP:
		p.paused = true
	case syscall.SIGCONT:
		p.paused = false
	}
	_ = p.command.Process.Signal(signal)
	return p.exited
}

// followLifeline ends a part when the supervisor is gone, even if it crashed.
func followLifeline() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = syscall.Kill(os.Getpid(), syscall.SIGTERM)
		time.Sleep(orphanTime)
		os.Exit(1)
	}()
}
