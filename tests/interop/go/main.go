// Reads JSON and Protobuf forms, writes each as the other, and checks claims: docs/spec alone, the standard
// library alone.
//
//	go run . < examples.json
//
// Input and output are described in ../test_languages.py.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
)

type input struct {
	Objects []struct{ Object, JSON, Protobuf string }
	Trees   []struct {
		Scheme string
		Leaves []string
	}
	Claims []struct {
		Head, Proof     string
		Indices, Leaves []string
	}
	Notes []note
	Keys  []keyClaim
}

// A keyClaim is that a key has a value, or none.
type keyClaim struct {
	Head, Proof, Key string
	Value            *string
}

type note struct{ Text, Name, Key string }

type output struct {
	JSON     []string `json:"json"`
	Protobuf []string `json:"protobuf"`
	Roots    []string `json:"roots"`
	Reasons  []string `json:"reasons"`
	Signed   []string `json:"signed"`
	Keys     []string `json:"keys"`
}

func main() {
	var in input
	err := json.NewDecoder(os.Stdin).Decode(&in)
	if err == nil {
		var out output
		if out, err = answer(in); err == nil {
			err = json.NewEncoder(os.Stdout).Encode(out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func answer(in input) (out output, err error) {
	for _, example := range in.Objects {
		raw, err := hex.DecodeString(example.Protobuf)
		if err != nil {
			return out, err
		}
		ofProtobuf, err := fromProtobuf(example.Object, raw)
		if err != nil {
			return out, fmt.Errorf("%s: %w", example.Protobuf, err)
		}
		ofJSON, err := fromJSON(example.Object, example.JSON)
		if err != nil {
			return out, fmt.Errorf("%s: %w", example.JSON, err)
		}
		out.JSON = append(out.JSON, toJSON(example.Object, ofProtobuf))
		out.Protobuf = append(out.Protobuf, hex.EncodeToString(toProtobuf(example.Object, ofJSON)))
	}
	for _, tree := range in.Trees {
		scheme, err := fromJSON("scheme", tree.Scheme)
		if err != nil {
			return out, err
		}
		leaves, err := unhexAll(tree.Leaves)
		if err != nil {
			return out, err
		}
		root, err := rootOf(scheme, leaves)
		if err != nil {
			return out, err
		}
		out.Roots = append(out.Roots, hex.EncodeToString(root))
	}
	for _, claim := range in.Claims {
		head, err := fromJSON("head", claim.Head)
		if err != nil {
			return out, err
		}
		proof, err := fromJSON("multi-proof", claim.Proof)
		if err != nil {
			return out, err
		}
		leaves, err := unhexAll(claim.Leaves)
		if err != nil {
			return out, err
		}
		indices := []uint64{}
		for _, text := range claim.Indices {
			index, err := decimal(text)
			if err != nil {
				return out, err
			}
			indices = append(indices, index)
		}
		reason, err := reasonOf(head, indices, leaves, proof)
		if err != nil {
			return out, err
		}
		out.Reasons = append(out.Reasons, reason)
	}
	if out.Signed, err = allSigned(in.Notes); err != nil {
		return out, err
	}
	for _, claim := range in.Keys {
		reason, err := keyReason(claim)
		if err != nil {
			return out, err
		}
		out.Keys = append(out.Keys, reason)
	}
	return out, nil
}
