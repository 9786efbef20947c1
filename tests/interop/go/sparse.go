package main

import (
	"bytes"
	"crypto/subtle"
	"encoding/hex"
	"errors"
)

const keySize, levels = 32, 256

// A sparseFamily says how values, leaves, nodes and roots are hashed: docs/spec/sparse.md, with SHA-256.
type sparseFamily struct {
	value func(value []byte) []byte
	leaf  func(key, valueDigest []byte) []byte
	node  func(left, right []byte) []byte
	empty func(depth uint64) []byte
	root  func(size uint64, top []byte) []byte
	full  bool
	runs  bool
}

func sparseFamilyOf(scheme object) (sparseFamily, error) {
	if scheme["hash"] != "sha256" {
		return sparseFamily{}, errors.New("only SHA-256 here")
	}
	switch scheme["family"] {
	case "native_sparse":
		return sparseFamily{
			value: func(value []byte) []byte { return tag("leaf", value) },
			leaf:  func(key, valueDigest []byte) []byte { return tag("sparse-leaf", key, valueDigest) },
			node:  func(left, right []byte) []byte { return tag("sparse-node", left, right) },
			empty: func(uint64) []byte { return make([]byte, 32) },
			root: func(size uint64, top []byte) []byte {
				numbers := []byte{1, 3, 64, 0, 32, 0}
				rules, context := lp(scheme["rules"].([]byte)), lp(scheme["context"].([]byte))
				return tag("head", tag("params", numbers, rules, context, u64le(size), make([]byte, 16)), top)
			},
		}, nil
	case "ics23_smt":
		return prefixed("\x00", "\x01", make([]byte, 32)), nil
	case "jellyfish":
		return prefixed("JMT::LeafNode", "JMT::IntrnalNode", []byte("SPARSE_MERKLE_PLACEHOLDER_HASH__")), nil
	case "nervos_smt":
		family := prefixed("", "\x01", make([]byte, 32))
		family.leaf = func(_, valueDigest []byte) []byte { return valueDigest }
		family.runs = true
		return family, nil
	case "sparse_256":
		zeros := [levels + 1][]byte{make([]byte, 32)}
		for level := 0; level < levels; level++ {
			zeros[level+1] = hash(zeros[level], zeros[level])
		}
		return sparseFamily{
			value: func(value []byte) []byte { return hash(value) },
			leaf:  func(_, valueDigest []byte) []byte { return valueDigest },
			node:  func(left, right []byte) []byte { return hash(left, right) },
			empty: func(depth uint64) []byte { return zeros[levels-depth] },
			root:  func(_ uint64, top []byte) []byte { return top },
			full:  true,
		}, nil
	}
	return sparseFamily{}, errors.New("an unknown family")
}

func prefixed(leaf, node string, empty []byte) sparseFamily {
	return sparseFamily{
		value: func(value []byte) []byte { return hash(value) },
		leaf:  func(key, valueDigest []byte) []byte { return hash([]byte(leaf), key, valueDigest) },
		node:  func(left, right []byte) []byte { return hash([]byte(node), left, right) },
		empty: func(uint64) []byte { return empty },
		root:  func(_ uint64, top []byte) []byte { return top },
	}
}

// bit is bit place of a key or bitmap, the highest of each byte first.
func bit(data []byte, place uint64) byte { return data[place/8] >> (7 - place%8) & 1 }

// keyReason is the verification of docs/spec/sparse.md, Proof of one key: a reason, or "" to accept.
func keyReason(claim keyClaim) (string, error) {
	head, err := fromJSON("sparse-head", claim.Head)
	if err != nil {
		return "", err
	}
	proof, err := fromJSON("sparse-proof", claim.Proof)
	if err != nil {
		return "", err
	}
	key, err := hex.DecodeString(claim.Key)
	if err != nil {
		return "", err
	}
	f, err := sparseFamilyOf(head["scheme"].(object))
	if err != nil {
		return "", err
	}
	end, depth := proof["end"].(uint64), proof["depth"].(uint64)
	switch {
	case len(key) != keySize:
		return "KEY_SIZE", nil
	case proof["digest_size"].(uint64) != 32:
		return "DIGEST_SIZE", nil
	case (end == 0) != (claim.Value != nil):
		return "OTHER_END", nil
	case !f.hasShape(head["size"].(uint64), end, depth, proof["bitmap"].([]byte)):
		return "SHAPE", nil
	}
	known, at := f.empty(depth), foot{levels, key}
	switch end {
	case 0:
		value, err := hex.DecodeString(*claim.Value)
		if err != nil {
			return "", err
		}
		known = f.leaf(key, f.value(value))
	case 2:
		witness := proof["witness"].([]byte)
		other := witness[:keySize]
		if bytes.Equal(other, key) || !agree(other, key, depth) {
			return "WITNESS", nil
		}
		known, at.path = f.leaf(other, witness[keySize:]), other
	case 3:
		witness := proof["witness"].([]byte)
		known, at = witness[keySize:], footOf(witness[:keySize])
		if at.depth <= depth || !agree(at.path, key, depth) || agree(at.path, key, at.depth) {
			return "WITNESS", nil
		}
	}
	if f.runs && head["size"].(uint64) > 0 {
		return f.climbRuns(head, key, at, known, proof), nil
	}
	return f.climb(head, key, known, proof), nil
}

func agree(one, other []byte, bits uint64) bool {
	for place := uint64(0); place < bits; place++ {
		if bit(one, place) != bit(other, place) {
			return false
		}
	}
	return true
}

func (f sparseFamily) hasShape(size, end, depth uint64, bitmap []byte) bool {
	switch {
	case size == 0:
		return end == 1 && depth == 0
	case f.full:
		return end < 2 && depth == levels
	case size == 1:
		return (end == 0 || end == 2) && depth == 0
	case end == 3 && !f.runs, end == 1 && f.runs:
		return false
	case end == 3 && depth == 0:
		return true
	}
	return depth >= 1 && (end == 0 || depth < levels) && bit(bitmap, depth-1) == 1
}

// climb hashes upwards from where the path ends, and compares.
func (f sparseFamily) climb(head object, key, known []byte, proof object) string {
	bitmap, digests := proof["bitmap"].([]byte), proof["digests"].([][]byte)
	siblings := map[uint64][]byte{}
	for depth := proof["depth"].(uint64); depth > 0; depth-- {
		siblings[depth] = f.empty(depth)
		if bit(bitmap, depth-1) == 1 {
			if bytes.Equal(digests[0], siblings[depth]) {
				return "EMPTY_SIBLING"
			}
			siblings[depth], digests = digests[0], digests[1:]
		}
	}
	for depth := proof["depth"].(uint64); depth > 0; depth-- {
		if bit(key, depth-1) == 1 {
			known = f.node(siblings[depth], known)
		} else {
			known = f.node(known, siblings[depth])
		}
	}
	if subtle.ConstantTimeCompare(f.root(head["size"].(uint64), known), head["root"].([]byte)) != 1 {
		return "ROOT_MISMATCH"
	}
	return ""
}
