// Reads, verifies and writes logs in tiles by golang.org/x/mod/sumdb, for the tests of tallystick.
//
// One JSON document in, one out. {"read": URL, "key": verifier, "records": [indices], "older": [sizes]} fetches a log
// over HTTP and answers with the entries at the indices, each proven, and the root of each size, whose growth is
// proven; every tile is checked by the library. {"write": folder, "key": signer, "sizes": [sizes]} writes a log whose
// entry i is "entry i", with a checkpoint at the last size, and answers with nothing.
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type task struct {
	Read    string  `json:"read"`
	Write   string  `json:"write"`
	Key     string  `json:"key"`
	Records []int64 `json:"records"`
	Older   []int64 `json:"older"`
	Sizes   []int64 `json:"sizes"`
}

type answer struct {
	Size    int64    `json:"size"`
	Entries []string `json:"entries"`
	Roots   []string `json:"roots"`
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	log.SetFlags(0)
	var asked task
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	found := answer{Entries: []string{}, Roots: []string{}}
	if asked.Read != "" {
		read(asked, &found)
	} else {
		write(asked)
	}
	must(json.NewEncoder(os.Stdout).Encode(found))
}

// name is the library's name of a tile without the height, which c2sp.org/tlog-tiles fixes.
func name(tile tlog.Tile) string {
	return strings.Replace(strings.Replace(tile.Path(), "tile/8/", "tile/", 1), "tile/data/", "tile/entries/", 1)
}

func get(url string) ([]byte, error) {
	response, err := http.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	return io.ReadAll(response.Body)
}

// served is the library's tlog.TileReader.
type served string

func (served) Height() int                     { return height }
func (served) SaveTiles([]tlog.Tile, [][]byte) {}
func (base served) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	found := make([][]byte, len(tiles))
	for i, tile := range tiles {
		data, err := get(string(base) + "/" + name(tile))
		if err != nil {
			return nil, err
		}
		found[i] = data
	}
	return found, nil
}

func read(asked task, found *answer) {
	text, err := get(asked.Read + "/checkpoint")
	must(err)
	verifier, err := note.NewVerifier(asked.Key)
	must(err)
	signed, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	tree := tlog.Tree{N: size, Hash: root}
	reader := tlog.TileHashReader(tree, served(asked.Read))
	found.Size = size
	for _, index := range asked.Records {
		entry := record(asked.Read, size, index)
		proof, err := tlog.ProveRecord(size, index, reader)
		must(err)
		must(tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry)))
		found.Entries = append(found.Entries, base64.StdEncoding.EncodeToString(entry))
	}
	for _, older := range asked.Older {
		before, err := tlog.TreeHash(older, reader)
		must(err)
		proof, err := tlog.ProveTree(size, older, reader)
		must(err)
		must(tlog.CheckTree(proof, size, root, older, before))
		found.Roots = append(found.Roots, before.String())
	}
}

// record returns the entry at an index, out of the tile of entries.
func record(base string, size, index int64) []byte {
	tile := tlog.Tile{H: height, L: -1, N: index >> height, W: 1 << height}
	if tile.N == size>>height {
		tile.W = int(size & (1<<height - 1))
	}
	data, err := get(base + "/" + name(tile))
	must(err)
	for range index & (1<<height - 1) {
		data = data[2+binary.BigEndian.Uint16(data):]
	}
	return data[2 : 2+binary.BigEndian.Uint16(data)]
}

func write(asked task) {
	signer, err := note.NewSigner(asked.Key)
	must(err)
	var hashes []tlog.Hash
	stored := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		found := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			found[i] = hashes[index]
		}
		return found, nil
	})
	var size int64
	for _, next := range asked.Sizes {
		before := size
		for ; size < next; size++ {
			more, err := tlog.StoredHashes(size, entry(size), stored)
			must(err)
			hashes = append(hashes, more...)
		}
		for _, tile := range tlog.NewTiles(height, before, size) {
			data, err := tlog.ReadTileData(tile, stored)
			must(err)
			put(asked.Write, name(tile), data)
			if tile.L == 0 {
				tile.L = -1
				var entries []byte
				for i := tile.N << height; i < tile.N<<height+int64(tile.W); i++ {
					entries = binary.BigEndian.AppendUint16(entries, uint16(len(entry(i))))
					entries = append(entries, entry(i)...)
				}
				put(asked.Write, name(tile), entries)
			}
		}
	}
	root := tlog.Hash(sha256.Sum256(nil))
	if size > 0 {
		root, err = tlog.TreeHash(size, stored)
		must(err)
	}
	body := fmt.Sprintf("%s\n%d\n%s\n", signer.Name(), size, root)
	text, err := note.Sign(&note.Note{Text: body}, signer)
	must(err)
	put(asked.Write, "checkpoint", text)
}

func entry(index int64) []byte { return []byte(fmt.Sprintf("entry %d", index)) }

func put(folder, name string, data []byte) {
	path := filepath.Join(folder, name)
	must(os.MkdirAll(filepath.Dir(path), 0o755))
	must(os.WriteFile(path, data, 0o644))
}
