// Celestia's own namespaced Merkle trees, for tests/oracle/test_namespaced.py. Reads one JSON document and writes one.
//
// In: `trees` (`size` of a namespace, `leaves` each with its namespace in front, `namespaces` to prove, `ranges` of
// leaves to prove) and `claims` (`root`, `namespace`, `leaves` each with its namespace in front, `proof`, `complete`:
// whether they are all of the namespace). Bytes are in hex, proofs are Celestia's JSON.
// Out: `trees` (`root`, or `error` if a leaf is refused; `proofs` of the namespaces and `ranges`) and `verdicts`.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log"
	"os"

	"github.com/celestiaorg/nmt"
	"github.com/celestiaorg/nmt/namespace"
)

type tree struct {
	Size       int      `json:"size"`
	Leaves     []string `json:"leaves"`
	Namespaces []string `json:"namespaces"`
	Ranges     [][2]int `json:"ranges"`
}

type claim struct {
	Root      string    `json:"root"`
	Namespace string    `json:"namespace"`
	Leaves    []string  `json:"leaves"`
	Proof     nmt.Proof `json:"proof"`
	Complete  bool      `json:"complete"`
}

type built struct {
	Root   string      `json:"root"`
	Error  string      `json:"error"`
	Proofs []nmt.Proof `json:"proofs"`
	Ranges []nmt.Proof `json:"ranges"`
}

func main() {
	log.SetFlags(0)
	var in struct {
		Trees  []tree  `json:"trees"`
		Claims []claim `json:"claims"`
	}
	must(json.NewDecoder(os.Stdin).Decode(&in))
	out := struct {
		Trees    []built `json:"trees"`
		Verdicts []bool  `json:"verdicts"`
	}{[]built{}, []bool{}}
	for _, one := range in.Trees {
		out.Trees = append(out.Trees, build(one))
	}
	for _, one := range in.Claims {
		out.Verdicts = append(out.Verdicts, verify(one))
	}
	must(json.NewEncoder(os.Stdout).Encode(out))
}

func build(one tree) built {
	made := built{Proofs: []nmt.Proof{}, Ranges: []nmt.Proof{}}
	theirs := nmt.New(sha256.New(), nmt.NamespaceIDSize(one.Size), nmt.IgnoreMaxNamespace(true))
	for _, leaf := range one.Leaves {
		if err := theirs.Push(namespace.PrefixedData(unhex(leaf))); err != nil {
			made.Error = err.Error()
			return made
		}
	}
	root, err := theirs.Root()
	must(err)
	made.Root = hex.EncodeToString(root)
	for _, name := range one.Namespaces {
		proof, err := theirs.ProveNamespace(unhex(name))
		must(err)
		made.Proofs = append(made.Proofs, proof)
	}
	for _, run := range one.Ranges {
		proof, err := theirs.ProveRange(run[0], run[1])
		must(err)
		made.Ranges = append(made.Ranges, proof)
	}
	return made
}

func verify(one claim) bool {
	name := unhex(one.Namespace)
	leaves := [][]byte{}
	for _, leaf := range one.Leaves {
		leaves = append(leaves, unhex(leaf))
	}
	if one.Complete {
		return one.Proof.VerifyNamespace(sha256.New(), name, leaves, unhex(one.Root))
	}
	for place, leaf := range leaves {
		leaves[place] = leaf[len(name):]
	}
	return one.Proof.VerifyInclusion(sha256.New(), name, leaves, unhex(one.Root))
}

func unhex(text string) []byte {
	bytes, err := hex.DecodeString(text)
	must(err)
	return bytes
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
