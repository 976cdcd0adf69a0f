// The peer in Go: net/http, whose request has a context that is cancelled when the client leaves.
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync/atomic"
	"time"
)

const longest = 10 * time.Second

var running int64

// counted counts the requests whose work is running.
func counted(work http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		atomic.AddInt64(&running, 1)
		defer atomic.AddInt64(&running, -1)
		work(w, r)
	}
}

func wait(w http.ResponseWriter, r *http.Request) {
	select {
	case <-time.After(longest):
	case <-r.Context().Done():
	}
}

func loop(w http.ResponseWriter, r *http.Request) {
	for end := time.Now().Add(longest); time.Now().Before(end) && r.Context().Err() == nil; {
	}
}

func relay(target string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		call, err := http.NewRequestWithContext(r.Context(), http.MethodGet, target, nil)
		if err != nil {
			panic(err)
		}
		response, err := http.DefaultClient.Do(call)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		io.Copy(w, response.Body)
	}
}

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "hello") })
	http.HandleFunc("/wait", counted(wait))
	http.HandleFunc("/loop", counted(loop))
	http.HandleFunc("/relay", counted(relay(os.Args[1])))
	http.HandleFunc("/running", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, atomic.LoadInt64(&running)) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	panic(http.Serve(listener, nil))
}
