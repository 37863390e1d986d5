// Command bodies prints an object of each built-in type, filled at random from a fixed seed, as Go encodes it in
// protobuf (base64) and in JSON: what the tests of kunobi-ha-test read protobuf against.
//
//	go run ./bodies > ../../crates/kunobi-ha-test/src/protobuf/tests/bodies.txt
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"sigs.k8s.io/randfill"
)

var stable = regexp.MustCompile(`^v\d+$`)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bodies:", err)
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
	var kinds []schema.GroupVersionKind
	for kind := range known.AllKnownTypes() {
		if stable.MatchString(kind.Version) {
			kinds = append(kinds, kind)
		}
	}
	slices.SortFunc(kinds, func(a, b schema.GroupVersionKind) int { return strings.Compare(a.String(), b.String()) })
	fill := filler()
	fmt.Println("# Made by interop/clients/bodies. A line: an object in protobuf (base64), and in JSON.")
	for _, kind := range kinds {
		object, err := known.New(kind)
		if err != nil {
			return err
		}
		if _, err := meta.Accessor(object); err != nil || kind.Kind == "PartialObjectMetadata" {
			continue
		}
		fill.Fill(object)
		object.GetObjectKind().SetGroupVersionKind(kind)
		if err := line(object); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

func line(object runtime.Object) error {
	var body bytes.Buffer
	if err := protobuf.NewSerializer(nil, nil).Encode(object, &body); err != nil {
		return err
	}
	text, err := json.Marshal(object)
	if err != nil {
		return err
	}
	fmt.Println(base64.StdEncoding.EncodeToString(body.Bytes()), string(text))
	return nil
}

// filler makes what a client could send: Go's types can hold more than both formats.
func filler() *randfill.Filler {
	depth := 0
	return randfill.NewWithSeed(13).NilChance(0.4).NumElements(1, 1).MaxDepth(30).Funcs(
		func(s *string, c randfill.Continue) { *s = fmt.Sprintf("s%d", c.Intn(1000)) },
		func(u *types.UID, c randfill.Continue) { *u = types.UID(fmt.Sprintf("u%d", c.Intn(1000))) },
		func(t *metav1.TypeMeta, c randfill.Continue) {},
		func(t *metav1.Time, c randfill.Continue) { *t = metav1.Unix(c.Int63()%4_000_000_000, 0) },
		func(t *metav1.MicroTime, c randfill.Continue) {
			*t = metav1.NewMicroTime(time.Unix(c.Int63()%4_000_000_000, c.Int63()%1_000_000*1000))
		},
		func(q *resource.Quantity, c randfill.Continue) {
			*q = *resource.NewQuantity(c.Int63()%1_000_000, resource.DecimalSI)
		},
		func(i *intstr.IntOrString, c randfill.Continue) {
			if *i = intstr.FromInt32(c.Int31()); c.Bool() {
				*i = intstr.FromString(fmt.Sprintf("%d%%", c.Intn(100)))
			}
		},
		func(r *runtime.RawExtension, c randfill.Continue) {
			r.Raw = []byte(fmt.Sprintf(`{"raw":%d}`, c.Intn(100)))
		},
		func(f *metav1.FieldsV1, c randfill.Continue) { *f = *metav1.NewFieldsV1(`{"f:data":{}}`) },
		func(j *apiextensionsv1.JSON, c randfill.Continue) {
			j.Raw = []byte(fmt.Sprintf(`{"any":[%d]}`, c.Intn(100)))
		},
		func(s *apiextensionsv1.JSONSchemaProps, c randfill.Continue) {
			if depth++; depth < 4 {
				c.FillNoCustom(s)
			}
			depth--
			s.Ref = nil
		},
		func(s *apiextensionsv1.JSONSchemaPropsOrArray, c randfill.Continue) {
			if c.Fill(&s.JSONSchemas); len(s.JSONSchemas) == 0 {
				s.Schema = &apiextensionsv1.JSONSchemaProps{Type: "string"}
			}
		},
		func(s *apiextensionsv1.JSONSchemaPropsOrBool, c randfill.Continue) {
			if s.Allows = c.Bool(); s.Allows {
				c.Fill(&s.Schema)
			}
		},
		func(s *apiextensionsv1.JSONSchemaPropsOrStringArray, c randfill.Continue) { c.Fill(&s.Property) },
	)
}
