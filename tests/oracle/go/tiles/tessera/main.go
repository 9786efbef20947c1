// Checks and writes logs in tiles by github.com/transparency-dev/tessera, for the tests of tallystick.
//
// "tessera check URL VERIFIER" recomputes a served log from its entries, tile by tile; "tessera write FOLDER SIGNER COUNT" writes a
// log of entries "entry i". Both are silent where all is well.
package main

import (
	"context"
	"fmt"
	"log"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/api"
	"github.com/transparency-dev/tessera/client"
	"github.com/transparency-dev/tessera/fsck"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	log.SetFlags(0)
	if os.Args[1] == "check" {
		check(os.Args[2], os.Args[3])
	} else {
		write(os.Args[2], os.Args[3], os.Args[4])
	}
}

func check(base, key string) {
	verifier, err := note.NewVerifier(key)
	must(err)
	root, err := url.Parse(base + "/")
	must(err)
	fetcher, err := client.NewHTTPFetcher(root, nil)
	must(err)
	hashes := func(bundle []byte) ([][]byte, error) {
		entries := &api.EntryBundle{}
		if err := entries.UnmarshalText(bundle); err != nil {
			return nil, err
		}
		found := make([][]byte, 0, len(entries.Entries))
		for _, entry := range entries.Entries {
			found = append(found, rfc6962.DefaultHasher.HashLeaf(entry))
		}
		return found, nil
	}
	must(fsck.New(verifier.Name(), verifier, fetcher, hashes, fsck.Opts{N: 1}).Check(context.Background()))
}

func write(folder, key, count string) {
	ctx := context.Background()
	signer, err := note.NewSigner(key)
	must(err)
	many, err := strconv.Atoi(count)
	must(err)
	driver, err := posix.New(ctx, posix.Config{Path: folder})
	must(err)
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(uint(many), time.Second).
		WithCheckpointInterval(100 * time.Millisecond)
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, options)
	must(err)
	await := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 50*time.Millisecond)
	added := make([]tessera.IndexFuture, many)
	for i := range added {
		added[i] = appender.Add(ctx, tessera.NewEntry([]byte(fmt.Sprintf("entry %d", i))))
	}
	for _, one := range added {
		_, _, err := await.Await(ctx, one)
		must(err)
	}
	must(shutdown(ctx))
}
