package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// signedBy says why a note is not signed by a key, or nothing: docs/spec/liabilities.md, Note.
func signedBy(note, name string, key ed25519.PublicKey) string {
	id := sha256.Sum256(append([]byte(name+"\n\x01"), key...))
	body, signatures, _ := strings.Cut(note, "\n\n")
	found := false
	for _, line := range strings.Split(signatures, "\n") {
		words := strings.Split(line, " ")
		if len(words) != 3 || words[0] != "\u2014" || words[1] != name {
			continue
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(words[2])
		if err != nil || len(raw) < 5 || !bytes.Equal(raw[:4], id[:4]) {
			continue
		}
		if len(raw) != 4+ed25519.SignatureSize || !ed25519.Verify(key, []byte(body+"\n"), raw[4:]) {
			return "WRONG_SIGNATURE"
		}
		found = true
	}
	if !found {
		return "UNSIGNED"
	}
	return ""
}

func allSigned(notes []note) (reasons []string, err error) {
	for _, one := range notes {
		text, err := hex.DecodeString(one.Text)
		if err != nil {
			return nil, err
		}
		key, err := hex.DecodeString(one.Key)
		if err != nil {
			return nil, err
		}
		reasons = append(reasons, signedBy(string(text), one.Name, key))
	}
	return reasons, nil
}
