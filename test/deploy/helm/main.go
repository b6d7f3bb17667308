// Renders a chart as Helm does, as far as our chart uses Helm: Go's templates, sprig, include, required, toYaml.
// go run main.go CHART RELEASE < values as JSON, with those of the chart already in them
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"sigs.k8s.io/yaml"
)

func main() {
	folder, release := os.Args[1], os.Args[2]
	var values, chart map[string]interface{}
	must(json.NewDecoder(os.Stdin).Decode(&values))
	text, err := os.ReadFile(filepath.Join(folder, "Chart.yaml"))
	must(err)
	must(yaml.Unmarshal(text, &chart))
	// Helm gives the chart's fields with a capital letter.
	capital := map[string]interface{}{}
	for key, value := range chart {
		capital[strings.ToUpper(key[:1])+key[1:]] = value
	}

	all := template.New("all").Option("missingkey=zero")
	functions := sprig.TxtFuncMap()
	functions["include"] = func(name string, data interface{}) (string, error) {
		var out bytes.Buffer
		err := all.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
	functions["required"] = func(words string, value interface{}) (interface{}, error) {
		if value == nil || value == "" {
			return nil, fmt.Errorf(words)
		}
		return value, nil
	}
	functions["toYaml"] = func(value interface{}) (string, error) {
		out, err := yaml.Marshal(value)
		return strings.TrimSuffix(string(out), "\n"), err
	}
	all.Funcs(functions)

	base := chart["name"].(string) + "/templates"
	files, err := filepath.Glob(filepath.Join(folder, "templates", "*"))
	must(err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(err)
		_, err = all.New(base + "/" + filepath.Base(file)).Parse(string(text))
		must(err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if strings.HasPrefix(name, "_") {
			continue
		}
		var out bytes.Buffer
		must(all.ExecuteTemplate(&out, base+"/"+name, map[string]interface{}{
			"Values":   values,
			"Chart":    capital,
			"Release":  map[string]interface{}{"Name": release, "Namespace": "default", "Service": "Helm"},
			"Template": map[string]interface{}{"Name": base + "/" + name, "BasePath": base},
		}))
		fmt.Printf("---\n# Source: %s\n%s\n", name, strings.ReplaceAll(out.String(), "<no value>", ""))
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
