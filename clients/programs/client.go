// Go's net/http, with net/http/cookiejar, which is in memory only. The authority is in SSL_CERT_FILE.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"os"
	"strings"
)

func main() {
	jar, err := cookiejar.New(nil)
	check(err)
	client := &http.Client{Jar: jar}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		words := strings.SplitN(lines.Text(), " ", 3)
		request, err := http.NewRequest(words[0], words[1], strings.NewReader(words[2]))
		check(err)
		if words[2] != "" {
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		response, err := client.Do(request)
		check(err)
		body, err := io.ReadAll(response.Body)
		check(err)
		response.Body.Close()
		fmt.Println(response.StatusCode, string(body))
	}
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
