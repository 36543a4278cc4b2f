// A small Go service that asks itself over loopback and ends: a static program with a runtime of its own, for
// scripts/lib/advice-programs.sh.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
)

func fail(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	fail(err)
	go http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "hello %s", r.URL.Path)
	}))
	var group sync.WaitGroup
	answers := make([]string, 8)
	for i := range answers {
		group.Add(1)
		go func() {
			defer group.Done()
			answer, err := http.Get(fmt.Sprintf("http://%s/%d", listener.Addr(), i))
			fail(err)
			body, err := io.ReadAll(answer.Body)
			fail(err)
			answer.Body.Close()
			answers[i] = string(body)
		}()
	}
	group.Wait()
	fail(os.WriteFile("/tmp/answers", []byte(fmt.Sprint(answers)), 0o644))
	written, err := os.ReadFile("/tmp/answers")
	fail(err)
	fmt.Println(string(written))
}
