package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"sort"
)

func hash(parts ...[]byte) []byte {
	h := sha256.New()
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

// tag is Tag(label, m) of docs/spec/schemes.md in block mode: the label's digest twice fills a block of 64 bytes.
func tag(label string, parts ...[]byte) []byte {
	t := hash([]byte("tallystick/v1/" + label))
	return hash(append([][]byte{t, t}, parts...)...)
}

func lp(data []byte) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(data))), data...)
}

func u64le(value uint64) []byte { return binary.LittleEndian.AppendUint64(nil, value) }

// A family says how leaves, nodes and roots are hashed: docs/spec/schemes.md, with SHA-256.
type family struct {
	leaf func(data []byte) []byte
	node func(left, right []byte) []byte
	root func(size uint64, top []byte) []byte
}

func familyOf(scheme object) (family, error) {
	if scheme["hash"] != "sha256" {
		return family{}, errors.New("only SHA-256 here")
	}
	switch scheme["family"] {
	case "rfc6962":
		return family{
			leaf: func(data []byte) []byte { return hash([]byte{0}, data) },
			node: func(left, right []byte) []byte { return hash([]byte{1}, left, right) },
			root: func(_ uint64, top []byte) []byte { return top },
		}, nil
	case "native":
		return family{
			leaf: func(data []byte) []byte { return tag("leaf", data) },
			node: func(left, right []byte) []byte { return tag("node", left, right) },
			root: func(size uint64, top []byte) []byte {
				// Version and kind, length of the prefix, digest size; then a total of 16 zero bytes.
				numbers := []byte{1, 1, 64, 0, 32, 0}
				rules, context := lp(scheme["rules"].([]byte)), lp(scheme["context"].([]byte))
				return tag("head", tag("params", numbers, rules, context, u64le(size), make([]byte, 16)), top)
			},
		}, nil
	}
	return family{}, errors.New("an unknown family")
}

// rootOf builds the tree level by level; a node without a sibling moves up.
func rootOf(scheme object, leaves [][]byte) ([]byte, error) {
	f, err := familyOf(scheme)
	if err != nil {
		return nil, err
	}
	if len(leaves) == 0 {
		return nil, errors.New("no leaves")
	}
	var row [][]byte
	for _, data := range leaves {
		row = append(row, f.leaf(data))
	}
	for len(row) > 1 {
		var above [][]byte
		for i := 0; i < len(row); i += 2 {
			if i+1 < len(row) {
				above = append(above, f.node(row[i], row[i+1]))
			} else {
				above = append(above, row[i])
			}
		}
		row = above
	}
	return f.root(uint64(len(leaves)), row[0]), nil
}

// reasonOf is the verification of docs/spec/proofs.md, Proof of many leaves: a reason, or "" to accept.
func reasonOf(head object, indices []uint64, leaves [][]byte, proof object) (string, error) {
	f, err := familyOf(head["scheme"].(object))
	if err != nil {
		return "", err
	}
	size, digests := head["size"].(uint64), proof["digests"].([][]byte)
	if len(indices) != len(leaves) {
		return "LENGTH_MISMATCH", nil
	}
	if len(indices) == 0 {
		return "EMPTY_CLAIM", nil
	}
	known := map[uint64][]byte{}
	for place, index := range indices {
		if index >= size {
			return "INDEX_OUT_OF_RANGE", nil
		}
		known[index] = leaves[place]
	}
	if len(known) != len(indices) {
		return "DUPLICATE_INDEX", nil
	}
	if proof["digest_size"].(uint64) != 32 {
		return "DIGEST_SIZE", nil
	}
	if planLength(size, known) != len(digests) {
		return "DIGEST_COUNT", nil
	}
	for index, data := range known {
		known[index] = f.leaf(data)
	}
	for n := size; n > 1; n -= n / 2 {
		above := map[uint64][]byte{}
		for _, i := range ascending(known) {
			sibling, found := known[i^1]
			if !found && i^1 < n {
				sibling, digests = digests[0], digests[1:]
			}
			switch {
			case sibling == nil:
				above[i/2] = known[i]
			case i%2 == 0:
				above[i/2] = f.node(known[i], sibling)
			default:
				above[i/2] = f.node(sibling, known[i])
			}
		}
		known = above
	}
	if subtle.ConstantTimeCompare(f.root(size, known[0]), head["root"].([]byte)) != 1 {
		return "ROOT_MISMATCH", nil
	}
	return "", nil
}

func ascending(known map[uint64][]byte) []uint64 {
	indices := make([]uint64, 0, len(known))
	for index := range known {
		indices = append(indices, index)
	}
	sort.Slice(indices, func(a, b int) bool { return indices[a] < indices[b] })
	return indices
}

// planLength counts the digests that a proof of these leaves takes; nothing is hashed.
func planLength(size uint64, claimed map[uint64][]byte) int {
	known, length := claimed, 0
	for n := size; n > 1; n -= n / 2 {
		above := map[uint64][]byte{}
		for i := range known {
			if _, found := known[i^1]; !found && i^1 < n {
				length++
			}
			above[i/2] = nil
		}
		known = above
	}
	return length
}
