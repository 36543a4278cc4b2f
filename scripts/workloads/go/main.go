// An HTTP server that does what services in Go do: files, templates, compression, garbage, children, sockets, TLS, names,
// signals. Each path answers the same text in every run. Usage: service FOLDER PORT, or service child
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"os/user"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var (
	folder   string
	greeting atomic.Value
)

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func files() string {
	name, err := os.MkdirTemp(filepath.Join(folder, "data"), "work-")
	must(err)
	defer os.RemoveAll(name)
	at := func(part string) string { return filepath.Join(name, part) }
	must(os.MkdirAll(at("a/b"), 0o755))
	must(os.WriteFile(at("a/text"), []byte("one\ntwo\n"), 0o644))
	must(os.Link(at("a/text"), at("a/hard")))
	must(os.Symlink("text", at("a/soft")))
	must(os.Rename(at("a/hard"), at("a/moved")))
	must(os.Chmod(at("a/moved"), 0o600))
	must(os.Chtimes(at("a/moved"), time.Unix(1, 0), time.Unix(2, 0)))
	file, err := os.OpenFile(at("a/moved"), os.O_RDWR|os.O_APPEND, 0)
	must(err)
	must(syscall.Flock(int(file.Fd()), syscall.LOCK_EX))
	_, err = file.WriteString("three\n")
	must(err)
	must(file.Sync())
	must(file.Truncate(9))
	part := make([]byte, 4)
	_, err = file.ReadAt(part, 2)
	must(err)
	mapped, err := syscall.Mmap(int(file.Fd()), 0, 9, syscall.PROT_READ, syscall.MAP_SHARED)
	must(err)
	answer := string(part) + string(mapped[:3])
	must(syscall.Munmap(mapped))
	must(file.Close())
	// A copy between files is made by the kernel.
	source, err := os.Open(at("a/text"))
	must(err)
	target, err := os.Create(at("a/copy"))
	must(err)
	_, err = io.Copy(target, source)
	must(err)
	must(target.Close())
	must(source.Close())
	link, err := os.Readlink(at("a/soft"))
	must(err)
	var names []string
	must(filepath.WalkDir(name, func(path string, entry fs.DirEntry, err error) error {
		info, _ := entry.Info()
		names = append(names, fmt.Sprintf("%s %v", entry.Name(), info.Mode().IsRegular()))
		return err
	}))
	sort.Strings(names[1:])
	return strings.Join(names[1:], ",") + " " + link + " " + strings.ReplaceAll(answer, "\n", " ")
}

func children() string {
	self, err := os.Executable()
	must(err)
	command := exec.Command(self, "child")
	command.Stdin = strings.NewReader("hello")
	command.Env = append(os.Environ(), "GREETING=from the parent")
	command.Dir = "/"
	output, err := command.Output()
	must(err)
	failed := exec.Command(self, "fail").Run()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	slow := exec.CommandContext(ctx, self, "sleep").Run()
	_, missing := exec.LookPath("no-such-program")
	return fmt.Sprintf("%s|%v|%v|%v", output, failed, slow, missing != nil)
}

// Until the collector has run some times with all processors.
func memory() string {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var group sync.WaitGroup
	for worker := 0; worker < 8; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			kept := map[int][]byte{}
			for i := 0; i < 4000; i++ {
				kept[i%64] = make([]byte, 16<<10)
			}
			runtime.KeepAlive(kept)
		}()
	}
	group.Wait()
	debug.FreeOSMemory()
	runtime.ReadMemStats(&after)
	return fmt.Sprint("collected ", after.NumGC > before.NumGC)
}

func threads() string {
	var total int64
	var group sync.WaitGroup
	for i := 1; i <= 20; i++ {
		group.Add(1)
		go func(i int64) {
			defer group.Done()
			// A thread of its own, that ends with it.
			runtime.LockOSThread()
			time.Sleep(10 * time.Millisecond)
			atomic.AddInt64(&total, i)
		}(int64(i))
	}
	group.Wait()
	return fmt.Sprint("total ", total)
}

func echo(network, address string) string {
	listener, err := net.Listen(network, address)
	must(err)
	defer listener.Close()
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			io.Copy(connection, connection)
			connection.Close()
		}
	}()
	connection, err := net.Dial(network, listener.Addr().String())
	must(err)
	defer connection.Close()
	must(connection.SetDeadline(time.Now().Add(5 * time.Second)))
	_, err = connection.Write([]byte("ping"))
	must(err)
	reply := make([]byte, 4)
	_, err = io.ReadFull(connection, reply)
	must(err)
	return string(reply)
}

func sockets() string {
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(err)
	defer packets.Close()
	sender, err := net.Dial("udp", packets.LocalAddr().String())
	must(err)
	defer sender.Close()
	_, err = sender.Write([]byte("datagram"))
	must(err)
	buffer := make([]byte, 20)
	count, _, err := packets.ReadFrom(buffer)
	must(err)
	path := filepath.Join(folder, "data", fmt.Sprint("socket-", time.Now().UnixNano()))
	_, refused := net.DialTimeout("tcp", "127.0.0.1:1", time.Second)
	interfaces, err := net.Interfaces()
	must(err)
	return fmt.Sprint(echo("tcp", "127.0.0.1:0"), echo("unix", path), string(buffer[:count]), refused != nil, len(interfaces) > 0)
}

func names() string {
	addresses, err := net.LookupHost("localhost")
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_, missing := net.DefaultResolver.LookupHost(ctx, "no-such-host.invalid")
	_, nobody := user.Lookup("no-such-user")
	return fmt.Sprint(len(addresses) > 0, err, missing != nil, nobody != nil)
}

func secret() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost"}}
	certificate, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	must(err)
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}, NextProtos: []string{"h2"}})
	must(err)
	server := http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) })}
	go server.Serve(listener)
	defer server.Close()
	client := http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	response, err := client.Get("https://" + listener.Addr().String())
	must(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(err)
	return string(body)
}

func packed(w http.ResponseWriter) {
	content, err := os.ReadFile(filepath.Join(folder, "data", "large.txt"))
	must(err)
	w.Header().Set("Content-Encoding", "gzip")
	writer := gzip.NewWriter(w)
	_, err = writer.Write(content)
	must(err)
	must(writer.Close())
}

func system() string {
	host, err := os.Hostname()
	must(err)
	working, err := os.Getwd()
	must(err)
	var usage syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return fmt.Sprint(host != "", working, os.Getuid(), runtime.NumCPU() > 0, os.Getppid() >= 0, usage.Maxrss > 0)
}

func upload(r *http.Request) string {
	file, err := os.CreateTemp(filepath.Join(folder, "data"), "upload-")
	must(err)
	defer os.Remove(file.Name())
	_, err = io.Copy(file, r.Body)
	must(err)
	must(file.Close())
	content, err := os.ReadFile(file.Name())
	must(err)
	return fmt.Sprint(len(content), digest(content))
}

func configure() {
	text, err := os.ReadFile(filepath.Join(folder, "config.json"))
	must(err)
	var config struct{ Greeting string }
	must(json.Unmarshal(text, &config))
	greeting.Store(config.Greeting)
}

func text(make func() string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if reason := recover(); reason != nil {
				http.Error(w, fmt.Sprint(reason), 500)
			}
		}()
		fmt.Fprint(w, make())
	}
}

func child(kind string) {
	switch kind {
	case "fail":
		os.Exit(3)
	case "sleep":
		time.Sleep(time.Minute)
	}
	content, _ := io.ReadAll(os.Stdin)
	fmt.Print(string(bytes.ToUpper(content)), os.Getenv("GREETING"))
}

func main() {
	if len(os.Args) == 2 {
		child(os.Args[1])
		return
	}
	folder = os.Args[1]
	configure()
	must(os.WriteFile(filepath.Join(folder, "pid"), []byte(fmt.Sprint(os.Getpid())), 0o644))
	mux := http.NewServeMux()
	mux.Handle("/static/", http.StripPrefix("/static/", http.FileServer(http.Dir(filepath.Join(folder, "data")))))
	mux.HandleFunc("/packed", func(w http.ResponseWriter, r *http.Request) { packed(w) })
	mux.HandleFunc("/upload", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, upload(r)) })
	for name, action := range map[string]func() string{"files": files, "children": children, "memory": memory, "threads": threads,
		"sockets": sockets, "names": names, "secret": secret, "system": system,
		"greeting": func() string { return greeting.Load().(string) }} {
		mux.HandleFunc("/"+name, text(action))
	}
	mux.HandleFunc("/large", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFile(w, r, filepath.Join(folder, "data", "large.txt"))
	})
	server := http.Server{Addr: "127.0.0.1:" + os.Args[2], Handler: mux}
	signals := make(chan os.Signal, 4)
	signal.Notify(signals, syscall.SIGHUP, syscall.SIGTERM, syscall.SIGUSR1)
	done := make(chan bool)
	go func() {
		for received := range signals {
			if received == syscall.SIGTERM {
				ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
				server.Shutdown(ctx)
				cancel()
				close(done)
				return
			}
			configure()
		}
	}()
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
	<-done
}
