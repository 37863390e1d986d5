package main

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// serveCommands answers each line with one line, until it is told to stop.
func (p *plane) serveCommands(from io.Reader, signals <-chan os.Signal) error {
	lines := make(chan string)
	go func() {
		defer close(lines)
		for scanner := bufio.NewScanner(from); scanner.Scan(); {
			lines <- scanner.Text()
		}
	}()
	for {
		select {
		case <-signals:
			return nil
		case line, open := <-lines:
			words := strings.Fields(line)
			switch {
			case !open:
				return nil
			case len(words) == 0:
				continue
			}
			begin := time.Now()
			result, err := p.run(words[0], words[1:])
			if result == nil {
				result = map[string]any{}
			}
			result["command"], result["ok"] = line, err == nil
			if err != nil {
				result["error"] = err.Error()
			}
			result["milliseconds"] = time.Since(begin).Milliseconds()
			if err := answer(result); err != nil {
				return err
			}
			if words[0] == "stop" {
				return nil
			}
		}
	}
}

type command struct {
	arguments string
	run       func(p *plane, arguments []string) (map[string]any, error)
}

// commands that are not about one process.
var commands = map[string]command{
	"compact": {"", func(p *plane, _ []string) (map[string]any, error) {
		return revisionOf(p.compact())
	}},
	"restore": {"FILE [etcd-only]", func(p *plane, arguments []string) (map[string]any, error) {
		etcdOnly := len(arguments) == 2
		if etcdOnly && arguments[1] != "etcd-only" {
			return nil, fmt.Errorf("unknown %q", arguments[1])
		}
		if err := p.restore(arguments[0], etcdOnly); err != nil {
			return nil, err
		}
		return revisionOf(p.revision())
	}},
	"revoke-token": {"NAME", func(p *plane, arguments []string) (map[string]any, error) {
		return nil, p.identities.revoke(arguments[0])
	}},
	"rotate-token": {"NAME", func(p *plane, arguments []string) (map[string]any, error) {
		return nil, p.identities.rotate(arguments[0])
	}},
	"snapshot": {"FILE", func(p *plane, arguments []string) (map[string]any, error) {
		return revisionOf(p.snapshot(arguments[0]))
	}},
	"status": {"", func(p *plane, _ []string) (map[string]any, error) {
		return map[string]any{"pids": p.pids(), "resident_kib": p.resident()}, nil
	}},
	"stop": {"", func(p *plane, _ []string) (map[string]any, error) {
		p.stopAll()
		return nil, nil
	}},
}

func revisionOf(revision int64, err error) (map[string]any, error) {
	return map[string]any{"revision": revision}, err
}

// verbs are for one process: VERB-etcd, VERB-apiserver I, VERB-controller-manager.
var verbs = map[string]func(*plane, *process) error{
	"start": func(_ *plane, it *process) error { return it.start() },
	"stop": func(_ *plane, it *process) error {
		it.stop()
		return nil
	},
	"kill": func(_ *plane, it *process) error {
		it.kill()
		return nil
	},
	"pause": func(_ *plane, it *process) error {
		it.pause()
		return nil
	},
	"resume": func(_ *plane, it *process) error {
		it.resume()
		return nil
	},
	"restart": func(p *plane, it *process) error {
		it.stop()
		if err := it.start(); err != nil {
			return err
		}
		return p.waitAPIServers()
	},
}

func (p *plane) run(name string, arguments []string) (map[string]any, error) {
	if known, ok := commands[name]; ok {
		words := strings.Fields(known.arguments)
		optional := strings.Count(known.arguments, "[")
		if len(arguments) > len(words) || len(arguments) < len(words)-optional {
			return nil, fmt.Errorf("want: %s %s", name, known.arguments)
		}
		return known.run(p, arguments)
	}
	verb, part, _ := strings.Cut(name, "-")
	act, ok := verbs[verb]
	if !ok {
		return nil, fmt.Errorf("unknown command; known are %s, and %s of etcd, apiserver I, controller-manager",
			strings.Join(slices.Sorted(maps.Keys(commands)), ", "),
			strings.Join(slices.Sorted(maps.Keys(verbs)), ", "))
	}
	it, err := p.part(part, arguments)
	if err != nil {
		return nil, err
	}
	return nil, act(p, it)
}

func (p *plane) part(name string, arguments []string) (*process, error) {
	switch {
	case name == "etcd" && len(arguments) == 0:
		return p.etcd, nil
	case name == "controller-manager" && len(arguments) == 0 && p.manager != nil:
		return p.manager, nil
	case name == "apiserver" && len(arguments) == 1:
		if index, err := strconv.Atoi(arguments[0]); err == nil && index >= 0 && index < len(p.apiservers) {
			return p.apiservers[index], nil
		}
	}
	return nil, fmt.Errorf("no such process: %s %s", name, strings.Join(arguments, " "))
}

func (p *plane) resident() map[string]int {
	resident := map[string]int{}
	for name, pid := range p.pids() {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(status)) {
			if rest, found := strings.CutPrefix(line, "VmRSS:"); found {
				resident[name], _ = strconv.Atoi(strings.Fields(rest)[0])
			}
		}
	}
	return resident
}
