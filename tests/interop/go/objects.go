package main

import (
	"fmt"
	"math/big"
)

// A kind says what a field holds: docs/spec/encodings.md, Fields.
type kind int

const (
	small kind = iota
	number
	name
	blob
	digests
	counts
	nested
)

type field struct {
	name string
	kind kind
}

var list = []field{{"digest_size", small}, {"digests", digests}}

// Fields of each object in order; the version is Protobuf's field 1, so these begin at 2.
var fields = map[string][]field{
	"scheme":            {{"kind", small}, {"family", name}, {"hash", name}, {"rules", blob}, {"context", blob}},
	"head":              {{"scheme", nested}, {"size", number}, {"root", blob}},
	"inclusion-proof":   list,
	"multi-proof":       list,
	"consistency-proof": list,
	"proof-batch":       {{"digest_size", small}, {"counts", counts}, {"digests", digests}},
	"shard":             {{"scheme", nested}, {"begin", number}, {"end", number}, {"digests", digests}},
	"sparse-head":       {{"scheme", nested}, {"size", number}, {"root", blob}},
	"sparse-proof": {
		{"digest_size", small}, {"end", small}, {"depth", small}, {"bitmap", blob}, {"digests", digests}, {"witness", blob},
	},
	"sparse-multi-proof": {{"digest_size", small}, {"shape", blob}, {"witnesses", digests}, {"digests", digests}},
}

// An object has, by kind: uint64, string, []byte, [][]byte, []uint64, object.
type object map[string]any

func empty(of string) object {
	zero := map[kind]any{
		small: uint64(0), number: uint64(0), name: "", blob: []byte{}, digests: [][]byte{}, counts: []uint64{}, nested: object{},
	}
	made := object{}
	for _, f := range fields[of] {
		made[f.name] = zero[f.kind]
	}
	return made
}

func decimal(text string) (uint64, error) {
	value, ok := new(big.Int).SetString(text, 10)
	if !ok || !value.IsUint64() {
		return 0, fmt.Errorf("%q is no number of 64 bits", text)
	}
	return value.Uint64(), nil
}
