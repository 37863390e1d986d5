// Prints how kube-apiserver quotes its internal types in failures: a line for each type, with a word for each field.
// A word is the name in Go, the name in JSON, and the kind:
//
//	b, n, s  a boolean, a number, a text that is written even if it is zero
//	i, q     a number or text, a quantity that is written even if it is zero
//	p        null if there is none, else as in JSON
//	T        the type T, which is written even if it is empty
//	*T, []T  null if there is none
//	@        the metadata, whose fields are written if they are there
//
// In the folder interop: go run ../scripts/kubernetes-internal/main.go > ../crates/kunobi-ha-test/src/validation/internal/types.txt
package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/core"
	"k8s.io/kubernetes/pkg/apis/policy"
	"k8s.io/kubernetes/pkg/apis/rbac"
)

var lines = map[string]string{}

func main() {
	for _, pair := range [][2]any{
		{core.ObjectReference{}, corev1.ObjectReference{}},
		{core.PersistentVolumeClaim{}, corev1.PersistentVolumeClaim{}},
		{core.PersistentVolumeClaimSpec{}, corev1.PersistentVolumeClaimSpec{}},
		{core.PodTemplateSpec{}, corev1.PodTemplateSpec{}},
		{core.ServicePort{}, corev1.ServicePort{}},
		{apps.DaemonSetUpdateStrategy{}, appsv1.DaemonSetUpdateStrategy{}},
		{apps.DeploymentStrategy{}, appsv1.DeploymentStrategy{}},
		{apps.StatefulSetUpdateStrategy{}, appsv1.StatefulSetUpdateStrategy{}},
		{batch.PodFailurePolicy{}, batchv1.PodFailurePolicy{}},
		{batch.SuccessPolicy{}, batchv1.SuccessPolicy{}},
		{policy.PodDisruptionBudgetSpec{}, policyv1.PodDisruptionBudgetSpec{}},
		{rbac.RoleRef{}, rbacv1.RoleRef{}},
	} {
		walk(reflect.TypeOf(pair[0]), reflect.TypeOf(pair[1]))
	}
	names := []string{}
	for name := range lines {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println(name + lines[name])
	}
}

func walk(internal, served reflect.Type) {
	if _, done := lines[internal.Name()]; done {
		return
	}
	lines[internal.Name()] = ""
	lines[internal.Name()] = fields(internal, served)
}

func fields(internal, served reflect.Type) string {
	line := ""
	for i := range internal.NumField() {
		field := internal.Field(i)
		if field.Name == "TypeMeta" {
			continue
		}
		if field.Name == "ObjectMeta" {
			line += " @"
			continue
		}
		other, found := served.FieldByName(field.Name)
		if !found {
			// It is not served, and so never set.
			line += fmt.Sprintf(" %s:-:%s", field.Name, kind(field.Type, nil))
			continue
		}
		if field.Anonymous {
			line += fields(field.Type, other.Type)
			continue
		}
		name := strings.Split(other.Tag.Get("json"), ",")[0]
		line += fmt.Sprintf(" %s:%s:%s", field.Name, name, kind(field.Type, other.Type))
	}
	return line
}

func kind(internal, served reflect.Type) string {
	nested := func(internal, served reflect.Type) (string, bool) {
		is := internal.Kind() == reflect.Struct && strings.Contains(internal.PkgPath(), "k8s.io/kubernetes/")
		if is && served != nil {
			walk(internal, served)
		}
		return internal.Name(), is && served != nil
	}
	switch internal.Kind() {
	case reflect.Bool:
		return "b"
	case reflect.String:
		return "s"
	case reflect.Int32, reflect.Int64, reflect.Int:
		return "n"
	case reflect.Pointer, reflect.Slice:
		prefix := map[reflect.Kind]string{reflect.Pointer: "*", reflect.Slice: "[]"}[internal.Kind()]
		var elem reflect.Type
		if served != nil {
			elem = served.Elem()
		}
		if name, is := nested(internal.Elem(), elem); is {
			return prefix + name
		}
		return "p"
	case reflect.Struct:
		switch internal.Name() {
		case "Quantity":
			return "q"
		case "IntOrString":
			return "i"
		}
		if served != nil && served.Kind() == reflect.Pointer {
			served = served.Elem()
		}
		if name, is := nested(internal, served); is {
			return name
		}
	}
	return "p"
}
