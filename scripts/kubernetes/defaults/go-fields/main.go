// Command go-fields prints, as JSON, what the JSON encoding of Kubernetes' Go types does with zero values: OpenAPI does not
// say which fields are pointers.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"

	"k8s.io/client-go/kubernetes/scheme"
)

type fields struct {
	// Always written, with the zero value that they have when nothing sets them.
	Always map[string]any `json:"always,omitempty"`
	// Optional fields whose zero value is written where it is set: pointers to plain values.
	Pointers []string `json:"pointers,omitempty"`
}

func main() {
	out := map[string]*fields{}
	for gvk, t := range scheme.Scheme.AllKnownTypes() {
		if strings.HasSuffix(gvk.Kind, "List") && gvk.Kind != "List" || strings.HasSuffix(gvk.Kind, "Options") || gvk.Version == "__internal" {
			continue
		}
		if gvk.Version != "v1" && gvk.Version != "v2" {
			continue
		}
		visit(t, out)
	}
	names := make([]string, 0, len(out))
	for name, f := range out {
		if len(f.Always) == 0 && len(f.Pointers) == 0 {
			continue
		}
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Println("{")
	for i, name := range names {
		b, _ := json.Marshal(out[name])
		end := ","
		if i == len(names)-1 {
			end = ""
		}
		fmt.Fprintf(os.Stdout, "  %q: %s%s\n", name, b, end)
	}
	fmt.Println("}")
}

func openAPIName(t reflect.Type) string {
	parts := strings.Split(t.PkgPath(), "/")
	host := strings.Split(parts[0], ".")
	for i, j := 0, len(host)-1; i < j; i, j = i+1, j-1 {
		host[i], host[j] = host[j], host[i]
	}
	return strings.Join(append(append(host, parts[1:]...), t.Name()), ".")
}

func visit(t reflect.Type, out map[string]*fields) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || !strings.HasPrefix(t.PkgPath(), "k8s.io/") || custom(t) {
		return
	}
	name := openAPIName(t)
	if out[name] != nil {
		return
	}
	f := &fields{Always: map[string]any{}}
	out[name] = f
	collect(t, f, out)
	sort.Strings(f.Pointers)
}

func custom(t reflect.Type) bool {
	_, own := reflect.PointerTo(t).MethodByName("MarshalJSON")
	return own
}

func collect(t reflect.Type, f *fields, out map[string]*fields) {
	for i := 0; i < t.NumField(); i++ {
		field := t.Field(i)
		tag := strings.Split(field.Tag.Get("json"), ",")
		if len(tag) > 1 && tag[1] == "inline" || field.Anonymous && tag[0] == "" {
			inner := field.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Name() == "TypeMeta" {
				continue
			}
			collect(inner, f, out)
			continue
		}
		if tag[0] == "-" || tag[0] == "" {
			continue
		}
		optional, zero := false, false
		for _, option := range tag[1:] {
			optional = optional || option == "omitempty"
			zero = zero || option == "omitzero"
		}
		visit(field.Type, out)
		kind := field.Type.Kind()
		switch {
		case kind == reflect.Pointer && (optional || zero):
			if e := field.Type.Elem(); e.Kind() != reflect.Struct || custom(e) {
				f.Pointers = append(f.Pointers, tag[0])
			}
		case kind == reflect.Struct && !zero:
			if custom(field.Type) {
				if !optional {
					b, _ := json.Marshal(reflect.New(field.Type).Interface())
					var v any
					json.Unmarshal(b, &v)
					f.Always[tag[0]] = v
				} else {
					b, _ := json.Marshal(reflect.New(field.Type).Interface())
					var v any
					json.Unmarshal(b, &v)
					f.Always[tag[0]] = v
				}
			} else {
				f.Always[tag[0]] = map[string]any{}
			}
		case !optional && !zero:
			var v any
			switch kind {
			case reflect.String:
				v = ""
			case reflect.Bool:
				v = false
			case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
				v = nil
			default:
				v = 0
			}
			f.Always[tag[0]] = v
		}
	}
}
