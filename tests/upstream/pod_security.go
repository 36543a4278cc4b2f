// Pods, a line of JSON each, judged by Kubernetes' own admission: a line of JSON each, by level and version why it is refused, or "".
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

func main() {
	evaluator, err := policy.NewEvaluator([]policy.Check{policy.CheckSeccompBaseline(), policy.CheckSeccompProfileRestricted()}, nil)
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var pod corev1.Pod
		if err := json.Unmarshal(lines.Bytes(), &pod); err != nil {
			panic(err)
		}
		why := map[string]string{}
		for _, level := range []api.Level{api.LevelBaseline, api.LevelRestricted} {
			for _, name := range os.Args[1:] {
				version, err := api.ParseVersion(name)
				if err != nil {
					panic(err)
				}
				why[string(level)+" "+name] = ""
				asked := api.LevelVersion{Level: level, Version: version}
				for _, result := range evaluator.EvaluatePod(asked, &pod.ObjectMeta, &pod.Spec) {
					if !result.Allowed {
						why[string(level)+" "+name] = result.ForbiddenDetail
					}
				}
			}
		}
		text, err := json.Marshal(why)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(text))
	}
}
