// Command zeros prints what Go writes of each built-in type where all scalars are stated and zero: of a field that is
// no pointer and may be left out, nothing. The tests of kunobi-ha-test hold their table of fields against it.
//
//	go run ./zeros > ../../crates/kunobi-ha-test/src/shape/table/zeros.txt
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

var stable = regexp.MustCompile(`^v\d+$`)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "zeros:", err)
		os.Exit(1)
	}
}

func run() error {
	known := scheme.Scheme
	for _, add := range []func(*runtime.Scheme) error{apiextensionsv1.AddToScheme, apiregistrationv1.AddToScheme} {
		if err := add(known); err != nil {
			return err
		}
	}
	types := map[string]reflect.Type{}
	for kind, of := range known.AllKnownTypes() {
		if stable.MatchString(kind.Version) {
			collect(of, types)
		}
	}
	collect(reflect.TypeFor[metav1.Status](), types)
	names := make([]string, 0, len(types))
	for name := range types {
		names = append(names, name)
	}
	slices.Sort(names)
	fmt.Println("# Made by interop/clients/zeros. A line: a type, and what Go writes of it if all its scalars are zero.")
	for _, name := range names {
		object := reflect.New(types[name]).Elem()
		state(object)
		text, err := json.Marshal(object.Interface())
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		fmt.Println(name, string(text))
	}
	return nil
}

// collect finds the structures that a type is made of.
func collect(of reflect.Type, types map[string]reflect.Type) {
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		collect(of.Elem(), types)
	case reflect.Struct:
		path := strings.ReplaceAll(strings.TrimPrefix(of.PkgPath(), "k8s.io/"), "/", ".")
		name := path + "." + of.Name()
		if _, done := types[name]; done {
			return
		}
		if isScalar(of) {
			return
		}
		types[name] = of
		for field := range of.NumField() {
			if of.Field(field).IsExported() {
				collect(of.Field(field).Type, types)
			}
		}
	}
}

// state makes all pointers to scalars point to zero.
func state(object reflect.Value) {
	for field := range object.NumField() {
		value := object.Field(field)
		switch {
		case !value.CanSet():
		case object.Type().Field(field).Anonymous && value.Kind() == reflect.Struct:
			state(value)
		case value.Kind() == reflect.Pointer && isScalar(value.Type().Elem()):
			value.Set(reflect.New(value.Type().Elem()))
		}
	}
}

// isScalar tells whether JSON has a text, a number or a boolean for it.
func isScalar(of reflect.Type) bool {
	switch of.Name() {
	case "IntOrString", "MicroTime", "Quantity", "Time":
		return true
	}
	switch of.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Struct, reflect.Interface:
		return false
	}
	return true
}
